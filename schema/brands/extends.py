"""Root fields of brands."""

from resolvers.brands import queries
from schema.brands.types import Brand
from schema.declare import Query, extend, root
from schema.shared import Connection


@extend(Query)
class BrandQueries:
    brand: Brand | None = root(queries.brand, "The brand with this id.")
    brands: Connection[Brand] | None = root(queries.brands, "All brands, claimed and unclaimed alike.")
