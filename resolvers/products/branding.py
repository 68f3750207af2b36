"""A product's brand, by the name that its owner gives it."""

from collections.abc import Collection

from sqlalchemy import ARRAY, Text, any_, bindparam, func, select

from closient_gql.core.db import Query, Writer
from closient_gql.core.ids import new_id
from closient_gql.core.models.brands import Brand
from resolvers.outbox import audit, emit
from resolvers.viewer import Viewer

# The same lock as resolvers.brands takes for a new name; in order of the names, so that nobody waits in a circle.
ONE_AT_A_TIME = """
SELECT pg_advisory_xact_lock(hashtextextended('brand name ' || name, 0))
FROM (SELECT DISTINCT lower(given) AS name FROM unnest($1::text[]) AS given ORDER BY 1) AS names
"""
# Held for as long as the product that gets the brand: its name must not change in between (docs/decisions/0008).
BY_NAME = Query(
    Brand,
    select(*Brand.__table__.c)
    .where(
        Brand.organization_id == bindparam("organization"),
        func.lower(Brand.name) == any_(bindparam("names", type_=ARRAY(Text))),
    )
    .order_by(Brand.created, Brand.id)
    .with_for_update(read=True),
)
LOWER = "SELECT given, lower(given) FROM unnest($1::text[]) AS given"
INSERT = "INSERT INTO brands (id, name, organization_id, claimed_at) VALUES ($1, $2, $3, now())"


async def brands_named(write: Writer, viewer: Viewer, organization_id: str, names: Collection[str]) -> dict[str, str]:
    """The id of the organization's brand of each name, without regard to case; made where there is none.

    Brands of other organizations, and those that nobody has claimed, are not taken: claim them first. A name has 1 to
    255 characters that are not all white space.
    """
    if not names:
        return {}
    # "lower" is the database's, as in its index: Python's differs for some letters
    lower = {row["given"]: row["lower"] for row in await write.connection.fetch(LOWER, list(names))}
    found = await ids_of(write, organization_id, lower.values())
    if missing := set(lower.values()) - found.keys():
        await write.connection.execute(ONE_AT_A_TIME, sorted(missing))
        found |= await ids_of(write, organization_id, missing)  # made by somebody else while this waited
        for name, key in lower.items():
            if key not in found:
                found[key] = await create(write, viewer, organization_id, name)
    return {name: found[key] for name, key in lower.items()}


async def ids_of(write: Writer, organization_id: str, lower: Collection[str]) -> dict[str, str]:
    rows = await write.all(BY_NAME, organization=organization_id, names=list(lower))
    keys = {row["given"]: row["lower"] for row in await write.connection.fetch(LOWER, [row.name for row in rows])}
    return {keys[row.name]: row.id for row in reversed(rows)}  # of namesakes the oldest


async def create(write: Writer, viewer: Viewer, organization_id: str, name: str) -> str:
    id = new_id()
    await write.connection.execute(INSERT, id, name, organization_id)
    await audit(write, viewer, organization_id, "brand.created", ("brand", id), {"name": name})
    await emit(write, "brand.created", id, organization_id, name=name)
    await emit(write, "brand.claimed", id, organization_id, name=name)
    return id
