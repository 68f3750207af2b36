"""The fields of a product that somebody states: what each may hold. Their sources are weighed in `rules`.

COLUMNS are shown by a column of the product, CONTENT by tables of its own; of both, FIELDS, every source has its own
word, and the best is shown. IMAGES add up instead: each is a statement of its own (docs/decisions/0013).
"""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from closient_gql.core.bounds import unstorable
from closient_gql.core.countries import parse_country
from closient_gql.core.ids import PATTERN
from closient_gql.core.metadata import parse_metadata
from resolvers.products.printed import list_of_ingredients, panel

LONG = 20_000
"""Characters of a text that the contract sets no limit for."""


@dataclass(frozen=True)
class Field:
    """A field of products with provenance.

    `parse` brings a value into the form that is stored, as a column and as JSON alike, or raises ValueError with what
    is wrong; `empty` is what is shown if nobody says anything; `shown` is the field's name for callers; a `note` tells
    nothing of the product, so it counts neither for the product's source nor for its confidence.
    """

    name: str
    parse: Callable[[Any], Any]
    empty: Any = ""
    shown: str = ""
    note: bool = False

    @property
    def rest_name(self) -> str:
        return self.shown or self.name

    def read(self, value: Any) -> Any:
        """The value as it is stored; None is "there is none".

        Raises:
            ValueError: it cannot be a value of this field; the message says why.
        """
        return self.empty if value is None or value == "" else self.parse(value)

    def says(self, value: Any) -> bool:
        """Whether the value says something."""
        return value is not None and value != self.empty


def text(limit: int, pattern: str = "", what: str = "") -> Callable[[Any], str]:
    """Text of at most `limit` characters, without white space around it."""

    def parse(value: Any) -> str:
        if not isinstance(value, str):
            raise ValueError("must be a string")
        found = value.strip()
        if problem := unstorable(found):
            raise ValueError(problem)
        if len(found) > limit:
            raise ValueError(f"must have at most {limit} characters")
        if found and pattern and not re.fullmatch(pattern, found, re.ASCII):
            raise ValueError(f"must be {what}")
        return found

    return parse


def address(value: Any) -> str:
    """A web address, or the path of a file of our own."""
    found = text(2048)(value)
    if not re.fullmatch(r"(?:https?://[^\s/?#]+|/[^\s/])\S*", found, re.IGNORECASE):
        raise ValueError("must be a web address that begins with https:// or http://")
    return found


def number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or value < 0:
        raise ValueError("must be a number, 0 or more")
    return float(value)


def country(value: Any) -> str:
    return parse_country(value.strip() if isinstance(value, str) else value)


def several(parse: Callable[[Any], str], limit: int) -> Callable[[Any], list[str]]:
    """A list without duplicates."""

    def parse_all(value: Any) -> list[str]:
        if not isinstance(value, list | tuple):
            raise ValueError("must be a list")
        found = list(dict.fromkeys(parse(item) for item in value if item))
        if len(found) > limit:
            raise ValueError(f"must have at most {limit} items")
        return found

    return parse_all


language = text(10, r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,6})?", "a language of ISO 639-1, such as en")
unit = text(3, "[A-Z0-9]{2,3}", "a code of UN/ECE Recommendation 20, such as GRM")
gpc = text(8, "[0-9]{8}", "a GPC code of 8 digits")
key = text(12, PATTERN, "an id")
MEASURES = ("length", "width", "height", "depth", "gross_weight", "net_weight")
COLUMNS: dict[str, Field] = {
    field.name: field
    for field in (
        Field("product_name", text(255)),
        Field("description", text(LONG)),
        Field("ai_summary", text(LONG)),
        Field("manufacturer", text(255)),
        Field("image_url", address),
        Field("country_of_origin", country, None),
        Field("countries_sold", several(country, 300), []),
        Field("primary_language", language),
        Field("net_content", text(100)),
        Field("net_content_value", number, None),
        Field("net_content_uom", unit, None),
        Field("usage_instructions", text(LONG)),
        Field("brand_product_page_url", address),
        *(Field(measure, number, None) for measure in MEASURES),
        *(Field(f"{measure}_uom", unit) for measure in MEASURES),
        *(Field(f"gpc_{level}_code", gpc) for level in ("brick", "class", "family", "segment")),
        Field("labels", several(text(100), 200), []),
        Field("brand_id", key, None, "brand"),
        Field("category_id", key, None, "category"),
        Field("metadata", parse_metadata, {}, note=True),
    )
}
CONTENT = {
    "ingredients": Field("ingredients", list_of_ingredients, []),
    "nutrition": Field("nutrition", panel, None),
}
FIELDS = COLUMNS | CONTENT
IMAGES = Field("images", several(address, 1_000), [])
READABLE = FIELDS | {IMAGES.name: IMAGES}
"""The fields that facts and history are told of."""
BY_REST_NAME = {field.rest_name: field for field in READABLE.values()}
