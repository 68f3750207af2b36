"""The one place through which the fields of products change.

    changed = await state(write, viewer, [Statement(id, "description", "…")], source=DataSource.CLAIMED,
                          confidence=OWNER_CONFIDENCE, organization_id=owner)

Every source has its own word on every field (`product_facts`); the product's columns, and the tables of ingredients and
nutrition (`content`), show the best of them (`rules`).
State what a source says and leave out what it is silent about: an empty value says "there is none".

What is shown without any fact, as of rows that were loaded as they are, counts as stated by the product's own
`data_source` with its `field_confidence`; it becomes a fact when the product is first touched.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import func, select

from closient_gql.core.db import KEYS, Query, Writer
from closient_gql.core.ids import new_id
from closient_gql.core.models.products import DataSource, Product, ProductFact
from resolvers.products.content import KNOWN, PUT, values_of
from resolvers.products.fields import COLUMNS, FIELDS
from resolvers.products.quantities import net_content_of
from resolvers.products.rules import (
    CROWD_THRESHOLD,
    OWNER_CONFIDENCE,
    RANKS,
    SOURCES,
    Fact,
    shown,
    standing,
    values_shown,
)
from resolvers.viewer import Viewer

__all__ = ["CROWD_THRESHOLD", "FIELDS", "OWNER_CONFIDENCE", "RANKS", "Statement", "disown", "settle", "state"]

LOCK = Query(
    Product,
    select(*Product.__table__.c, func.clock_timestamp().label("now_"))
    .where(Product.id == func.any(KEYS))
    .order_by(Product.id)  # everybody takes the locks in one order: no deadlocks
    .with_for_update(),
)
PUT_FACTS = """
INSERT INTO product_facts (product_id, field, source, value, confidence, stated_by, stated_at)
SELECT product_id, field, source, coalesce(value, 'null'), confidence, stated_by, stated_at
FROM json_populate_recordset(NULL::product_facts, $1::text::json)
ON CONFLICT (product_id, field, source) DO UPDATE SET
    value = excluded.value, confidence = excluded.confidence, stated_by = excluded.stated_by,
    stated_at = excluded.stated_at
