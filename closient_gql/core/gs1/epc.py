"""EPC URNs and GS1 Digital Links: every scheme that has both, id patterns and classes included.

Sources: GS1 EPC Tag Data Standard 2.2, section 6 (URNs) and its Tag Data Translation tables; GS1 Core Business
Vocabulary 2.0, section 8 (classes and patterns). A URN says where the GS1 Company Prefix ends; a Digital Link does
not, so its length must be known to write one.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from closient_gql.core.gs1.checks import check_digit
from closient_gql.core.gs1.dictionary import Dictionary, default
from closient_gql.core.gs1.digital_link import (
    CANONICAL_STEM,
    DigitalLink,
    arrange,
    key_place,
    match_uri,
    parse_uri,
    unescape,
    why_no_uri,
    without_alphas,
)
from closient_gql.core.gs1.elements import STRICT, Element, Elements, Options, check_elements
from closient_gql.core.gs1.errors import Gs1Error
from closient_gql.core.gs1.prefixes import OF_GTIN_8, company_prefix

_URN = re.compile(r"urn:epc:(id|class|idpat):([a-z]+):(.+)", re.DOTALL)
_X = r"(?:[A-Za-z0-9!'()*+,.:;=_-]|%[0-9A-Fa-f]{2})"  # what it encodes is checked as a value
_Y = "(?:[0-9A-Z-]|%2[3Ff])"  # characters of component and part references
_NOT_URN = frozenset('"%/<>?&#')  # what an X string must encode in a URN (Tag Data Standard, table 6-1)
SHORTEST, LONGEST = 6, 12  # digits of a company prefix in a URN


class Scheme(NamedTuple):
    """How the URNs of a scheme are made.

    Attributes:
        name: such as `sgtin`.
        digits: of company prefix and reference together, a check digit behind them in the key; 0 where the
            reference has characters and the key no check digit.
        ai: of the key.
        qualifier: AI of the serial; "" where the serial is part of the key, None where there is none.
        serial: pattern of the serial.
        indicator: whether the first digit of the reference stands in front of the company prefix in the key.
        lead: what the key begins with.
        pieces: whether piece and total stand between reference and serial.
        none: the serial that stands for none.
        kind: `id`, or `class`.
        pattern: whether `idpat` URNs of the scheme name a class (Core Business Vocabulary).
        reference: pattern of a character of the reference, where `digits` is 0.
    """

    name: str
    digits: int
    ai: str
    qualifier: str | None = None
    serial: str = ""
    indicator: bool = False
    lead: str = ""
    pieces: bool = False
    none: str | None = None
    kind: str = "id"
    pattern: bool = False
    reference: str = _X


SCHEMES = (
    Scheme("sgtin", 13, "01", "21", _X + "{1,20}", indicator=True, pattern=True),
    Scheme("lgtin", 13, "01", "10", _X + "{1,20}", indicator=True, kind="class"),
    Scheme("upui", 13, "01", "235", _X + "{1,28}", indicator=True, pattern=True),
    Scheme("itip", 13, "8006", "21", _X + "{1,20}", indicator=True, pieces=True, pattern=True),
    Scheme("sscc", 17, "00", indicator=True),
    Scheme("sgln", 12, "414", "254", _X + "{1,20}", none="0"),
    Scheme("pgln", 12, "417"),
    Scheme("grai", 12, "8003", "", _X + "{1,16}", lead="0", pattern=True),
    Scheme("gdti", 12, "253", "", _X + "{1,17}", pattern=True),
    Scheme("sgcn", 12, "255", "", "[0-9]{1,12}", pattern=True),
    Scheme("giai", 0, "8004"),
    Scheme("ginc", 0, "401"),
    Scheme("cpi", 0, "8010", "8011", "[0-9]{1,12}", pattern=True, reference=_Y),
    Scheme("gsrn", 17, "8018"),
    Scheme("gsrnp", 17, "8017"),
    Scheme("gsin", 16, "402"),
)
_UNLINKED = {"gid", "usdod", "adi", "bic", "imovn"}  # EPC schemes without GS1 keys
_BY_NAME = {(scheme.kind, scheme.name): scheme for scheme in SCHEMES}
_PATTERNS = {scheme.name: scheme for scheme in SCHEMES if scheme.pattern}


# --- URN to elements


def parse_urn(urn: str, dictionary: Dictionary | None = None) -> Elements:
    """The elements that an EPC URN (`urn:epc:id:…`, `…:class:…` or `…:idpat:…`) says.

    Raises:
        Gs1Error: EPC_SYNTAX: it is no URN of a known scheme; EPC_NO_LINK: the scheme has no GS1 keys; or a value
            in it is not right.
    """
    found = _URN.fullmatch(urn)
    if not found:
        raise Gs1Error("EPC_SYNTAX")
    kind, name, rest = found.groups()
    if name in _UNLINKED:
        raise Gs1Error("EPC_NO_LINK")
    scheme = _PATTERNS.get(name) if kind == "idpat" else _BY_NAME.get((kind, name))
    if scheme is None:
        raise Gs1Error("EPC_SYNTAX", f"There is no scheme {kind}:{name} that a Digital Link could say.")
    elements = _read(scheme, rest, kind == "idpat")
    if elements is None:
        raise Gs1Error("EPC_SYNTAX", f"This is not how a URN of the scheme {name} is written.")
    return check_elements(elements, Options(combinations=False), dictionary)


def _read(scheme: Scheme, text: str, pattern: bool) -> list[Element] | None:
    prefix, dot, rest = text.partition(".")
    if not dot or not re.fullmatch(f"[0-9]{{{SHORTEST},{LONGEST}}}", prefix):
        return None
    if scheme.qualifier is None:
        key = _key(scheme, prefix, rest)
        return [Element(scheme.ai, key)] if key else None
    reference, dot, tail = rest.partition(".")
    if scheme.pieces:
        found = re.fullmatch(r"([0-9]{2})\.([0-9]{2})\.(.*)", tail, re.DOTALL)
        pieces, tail = (found[1] + found[2], found[3]) if found else ("", "")
    else:
        pieces = ""
    key = _key(scheme, prefix, reference)
    return _with_serial(scheme, key + pieces, tail, pattern) if key and dot else None


def _with_serial(scheme: Scheme, key: str, tail: str, pattern: bool) -> list[Element] | None:
    if pattern:
        return [Element(scheme.ai, key)] if tail == "*" else None
    if not re.fullmatch(scheme.serial, tail):
        return None
    if tail == scheme.none:
        return [Element(scheme.ai, key)]
    serial = _decode(tail)
    if not scheme.qualifier:
        return [Element(scheme.ai, key + serial)]
    return [Element(scheme.ai, key), Element(scheme.qualifier, serial)]


def _key(scheme: Scheme, prefix: str, reference: str) -> str | None:
    if not scheme.digits:
        if not re.fullmatch(f"{scheme.reference}+", reference):
            return None
        return prefix + _decode(reference)
    if not re.fullmatch(f"[0-9]{{{scheme.digits - len(prefix)}}}", reference):
        return None
    body = reference[:1] + prefix + reference[1:] if scheme.indicator else prefix + reference
    return scheme.lead + body + check_digit(body)


def _decode(text: str) -> str:
    return re.sub("%([0-9A-Fa-f]{2})", lambda match: chr(int(match[1], 16)), text)


# --- elements to URN


def build_urn(elements: Sequence[tuple[str, str]], prefix_length: int | None = None,
              dictionary: Dictionary | None = None) -> str | None:  # fmt: skip
    """The EPC URN of the finest identifier that these elements say: of a serial, else a lot, else a class.

    Attributes and the consumer product variant (22) are no part of it.

    Args:
        prefix_length: digits of the company prefix, 6 to 12, if it is known.

    Returns:
        None where the table does not know how long the company prefix is.

    Raises:
        Gs1Error: an element is not right, EPC_NO_URN: these elements have none, EPC_PREFIX_LENGTH.
    """
    checked = check_elements(elements, Options(combinations=False), dictionary)
    path = dict(arrange(_only_path(checked, dictionary or default()), dictionary=dictionary).path)
    scheme, serial = _scheme_of(path)
    if prefix_length is not None and not SHORTEST <= prefix_length <= LONGEST:
        raise Gs1Error("EPC_PREFIX_LENGTH")
    body, pieces, inner = _taken_apart(scheme, path[scheme.ai])
    offset = 1 if scheme.indicator else 0
    length = prefix_length or _prefix_length(scheme, body[offset:])
    if length is None:
        return None
    if len(body) < length + offset or not body[offset : offset + length].isdecimal():
        raise Gs1Error("EPC_PREFIX_LENGTH", "The key is shorter than its company prefix is said to be.")
    prefix, reference = body[offset : offset + length], body[:offset] + body[offset + length :]
    if not scheme.digits and not reference:
        raise Gs1Error("EPC_PREFIX_LENGTH", "Nothing is left of the key behind its company prefix.")
    return _written(scheme, prefix, _encode(reference), pieces, inner or serial)


def _only_path(elements: Elements, known: Dictionary) -> Elements:
    key = next((ai for ai, _ in elements if ai in known.roots), None)
    if key is None:
        raise Gs1Error("NO_PRIMARY_KEY")
    allowed = {ai for path in known.paths if path[0] == key for ai in path}
    return tuple(element for element in elements if element.ai in allowed)


def _prefix_length(scheme: Scheme, digits: str) -> int | None:
    if scheme.ai in ("01", "8006") and digits.startswith(OF_GTIN_8):
        return len(OF_GTIN_8) + 3  # with the first three digits of a GTIN-8 (Tag Data Standard, 7: GTIN-8)
    found = company_prefix(digits)
    return len(found) if found and len(found) >= SHORTEST else None


def _scheme_of(path: dict[str, str]) -> tuple[Scheme, str]:
    """The scheme that says most, and the serial in it; "" for the class that an id pattern names."""
    key = next(iter(path))
    fitting = [scheme for scheme in SCHEMES if scheme.ai == key]
    for scheme in fitting:
        if scheme.qualifier and path.get(scheme.qualifier, scheme.none) != scheme.none:
            return scheme, path[scheme.qualifier]
    if not fitting or set(path) - {key, "22", fitting[0].qualifier}:  # one that is still there says that there is none
        raise Gs1Error("EPC_NO_URN")
    return fitting[0], fitting[0].none or ""


def _taken_apart(scheme: Scheme, key: str) -> tuple[str, str, str]:
    """The digits before the check digit (or the whole key), piece and total, and a serial that is part of the key."""
    if not scheme.digits:
        return key, "", ""
    start = len(scheme.lead)
    end = start + scheme.digits
    rest = key[end + 1 :]
    return key[start:end], f"{rest[:2]}.{rest[2:]}" if scheme.pieces else "", "" if scheme.pieces else rest


def _written(scheme: Scheme, prefix: str, reference: str, pieces: str, serial: str) -> str:
    kind, tail = scheme.kind, ""
    if scheme.qualifier is not None:
        if not serial and not scheme.pattern:
            raise Gs1Error("EPC_NO_URN")
        kind = kind if serial else "idpat"
        tail = f".{_encode(serial) if serial else '*'}"
    middle = f".{pieces}" if pieces else ""
    return f"urn:epc:{kind}:{scheme.name}:{prefix}.{reference}{middle}{tail}"


def _encode(text: str) -> str:
    return "".join(f"%{ord(c):02X}" if c in _NOT_URN else c for c in text)


# --- canonical links


def urn_to_uri(urn: str, stem: str = CANONICAL_STEM, dictionary: Dictionary | None = None) -> str:
    """The Digital Link URI of an EPC URN.

    Raises:
        Gs1Error: as `parse_urn`.
    """
    return arrange(parse_urn(urn, dictionary), stem, dictionary).uri


def uri_to_urn(uri: str, prefix_length: int | None = None, options: Options = STRICT,
               dictionary: Dictionary | None = None) -> str | None:  # fmt: skip
    """The EPC URN of a Digital Link URI; None where the length of its company prefix is not known.

    Raises:
        Gs1Error: the URI is not right, or has no URN.
    """
    return build_urn(parse_uri(uri, options, dictionary).path, prefix_length, dictionary)


_FINER = {"01": ("235", "21", "10"), "8006": ("21", "10"), "414": ("254",), "8010": ("8011",)} | dict.fromkeys(
    ("00", "253", "255", "401", "402", "417", "8003", "8004", "8017", "8018"), ()
)
"""Keys that EPCs are made of, with the qualifiers that make an identifier finer, finest first."""


def canonical_uri(identifier: str, dictionary: Dictionary | None = None) -> str:
    """The one Digital Link URI by which an identifier is compared: that of its finest level, without attributes.

    EPC URNs and Digital Link URIs of every age are read, with convenience alphas and GTINs of 8, 12 or 13 digits, at
    any resolver. Names are compared, not verified: a wrong check digit stays as it is.
    Source: Core Business Vocabulary 2.0, section 8.9 (event hashes).

    Raises:
        Gs1Error: it names nothing that an EPC could.
    """
    if identifier.startswith("urn:"):
        return urn_to_uri(identifier, dictionary=dictionary)
    known = dictionary or default()
    found = match_uri(identifier)
    if found is None:
        raise why_no_uri(identifier)
    segments = without_alphas(found[2].split("/"))
    at = key_place(segments, known)
    path = [_named(segments[place], segments[place + 1], known) for place in range(at, len(segments), 2)]
    key, finer = path[0], _FINER.get(path[0].ai)
    values = dict(path)
    if finer is None or tuple(values) not in known.paths or set(values) - {key.ai, "22", *finer}:
        raise Gs1Error("EPC_NO_URN")
    named = [key, *(Element(ai, values[ai]) for ai in finer if ai in values)][:2]
    return DigitalLink(CANONICAL_STEM, tuple(named)).uri


def _named(ai: str, text: str, known: Dictionary) -> Element:
    """An AI of a path whose value has the right form."""
    value = unescape(text)
    if ai == "01" and len(value) in (8, 12, 13) and value.isdecimal():
        value = value.zfill(14)
    error = known.entries[ai].explain(value)
    if error and error.code != "INCORRECT_CHECK_DIGIT":
        raise error
    return Element(ai, value)
