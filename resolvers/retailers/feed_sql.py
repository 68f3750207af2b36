"""The statements by which a piece of a feed is taken in: COPY into `staged`, then one for each kind of offer.

`reconcile` locks the offers that are there, in the order of their keys, decides for each row, updates, inserts, leaves
an event of each offer that is new or differs, and says what became of each row. An offer that somebody else inserts
meanwhile is `again`: its row is put through once more, and then finds it. All who write many offers take locks in one
order: locations, offers by key.
"""

from resolvers.retailers.feed_rows import IN_STORE, ONLINE, VALUES
from resolvers.retailers.offer_changes import STATED
from resolvers.retailers.reconciliation import prevails

STAGED = ("line", "kind", "id", "gtin", "store_id", "sku", *(column.name for column in VALUES))
STAGE = f"""
CREATE TEMPORARY TABLE IF NOT EXISTS staged (
    line integer, kind text, id text, gtin text, store_id text, sku text,
    {", ".join(f"{column.name} {column.kind}" for column in VALUES)}
) ON COMMIT DELETE ROWS
"""
HOLD_PLACES = """
SELECT FROM physical_stores s JOIN locations l ON l.id = s.location_id
WHERE s.id IN (SELECT store_id FROM staged) ORDER BY l.id, s.id FOR SHARE
"""
"""A place that is moved meanwhile waits, and then moves the new offers, too."""
SOURCE, PRIORITY, AS_OF = "$2::text", "$3::integer", "$4::timestamptz"
STORES = {IN_STORE: "physical_store", ONLINE: "online_store"}
DEFAULTS = {
    "status": "'active'", "source_reference": "''", "aisle": "''", "store_pickup_available": "false", "url": "''",
    "fulfillment_type": "'standard'", "stock_level": "'unknown'", "delivery_countries": "'{}'",
    "min_order_quantity": "1",
}  # fmt: skip
"""Of a new offer, for what its row is silent about; the models have the same. Others are null: unknown."""


def reconcile(kind: str) -> str:
    """$1 the organization, $2 the source, $3 its priority, $4 the moment at which the rows were true.

    Gives for each outcome how many rows had it and, of those that are no success, their lines.
    """
    store, table = STORES[kind], f"{kind}_offers"
    names = [column.name for column in VALUES if column.of in (None, kind)]
    point, place = ("point", "LEFT JOIN locations l ON l.id = t.location_id") if kind == IN_STORE else ("", "")
    key = f"product_id, {store}_id, sku"
    columns = [*names, "id", "product_id", f"{store}_id", "sku", "organization_id", *([point] if point else [])]
    made = [f"coalesce({name}, {DEFAULTS[name]})" if name in DEFAULTS else name for name in columns]
    differs = " OR ".join(f"s.{name} <> o.{name} OR (s.{name} IS NOT NULL AND o.{name} IS NULL)" for name in names)
    told = " || ".join(change(name) for name in names if name in STATED)
    counts = prevails((SOURCE, PRIORITY, AS_OF), ("o.source", "o.source_priority", "o.said_at"))
    return f"""
WITH said AS MATERIALIZED (
    SELECT s.line, s.id, s.sku, {", ".join(f"s.{name}" for name in names)}{", l.point" if point else ""},
        p.id AS product_id, t.id AS {store}_id, t.organization_id
    FROM staged s LEFT JOIN products p ON p.gtin = s.gtin
    LEFT JOIN {store}s t ON t.id = s.store_id AND t.organization_id = $1 {place}
    WHERE s.kind = '{kind}'
), old AS MATERIALIZED (
    SELECT s.line, o.id, o.source, o.source_priority, coalesce(o.inventory_synced_at, o.modified) AS said_at,
        {", ".join(f"o.{name}" for name in names)}
    FROM said s JOIN {table} o USING ({key}) ORDER BY {", ".join(f"o.{name}" for name in key.split(", "))}
    FOR NO KEY UPDATE OF o
), decided AS MATERIALIZED (
    SELECT s.*, o.id AS offer_id, {counts} AS counts,
        coalesce({differs}, false) OR o.source <> {SOURCE} OR o.source_priority <> {PRIORITY} AS differs,
        CASE WHEN o.id IS NOT NULL THEN {told} END AS changes
    FROM said s LEFT JOIN old o USING (line)
), updated AS (
    UPDATE {table} o SET {", ".join(f"{name} = coalesce(d.{name}, o.{name})" for name in names)},
        source = {SOURCE}, source_priority = {PRIORITY}, inventory_synced_at = {AS_OF},
        modified = CASE WHEN d.differs THEN clock_timestamp() ELSE o.modified END
    FROM decided d
    WHERE o.id = d.offer_id AND d.counts AND (d.differs OR o.inventory_synced_at IS DISTINCT FROM {AS_OF})
), made AS (
    INSERT INTO {table} ({", ".join(columns)}, source, source_priority, inventory_synced_at)
    SELECT {", ".join(made)}, {SOURCE}, {PRIORITY}, {AS_OF} FROM decided
    WHERE offer_id IS NULL AND product_id IS NOT NULL AND {store}_id IS NOT NULL
    ORDER BY {key} ON CONFLICT ({key}) DO NOTHING RETURNING id
), became AS (
    SELECT d.line, coalesce(d.offer_id, d.id) AS id, d.product_id, d.changes, CASE
        WHEN d.product_id IS NULL THEN 'no_product'
        WHEN d.{store}_id IS NULL THEN 'no_store'
        WHEN d.offer_id IS NULL THEN CASE WHEN m.id IS NULL THEN 'again' ELSE 'created' END
        WHEN NOT d.counts THEN 'outranked'
        WHEN d.differs THEN 'updated'
        ELSE 'unchanged' END AS outcome
    FROM decided d LEFT JOIN made m ON m.id = d.id
), told AS (
    INSERT INTO events (type, entity, entity_id, organization_id, data)
    SELECT 'offer.' || outcome, 'offer', id, $1, jsonb_build_object('kind', '{kind}_offer', 'product_id', product_id)
        || CASE outcome WHEN 'updated' THEN jsonb_build_object('changes', changes) ELSE '{{}}' END
    FROM became WHERE outcome IN ('created', 'updated')
)
SELECT outcome, count(*) AS rows,
    array_agg(line) FILTER (WHERE outcome IN ('no_product', 'no_store', 'again')) AS lines
FROM became GROUP BY outcome
"""  # noqa: S608  names of our own


def change(name: str) -> str:
    """What an event tells of a column: old and new, where the row says something else (as `rows.differences`)."""
    old, new = (f"trim_scale({of}.{name})::text" if name == "price" else f"{of}.{name}" for of in "os")
    return (
        f"CASE WHEN s.{name} IS NOT NULL AND s.{name} IS DISTINCT FROM o.{name}"
        f" THEN jsonb_build_object('{name}', jsonb_build_object('old', {old}, 'new', {new})) ELSE '{{}}' END"
    )


RECONCILE = {kind: reconcile(kind) for kind in STORES}
KEEP = "DELETE FROM staged WHERE line <> ALL($1::integer[])"
ERRORS = """
INSERT INTO offer_feed_errors (feed_id, line, "column", message)
SELECT $1, * FROM unnest($2::integer[], $3::text[], $4::text[])
"""
COUNT = """
UPDATE offer_feeds SET state = 'running', started_at = coalesce(started_at, clock_timestamp()),
    processed_rows = processed_rows + $2, created_count = created_count + $3, updated_count = updated_count + $4,
    unchanged_count = unchanged_count + $5, outranked_count = outranked_count + $6, error_count = error_count + $7
WHERE id = $1
"""
