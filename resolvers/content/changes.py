"""Writing content: draft -> review -> published, each save a new version.

Every write names the version that its caller has seen. Of two who write at once, one is told that there is a newer one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Annotated, Any

from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from closient_gql.core.bounds import Doc, Id
from closient_gql.core.db import Query, Writer
from closient_gql.core.errors import Conflict, Detail, Invalid
from closient_gql.core.ids import new_id
from closient_gql.core.models.content import ContentItem, ContentStatus, ContentVersion, SectionKind
from resolvers import access
from resolvers.content.inputs import ContentImage, ContentInput, ContentMove, ContentPatch, ContentSection
from resolvers.content.items import NO_ITEM
from resolvers.context import Context
from resolvers.outbox import audit, emit
from resolvers.products.claims import owned
from resolvers.products.inputs import PlainGtin
from resolvers.roles import May, check_own

ITEM, VERSION = ContentItem.__table__, ContentVersion.__table__
DRAFT, REVIEW, SCHEDULED, PUBLISHED = (status.value for status in ContentStatus)
TOO_SMALL = "Your role in the organization that this content belongs to, or that of your key, does not allow this."
FIELDS = ("title", "description", "images", "sections")
STATE = ("status", "version", "published_version", "publish_at", "published_at")
ItemId = Annotated[Id, Doc("Id of the item.")]


def placed(table: Any, names: Sequence[str]) -> dict[Any, Any]:
    return {table.c[name]: bindparam(f"new_{name}", type_=table.c[name].type) for name in names}


LOCK = Query(ContentItem, select(*ITEM.c).where(ContentItem.id == bindparam("id")).with_for_update())
CREATE = Query(
    ContentItem,
    insert(ContentItem)
    .values(placed(ITEM, ("id", "product_id", "organization_id", "language")))
    .on_conflict_do_nothing()
    .returning(*ITEM.c),
)
ADD_VERSION = Query(
    ContentVersion,
    insert(ContentVersion)
    .values(placed(VERSION, ("id", "item_id", "version", *FIELDS, "provenance", "note", "user_id", "key_id")))
    .returning(*VERSION.c),
)
CURRENT = Query(
    ContentVersion,
    select(*VERSION.c).where(
        ContentVersion.item_id == bindparam("item"), ContentVersion.version == bindparam("version")
    ),
)
MOVE = Query(
    ContentItem,
    update(ContentItem)
    .where(ITEM.c.id == bindparam("item"))
    .values(placed(ITEM, STATE) | {ITEM.c.modified: func.now()})
    .returning(*ITEM.c),
)
DELETE = Query(ContentItem, delete(ContentItem).where(ITEM.c.id == bindparam("item")).returning(*ITEM.c))


# --- texts


def images(given: Sequence[ContentImage]) -> list[dict[str, str]]:
    return [{"url": each.url.strip(), "alt": each.alt.strip()} for each in given]


def sections(given: Sequence[ContentSection]) -> list[dict[str, str]]:
    """Raises:
    Invalid: a section is empty, or an image without an address.
    """
    problems = []
    for place, each in enumerate(given):
        if each.kind is SectionKind.IMAGE and not each.image_url:
            problems.append(Detail(field=f"sections.{place}.image_url", message="is needed by a section of kind image"))
        elif each.kind is not SectionKind.IMAGE and not (each.heading.strip() or each.body.strip()):
            problems.append(Detail(field=f"sections.{place}.body", message="must say something, or the heading must"))
    if problems:
        raise Invalid(problems)
    return [asdict(each) | {"kind": each.kind.value} for each in given]


def said(input: ContentInput | ContentPatch) -> dict[str, Any]:
    """What an input says of the fields, as it is stored; null is left out."""
    found: dict[str, Any] = {}
    if input.title is not None:
        found["title"] = input.title.strip()
    if input.description is not None:
        found["description"] = input.description.strip()
    if input.images is not None:
        found["images"] = images(input.images)
    if input.sections is not None:
        found["sections"] = sections(input.sections)
    return found


def origin(ctx: Context, input: ContentInput | ContentPatch, version: int) -> dict[str, Any]:
    """Where the fields that a version changes come from."""
    return {"source": input.source.value, "confidence": input.confidence, "version": version,
            "user_id": ctx.viewer.user_id}  # fmt: skip


# --- rows


async def own(ctx: Context, write: Writer, id: str) -> Any:
    """The item, locked.

    Raises:
        NotFound: it is not the caller's. Forbidden: the caller's role is too small.
    """
    found = await write.one(LOCK, id=id)
    check_own(ctx, found, May.PRODUCTS, NO_ITEM, TOO_SMALL)
    return found


def check_version(item: Any, version: int) -> None:
    """Raises:
    Conflict: the caller has seen another version than the current one, which the error names.
    """
    if version != item.version:
        raise Conflict(
            f"Version {version} is not the current one: that is {item.version} ({item.status}). Look at it, and say "
            "what you want of it.",
            [Detail(field="version", message=f"the current version is {item.version}")],
        )


async def moved(write: Writer, item: Any, **state: Any) -> Any:
    """The item in another state."""
    whole = {name: getattr(item, name) for name in STATE} | state
    return await write.one(MOVE, item=item.id, **{f"new_{name}": value for name, value in whole.items()})


async def note(ctx: Context, write: Writer, item: Any, what: str, **told: Any) -> None:
    """Leaves traces: for the organization's owners, and for consumers of events."""
    told = {"version": item.version, "language": item.language} | told
    await audit(write, ctx.viewer, item.organization_id, f"content.{what}", ("content", item.id), told)
    await emit(write, f"content.{what}", item.id, item.organization_id, product_id=item.product_id, **told)


