"""The public store locator of a brand."""

import strawberry

from resolvers.retailers import brand_locator
from schema.brands.types import Brand
from schema.declare import Query, column, extend, relation, root, value
from schema.locations.types import Location


@value(brand_locator.BrandStore, says="A store that has products of a brand.")
class BrandStore:
    id: strawberry.ID = column("Id of the store.")
    name: str = column("Its name, or that of the place.")
    address: str = column("Its address in one line.")
    latitude: float = column("Decimal degrees north, WGS 84.")
    longitude: float = column("Decimal degrees east, WGS 84.")
    distance_km: float = column("Kilometres on the spheroid (WGS 84), to two decimals.")
    product_count: int = column("How many of the brand's products it offers.")
    retailer_name: str = column("Whose store it is; empty for a retailer that is an organization's own.")
    phone: str = column("Phone number; empty if unknown.")
    website: str = column("Address of its own page; empty if unknown.")
    location: Location = column("The place where it stands.")


@value(brand_locator.BrandLocator, says="A brand and the stores that have its products, for everybody.")
class BrandLocator:
    brand: Brand = column("The brand.")
    stores: list[BrandStore] = relation(
        brand_locator.stores_of, "Stores within the radius that have its products, nearest first.", size=100
    )


@extend(Query)
class BrandLocatorQueries:
    brand_locator: BrandLocator | None = root(
        brand_locator.brand_locator, "Where products of a brand can be bought, for everybody: its store locator."
    )
