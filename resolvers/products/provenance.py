"""Where a product's values come from, and what they were before: for readers."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from sqlalchemy import bindparam, func, select

from closient_gql.core.bounds import Doc
from closient_gql.core.db import KEYS, Query
from closient_gql.core.models.products import DataSource, Product, ProductChange, ProductFact
from closient_gql.core.paging import Listing, Slice, Window
from resolvers.brands.queries import brands_by_id
from resolvers.context import Context
from resolvers.products.facts import fact_of, implied
from resolvers.products.fields import BY_REST_NAME, FIELDS
from resolvers.products.inputs import FieldName
from resolvers.products.queries import categories_by_id
from resolvers.products.rules import Fact, shown, standing

FACTS = Query(ProductFact, select(*ProductFact.__table__.c).where(ProductFact.product_id == func.any(KEYS)))
HISTORY = Listing(
    "fieldChanges",
    ProductChange,
    select(*ProductChange.__table__.c),
    orders={"created": ProductChange.created.expression},
    filters={"field": ProductChange.field == bindparam("field")},
    parent=ProductChange.product_id,
)
ORDER = {name: place for place, name in enumerate(FIELDS)}


@dataclass(frozen=True)
class StatedFact:
    """What one source says of one field; `name` is its column, `said` the value in stored form."""

    name: str
    said: Any
    source: DataSource
    stated_at: datetime
    stated_by_id: str | None
    confidence: float
    is_shown: bool

    @property
    def field(self) -> str:
        return FIELDS[self.name].rest_name


async def facts_of(
    ctx: Context,
    products: Sequence[Product],
    *,
    owner_only: Annotated[bool, Doc("Only what the product's owner states, and nothing else.")] = False,
    field: Annotated[FieldName | None, Doc("Only what is said of this field.")] = None,
) -> list[list[StatedFact]]:
    """What is known of each product's fields, in the order of fields; of one field what is shown comes first."""
    stored = await ctx.read.by_parent(FACTS, "product_id", [product.id for product in products])
    return [
        [
            fact
            for fact in stated(product, [fact_of(row) for row in rows])
            if (not owner_only or fact.source is DataSource.CLAIMED) and field in (None, fact.field)
        ]
        for product, rows in zip(products, stored, strict=True)
    ]


def stated(product: Product, known: list[Fact]) -> Iterable[StatedFact]:
    """The facts as readers see them: what a former owner said is an import."""
    facts = [*known, *implied(product, known)]
    best = shown(facts, product.owner_id)
    found = [
        StatedFact(
            fact.field, fact.value, standing(fact, product.owner_id), fact.stated_at, fact.stated_by, fact.confidence,
            best.get(fact.field) is fact,
        )
        for fact in facts
    ]  # fmt: skip
    return sorted(found, key=lambda fact: (ORDER[fact.name], not fact.is_shown, fact.source.value))


async def history_of(
    ctx: Context,
    products: Sequence[Product],
    window: Window,
    *,
    field: Annotated[FieldName | None, Doc("Only changes of this field.")] = None,
) -> list[Slice[ProductChange]]:
    """What products showed before, newest change first."""
    column = BY_REST_NAME[field].name if field else None
    return await HISTORY.slices(ctx.read, window, [p.id for p in products], order="-created", field=column)


# --- values as texts


async def facts_as_text(ctx: Context, facts: Sequence[StatedFact]) -> list[str | None]:
    return await texts(ctx, [(fact.name, fact.said) for fact in facts])


async def before_as_text(ctx: Context, changes: Sequence[ProductChange]) -> list[str | None]:
    return await texts(ctx, [(change.field, change.old) for change in changes])


async def after_as_text(ctx: Context, changes: Sequence[ProductChange]) -> list[str | None]:
    return await texts(ctx, [(change.field, change.new) for change in changes])


async def fields_changed(ctx: Context, changes: Sequence[ProductChange]) -> list[str]:
    """By their REST names."""
    return [FIELDS[change.field].rest_name for change in changes]


async def texts(ctx: Context, values: Sequence[tuple[str, Any]]) -> list[str | None]:
    """Values of fields as people read them: of a brand or category its name; of a list its items with commas."""
    brands = await named(ctx, brands_by_id, [value for name, value in values if name == "brand_id"])
    categories = await named(ctx, categories_by_id, [value for name, value in values if name == "category_id"])
    return [as_text(name, value, brands if name == "brand_id" else categories) for name, value in values]


async def named(ctx: Context, find: Any, ids: Sequence[str | None]) -> dict[str, str]:
    rows = await ctx.find_all(find, [id for id in dict.fromkeys(ids) if id])
    return {row.id: row.name for row in rows if row is not None}


def as_text(name: str, value: Any, names: dict[str, str]) -> str | None:
    if not FIELDS[name].says(value):
        return None
    if name in ("brand_id", "category_id"):
        return names.get(value)
    if isinstance(value, list):
        return ", ".join(value)
    return value if isinstance(value, str) else f"{value:.15g}"
