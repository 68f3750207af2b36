"""The public catalogue of one brand."""

from resolvers.products import brand_catalog
from schema.brands.types import Brand
from schema.declare import Query, column, extend, relation, root, value
from schema.products.types import Product


@value(brand_catalog.BrandCatalog, says="A brand and all of its products, for everybody.")
class BrandCatalog:
    brand: Brand = column("The brand.")
    products: list[Product] = relation(brand_catalog.products_of, "Its products, by name.", size=250)


@extend(Query)
class BrandCatalogQueries:
    brand_catalog: BrandCatalog | None = root(
        brand_catalog.brand_catalog, "The products of a brand, for everybody: the product filter of its store locator."
    )
