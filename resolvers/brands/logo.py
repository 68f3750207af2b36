"""A brand's logo: checked, encoded anew, stored, shown; the one before it goes."""

import asyncio
from contextlib import suppress

from closient_gql.adapters.images import read_picture
from closient_gql.adapters.storage import Storage, is_key, media_url, new_key
from closient_gql.core.errors import Detail, Invalid, Unavailable
from closient_gql.core.models.brands import Brand
from resolvers import access
from resolvers.brands.commands import check_owner, owned, save
from resolvers.brands.queries import brands_by_id
from resolvers.context import Context
from resolvers.roles import May

MOST_SIDE = 1024  # a logo is shown small: larger ones are reduced


@access.user
async def check_logo(ctx: Context, id: str) -> None:
    """Whether the caller may set the logo: asked before the file is read, and once more when it is set.

    Raises:
        NotFound, Forbidden: resolvers.brands.commands.owned.
    """
    (brand,) = await brands_by_id(ctx, [id])
    check_owner(ctx, brand, May.PRODUCTS)


@access.user
async def set_logo(ctx: Context, storage: Storage, id: str, data: bytes) -> Brand:
    """Makes the picture the brand's logo, at most 1024 pixels wide and high.

    Raises:
        NotFound, Forbidden: resolvers.brands.commands.owned.
        Invalid: it is no picture. Unavailable: it cannot be stored right now.
    """
    try:
        picture = await asyncio.to_thread(read_picture, data, MOST_SIDE)
    except ValueError as error:
        raise Invalid([Detail(field="logo", message=str(error))]) from None
    folder = f"brands/{id}"
    key = new_key(folder, picture.content_type)
    try:
        await storage.put(key, picture.data, picture.content_type)
        async with ctx.transaction() as write:
            brand = await owned(ctx, write, id, May.PRODUCTS)
            old = own_key(brand.logo_url, folder)
            brand = await save(ctx, write, brand, {"logo_url": media_url(key)})
    except BaseException:
        await drop(storage, key)
        raise
    await drop(storage, old)  # not before: until the commit it is the logo
    return brand


async def drop(storage: Storage, key: str | None) -> None:
    """Deletes what nobody sees any more. If the storage is away just now, a file is left over, and nothing is wrong."""
    if key:
        with suppress(Unavailable):
            await storage.delete(key)


def own_key(url: str | None, folder: str) -> str | None:
    """The key of a file of ours, whatever the public address was when it was stored."""
    _, found, name = (url or "").rpartition(f"/media/{folder}/")
    key = f"{folder}/{name}"
    return key if found and is_key(key) else None
