"""What a deleted organization leaves behind: its brands and products stay in the catalogue, without an owner; its
places and stores are closed, and so nobody sees them and their offers any more."""

from sqlalchemy import bindparam, select

from closient_gql.core.db import Query, Writer
from closient_gql.core.models.products import Product
from resolvers.outbox import emit
from resolvers.products.facts import disown, settle
from resolvers.viewer import Viewer

AT_ONCE = 1_000
OWNED = Query(
    Product,
    select(Product.id).where(Product.owner_id == bindparam("organization_id")).order_by(Product.id).limit(AT_ONCE),
)
UNCLAIM = """
UPDATE products SET owner_id = NULL, claimed_at = NULL, claim_verification_status = NULL, modified = clock_timestamp()
WHERE id = ANY($1::text[]) AND owner_id = $2
"""
BRANDS = """
WITH locked AS (SELECT id FROM brands WHERE organization_id = $1 ORDER BY id FOR NO KEY UPDATE)
UPDATE brands SET organization_id = NULL, claimed_at = NULL, is_verified = false FROM locked
WHERE brands.id = locked.id RETURNING brands.id
"""
CLOSE = """
WITH places AS (
    UPDATE locations SET is_active = false, modified = now() WHERE organization_id = $1 AND is_active
), physical AS (
    UPDATE physical_stores SET is_active = false, modified = now() WHERE organization_id = $1 AND is_active
)
UPDATE online_stores SET is_active = false, modified = now() WHERE organization_id = $1 AND is_active
"""


async def release(write: Writer, viewer: Viewer, organization_id: str) -> None:
    """Gives everything of the catalogue free that the organization has claimed. What it said of its products is
    crowd-sourced from now on (contract: delete_organization): there is nobody any more who vouches for it. Its places
    and stores are closed: who restores the organization opens them again.

    Brands are locked before products, and both in the order of their ids, as everywhere.
    """
    released = await write.connection.fetch(BRANDS, organization_id)
    while products := await write.all(OWNED, organization_id=organization_id):
        ids = [product.id for product in products]
        await settle(write, viewer, ids)  # columns become facts, while it is known whose they are
        await disown(write, ids, organization_id)
        await write.connection.execute(UNCLAIM, ids, organization_id)
        await settle(write, viewer, ids)
    for row in released:
        await emit(write, "brand.released", row["id"])
    await write.connection.execute(CLOSE, organization_id)
