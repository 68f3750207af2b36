"""A product's images: checked, encoded anew, stored, ordered. The first of them is the primary one.

Each image has a source of its own, and a product shows those of all sources; which of them are kept, and in which
order, is the owner's word (docs/decisions/0013).
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from sqlalchemy import bindparam, insert

from closient_gql.adapters.images import Picture, read_picture, thumbnail
from closient_gql.adapters.storage import Storage, media_url, new_key
from closient_gql.core.bounds import Bounds, Doc, Id
from closient_gql.core.db import Query, Writer
from closient_gql.core.errors import Conflict, Detail, Invalid, NotFound
from closient_gql.core.gs1.gtin import Gtin
from closient_gql.core.ids import new_id
from closient_gql.core.models.products import DataSource, Product, ProductImage
from resolvers import access
from resolvers.context import Context
from resolvers.outbox import audit, enqueue
from resolvers.products.claims import check_owner, owned, shown
from resolvers.products.facts import OWNER_CONFIDENCE, note_change
from resolvers.products.fields import IMAGES
from resolvers.products.inputs import MOST_IMAGES, GtinOf
from resolvers.products.owner import say
from resolvers.products.queries import PRODUCTS_BY_GTIN
from resolvers.products.relations import ALL_IMAGES
from resolvers.roles import May

DELETE_FILES = "products.delete_files"
INSERT = Query(
    ProductImage,
    insert(ProductImage)
    .values({name: bindparam(name) for name in (
        "id", "product_id", "title", "description", "is_primary", "priority", "image_url", "thumbnail_url", "width",
        "height", "data_source", "confidence", "stated_by_id",
    )})
    .returning(*ProductImage.__table__.c),
)  # fmt: skip
DELETE = "DELETE FROM product_images WHERE id = $1"
ORDER = """
UPDATE product_images SET priority = wanted.place - 1, is_primary = wanted.place = 1
FROM unnest($1::text[]) WITH ORDINALITY AS wanted (id, place) WHERE product_images.id = wanted.id
"""
TOUCH = "UPDATE products SET modified = clock_timestamp() WHERE id = $1"
NO_IMAGE = "There is no such image of this product."


@dataclass(frozen=True)
class Upload:
    """A file as it came, and what is said of it."""

    data: bytes
    title: str = ""
    description: str = ""
    is_primary: bool = False


@access.user
async def check_image(ctx: Context, gtin: Gtin) -> None:
    """Whether the caller may add images: asked before the file is read, and once more when it is added.

    Raises:
        NotFound, Forbidden: resolvers.products.claims.check_owner.
    """
    product = await ctx.read.one(PRODUCTS_BY_GTIN, keys=[gtin])
    check_owner(ctx, product, May.PRODUCTS)


@access.user
async def add_image(ctx: Context, storage: Storage, gtin: Gtin, upload: Upload) -> ProductImage:
    """Adds a picture behind the others, or as the primary one. Owners, managers and editors may.

    Raises:
        NotFound, Forbidden: resolvers.products.claims.check_owner.
        Invalid: it is no picture. Conflict: there are too many. Unavailable: it cannot be stored right now.
    """
    try:
        picture, small = await asyncio.to_thread(encoded, upload.data)
    except ValueError as error:
        raise Invalid([Detail(field="image", message=str(error))]) from None
    stored: list[str] = []
    try:
        for each in (picture, small):
            stored.append(new_key("products", each.content_type))
            await storage.put(stored[-1], each.data, each.content_type)
        async with ctx.transaction() as write:
            return await insert_image(ctx, write, gtin, upload, picture, stored)
    except BaseException:
        for key in stored:
            await storage.delete(key)
        raise


def encoded(data: bytes) -> tuple[Picture, Picture]:
    """The picture and its thumbnail."""
    picture = read_picture(data)
    return picture, thumbnail(picture)


async def insert_image(
    ctx: Context, write: Writer, gtin: Gtin, upload: Upload, picture: Picture, keys: Sequence[str]
) -> ProductImage:
    product, owner = await owned(ctx, write, gtin, May.PRODUCTS)
    there = await write.all(ALL_IMAGES, keys=[product.id])
    if len(there) >= MOST_IMAGES:
        raise Conflict(f"A product has at most {MOST_IMAGES} images. Delete one first.")
    image = await write.one(
        INSERT, id=new_id(), product_id=product.id, title=upload.title.strip(), description=upload.description.strip(),
        is_primary=False, priority=max((i.priority for i in there), default=-1) + 1, image_url=media_url(keys[0]),
        thumbnail_url=media_url(keys[1]), width=picture.width, height=picture.height,
        data_source=DataSource.CLAIMED.value, confidence=OWNER_CONFIDENCE, stated_by_id=owner,
    )  # fmt: skip
    assert image
    if upload.is_primary or not there:
        ids = [image.id, *(i.id for i in there)]
        await put_order(ctx, write, product, owner, ids, image.image_url)
    told = {"gtin": gtin, "image": image.id}
    await audit(write, ctx.viewer, owner, "product.image_added", ("product", product.id), told)
    return next(each for each in await changed(ctx, write, product, owner, there) if each.id == image.id)


async def changed(
    ctx: Context, write: Writer, product: Product, owner: str, before: Sequence[ProductImage]
) -> Sequence[ProductImage]:
    """Notes that the product's images changed; gives those that it has now."""
    after = await write.all(ALL_IMAGES, keys=[product.id])
    old, new = ([image.image_url for image in images if image.image_url] for images in (before, after))
    await write.connection.execute(TOUCH, product.id)
    await note_change(write, ctx.viewer, product.id, owner, IMAGES.name, old, new)
    return after


