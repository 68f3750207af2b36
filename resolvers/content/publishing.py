"""Publishing content, now or by itself at its time. What is published in a product's primary language is its owner's
word on the product: its name, description and main image."""

from datetime import UTC, datetime
from typing import Annotated, Any

from sqlalchemy import bindparam, select

from closient_gql.core.bounds import Doc
from closient_gql.core.db import Database, Query, Reader, Writer
from closient_gql.core.errors import Conflict
from closient_gql.core.models.content import ContentItem
from closient_gql.core.models.products import DataSource
from resolvers import access
from resolvers.content.changes import (
    CURRENT,
    PUBLISHED,
    REVIEW,
    SCHEDULED,
    ItemId,
    check_version,
    moved,
    note,
    own,
)
from resolvers.content.inputs import ContentPublish
from resolvers.context import Context
from resolvers.products.facts import Statement, state
from resolvers.products.queries import PRODUCTS_BY_ID

AT_ONCE = 100
"""Items that one run of the schedule publishes; the others follow a minute later."""
DUE = Query(
    ContentItem,
    select(*ContentItem.__table__.c)
    .where(ContentItem.publish_at <= bindparam("now"))
    .order_by(ContentItem.publish_at, ContentItem.id)
    .limit(1)
    .with_for_update(skip_locked=True),
)
NOT_YOURS = "The product does not belong to this organization any more: nothing can be published of it."


@access.user
async def publish_content(
    ctx: Context, id: ItemId, input: Annotated[ContentPublish, Doc("Which, and when.")]
) -> ContentItem:
    """Publishes a version that was submitted, now or later. Of two who publish at once, one is told that it is done.

    Raises:
        NotFound, Forbidden: own.
        Conflict: check_version; it was not submitted, or is published; the product has another owner by now.
    """
    async with ctx.transaction() as write:
        item = await own(ctx, write, id)
        check_version(item, input.version)
        if item.status not in (REVIEW, SCHEDULED):
            message = f"Version {item.version}, the current one, is {item.status}."
            raise Conflict(message if item.status == PUBLISHED else f"{message} Submit it for review first.")
        if input.at is not None and input.at > datetime.now(UTC):
            item = await moved(write, item, status=SCHEDULED, publish_at=input.at)
            await note(ctx, write, item, "scheduled", at=input.at.isoformat())
        else:
            item = await publish(ctx, write, item)
    return item  # type: ignore[no-any-return]


async def publish(ctx: Context, write: Writer, item: Any) -> Any:
    """Raises:
    Conflict: the product has another owner by now.
    """
    product: Any = await write.one(PRODUCTS_BY_ID, keys=[item.product_id])
    if product is None or product.owner_id != item.organization_id:
        raise Conflict(NOT_YOURS)
    now = datetime.now(UTC)
    found = await moved(
        write, item, status=PUBLISHED, published_version=item.version, published_at=now, publish_at=None
    )
    await tell(ctx, write, product, found)
    await note(ctx, write, found, "published")
    return found


async def tell(ctx: Context, write: Writer, product: Any, item: Any) -> None:
    """States what is published, each field as certain as it is known to be. A product without a primary language gets
    the one in which something is published first."""
    if product.primary_language and product.primary_language.lower() != item.language.lower():
        return
    version: Any = await write.one(CURRENT, item=item.id, version=item.version)
    values = {
        "title": ("product_name", version.title),
        "description": ("description", version.description),
        "images": ("image_url", version.images[0]["url"] if version.images else ""),
    }
    certain: dict[float, list[Statement]] = {}
    for field, (column, value) in values.items():
        if value:  # what content is silent about is left as it is
            certain.setdefault(version.provenance[field]["confidence"], []).append(Statement(product.id, column, value))
    if not product.primary_language:
        certain.setdefault(1.0, []).append(Statement(product.id, "primary_language", item.language))
    for confidence, statements in certain.items():
        await state(
            write, ctx.viewer, statements,
            source=DataSource.CLAIMED, confidence=confidence, organization_id=item.organization_id,
        )  # fmt: skip


async def publish_due(database: Database) -> int:
    """Publishes what is due, each item in a transaction of its own. What cannot be published any more goes back to
    review. Gives how many were published."""
    done = 0
    for _ in range(AT_ONCE):
        ctx = Context(Reader(database))
        async with ctx.transaction() as write:
            item: Any = await write.one(DUE, now=datetime.now(UTC))
            if item is None:
                break
            try:
                await publish(ctx, write, item)
                done += 1
            except Conflict as error:
                item = await moved(write, item, status=REVIEW, publish_at=None)
                await note(ctx, write, item, "not_published", why=error.message)
    return done