"""
DERIVED = ("data_source", "field_confidence")  # the score follows from them
WRITTEN = (*COLUMNS, *DERIVED, "confidence_score")
UPDATE = f"""
UPDATE products SET modified = clock_timestamp(), {", ".join(f'"{name}" = new."{name}"' for name in WRITTEN)}
FROM json_populate_recordset(NULL::products, $1::text::json) AS new WHERE products.id = new.id
"""  # noqa: S608  names of our own
HISTORY = """
INSERT INTO product_history (id, product_id, field, old, new, source, confidence, organization_id, user_id)
SELECT id, product_id, field, old, new, source, confidence, organization_id, user_id
FROM json_populate_recordset(NULL::product_history, $1::text::json)
"""

DISOWN = (
    """
    DELETE FROM product_facts AS old USING product_facts AS own
    WHERE old.product_id = ANY ($1::text[]) AND old.source = 'crowd_sourced' AND own.product_id = old.product_id
        AND own.field = old.field AND own.source = 'claimed' AND own.stated_by = $2
    """,
    # it was shown whatever its confidence, and stays so
    f"""
    UPDATE product_facts SET source = 'crowd_sourced', confidence = greatest(confidence, {CROWD_THRESHOLD})
    WHERE product_id = ANY ($1::text[]) AND source = 'claimed' AND stated_by = $2
    """,  # noqa: S608  a number of our own
    """
    UPDATE product_images SET data_source = 'crowd_sourced'
    WHERE product_id = ANY ($1::text[]) AND data_source = 'claimed' AND stated_by_id = $2
    """,
)


@dataclass(frozen=True)
class Statement:
    """A source says that a field of a product has this value; None, or an empty one, says that there is none."""

    product_id: str
    field: str  # a name of FIELDS
    value: Any


async def state(
    write: Writer,
    viewer: Viewer,
    statements: Sequence[Statement],
    *,
    source: DataSource,
    confidence: float,
    organization_id: str | None,
) -> set[str]:
    """Records what a source says, and shows what is now the best of all that is known.

    The same number of SQL statements for one product and for a thousand, and some more if ingredients or nutrition
    change. Products are locked in the order of their
    ids until the transaction ends; ids that do not exist are passed over. Of two statements about one field the
    later one counts. A net content also states value and unit, unless these are stated themselves.

    Returns:
        The ids of products of which anything changed that is shown: a value, or how certain it is, or its source.

    Raises:
        ValueError: a value does not fit its field; nothing was written.
        KeyError: there is no such field.
    """
    said: dict[str, dict[str, Any]] = {}
    for each in statements:
        said.setdefault(each.product_id, {})[each.field] = FIELDS[each.field].read(each.value)
    for fields in said.values():
        derive(fields)
    return await Settlement(write, viewer, source, confidence, organization_id).run(said)


async def settle(write: Writer, viewer: Viewer, product_ids: Iterable[str]) -> set[str]:
    """Shows the best of what is known of these products: after a change of owner, who outranks others, it may be
    another fact. Call it before that change as well, where columns could still be without facts.

    Returns: the ids of products of which anything changed that is shown.
    """
    return await Settlement(write, viewer, DataSource.CLAIMED, 0, None).run({id: {} for id in product_ids})


async def disown(write: Writer, product_ids: Sequence[str], organization_id: str) -> None:
    """What the organization said of these products as their owner is the public's word from now on, in place of what
    the public said of the same fields. To be called between two calls of `settle`, which lock and show."""
    for statement in DISOWN:
        await write.connection.execute(statement, list(product_ids), organization_id)


async def note_change(
    write: Writer, viewer: Viewer, product_id: str, owner: str, field: str, old: Any, new: Any
) -> None:
    """Adds to the history what an owner changed of something that is not weighed: images. Nothing if it is the same."""
    if old != new:
        change = {"id": new_id(), "product_id": product_id, "field": field, "old": old, "new": new,
                  "source": DataSource.CLAIMED.value, "confidence": OWNER_CONFIDENCE, "organization_id": owner,
                  "user_id": viewer.user_id}  # fmt: skip
        await write.connection.execute(HISTORY, orjson.dumps([change]).decode())


def derive(fields: dict[str, Any]) -> None:
    """Adds value and unit to a net content: of one source all three belong together, so unknown is said, too."""
    if "net_content" in fields:
        value, unit = net_content_of(fields["net_content"]) or (None, None)
        fields.setdefault("net_content_value", value)
        fields.setdefault("net_content_uom", unit)


def implied(product: Product, values: Mapping[str, Any], facts: Iterable[Fact]) -> list[Fact]:
    """What a product shows without a fact, as facts of its own source."""
    known = {fact.field for fact in facts}
    source = SOURCES[product.data_source]
    owner = product.owner_id if source is DataSource.CLAIMED else None
    # whatever is shown already has passed the threshold
    least = CROWD_THRESHOLD if source is DataSource.CROWD_SOURCED else 0.0
    found = []
    for name, field in FIELDS.items():
        value = values[name]
        if name not in known and field.says(value):
            confidence = product.field_confidence.get(field.rest_name, product.confidence_score)
            found.append(Fact(name, source, value, max(confidence, least), owner, product.modified))
    return found


def silent_source(product: Product) -> DataSource:
    """The source of a product of which nobody says anything: as it was, but no owner's where there is none."""
    before = SOURCES[product.data_source]
    return DataSource.CROWD_SOURCED if before is DataSource.CLAIMED and product.owner_id is None else before


def facts_in(known: Iterable[ProductFact]) -> list[Fact]:
    """The facts that are stored, of what is known."""
    return [
        Fact(row.field, SOURCES[row.source], row.value, row.confidence, row.stated_by, row.stated_at)
        for row in known
        if row.source is not None
    ]


