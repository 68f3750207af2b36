"""Products side by side."""

import strawberry

from resolvers.products.queries import products_by_id
from resolvers.search import compare, units
from schema.declare import Query, adopt_enum, adopt_input, column, extend, reference, root, value
from schema.products.types import Product
from schema.retailers.types import Money

adopt_enum(compare.WarningKind, "What a warning is of.", "ComparisonWarningKind")
adopt_input(compare.CompareInput, "ProductCompareInput", "Which products are to be compared.")


@value(units.UnitPrice, says="What so much of a product costs.")
class UnitPrice:
    price: Money = column("The price.")
    per: str = column("Of how much: 100 g, 100 ml or 1 piece.")


@value(compare.ComparisonWarning, says="Something that speaks against a product, or against relying on its data.")
class ComparisonWarning:
    kind: compare.WarningKind = column("What it is.")
    message: str = column("For people.")


@value(compare.ComparedProduct, says="One of the products that are compared.")
class ComparedProduct:
    product_id: strawberry.ID = column("Id of the product.")
    product: Product | None = reference("product_id", products_by_id, "The product.")
    gtin: str = column("Its GTIN, 14 digits.")
    price: Money | None = column("What it costs where it costs least, promotions counted; null: unknown.")
    unit_price: UnitPrice | None = column("The same by weight, volume or piece; null: price or content is unknown.")
    certifications: list[str] = column("Certifications and claims that hold today, by their codes in lower case.")
    contains_allergens: list[str] = column("Allergens that its label names, by their slugs.")
    diets: list[str] = column("Diets that it is known to suit.")
    open_recalls_count: int = column("How many open recalls name it.")
    is_excluded: bool = column("Whether it should not be chosen: there is an open recall of CLASS_I.")
    warnings: list[ComparisonWarning] = column("What speaks against it, or against relying on its data.")


@value(compare.Difference, says="A field in which products differ.")
class ProductDifference:
    field: str = column("The field.")
    values: list[str | None] = column("Its value for each product, in their order; null: nothing is known.")


@value(compare.Comparison, says="Products side by side.")
class ProductComparison:
    products: list[ComparedProduct] = column("In the order that they were asked for in.")
    differences: list[ProductDifference] = column("Fields in which they differ.")
    cheapest_unit_gtin: str | None = column(
        "Which costs least by unit; null where not all can be compared. Excluded ones do not count."
    )
    unknown_gtins: list[str] = column("GTINs that nothing is known of.")


@extend(Query)
class ComparisonQueries:
    compare_products: ProductComparison | None = root(
        compare.compare_products, "Two products or more side by side.", size=10
    )
