"""What content adds to products, and its root fields."""

from resolvers.content import changes, compare, items, publishing, readiness, translations
from schema.content.types import (
    Content,
    ContentDiff,
    ContentItem,
    ContentVersion,
    MissingTranslations,
    Readiness,
    ReadinessCheck,
)
from schema.declare import Mutation, Query, extend, relation, root
from schema.products.types import Product
from schema.shared import Connection


@extend(Product)
class ProductContent:
    content: Content | None = relation(items.content_of, "What its owner has published of it, in the nearest language.")
    readiness: Readiness | None = relation(
        readiness.readiness_of,
        "How complete its data is. Null only where a part of it is viewed.",
    )


@extend(Query)
class ContentQueries:
    product_content: Content | None = root(items.product_content, "What is published of one product.")
    content_item: ContentItem | None = root(items.content_item, "An item of the caller's organizations.")
    content_items: Connection[ContentItem] | None = root(items.content_items, "The content of an organization.")
    content_version: ContentVersion | None = root(items.content_version, "One version of an item.")
    content_diff: ContentDiff | None = root(compare.content_diff, "What differs between two versions of an item.")
    missing_translations: Connection[MissingTranslations] | None = root(
        translations.missing_translations, "Products of an organization that are not described in some languages."
    )


@extend(Mutation)
class ContentMutations:
    readiness_check: ReadinessCheck | None = root(
        readiness.readiness_check, "How complete the data of a GTIN is; keeps the email of who leaves one."
    )
    content_create: ContentItem | None = root(changes.create_content, "Makes a draft about a product of the caller's.")
    content_update: ContentItem | None = root(changes.update_content, "Writes a new version.")
    content_submit: ContentItem | None = root(changes.submit_content, "Hands a draft in for review.")
    content_reject: ContentItem | None = root(changes.reject_content, "Makes it a draft again.")
    content_publish: ContentItem | None = root(publishing.publish_content, "Publishes it, now or later.")
    content_withdraw: ContentItem | None = root(changes.withdraw_content, "Takes what is published away.")
    content_delete: bool | None = root(changes.delete_content, "Deletes content with its versions. Answers true.")
