"""What can be said of a product in one language. Texts are plain: markup in them is stored and shown as text."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from closient_gql.core.bounds import Bounds, Doc
from closient_gql.core.models.content import SectionKind
from closient_gql.core.models.products import DataSource
from resolvers.products.rules import OWNER_CONFIDENCE

Language = Annotated[
    str,
    Bounds(min_length=2, max_length=10, pattern="^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,6})?$"),
    Doc("Language: BCP 47, such as en or fr-CA."),
]
Title = Annotated[str, Bounds(min_length=1, max_length=255, pattern=r"\S"), Doc("What the product is called.")]
Text = Annotated[str, Bounds(max_length=20_000)]
Address = Annotated[str, Bounds(max_length=2048, pattern=r"^(https?://[^\s/?#<>\"]+[^\s<>\"]*)?$")]
Url = Annotated[str, Bounds(min_length=8, max_length=2048, pattern=r"^https?://[^\s/?#<>\"]+[^\s<>\"]*$")]
Line = Annotated[str, Bounds(max_length=255)]
Source = Annotated[DataSource, Doc("Where what this changes comes from.")]
Confidence = Annotated[float, Bounds(minimum=0, maximum=1), Doc("How certain it is, 0 (guessed) to 1.")]
Note = Annotated[Line, Doc("Why, for colleagues.")]
Version = Annotated[int, Bounds(minimum=1), Doc("The version that the caller has seen; 409 if there is a newer one.")]


@dataclass(kw_only=True)
class ContentImage:
    url: Annotated[Url, Doc("Its address.")]
    alt: Annotated[Line, Doc("What it shows, for people who do not see it.")] = ""


@dataclass(kw_only=True)
class ContentSection:
    kind: Annotated[SectionKind, Doc("How it is shown.")] = SectionKind.TEXT
    heading: Annotated[Line, Doc("Its heading.")] = ""
    body: Annotated[Text, Doc("Its text; of a list, one item a line; of an image, the caption.")] = ""
    image_url: Annotated[Address, Doc("Address of its image; needed by the kind image.")] = ""


Images = Annotated[list[ContentImage], Bounds(max_length=50), Doc("Images, the main one first.")]
Sections = Annotated[list[ContentSection], Bounds(max_length=50), Doc("Rich sections, in order.")]


@dataclass(kw_only=True)
class ContentInput:
    language: Language
    title: Title
    description: Annotated[Text, Doc("What it is.")] = ""
    images: Images | None = None
    sections: Sections | None = None
    source: Source = DataSource.CLAIMED
    confidence: Confidence = OWNER_CONFIDENCE
    note: Note = ""


@dataclass(kw_only=True)
class ContentPatch:
    """Null means: as it is."""

    version: Version
    title: Title | None = None
    description: Annotated[Text | None, Doc("What it is.")] = None
    images: Annotated[Images | None, Doc("All images, anew.")] = None
    sections: Annotated[Sections | None, Doc("All sections, anew.")] = None
    source: Source = DataSource.CLAIMED
    confidence: Confidence = OWNER_CONFIDENCE
    note: Note = ""


@dataclass(kw_only=True)
class ContentMove:
    version: Version


@dataclass(kw_only=True)
class ContentPublish:
    version: Version
    at: Annotated[datetime | None, Doc("When; null, or a time that has passed: now.")] = None