def rows_of(product_id: str, facts: Iterable[Fact]) -> list[dict[str, Any]]:
    return [
        {"product_id": product_id, "field": fact.field, "source": fact.source.value, "value": fact.value,
         "confidence": fact.confidence, "stated_by": fact.stated_by, "stated_at": fact.stated_at}
        for fact in facts
    ]  # fmt: skip


@dataclass
class Settlement:
    """One call of `state` or `settle`: reads everything, decides in memory, writes everything."""

    write: Writer
    viewer: Viewer
    source: DataSource
    confidence: float
    organization_id: str | None

    async def run(self, said: Mapping[str, Mapping[str, Any]]) -> set[str]:
        if not said:
            return set()
        products = await self.write.all(LOCK, keys=list(said))
        known: dict[str, list[ProductFact]] = {product.id: [] for product in products}
        for row in await self.write.all(KNOWN, keys=list(known)):
            known[row.product_id].append(row)
        facts: list[dict[str, Any]] = []
        updates: list[dict[str, Any]] = []
        history: list[dict[str, Any]] = []
        for product in products:
            new, shown, changes = self.decide(product, known[product.id], said[product.id])
            facts += rows_of(product.id, new)
            updates += [{"id": product.id} | shown] if shown else []
            history += changes
        await self.put(PUT_FACTS, facts)
        await self.put(UPDATE, [{name: each[name] for name in ("id", *WRITTEN)} for each in updates])
        await self.put(HISTORY, history)
        for name, put in PUT.items():
            changed = {change["product_id"]: change["new"] for change in history if change["field"] == name}
            await put(self.write, changed)
        return {each["id"] for each in updates}

    async def put(self, statement: str, rows: list[dict[str, Any]]) -> None:
        if rows:
            await self.write.connection.execute(statement, orjson.dumps(rows).decode())

    def decide(
        self, product: Product, known: list[ProductFact], said: Mapping[str, Any]
    ) -> tuple[list[Fact], dict[str, Any], list[dict[str, Any]]]:
        """What is new of one product: facts, what it shows (nothing if that stays), history."""
        stored, before = facts_in(known), values_of(product, known)
        loaded = implied(product, before, stored)
        facts = {(fact.field, fact.source): fact for fact in [*stored, *loaded]}
        stated = self.stated(said, facts, product.now_)  # type: ignore[attr-defined]
        facts |= {(fact.field, fact.source): fact for fact in stated}
        winners = shown(facts.values(), product.owner_id)
        after = values_shown(winners, product.owner_id, silent_source(product))
        changes = [
            self.change(product, name, before[name], after[name], winners.get(name))
            for name in FIELDS
            if after[name] != before[name]
        ]
        if not changes and all(after[name] == getattr(product, name) for name in DERIVED):
            after = {}
        new = {(fact.field, fact.source): fact for fact in [*loaded, *stated]}
        return list(new.values()), after, changes

    def stated(
        self, said: Mapping[str, Any], facts: Mapping[tuple[str, DataSource], Fact], now: datetime
    ) -> list[Fact]:
        """The statements that say anything new."""
        found = []
        for name, value in said.items():
            old = facts.get((name, self.source))
            new = Fact(name, self.source, value, self.confidence, self.organization_id, now)
            same = old and (old.value, old.confidence, old.stated_by) == (value, self.confidence, self.organization_id)
            if not same:
                found.append(new)
        return found

    def change(self, product: Product, name: str, old: Any, new: Any, winner: Fact | None) -> dict[str, Any]:
        """A row of history."""
        source = standing(winner, product.owner_id) if winner else SOURCES[product.data_source]
        return {
            "id": new_id(), "product_id": product.id, "field": name, "old": old, "new": new,
            "source": source.value, "confidence": winner.confidence if winner else 0.0,
            "organization_id": self.organization_id, "user_id": self.viewer.user_id,
        }  # fmt: skip
