"""What is said of products, by language and version; how complete their data is."""

from datetime import datetime

import strawberry

from closient_gql.core.gs1.gtin import Gtin
from closient_gql.core.models import content as models
from closient_gql.core.models.content import ContentStatus, SectionKind
from closient_gql.core.models.products import DataSource
from closient_gql.core.models.products import Product as ProductRow
from resolvers.content import compare, inputs, items, readiness, translations
from resolvers.products.queries import products_by_id
from schema.declare import adopt_enum, adopt_input, column, entity, reference, relation, value
from schema.products.types import Product
from schema.shared import Connection

adopt_enum(ContentStatus, "How far the current version of content is.")
adopt_enum(SectionKind, "How a section is shown.")
adopt_input(inputs.ContentImage, "ContentImageInput", "An image.")
adopt_input(inputs.ContentSection, "ContentSectionInput", "A part of rich content. Texts are plain, markup is text.")
adopt_input(inputs.ContentInput, "ContentInput", "What is said of a product in one language.")
adopt_input(inputs.ContentPatch, "ContentPatch", "What is to change of it. Null means: as it is.")
adopt_input(inputs.ContentMove, "ContentMoveInput", "Which version is meant.")
adopt_input(inputs.ContentPublish, "ContentPublishInput", "Which version is to be published, and when.")


@value(readiness.ReadinessField, says="One attribute of a readiness check.")
class ReadinessField:
    key: str = column("Name of the attribute.")
    label: str = column("It in words.")
    weight: int = column("How much it counts.")
    populated: bool = column("Whether it is there.")


@value(readiness.Readiness, says="How complete the data of a product is.")
class Readiness:
    status: str = column("ready (80 or more), partial (40 or more), incomplete.")
    score: int = column("The weighted share of what is there, 0 to 100.")
    data_fields: list[ReadinessField] = column("The seven attributes.")
    recommendations: list[str] = column("What to add, most important first.")


@value(readiness.ReadinessCheck, says="What a readiness check of a GTIN says.")
class ReadinessCheck:
    valid: bool = column("Whether the GTIN is one. If not, only `error` says anything.")
    error: str = column("What is wrong with the GTIN; empty if nothing is.")
    gtin14: str = column("It as a GTIN-14.")
    status: str = column("ready (80 or more), partial (40 or more), incomplete, not_found; empty for a bad GTIN.")
    score: int = column("The weighted share of what is there, 0 to 100.")
    brand_name: str = column("Name of its brand; empty if unknown.")
    product_name: str = column("Its name; empty if unknown.")
    internal_found: bool = column("Whether the repository has a product with it.")
    data_fields: list[ReadinessField] = column("The seven attributes.")
    recommendations: list[str] = column("What to add, most important first.")


@value(items.Image, says="An image of content.")
class ContentImage:
    url: str = column("Its address.")
    alt: str = column("What it shows, for people who do not see it; empty if nothing is said.")


@value(items.Section, says="A part of rich content. Its texts are plain: markup in them is text.")
class ContentSection:
    kind: SectionKind = column("How it is shown.")
    heading: str = column("Its heading; empty for none.")
    body: str = column("Its text; of a list, one item a line; of an image, the caption.")
    image_url: str = column("Address of its image; empty for none.")


@value(items.Provenance, says="Where one field of content comes from.")
class ContentProvenance:
    field: str = column("The field.")
    source: DataSource = column("Where its value comes from.")
    confidence: float = column("How certain it is, 0 (guessed) to 1.")
    version: int = column("The version that it is from.")
    user_id: strawberry.ID | None = column("Who wrote it.")


@value(items.Content, says="What is published of a product in one language.")
class Content:
    language: str = column("Its language: BCP 47.")
    title: str = column("What the product is called.")
    description: str = column("What it is; empty if nothing is said.")
    images: list[ContentImage] = column("Images, the main one first.")
    sections: list[ContentSection] = column("Rich sections, in order.")
    published_at: datetime = column("When it was published.")


@value(models.ContentVersion, says="One version of content. Versions never change.")
class ContentVersion:
    version: int = column("Its number, from 1.")
    title: str = column("What the product is called.")
    description: str = column("What it is; empty if nothing is said.")
    images: list[ContentImage] = relation(items.images_of, "Images, the main one first.", size=5)
    sections: list[ContentSection] = relation(items.sections_of, "Rich sections, in order.", size=5)
    provenance: list[ContentProvenance] = relation(items.provenance_of, "Where each field comes from.", size=4)
    note: str = column("Why it was written, for colleagues; empty if nothing is said.")
    user_id: strawberry.ID | None = column("Who wrote it; null: a key that belongs to nobody.")
    created: datetime = column("When it was written.")


@entity(
    models.ContentItem, keys={"id": items.items_by_id}, says="What an organization says of a product in a language."
)
class ContentItem:
    id: strawberry.ID = column("Id of the item.")
    organization_id: strawberry.ID = column("Id of the organization that it belongs to.")
    gtin: Gtin = relation(items.gtins_of, "GTIN of the product.")
    product: Product | None = reference("product_id", products_by_id, "The product.")
    language: str = column("Its language: BCP 47.")
    status: ContentStatus = column("How far its current version is.")
    version: int = column("Number of its current version.")
    published_version: int | None = column("Number of the version that everybody sees; null: none.")
    publish_at: datetime | None = column("When its current version is published by itself; null: it is not.")
    published_at: datetime | None = column("When the public version was published.")
    created: datetime = column("When it was made.")
    modified: datetime = column("When it last changed.")
    content: ContentVersion = relation(items.current_of, "Its current version.")
    published: ContentVersion | None = relation(items.published_of, "The version that everybody sees; null: none.")
    versions: Connection[ContentVersion] = relation(items.versions_of, "All its versions, newest first.")


@value(compare.ContentChange, says="One value that differs between two versions.")
class ContentChange:
    field: str = column("Where it stands: title, sections.0.body.")
    old: str | None = column("What it was; null: it was not there.")
    new: str | None = column("What it is; null: it is not there any more.")


@value(compare.ContentDiff, says="What differs between two versions of content.")
class ContentDiff:
    from_version: int = column("The older version.")
    to_version: int = column("The newer version.")
    changes: list[ContentChange] = column("Every value that differs.")


@value(ProductRow, says="A product that is not described in some languages.")
class MissingTranslations:
    id: strawberry.ID = column("Id of the product.")
    gtin: Gtin = column("Its GTIN.")
    product_name: str = column("Its name.")
    primary_language: str = column("Language of its own texts; empty if unknown.")
    missing: list[str] = relation(
        translations.missing_of, "Languages of those wanted in which nothing is published.", size=5
    )
