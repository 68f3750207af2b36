"""What time does to certifications and claims: once a day, what ran out since is told.

That it has run out does not wait for this: `clock` says so from the first second of the day after.
"""

from datetime import date

from closient_gql.core.db import Database, Writer
from resolvers.certifications import clock
from resolvers.outbox import emit

AT_ONCE = 200  # products in one transaction
# products first, as everybody who writes assignments does: so nobody waits in a circle
ENDING = """
SELECT id FROM products WHERE id IN (
    SELECT product_id FROM certification_assignments WHERE expiration_date < $1 AND expired_at IS NULL
    UNION SELECT product_id FROM claim_assignments WHERE expiration_date < $1 AND expired_at IS NULL
    ORDER BY product_id LIMIT $2
) ORDER BY id FOR UPDATE
"""
TELL_CERTIFICATIONS = """
UPDATE certification_assignments a SET expired_at = now()
FROM products p, certifications c
WHERE a.product_id = ANY($1) AND a.expiration_date < $2 AND a.expired_at IS NULL
    AND p.id = a.product_id AND c.id = a.certification_id
RETURNING a.id, p.gtin, p.owner_id, c.id AS certification_id, c.code, c.label, a.expiration_date::text,
    a.verification_status = 'verified' AS was_verified
"""
TELL_CLAIMS = """
UPDATE claim_assignments a SET expired_at = now()
FROM products p, claims c
WHERE a.product_id = ANY($1) AND a.expiration_date < $2 AND a.expired_at IS NULL
    AND p.id = a.product_id AND c.id = a.claim_id
RETURNING a.id, p.gtin, p.owner_id, c.id AS claim_id, c.code, c.label, a.expiration_date::text
"""
TOUCH = "UPDATE products SET modified = clock_timestamp() WHERE id = ANY($1)"


async def expire(database: Database) -> str:
    """Tells what has run out and was not told: `certification.expired`, `claim.expired`, once for each end."""
    told, today = 0, clock.today()
    while True:
        async with database.transaction() as write:
            products = [row["id"] for row in await write.connection.fetch(ENDING, today, AT_ONCE)]
            if not products:
                return f"{told} ran out"
            for what, statement in (("certification", TELL_CERTIFICATIONS), ("claim", TELL_CLAIMS)):
                told += await tell(write, f"{what}.expired", statement, products, today)
            await write.connection.execute(TOUCH, products)


async def tell(write: Writer, event: str, statement: str, products: list[str], today: date) -> int:
    rows = [dict(row) for row in await write.connection.fetch(statement, products, today)]
    for row in sorted(rows, key=lambda row: row["id"]):
        id, owner = row.pop("id"), row.pop("owner_id")
        await emit(write, event, id, owner, **row)
    return len(rows)


SCHEDULES = {"expire_certifications": ("4 0 * * *", expire)}
"""Four minutes past midnight UTC: the day that counts has just ended."""
