"""GS1 syntax for callers: Digital Link URLs taken apart, any GS1 data read, and identifiers written in every form."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Annotated
from urllib.parse import unquote

from closient_gql.core import gs1
from closient_gql.core.bounds import Bounds, Doc
from closient_gql.core.enums import Described
from closient_gql.core.errors import Detail, Invalid
from closient_gql.core.gs1 import Gs1Error, Options
from closient_gql.core.gs1.dictionary import default
from closient_gql.core.gs1.gtin import Gtin, GtinError, parse_gtin
from resolvers import access
from resolvers.context import Context

Url = Annotated[str, Bounds(min_length=1, max_length=4096), Doc("The URL as it was scanned or pasted.")]
Text = Annotated[
    str,
    Bounds(min_length=1, max_length=8000),
    Doc("An element string, bracketed AI text, a Digital Link URI (compressed or not), an EPC URN, scan data with its "
        "symbology identifier, or a GTIN."),
]  # fmt: skip
Combined = Annotated[bool, Doc("Whether AIs that exclude or require each other are checked.")]
Stem = Annotated[str, Bounds(max_length=1000), Doc("Scheme, domain and maybe a path of the Digital Link URI.")]
PrefixLength = Annotated[
    int, Bounds(minimum=6, maximum=12), Doc("Digits of the company prefix, for the EPC URN, if it is known.")
]
_PATH = re.compile(r"https?://[^/?#\s]+(/[^?#]*)", re.IGNORECASE)
LENIENT = Options(combinations=False)


# --- the parse endpoint of the contract


@dataclass(frozen=True)
class DigitalLinkParts:
    """What the path of a URL says. Invalid unless it has a `/01/` with a GTIN whose check digit is right."""

    url: str
    is_valid: bool = False
    gtin: Gtin | None = None
    lot: str | None = None
    expiry: str | None = None
    serial: str | None = None
    raw_ais: dict[str, str] = field(default_factory=dict)


def take_apart(url: str) -> DigitalLinkParts:
    """The parts of a Digital Link URL, leniently: AI 17 is read in the path, nothing but the GTIN is checked."""
    found = _PATH.match(url.strip())
    segments = found[1].split("/") if found else []
    for at in range(1, len(segments) - 1):
        if segments[at] == "01":
            try:
                gtin = parse_gtin(unquote(segments[at + 1]))
            except GtinError:
                continue
            values = dict(reversed(list(_pairs(segments[at + 2 :]))))  # of an AI that is repeated the first counts
            ais = {"01": gtin, **values}
            return DigitalLinkParts(url, True, gtin, values.get("10"), values.get("17"), values.get("21"), ais)
    return DigitalLinkParts(url)


def _pairs(segments: list[str]) -> Iterator[tuple[str, str]]:
    """AIs and values, as far as the path goes on with them."""
    for ai, value in zip(segments[::2], segments[1::2], strict=False):
        if ai not in default().entries or not value:
            return
        yield ai, unquote(value)


@access.key
async def parse_digital_link(ctx: Context, url: Url) -> DigitalLinkParts:
    return take_apart(url)


# --- reading anything


class Gs1Form(Described):
    BRACKETED = "bracketed", "AI text for people: (01)09506000134352(10)ABC."
    ELEMENT_STRING = "element_string", "AIs and values without brackets, with separators (GS, or ^ for FNC1)."
    DIGITAL_LINK = "digital_link", "A GS1 Digital Link URI."
    COMPRESSED_LINK = "compressed_link", "A GS1 Digital Link URI, compressed as a whole or behind its key."
    EPC_URN = "epc_urn", "An EPC URN: of an identifier, a class or an id pattern."
    SCAN = "scan", "Scan data with a symbology identifier."
    GTIN = "gtin", "A GTIN alone."


@dataclass(frozen=True)
class Gs1Element:
    ai: str
    value: str
    title: str
    day: date | None
    amount: Decimal | None
    unit: str | None
    currency: str | None


@dataclass(frozen=True)
class Gs1Problem:
    code: str
    message: str
    ai: str | None
    start: int | None
    end: int | None


@dataclass(frozen=True)
class Gs1Forms:
    """The same identifier in every form that it has."""

    bracketed: str
    element_string: str
    gtin: Gtin | None
    company_prefix: str | None
    digital_link: str | None
    compressed_link: str | None
    epc_urn: str | None


@dataclass(frozen=True)
class Gs1Reading:
    text: str
    is_valid: bool
    form: Gs1Form | None
    symbology: str | None
    elements: Sequence[Gs1Element]
    problems: Sequence[Gs1Problem]
    forms: Gs1Forms | None


@access.key
async def parse_gs1(ctx: Context, text: Text, combinations: Combined = True) -> Gs1Reading:
    """What a text says; what is wrong with it is part of the answer, not an error."""
    try:
        found = gs1.read(text, LENIENT)
    except Gs1Error as error:
        return Gs1Reading(text, False, None, None, [], [_problem(error)], None)
    qualifiers = found.link.qualifiers if found.link else ()
    wrong = list(gs1.combination_errors(found.elements, default(), qualifiers)) if combinations else []
    elements = [
        Gs1Element(ai, value, default().entries[ai].title, *gs1.meaning(ai, value)) for ai, value in found.elements
    ]
    forms = forms_of(found.elements, found.link.stem if found.link else gs1.CANONICAL_STEM) if elements else None
    return Gs1Reading(
        text, not wrong, Gs1Form[found.form.name], found.symbology, elements, [_problem(e) for e in wrong], forms
    )


def _problem(error: Gs1Error) -> Gs1Problem:
    return Gs1Problem(error.code, error.message, error.ai, error.start, error.end)


# --- writing


@dataclass(frozen=True)
class Gs1ElementIn:
    ai: Annotated[str, Bounds(pattern="^[0-9]{2,4}$"), Doc("The Application Identifier, without brackets.")]
    value: Annotated[str, Bounds(min_length=1, max_length=90), Doc("Its value, not percent-encoded.")]


Parts = Annotated[list[Gs1ElementIn], Bounds(min_length=1, max_length=50), Doc("The elements, in any order.")]


@access.key
async def build_gs1(
    ctx: Context,
    elements: Parts,
    stem: Stem = gs1.CANONICAL_STEM,
    company_prefix_length: PrefixLength | None = None,
    combinations: Combined = True,
) -> Gs1Forms:
    """The elements in every form that they have.

    Raises:
        Invalid: an element, their combination, or the stem is not right.
    """
    pairs = [(each.ai, each.value) for each in elements]
    if wrong := list(_wrong(pairs)):
        raise Invalid(wrong)
    checked = gs1.check_elements(pairs, LENIENT)
    if combinations and (errors := list(gs1.combination_errors(checked, default()))):
        raise Invalid([Detail(field="elements", message=str(error)) for error in errors])
    try:
        gs1.check_stem(stem)
    except Gs1Error as error:
        raise Invalid([Detail(field="stem", message=error.message)]) from None
    try:
        return forms_of(checked, stem, company_prefix_length)
    except Gs1Error as error:
        raise Invalid([Detail(field="company_prefix_length", message=error.message)]) from None


def _wrong(pairs: Sequence[tuple[str, str]]) -> Iterator[Detail]:
    """Every element that is not right by itself."""
    for place, pair in enumerate(pairs):
        try:
            gs1.check_elements([pair], LENIENT)
        except Gs1Error as error:
            part = "value" if error.ai else "ai"
            yield Detail(field=f"elements.{place}.{part}", message=error.message)


def forms_of(elements: gs1.Elements, stem: str, prefix_length: int | None = None) -> Gs1Forms:
    """Elements that are right, in every form that they have.

    Raises:
        Gs1Error: EPC_PREFIX_LENGTH: the company prefix cannot be so long.
    """
    values = dict(elements)
    try:
        link = gs1.build_uri(elements, stem, LENIENT)
    except Gs1Error:
        link = None
    return Gs1Forms(
        gs1.build_bracketed(elements),
        gs1.build_element_string(elements),
        Gtin(values["01"]) if "01" in values else None,
        gs1.company_prefix(values["01"][1:]) if "01" in values else None,
        link,
        gs1.compress_uri(link, options=LENIENT) if link else None,
        _urn(elements, prefix_length),
    )


def _urn(elements: gs1.Elements, prefix_length: int | None) -> str | None:
    try:
        return gs1.build_urn(elements, prefix_length)
    except Gs1Error as error:
        if error.code == "EPC_PREFIX_LENGTH" and prefix_length:
            raise
        return None
