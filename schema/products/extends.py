"""What products add to types of other domains, and their root fields."""

from resolvers.products import lookup, queries
from schema.brands.types import Brand
from schema.declare import Query, extend, relation, root
from schema.products.types import Product, ProductLookup
from schema.shared import Connection


@extend(Brand)
class BrandProducts:
    products: Connection[Product] = relation(queries.products_of_brands, "The brand's products, by name.")


@extend(Query)
class ProductQueries:
    product: Product | None = root(queries.product, "The product with this GTIN.")
    product_by_id: Product | None = root(queries.product_by_id, "The product with this id.")
    products: Connection[Product] | None = root(queries.products, "The whole catalogue, claimed or not.")
    claimed_products: Connection[Product] | None = root(
        queries.claimed_products, "Products claimed by one organization that the caller belongs to."
    )
    products_by_gtin: list[ProductLookup] | None = root(
        lookup.products_by_codes, "Up to 1,000 codes in one go: an answer for each, in their order.", size="codes"
    )
