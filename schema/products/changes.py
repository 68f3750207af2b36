"""The change feed of products."""

from datetime import datetime

import strawberry

from closient_gql.core.gs1.gtin import Gtin
from resolvers.products import changes, queries
from schema.declare import Query, adopt_enum, column, extend, reference, root, value
from schema.products.types import Product

adopt_enum(changes.ChangeKind, "What happened to a product.")


@value(changes.ProductChange, says="One event in the life of a product.")
class ProductChange:
    cursor: str = column("Its place in the feed: `after` of the request for what follows.")
    kind: changes.ChangeKind = column("What happened.")
    gtin: Gtin = column("GTIN of the product.")
    product_id: strawberry.ID = column("Id of the product. A GTIN that was deleted and comes back has a new one.")
    at: datetime = column("When it happened.")
    product: Product | None = reference(
        "gtin",
        queries.products_by_gtin,
        "What has this GTIN now, not then. A copy of the catalogue stores it, or removes the GTIN if it is null.",
    )


@value(changes.ProductChanges, says="One page of the change feed.")
class ProductChanges:
    nodes: list[ProductChange] = column("The changes, in the order in which they became visible.")
    end_cursor: str | None = column(
        "Cursor of the last one; of an empty page the one that was given. Store it with what you made of the page."
    )
    has_more: bool = column("Whether there is more to read right now. If not, ask again later.")


@extend(Query)
class ChangeQueries:
    product_changes: ProductChanges | None = root(
        changes.product_changes,
        "Every creation, update and deletion of a product since the beginning: what a copy of the catalogue needs.",
        size="first",
    )
