"""Where a brand is sold."""

from datetime import datetime

import strawberry

from closient_gql.core.countries import Country
from closient_gql.core.models.retailers import InventoryConfidence
from resolvers.retailers import footprint, stores
from schema.brands.types import Brand
from schema.declare import column, extend, reference, relation, value
from schema.retailers.types import PhysicalStore


@value(footprint.FootprintRegion, says="What is sold of a brand in one region.")
class FootprintRegion:
    country: Country = column("ISO 3166-1 alpha-2.")
    region: str = column("State or province: ISO 3166-2; empty if unknown.")
    store_count: int = column("Stores that sell the brand.")
    in_stock_store_count: int = column("Those that are known to have something of it.")
    stale_store_count: int = column("Those of which all that is known is 48 hours old or more.")
    retailer_count: int = column("Retailers that they belong to.")
    product_count: int = column("Products of the brand that are sold.")
    coverage_ratio: float = relation(
        footprint.coverage_of, "The share of all stores that are known in the region that sell the brand: 0 to 1."
    )


@value(footprint.FootprintStore, says="What one store has of a brand.")
class FootprintStore:
    physical_store_id: strawberry.ID = column("Id of the store.")
    physical_store: PhysicalStore | None = reference("physical_store_id", stores.physical_stores_by_id, "The store.")
    product_count: int = column("Products of the brand that it sells.")
    in_stock_product_count: int = column("Those that it is known to have.")
    last_checked_at: datetime | None = column("When a source last spoke of its stock.")
    inventory_confidence: InventoryConfidence = column("How much that can be believed now.")


@value(footprint.RetailFootprint, says="Where the products of a brand are sold in stores.")
class RetailFootprint:
    store_count: int = column("Stores that sell the brand.")
    in_stock_store_count: int = column("Those that are known to have something of it.")
    stale_store_count: int = column("Those of which all that is known is 48 hours old or more.")
    retailer_count: int = column("Retailers that they belong to.")
    product_count: int = column("Products of the brand that are sold.")
    regions: list[FootprintRegion] = column("The same by region, those with most stores first.")
    stores: list[FootprintStore] = relation(footprint.stores_of, "Stores that have most of its products.", size=20)


@extend(Brand)
class BrandFootprint:
    retail_footprint: RetailFootprint | None = relation(
        footprint.footprints_of, "Where its products are sold in stores."
    )
