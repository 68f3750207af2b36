"""Stored preferences of a signed-in user as constraints (contract: trait_mapping)."""

from collections.abc import Sequence

from closient_gql.core.errors import Invalid
from closient_gql.core.models.account import KeyKind, Stance, TraitCategory, TraitPreference
from resolvers.account.preferences import PREFERENCES
from resolvers.context import Context
from resolvers.search.constraints.model import Constraints
from resolvers.search.inputs import allergens_of
from resolvers.search.session_inputs import distinct, trait
from resolvers.search.substances import slug_of

REQUIRED = frozenset((TraitCategory.DIETARY.value, TraitCategory.RELIGIOUS.value, TraitCategory.SOURCING.value))


def user_of(ctx: Context) -> str | None:
    """The signed-in user; None for others: a key of an organization is nobody's own."""
    return ctx.viewer.user_id if ctx.viewer.kind is KeyKind.USER else None


async def stored(ctx: Context) -> Sequence[TraitPreference]:
    user_id = user_of(ctx)
    return await ctx.read.all(PREFERENCES, user_id=user_id) if user_id else ()


async def stored_constraints(ctx: Context) -> Constraints:
    """What the caller's preferences narrow every search by."""
    return constraints_of(await stored(ctx))


def constraints_of(preferences: Sequence[TraitPreference]) -> Constraints:
    """AVOID and REQUIRE narrow; PREFER and NEUTRAL do not. An allergen that is not known as one here is avoided by
    name."""
    allergens: list[str] = []
    substances: list[str] = []
    required: list[str] = []
    for each in preferences:
        if each.stance == Stance.AVOID.value and each.category == TraitCategory.ALLERGEN.value:
            try:
                allergens += allergens_of([each.trait], "trait")
            except Invalid:
                substances.append(slug_of(each.trait))
        elif each.stance == Stance.REQUIRE.value and each.category in REQUIRED:
            required.append(trait(each.trait))
    found = {"exclude_allergens": allergens, "require_certifications": required, "avoid_substances": substances}
    return {key: distinct(slugs) for key, slugs in found.items() if slugs}


def preferred(preferences: Sequence[TraitPreference]) -> frozenset[str]:
    """Traits that count for a product, as slugs."""
    return frozenset(trait(each.trait) for each in preferences if each.stance == Stance.PREFER.value)
