"""Recalls and products: linked by GTIN when a recall is written, and when a product becomes known that one names.

`product.recalled` is written when a recall first touches a product, and never again for these two: whatever the feed
says later, and however often the GTIN is taken off the recall and put back.
"""

from collections.abc import Iterable

from closient_gql.core.db import Database, Writer

TOUCHED = """
, first AS (
    INSERT INTO receipts (consumer, key)
    SELECT 'product.recalled', recall_id || ' ' || product_id FROM linked WHERE product_id IS NOT NULL
    ON CONFLICT DO NOTHING RETURNING key
)
INSERT INTO events (type, entity, entity_id, data)
SELECT 'product.recalled', 'product', l.product_id, jsonb_build_object('gtin', l.gtin, 'recall_id', r.id,
    'title', r.title, 'status', r.status, 'severity', r.severity, 'source_system', r.source_system)
FROM linked l JOIN first f ON f.key = l.recall_id || ' ' || l.product_id JOIN recalls r ON r.id = l.recall_id
ORDER BY r.id, l.gtin
"""
UNLINK = """
DELETE FROM recall_products old USING (SELECT unnest($1::text[]) AS id) AS named
WHERE old.recall_id = named.id AND NOT EXISTS (
    SELECT FROM unnest($2::text[], $3::text[]) AS new (recall_id, gtin)
    WHERE new.recall_id = old.recall_id AND new.gtin = old.gtin)
"""
LINK = f"""
WITH linked AS (
    INSERT INTO recall_products (recall_id, gtin, product_id)
    SELECT new.recall_id, new.gtin, p.id FROM unnest($1::text[], $2::text[]) AS new (recall_id, gtin)
    LEFT JOIN products p ON p.gtin = new.gtin ORDER BY 1, 2
    ON CONFLICT DO NOTHING RETURNING recall_id, gtin, product_id
){TOUCHED}"""  # noqa: S608  statements of our own
LATER = f"""
WITH linked AS (
    UPDATE recall_products link SET product_id = p.id FROM products p
    WHERE link.product_id IS NULL AND p.gtin = link.gtin RETURNING link.recall_id, link.gtin, link.product_id
){TOUCHED}"""  # noqa: S608


async def link(write: Writer, named: Iterable[tuple[str, Iterable[str]]]) -> int:
    """Makes these the GTINs of these recalls, and links them to their products. Gives how many products a recall
    touches now that it never did before."""
    given = [(id, list(gtins)) for id, gtins in named]
    recalls = [id for id, gtins in given for _ in gtins]
    gtins = [gtin for _, each in given for gtin in each]
    await write.connection.execute(UNLINK, [id for id, _ in given], recalls, gtins)
    done = await write.connection.execute(LINK, recalls, gtins) if gtins else "INSERT 0 0"
    return int(done.split()[-1])


async def link_later(database: Database) -> int:
    """Links GTINs whose product has become known since. Gives how many products are touched by a recall by that."""
    async with database.transaction() as write:
        return int((await write.connection.execute(LATER)).split()[-1])
