"""What a person says of itself: profile and trait preferences. Only its own user keys come here."""

from collections.abc import Sequence
from typing import Annotated, Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.dialects.postgresql import JSONB

from closient_gql.core.absent import ABSENT
from closient_gql.core.bounds import Bounds, Doc
from closient_gql.core.db import Query
from closient_gql.core.errors import Detail, Invalid
from closient_gql.core.models.account import TraitPreference, User
from resolvers import access
from resolvers.account.changing import merged, person
from resolvers.account.inputs import TraitPreferenceInput, UserPatch
from resolvers.context import Context
from resolvers.viewer import Viewer

MOST = 200
PREFERENCES = Query(
    TraitPreference,
    select(*TraitPreference.__table__.c)
    .where(TraitPreference.user_id == bindparam("user_id"))
    .order_by(TraitPreference.position),
)
LOCK = Query(User, select(*User.__table__.c).where(User.id == bindparam("id")).with_for_update(key_share=True))
UPDATE = Query(
    User,
    update(User)
    .where(User.id == bindparam("key"))
    .values({"name": bindparam("name"), "metadata": bindparam("metadata", type_=JSONB)})
    .returning(*User.__table__.c),
)
CLEAR = "DELETE FROM trait_preferences WHERE user_id = $1"
PUT = """
INSERT INTO trait_preferences (user_id, trait, trait_label, category, stance, position)
SELECT $1, given.* FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::int[]) AS given
"""


async def preferences_of(ctx: Context, viewers: Sequence[Viewer]) -> list[Sequence[TraitPreference]]:
    """The caller's trait preferences, in its own order.

    Raises:
        Forbidden: the key acts for an organization: what a person eats or believes is not its business.
    """
    found = await ctx.read.all(PREFERENCES, user_id=person(ctx, writing=False))
    return [found for _ in viewers]


@access.user
async def preferences_replace(
    ctx: Context,
    preferences: Annotated[list[TraitPreferenceInput], Bounds(max_length=MOST), Doc("The whole list, in order.")],
) -> Sequence[TraitPreference]:
    """Puts this list in the place of the caller's trait preferences. An empty one clears them.

    Raises:
        Forbidden: the key acts for an organization, or is for reading only.
        Invalid: a trait is named twice.
    """
    user_id = person(ctx)
    check(preferences)
    rows = [(p.trait, label_of(p), p.category.value, p.stance.value, n) for n, p in enumerate(preferences)]
    async with ctx.transaction() as write:
        await write.one(LOCK, id=user_id)  # of two lists at once one is kept, whole
        await write.connection.execute(CLEAR, user_id)
        await write.connection.execute(PUT, user_id, *columns(rows))
        return await write.all(PREFERENCES, user_id=user_id)


def columns(rows: list[tuple[Any, ...]]) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)] if rows else [[]] * 5


def check(preferences: Sequence[TraitPreferenceInput]) -> None:
    """Raises:
    Invalid: a trait is named twice.
    """
    seen: set[str] = set()
    twice = []
    for place, each in enumerate(preferences):
        if each.trait in seen:
            twice.append(Detail(field=f"{place}.trait", message=f"names {each.trait} a second time"))
        seen.add(each.trait)
    if twice:
        raise Invalid(twice)


def label_of(preference: TraitPreferenceInput) -> str:
    """`tree_nuts` is called "Tree nuts"."""
    return (preference.trait_label or "").strip() or preference.trait.replace("_", " ").capitalize()


@access.user
async def user_update(ctx: Context, input: Annotated[UserPatch, Doc("What is to change; the rest stays.")]) -> Viewer:
    """Changes the caller's name or metadata.

    Raises:
        Forbidden: the key acts for an organization, or is for reading only.
    """
    user_id = person(ctx)
    async with ctx.transaction() as write:
        before: Any = await write.one(LOCK, id=user_id)
        name = before.name if input.name is None else input.name.strip()
        metadata = before.metadata if input.metadata is ABSENT else merged(before.metadata, input.metadata)
        await write.all(UPDATE, key=user_id, name=name, metadata=metadata)
    return ctx.viewer
