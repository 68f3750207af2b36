"""What becomes of products: what this adds to them, and the root fields."""

from resolvers.sustainability import changes, queries
from schema.declare import Mutation, Query, extend, relation, root
from schema.products.types import Product
from schema.sustainability.types import (
    Circularity,
    Component,
    EndOfLifeInstruction,
    EnvironmentalImpact,
    Packaging,
    Sustainability,
)


@extend(Product)
class ProductSustainability:
    sustainability: Sustainability | None = relation(
        queries.views_of, "What becomes of it: packaging, parts, impacts. Null only where a part of it is viewed."
    )
    circularity: Circularity | None = relation(
        queries.circularity_of_products, "How circular it is; null: nobody has assessed it."
    )


@extend(Query)
class SustainabilityQueries:
    product_sustainability: Sustainability | None = root(
        queries.product_sustainability, "What becomes of one product: packaging, parts, disposal, impacts."
    )


@extend(Mutation)
class SustainabilityMutations:
    product_packaging_create: Packaging | None = root(
        changes.create_packaging, "Adds a piece of packaging to a product of the caller's."
    )
    product_packaging_replace: Packaging | None = root(changes.replace_packaging, "Replaces a piece of packaging.")
    product_packaging_delete: bool | None = root(
        changes.delete_packaging, "Takes a piece of packaging away. Answers true."
    )
    product_component_create: Component | None = root(
        changes.create_component, "Adds a part to a product of the caller's."
    )
    product_component_replace: Component | None = root(changes.replace_component, "Replaces a part.")
    product_component_delete: bool | None = root(changes.delete_component, "Takes a part away. Answers true.")
    product_end_of_life_create: EndOfLifeInstruction | None = root(
        changes.create_end_of_life, "Adds an instruction for the end of a product of the caller's."
    )
    product_end_of_life_replace: EndOfLifeInstruction | None = root(
        changes.replace_end_of_life, "Replaces an instruction."
    )
    product_end_of_life_delete: bool | None = root(
        changes.delete_end_of_life, "Takes an instruction away. Answers true."
    )
    product_impact_create: EnvironmentalImpact | None = root(
        changes.create_impact, "Adds an impact of a product of the caller's on the environment."
    )
    product_impact_replace: EnvironmentalImpact | None = root(changes.replace_impact, "Replaces an impact.")
    product_impact_delete: bool | None = root(changes.delete_impact, "Takes an impact away. Answers true.")
    product_circularity_replace: Circularity | None = root(
        changes.replace_circularity, "States how circular a product of the caller's is."
    )
    product_circularity_delete: bool | None = root(
        changes.delete_circularity, "Takes back how circular a product is. Answers true."
    )
