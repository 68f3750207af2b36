"""Limits of a value and its description, written once, beside its type:

    page_size: Annotated[int, Bounds(minimum=1, maximum=100), Doc("Items on one page.")]

An alias (`PageSize`, `CountryCode`) is the vocabulary that arguments and inputs share. The graph checks it before a
resolver runs, REST before the operation runs, the SDL and OpenAPI print it: all read these two objects.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from typing_extensions import Doc

from closient_gql.core.ids import PATTERN, PublicId

__all__ = ["NONE", "Bounds", "Doc", "bounds_of", "doc_of"]
NOT_BLANK = r"\S"


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """What a value must keep to. On a list, lengths count items; its items have bounds of their own."""

    minimum: float | None = None
    maximum: float | None = None
    min_length: int | None = None
    max_length: int | None = None
    pattern: str | None = None
    decimals: int | None = None  # digits behind the point, of a Decimal

    def problem(self, value: Any) -> str | None:
        """What is wrong with one value, or None."""
        if isinstance(value, str | list | tuple):
            things = "characters" if isinstance(value, str) else "items"
            if self.min_length is not None and len(value) < self.min_length:
                return f"must have at least {self.min_length} {things}"
            if self.max_length is not None and len(value) > self.max_length:
                return f"must have at most {self.max_length} {things}"
            if isinstance(value, str):
                return self._text_problem(value)
        elif isinstance(value, int | float | Decimal) and not isinstance(value, bool):
            if self.minimum is not None and value < self.minimum:
                return f"must be at least {self.minimum:.15g}"
            if self.maximum is not None and value > self.maximum:
                return f"must be at most {self.maximum:.15g}"
            if self.decimals is not None and isinstance(value, Decimal) and round(value, self.decimals) != value:
                return f"must have at most {self.decimals} digits behind the point"
        return None

    def _text_problem(self, value: str) -> str | None:
        if self.pattern is not None and not re.search(re.sub(r"\$$", r"\\Z", self.pattern), value):
            return "must not be blank" if self.pattern == NOT_BLANK else f"must match {self.pattern}"
        return unstorable(value)

    def json_schema(self) -> dict[str, Any]:
        """The same, in JSON Schema's words."""
        names = {"minimum": "minimum", "maximum": "maximum", "min_length": "minLength", "max_length": "maxLength",
                 "pattern": "pattern"}  # fmt: skip
        return {theirs: getattr(self, ours) for ours, theirs in names.items() if getattr(self, ours) is not None}

    def words(self) -> str:
        """The same, for a description: "1 to 100", "at most 255 characters"; empty without bounds."""
        parts = []
        if self.minimum is not None and self.maximum is not None:
            parts.append(f"{self.minimum:.15g} to {self.maximum:.15g}")
        elif self.minimum is not None:
            parts.append(f"at least {self.minimum:.15g}")
        elif self.maximum is not None:
            parts.append(f"at most {self.maximum:.15g}")
        if self.min_length is not None:
            parts.append(f"length at least {self.min_length}")
        if self.max_length is not None:
            parts.append(f"length at most {self.max_length}")
        if self.decimals is not None:
            parts.append(f"at most {self.decimals} digits behind the point")
        if self.pattern is not None and self.pattern != PATTERN:
            parts.append(f"pattern {self.pattern}")
        return ", ".join(parts)


NONE = Bounds()


def unstorable(value: str) -> str | None:
    """PostgreSQL's text holds neither U+0000 nor lone surrogates; both are refused before they get there."""
    if "\0" in value:
        return "must not contain the null character"
    if not value.isascii() and any("\ud800" <= character <= "\udfff" for character in value):
        return "must not contain half a surrogate pair"
    return None


def _levels(annotation: Any) -> Iterator[list[Any]]:
    """What Annotated says of the value, then of its items, and so on inwards, through `X | None`."""
    extras: list[Any] = []
    inner: list[Any] = [annotation]
    while inner:
        part = inner.pop(0)
        if get_origin(part) is Annotated:
            extras += reversed(part.__metadata__)  # of Annotated[Alias, own] the own one comes first
            inner.insert(0, get_args(part)[0])
        elif get_origin(part) in (Union, UnionType):
            inner += get_args(part)
        elif get_origin(part) is list:
            yield extras
            yield from _levels(get_args(part)[0])
            return
    yield extras


def bounds_of(annotation: Any) -> tuple[Bounds, ...]:
    """The Bounds of the value, of its items, of their items: one for each level of lists."""
    return tuple(next((e for e in extras if isinstance(e, Bounds)), NONE) for extras in _levels(annotation))


def doc_of(annotation: Any) -> str | None:
    """The Doc of the value; an argument's own comes before that of its alias."""
    return next((e.documentation for e in next(_levels(annotation)) if isinstance(e, Doc)), None)


PageNumber = Annotated[int, Bounds(minimum=1), Doc("Number of the page, from 1.")]
PageSize = Annotated[int, Bounds(minimum=1, maximum=100), Doc("Items on one page.")]
CountryCode = Annotated[str, Bounds(max_length=2), Doc("ISO 3166-1 alpha-2.")]
Id = Annotated[PublicId, Bounds(pattern=PATTERN), Doc("Id of 12 characters.")]
