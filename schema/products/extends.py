"""What products add to types of other domains, and their root fields."""

from resolvers.products import claims, commands, images, ingredients, lookup, nutrition, queries, stated
from schema.brands.types import Brand
from schema.declare import Mutation, Query, extend, relation, root
from schema.products.types import ClaimReport, NutritionFacts, Product, ProductClaimReceipt, ProductLookup
from schema.shared import Connection


@extend(Brand)
class BrandProducts:
    products: Connection[Product] = relation(queries.products_of_brands, "The brand's products, by name.")


@extend(Query)
class ProductQueries:
    product: Product | None = root(stated.product, "The product with this GTIN.")
    product_by_id: Product | None = root(queries.product_by_id, "The product with this id.")
    products: Connection[Product] | None = root(queries.products, "The whole catalogue, claimed or not.")
    claimed_products: Connection[Product] | None = root(
        queries.claimed_products,
        "Products claimed by one organization that the caller belongs to; or the one with a GTIN.",
    )
    products_by_gtin: list[ProductLookup] | None = root(
        lookup.products_by_codes, "Up to 1,000 codes in one go: an answer for each, in their order.", size="codes"
    )


@extend(Mutation)
class ProductMutations:
    product_create: Product | None = root(commands.create_product, "Makes a product and claims it in one step.")
    product_update: Product | None = root(commands.update_product, "Changes a product of the caller's.")
    product_claim: ProductClaimReceipt | None = root(claims.claim_product, "Claims a product that nobody has claimed.")
    product_unclaim: Product | None = root(claims.unclaim_product, "Releases a product of the caller's.")
    product_report_claim: ClaimReport | None = root(claims.report_claim, "Disputes who owns a product. Anybody may.")
    product_image_delete: bool | None = root(images.delete_image, "Removes an image of a product. Answers true.")
    product_images_reorder: Product | None = root(images.reorder_images, "Gives a product's images this order.")
    product_nutrition_replace: NutritionFacts | None = root(nutrition.replace_nutrition, "Replaces the panel.")
    product_nutrition_delete: bool | None = root(nutrition.delete_nutrition, "Removes the panel. Answers true.")
    product_ingredients_replace: Product | None = root(ingredients.replace_ingredients, "Replaces the ingredients.")