async def add_version(ctx: Context, write: Writer, item_id: str, version: int, values: Mapping[str, Any]) -> None:
    given = {
        "id": new_id(),
        "item_id": item_id,
        "version": version,
        "user_id": ctx.viewer.user_id,
        "key_id": ctx.viewer.key_id,
    }
    await write.one(ADD_VERSION, **{f"new_{name}": value for name, value in (given | dict(values)).items()})


# --- roots


@access.user
async def create_content(
    ctx: Context, gtin: PlainGtin, input: Annotated[ContentInput, Doc("The content.")]
) -> ContentItem:
    """A draft about a product of the caller's, in a language that it has none in. Owners, managers and editors may.

    Raises:
        NotFound, Forbidden: resolvers.products.claims.check_owner. Invalid: sections.
        Conflict: there is content in this language.
    """
    values: dict[str, Any] = {"description": "", "images": [], "sections": []} | said(input)
    values |= {"provenance": {name: origin(ctx, input, 1) for name in FIELDS if values[name]}, "note": input.note}
    async with ctx.transaction() as write:
        product, owner = await owned(ctx, write, gtin, May.PRODUCTS)
        item = await write.one(
            CREATE, new_id=new_id(), new_product_id=product.id, new_organization_id=owner, new_language=input.language
        )
        if item is None:
            raise Conflict(f"The product has content in {input.language} already. Change that.")
        await add_version(ctx, write, item.id, 1, values)
        await note(ctx, write, item, "created")
    return item


@access.user
async def update_content(
    ctx: Context, id: ItemId, input: Annotated[ContentPatch, Doc("What is to change.")]
) -> ContentItem:
    """A new version, which is a draft again; one that was to be published by itself is not. What is published stays so
    until another version is. Nothing new is no new version.

    Raises:
        NotFound, Forbidden: own. Conflict: check_version. Invalid: sections.
    """
    given = said(input)
    async with ctx.transaction() as write:
        item = await own(ctx, write, id)
        check_version(item, input.version)
        current: Any = await write.one(CURRENT, item=id, version=item.version)
        changed = {name: value for name, value in given.items() if getattr(current, name) != value}
        if not changed:
            return item  # type: ignore[no-any-return]
        number = item.version + 1
        values = {name: getattr(current, name) for name in FIELDS} | changed | {"note": input.note}
        values["provenance"] = current.provenance | {name: origin(ctx, input, number) for name in changed}
        await add_version(ctx, write, id, number, values)
        item = await moved(write, item, status=DRAFT, version=number, publish_at=None)
        await note(ctx, write, item, "updated", fields=sorted(changed))
    return item  # type: ignore[no-any-return]


async def step(ctx: Context, id: str, version: int, way: tuple[Sequence[str], str], what: str) -> Any:
    """Takes the current version from one of some states to another."""
    before, after = way
    async with ctx.transaction() as write:
        item = await own(ctx, write, id)
        check_version(item, version)
        if item.status not in before:
            raise Conflict(f"Version {version} is {item.status}: it cannot become {after}.")
        item = await moved(write, item, status=after, publish_at=None)
        await note(ctx, write, item, what)
    return item


@access.user
async def submit_content(ctx: Context, id: ItemId, input: Annotated[ContentMove, Doc("Of which.")]) -> ContentItem:
    """Hands a draft in for review. Raises: NotFound, Forbidden: own. Conflict: check_version; it is no draft."""
    return await step(ctx, id, input.version, ((DRAFT,), REVIEW), "submitted")  # type: ignore[no-any-return]


@access.user
async def reject_content(ctx: Context, id: ItemId, input: Annotated[ContentMove, Doc("Of which.")]) -> ContentItem:
    """Makes a reviewed or scheduled version a draft again. Raises: NotFound, Forbidden: own. Conflict: check_version;
    it is neither."""
    return await step(ctx, id, input.version, ((REVIEW, SCHEDULED), DRAFT), "rejected")  # type: ignore[no-any-return]


@access.user
async def withdraw_content(ctx: Context, id: ItemId, input: Annotated[ContentMove, Doc("Of which.")]) -> ContentItem:
    """Takes what is published away from the public; the current version is a draft again. The product's own name and
    description stay what they are: they are changed at the product. Raises: NotFound, Forbidden: own. Conflict:
    check_version; nothing is published."""
    async with ctx.transaction() as write:
        item = await own(ctx, write, id)
        check_version(item, input.version)
        if item.published_version is None:
            raise Conflict("Nothing of this content is published.")
        status = DRAFT if item.status == PUBLISHED else item.status
        item = await moved(write, item, status=status, published_version=None, published_at=None)
        await note(ctx, write, item, "withdrawn")
    return item  # type: ignore[no-any-return]


@access.user
async def delete_content(ctx: Context, id: ItemId) -> bool:
    """Deletes an item with all its versions. Raises: NotFound, Forbidden: own."""
    async with ctx.transaction() as write:
        item = await own(ctx, write, id)
        await write.one(DELETE, item=id)
        await note(ctx, write, item, "deleted")
    return True
