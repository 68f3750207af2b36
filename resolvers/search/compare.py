"""Products side by side: where they differ, what a unit costs, what speaks against them (contract: guides,
compare-products)."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from closient_gql.core.bounds import Bounds, Doc
from closient_gql.core.enums import Described
from closient_gql.core.errors import Detail, Invalid, NotFound
from closient_gql.core.gs1.gtin import Gtin
from closient_gql.core.models.compliance import OPEN, RecallSeverity
from closient_gql.core.models.products import Product
from closient_gql.core.money import Money
from resolvers import access
from resolvers.brands.queries import brands_by_id
from resolvers.certifications.facts import Presence, Suitability
from resolvers.certifications.known import allergens_of, diets_of
from resolvers.compliance.queries import all_recalls_of
from resolvers.context import Context
from resolvers.locations.inputs import NearInput
from resolvers.products.queries import categories_by_id, products_by_gtin
from resolvers.retailers.cheapest_offer import cheapest_of
from resolvers.retailers.effective import in_store_prices_of, online_prices_of
from resolvers.search.results import codes_of
from resolvers.search.units import UnitPrice, content_of, unit_price

MOST = 10
SURE = 0.7
"""A field of less confidence is inferred (contract: guides, compare-products)."""


@dataclass(kw_only=True)
class CompareInput:
    gtins: Annotated[
        list[Gtin], Bounds(min_length=2, max_length=MOST), Doc("The products, in the order that they are shown in.")
    ]
    near: Annotated[NearInput | None, Doc("Where prices count; by default anywhere, and on the web.")] = None


class WarningKind(Described):
    RECALL = "recall", "An open recall."
    INFERRED = "inferred", "A field that is compared is not known for sure."


@dataclass(frozen=True)
class ComparisonWarning:
    """Something that speaks against a product, or against relying on what is said of it."""

    kind: WarningKind
    message: str


@dataclass(frozen=True)
class ComparedProduct:
    """One of the products. `is_excluded`: it should not be chosen: there is an open recall of CLASS_I."""

    product_id: str
    gtin: str
    price: Money | None
    unit_price: UnitPrice | None
    certifications: Sequence[str]
    contains_allergens: Sequence[str]
    diets: Sequence[str]
    open_recalls_count: int
    is_excluded: bool
    warnings: Sequence[ComparisonWarning]


@dataclass(frozen=True)
class Difference:
    """One field in which they differ: a value for each product, in their order; None: nothing is known."""

    field: str
    values: Sequence[str | None]


@dataclass(frozen=True)
class Comparison:
    products: Sequence[ComparedProduct]
    differences: Sequence[Difference]
    cheapest_unit_gtin: str | None
    unknown_gtins: Sequence[str]


@access.key
async def compare_products(ctx: Context, input: Annotated[CompareInput, Doc("Which products.")]) -> Comparison:
    """Products side by side. GTINs that nothing is known of are named and left out.

    Raises:
        Invalid: fewer than two different GTINs. NotFound: fewer than two of them are known.
    """
    distinct = list(dict.fromkeys(input.gtins))
    if len(distinct) < 2:
        raise Invalid([Detail(field="gtins", message="needs two different GTINs or more")])
    found = await ctx.find_all(products_by_gtin, distinct)
    products = [product for product in found if product]
    if len(products) < 2:
        raise NotFound("Fewer than two of these products are known: there is nothing to compare.")
    unknown = [gtin for gtin, product in zip(distinct, found, strict=True) if product is None]
    compared = await sides_of(ctx, products, input.near)
    return Comparison(compared, await differences_of(ctx, products, compared), cheapest(compared), unknown)


async def sides_of(ctx: Context, products: Sequence[Product], near: NearInput | None) -> list[ComparedProduct]:
    prices, codes, allergens, diets, recalls = await asyncio.gather(
        prices_of(ctx, products, near),
        codes_of(ctx, products),
        allergens_of(ctx, products),
        diets_of(ctx, products),
        all_recalls_of(ctx, products),
    )
    sides = []
    for n, product in enumerate(products):
        opened = [recall for recall in recalls[n] if recall.status in OPEN]
        sides.append(
            ComparedProduct(
                product.id, product.gtin, prices[n], unit_price(prices[n], content_of(product)), codes[n],
                [fact.allergen.value for fact in allergens[n] if fact.presence is Presence.CONTAINS],
                [fact.diet.value for fact in diets[n] if fact.suitability is Suitability.SUITABLE],
                len(opened), any(recall.severity == RecallSeverity.CLASS_I.value for recall in opened),
                [*(recalled(recall) for recall in opened), *inferred(product)],
            )
        )  # fmt: skip
    return sides


async def prices_of(ctx: Context, products: Sequence[Product], near: NearInput | None) -> list[Money | None]:
    """What each costs where it costs least, promotions counted."""
    offers = await cheapest_of(ctx, products, near=near)
    local = [offer for offer in offers if offer is not None and hasattr(offer, "physical_store_id")]
    online = [offer for offer in offers if offer is not None and not hasattr(offer, "physical_store_id")]
    amounts = [*(await in_store_prices_of(ctx, local)), *(await online_prices_of(ctx, online))]
    found = {offer.id: amount for offer, amount in zip([*local, *online], amounts, strict=True)}
    return [found.get(offer.id) if offer is not None else None for offer in offers]


def recalled(recall: Any) -> ComparisonWarning:
    return ComparisonWarning(WarningKind.RECALL, f"Open recall ({recall.severity}): {recall.title}")


def inferred(product: Product) -> list[ComparisonWarning]:
    """Compared fields that show something nobody is sure of."""
    sure = {name: product.field_confidence.get(name, product.confidence_score) for name in FIELDS}
    return [
        ComparisonWarning(WarningKind.INFERRED, f"{name} is inferred: its confidence is {sure[name]:.2f}.")
        for name, column in FIELDS.items()
        if sure[name] < SURE and getattr(product, column)
    ]


FIELDS = {
    "product_name": "product_name", "brand": "brand_id", "manufacturer": "manufacturer", "category": "category_id",
    "country_of_origin": "country_of_origin", "net_content": "net_content", "gpc_brick_code": "gpc_brick_code",
}  # fmt: skip
"""What is compared of products themselves, and the columns that it stands in."""


async def differences_of(
    ctx: Context, products: Sequence[Product], sides: Sequence[ComparedProduct]
) -> list[Difference]:
    brands, categories = await asyncio.gather(
        ctx.find_all(brands_by_id, [product.brand_id for product in products]),
        ctx.find_all(categories_by_id, [product.category_id for product in products]),
    )
    rows: dict[str, list[str | None]] = {
        name: [getattr(product, column) or None for product in products] for name, column in FIELDS.items()
    }
    rows["brand"] = [brand.name if brand else None for brand in brands]
    rows["category"] = [category.name if category else None for category in categories]
    rows["price"] = [amount(side.price) for side in sides]
    rows["unit_price"] = [
        f"{amount(side.unit_price.price)} / {side.unit_price.per}" if side.unit_price else None for side in sides
    ]
    for name in ("certifications", "contains_allergens", "diets"):
        rows[name] = [", ".join(getattr(side, name)) or None for side in sides]
    rows["open_recalls"] = [str(side.open_recalls_count) for side in sides]
    return [Difference(name, values) for name, values in rows.items() if len(set(values)) > 1]


def amount(price: Money | None) -> str | None:
    return f"{price.amount} {price.currency}" if price else None


def cheapest(sides: Sequence[ComparedProduct]) -> str | None:
    """The product of which a unit costs least, if all can be compared: one measure, one currency. Excluded ones do not
    count."""
    units = [(side.unit_price, side.gtin) for side in sides if not side.is_excluded]
    known = [(unit, gtin) for unit, gtin in units if unit is not None]
    if len(known) < 2 or len(known) < len(units) or len({(unit.per, unit.price.currency) for unit, _ in known}) > 1:
        return None
    return min(known, key=lambda each: each[0].price.amount)[1]
