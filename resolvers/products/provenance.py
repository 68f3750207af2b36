"""Where a product's values come from, and what they were before: for readers."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from sqlalchemy import bindparam, select

from closient_gql.core.bounds import Doc
from closient_gql.core.models.products import DataSource, Product, ProductChange, ProductFact, ProductImage
from closient_gql.core.paging import Listing, Slice, Window
from resolvers.brands.queries import brands_by_id
from resolvers.context import Context
from resolvers.products.content import KNOWN_TO_READERS, values_of
from resolvers.products.facts import facts_in, implied
from resolvers.products.fields import BY_REST_NAME, IMAGES, READABLE
from resolvers.products.inputs import FieldName
from resolvers.products.printed import ingredients_as_text, panel_as_text
from resolvers.products.queries import categories_by_id, products_by_id
from resolvers.products.rules import SOURCES, Fact, shown, standing
from resolvers.views import View, sees_views

HISTORY = Listing(
    "fieldChanges",
    ProductChange,
    select(*ProductChange.__table__.c),
    orders={"created": ProductChange.created.expression},
    filters={"field": ProductChange.field == bindparam("field")},
    parent=ProductChange.product_id,
)


def metadata_as_text(value: dict[str, str]) -> str:
    return ", ".join(f"{key}: {text}" for key, text in value.items())


AS_TEXT: dict[str, Callable[[Any], str]] = {
    "ingredients": ingredients_as_text,
    "nutrition": panel_as_text,
    "metadata": metadata_as_text,
}
ORDER = {name: place for place, name in enumerate(READABLE)}


@dataclass(frozen=True)
class StatedFact:
    """What one source says of one field; `name` is the field's own, `said` the value in stored form."""

    name: str
    said: Any
    source: DataSource
    stated_at: datetime
    stated_by_id: str | None
    confidence: float
    is_shown: bool

    @property
    def field(self) -> str:
        return READABLE[self.name].rest_name


@sees_views
async def facts_of(
    ctx: Context,
    products: Sequence[Product],
    *,
    owner_only: Annotated[bool, Doc("Only what the product's owner states, and nothing else.")] = False,
    field: Annotated[FieldName | None, Doc("Only what is said of this field.")] = None,
) -> list[list[StatedFact]]:
    """What is known of each product's fields, in the order of fields; of one field what is shown comes first."""
    known = await ctx.read.by_parent(KNOWN_TO_READERS, "product_id", [product.id for product in products])
    return [
        [
            fact
            for fact in stated(product, rows)
            if not (owner_only or isinstance(product, View)) or fact.source is DataSource.CLAIMED
            if field in (None, fact.field)
        ]
        for product, rows in zip(products, known, strict=True)
    ]


def stated(product: Product, known: Sequence[ProductFact]) -> Iterable[StatedFact]:
    """The facts as readers see them: what a former owner said is an import. Images of all sources are shown."""
    stored = facts_in(known)
    loaded = implied(product, values_of(product, known), stored)
    if isinstance(product, View):  # its source is the owner, but not of what it does not say
        loaded = [fact for fact in loaded if fact.field in product.says]
    facts = [*stored, *loaded]
    best = shown([fact for fact in facts if fact.field != IMAGES.name], product.owner_id)
    found = [
        StatedFact(
            fact.field, fact.value, standing(fact, product.owner_id), fact.stated_at, fact.stated_by, fact.confidence,
            fact.field == IMAGES.name or best.get(fact.field) is fact,
        )
        for fact in facts
    ]  # fmt: skip
    return sorted(found, key=lambda fact: (ORDER[fact.name], not fact.is_shown, fact.source.value))


@sees_views
async def sources_of_images(ctx: Context, images: Sequence[ProductImage]) -> list[DataSource]:
    """Who says that these are images of their products; what a former owner said is an import."""
    products = await ctx.find_all(products_by_id, [image.product_id for image in images])
    facts = [
        Fact(IMAGES.name, SOURCES[i.data_source], i.image_url, i.confidence, i.stated_by_id, i.stated_at)
        for i in images
    ]
    return [standing(fact, p and p.owner_id) for fact, p in zip(facts, products, strict=True)]


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
    return [READABLE[change.field].rest_name for change in changes]


async def texts(ctx: Context, values: Sequence[tuple[str, Any]]) -> list[str | None]:
    """Values of fields as people read them: of a brand or category its name; of a list its items with commas; of a
    panel its lines."""
    brands = await named(ctx, brands_by_id, [value for name, value in values if name == "brand_id"])
    categories = await named(ctx, categories_by_id, [value for name, value in values if name == "category_id"])
    return [as_text(name, value, brands if name == "brand_id" else categories) for name, value in values]


async def named(ctx: Context, find: Any, ids: Sequence[str | None]) -> dict[str, str]:
    rows = await ctx.find_all(find, [id for id in dict.fromkeys(ids) if id])
    return {row.id: row.name for row in rows if row is not None}


def as_text(name: str, value: Any, names: dict[str, str]) -> str | None:
    if not READABLE[name].says(value):
        return None
    if name in ("brand_id", "category_id"):
        return names.get(value)
    if name in AS_TEXT:
        return AS_TEXT[name](value)
    if isinstance(value, list):
        return ", ".join(value)
    return value if isinstance(value, str) else f"{value:.15g}"
