"""What a deleted organization leaves behind: its brands and products stay in the catalogue, without an owner; its
stores are closed, and so nobody sees their offers any more."""

from sqlalchemy import bindparam, select

from closient_gql.core.db import Query, Writer
from closient_gql.core.models.products import DataSource, Product
from resolvers.outbox import emit
from resolvers.products.facts import settle
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
CROWD = "UPDATE products SET data_source = $2 WHERE id = ANY($1::text[]) AND owner_id IS NULL AND data_source <> $2"
BRANDS = """
UPDATE brands SET organization_id = NULL, claimed_at = NULL, is_verified = false WHERE organization_id = $1 RETURNING id
"""
CLOSE = """
WITH physical AS (
    UPDATE physical_stores SET is_active = false, modified = now() WHERE organization_id = $1 AND is_active
)
UPDATE online_stores SET is_active = false, modified = now() WHERE organization_id = $1 AND is_active
"""


async def release(write: Writer, viewer: Viewer, organization_id: str) -> None:
    """Gives everything of the catalogue free that the organization has claimed. Products stay as crowd-sourced rows
    (contract: delete_organization); what their owner has said of them no longer outranks what others say. Its stores
    are closed: who restores the organization opens them again.

    Products are locked before brands, and in the order of their ids, as everywhere.
    """
    while products := await write.all(OWNED, organization_id=organization_id):
        ids = [product.id for product in products]
        await settle(write, viewer, ids)  # columns become facts, while it is known whose they are
        await write.connection.execute(UNCLAIM, ids, organization_id)
        await settle(write, viewer, ids)
        await write.connection.execute(CROWD, ids, DataSource.CROWD_SOURCED.value)
    for row in await write.connection.fetch(BRANDS, organization_id):
        await emit(write, "brand.released", row["id"])
    await write.connection.execute(CLOSE, organization_id)