async def put_order(
    ctx: Context, write: Writer, product: Product, owner: str, ids: Sequence[str], primary: str | None
) -> None:
    """Gives the images this order; the first is the primary one, and so the product's own."""
    await write.connection.execute(ORDER, list(ids))
    await say(ctx, write, product.id, owner, {"image_url": primary})


@access.user
async def delete_image(
    ctx: Context, gtin: GtinOf, image_id: Annotated[Id, Doc("Id of one of the product's images.")]
) -> bool:
    """Removes an image and its files; of the primary one the next takes the place. Owners, managers, editors may.

    Raises:
        NotFound, Forbidden: resolvers.products.claims.check_owner; or the product has no such image.
    """
    async with ctx.transaction() as write:
        product, owner = await owned(ctx, write, gtin, May.PRODUCTS)
        there = await write.all(ALL_IMAGES, keys=[product.id])
        image = next((each for each in there if each.id == image_id), None)
        if image is None:
            raise NotFound(NO_IMAGE)
        await write.connection.execute(DELETE, image_id)
        if image.is_primary:
            left = [each for each in there if each.id != image_id]
            ids = [each.id for each in left]
            await put_order(ctx, write, product, owner, ids, left[0].image_url if left else None)
        await changed(ctx, write, product, owner, there)
        told = {"gtin": gtin, "image": image_id}
        await audit(write, ctx.viewer, owner, "product.image_deleted", ("product", product.id), told)
        if keys := own_keys(image):
            await enqueue(write, DELETE_FILES, keys=keys)
    return True


def own_keys(image: Any) -> list[str]:
    """The keys of an image's files, if they are ours, whatever the public address was when they were stored."""
    parts = [(url or "").rpartition("/media/products/") for url in (image.image_url, image.thumbnail_url)]
    return [f"products/{name}" for _, found, name in parts if found]


@access.user
async def reorder_images(
    ctx: Context,
    gtin: GtinOf,
    ids: Annotated[
        list[Id], Bounds(min_length=1, max_length=MOST_IMAGES), Doc("The ids of all its images, in the new order.")
    ],
) -> Product:
    """Gives the images this order; the first becomes the primary one. Owners, managers and editors may.

    Raises:
        NotFound, Forbidden: resolvers.products.claims.check_owner.
        Invalid: an image is missing, named twice, or not the product's.
    """
    async with ctx.transaction() as write:
        product, owner = await owned(ctx, write, gtin, May.PRODUCTS)
        before = await write.all(ALL_IMAGES, keys=[product.id])
        there = {image.id: image for image in before}
        if sorted(ids) != sorted(there):
            raise Invalid([Detail(field="ids", message="must name each image of the product once")])
        await put_order(ctx, write, product, owner, ids, there[ids[0]].image_url)
        await changed(ctx, write, product, owner, before)
        told = {"gtin": gtin, "images": list(ids)}
        await audit(write, ctx.viewer, owner, "product.images_reordered", ("product", product.id), told)
    return await shown(ctx, gtin)
