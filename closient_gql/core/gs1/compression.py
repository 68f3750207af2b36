"""Compressed GS1 Digital Link URIs, whole and in part, both ways.

Everything behind the stem (or behind the primary key) becomes bits, and bits a text of the URI-safe base 64 alphabet:
AIs as hexadecimal digits, well-known sets of AIs as one code, numbers in as few bits as they need, other values in
the narrowest of five encodings. Source: GS1 Digital Link Standard: compression; the order of values in well-known sets
is that of the standard's own toolkit.
"""

import re
from collections.abc import Iterator
from functools import cache
from itertools import groupby
from math import ceil, log2
from typing import NamedTuple

from closient_gql.core.gs1.dictionary import Dictionary, Entry, default
from closient_gql.core.gs1.digital_link import (
    DigitalLink,
    arrange,
    escape,
    key_place,
    match_uri,
    parse_uri,
    read_path,
    unescape,
    why_no_uri,
    without_alphas,
)
from closient_gql.core.gs1.elements import STRICT, Element, Elements, Options
from closient_gql.core.gs1.errors import Gs1Error
from closient_gql.core.gs1.linters import CSET64

OPTIMISATIONS: dict[str, tuple[str, ...]] = {
    "0A": ("01", "22"), "0B": ("01", "10"), "0C": ("01", "21"), "0D": ("01", "17"), "0E": ("01", "7003"),
    "0F": ("01", "30"), "1A": ("01", "10", "17", "21"), "1B": ("01", "15"), "1C": ("01", "11"), "1D": ("01", "16"),
    "1E": ("01", "91"), "1F": ("01", "10", "15"),
    **{f"2{'ABCDEF'[n]}": ("01", f"310{n}") for n in range(6)},
    **{f"3{'ABCDEF'[n]}": ("01", f"320{n}") for n in range(6)},
    "9A": ("8010", "8011"), "9B": ("8017", "8019"), "9C": ("8018", "8019"), "9D": ("254", "414"),
    **{f"A{n}": ("01", f"392{n}") for n in range(10)},
    **{f"C{n}": ("255", f"390{n}") for n in range(10)},
    **{f"C{'ABCD'[n]}": ("255", f"394{n}") for n in range(4)},
}  # fmt: skip
"""Codes for sets of AIs; values follow in this order."""

_HEX = "0123456789ABCDEF"
_NUMERIC, _HEX_LOWER, _HEX_UPPER, _BASE64, _ASCII = range(5)
_KEY_BITS = _VALUE_LENGTH_BITS = 7  # of parameters that are no AIs
_COMPRESSED = re.compile("[A-Za-z0-9_-]+")


class Field(NamedTuple):
    """A part of a value as it is encoded: numeric or not, of fixed length or with its length in front."""

    numeric: bool
    length: int
    fixed: bool


@cache
def _fields(entry: Entry) -> tuple[Field, ...]:
    """Neighbours of one kind become one field; optional digits, one of variable length."""
    found = []
    kinds = groupby(entry.components, key=lambda c: (c.alphabet == "N", c.shortest == c.longest and not c.optional))
    for (numeric, fixed), group in kinds:
        found.append(Field(numeric, sum(component.longest for component in group), fixed))
    merged: list[Field] = []
    for field in found:  # letters of fixed length and more letters behind them are one field too
        if merged and not field.numeric and not merged[-1].numeric:
            merged[-1] = Field(False, merged[-1].length + field.length, False)
        else:
            merged.append(field)
    return tuple(merged)


def _digit_bits(digits: int) -> int:
    return ceil(digits * log2(10) + 0.01) if digits else 0


def _length_bits(longest: int) -> int:
    return ceil(log2(longest) + 0.01)


# --- writing


def compress_uri(
    uri: str, *, optimise: bool = True, other: bool = True, keep_key: bool = False, options: Options = STRICT,
    dictionary: Dictionary | None = None,
) -> str:  # fmt: skip
    """The URI, compressed.

    Args:
        optimise: well-known sets of AIs are written as one code.
        other: parameters of the query that are no AIs are compressed as well, where they can be.
        keep_key: the primary key stays readable: `https://id.gs1.org/01/09506000134352/…`.

    Raises:
        Gs1Error: the URI is no Digital Link URI that is right.
    """
    known = dictionary or default()
    link = parse_uri(uri, options, known)
    elements = link.path[1:] + link.attributes if keep_key else link.elements
    inside: list[str] = []
    outside: list[str] = []
    for pair in link.other:
        (inside if other and _compressible(pair) else outside).append(pair)
    path = [] if keep_key else [ai for ai, _ in link.path]
    bits = "".join((*_write(dict(elements), optimise, known, path), *map(_write_other, inside)))
    key = f"/{link.path[0].ai}/{escape(link.path[0].value)}" if keep_key else ""
    packed = f"/{_to_text(bits)}" if bits else ""
    query = f"?{'&'.join(outside)}" if outside else ""
    tail = "" if link.fragment is None else f"#{link.fragment}"
    return f"{link.stem}{key}{packed}{query}{tail}"


def _write(values: dict[str, str], optimise: bool, known: Dictionary, path: list[str]) -> Iterator[str]:
    codes = list(_codes(sorted(values), optimise))
    order = [ai for code in codes for ai in OPTIMISATIONS.get(code, (code,))]
    if path and next(ai for ai in order if ai in known.roots) != path[0]:
        codes = [*path, *_codes(sorted(values.keys() - set(path)), optimise)]  # readers take the first key
    for code in codes:
        yield _hex_bits(code)
        for ai in OPTIMISATIONS.get(code, (code,)):
            yield _value_bits(known.entries[ai], values[ai])


def _codes(ais: list[str], optimise: bool) -> Iterator[str]:
    """Codes of well-known sets, as long as one fits, then the AIs that are left."""
    while optimise and (code := _best(ais)):
        yield code
        ais = [ai for ai in ais if ai not in OPTIMISATIONS[code]]
    yield from ais


def _best(ais: list[str]) -> str | None:
    """The code that saves most digits of these AIs; the first of equals."""
    fitting = [code for code, needed in OPTIMISATIONS.items() if all(ai in ais for ai in needed)]
    return max(fitting, key=lambda code: len("".join(OPTIMISATIONS[code])), default=None)


def _hex_bits(code: str) -> str:
    return "".join(f"{_HEX.index(digit):04b}" for digit in code)


def _value_bits(entry: Entry, value: str) -> str:
    bits, at = [], 0
    for field in _fields(entry):
        part = value[at : at + field.length]
        at += len(part)
        length = "" if field.fixed else f"{len(part):0{_length_bits(field.length)}b}"
        bits.append(length + _number_bits(part) if field.numeric else _text_bits(part, length))
    return "".join(bits)


def _number_bits(digits: str) -> str:
    return f"{int(digits):0{_digit_bits(len(digits))}b}" if digits else ""


def _encoding(text: str) -> int:
    """The narrowest encoding of a text."""
    for encoding, pattern in ((_NUMERIC, "[0-9]+"), (_HEX_UPPER, "[0-9A-F]+"), (_HEX_LOWER, "[0-9a-f]+"),
                              (_BASE64, "[A-Za-z0-9_-]+")):  # fmt: skip
        if re.fullmatch(pattern, text):
            return encoding
    return _ASCII


def _text_bits(text: str, length: str) -> str:
    encoding = _encoding(text)
    if encoding == _NUMERIC:
        body = _number_bits(text)
    elif encoding in (_HEX_UPPER, _HEX_LOWER):
        body = _hex_bits(text.upper())
    elif encoding == _BASE64:
        body = "".join(f"{CSET64.index(c):06b}" for c in text)
    else:
        body = "".join(f"{ord(c):07b}" for c in text)
    return f"{encoding:03b}{length}{body}"


def _compressible(pair: str) -> bool:
    """Whether a parameter survives: a key of the alphabet, a value of ASCII, neither longer than 127 characters."""
    key, equals, text = pair.partition("=")
    value = unescape(text) if "%00" not in text else "\0"
    return bool(
        equals and _COMPRESSED.fullmatch(key) and len(key) < 128 and len(value) < 128 and value.isascii()
        and "\0" not in value and _escape_other(value) == text
    )  # fmt: skip


def _escape_other(value: str) -> str:
    """How the value of a parameter that is no AI is written again."""
    return re.sub(r"[^A-Za-z0-9\-._~:/?\[\]@!$'()*,;]", lambda m: f"%{ord(m[0]):02X}", value)


def _write_other(pair: str) -> str:
    key, _, text = pair.partition("=")
    value = unescape(text)
    name = "".join(f"{CSET64.index(c):06b}" for c in key)
    return f"1111{len(key):0{_KEY_BITS}b}{name}{_text_bits(value, f'{len(value):0{_VALUE_LENGTH_BITS}b}')}"


def _to_text(bits: str) -> str:
    bits += "0" * (-len(bits) % 6)
    return "".join(CSET64[int(bits[at : at + 6], 2)] for at in range(0, len(bits), 6))


# --- reading


class _Bits:
    def __init__(self, text: str) -> None:
        self.bits, self.at = "".join(f"{CSET64.index(c):06b}" for c in text), 0

    @property
    def left(self) -> int:
        return len(self.bits) - self.at

    def number(self, count: int) -> int:
        if count > self.left:
            raise Gs1Error("URI_COMPRESSION", "The compressed part of the URI is cut off.")
        self.at += count
        return int(self.bits[self.at - count : self.at] or "0", 2)

    def hex(self, count: int) -> str:
        return "".join(_HEX[self.number(4)] for _ in range(count))

    def digits(self, count: int) -> str:
        found = str(self.number(_digit_bits(count))) if count else ""
        if len(found) > count:
            raise Gs1Error("URI_COMPRESSION", f"A number of {count} digits is said to be {found}.")
        return found.zfill(count)

    def text(self, encoding: int, count: int) -> str:
        if encoding == _NUMERIC:
            return self.digits(count)
        if encoding in (_HEX_LOWER, _HEX_UPPER):
            found = self.hex(count)
            return found.lower() if encoding == _HEX_LOWER else found
        if encoding == _BASE64:
            return "".join(CSET64[self.number(6)] for _ in range(count))
        if encoding == _ASCII:
            return "".join(chr(self.number(7)) for _ in range(count))
        raise Gs1Error("URI_COMPRESSION", f"The compressed part of the URI has an encoding {encoding}.")


def is_compressed(uri: str) -> bool:
    """Whether the last part of the path could be a compressed one: of a URI that `parse_uri` finds no key in."""
    found = match_uri(uri)
    return found is not None and _COMPRESSED.fullmatch(found[2].rpartition("/")[2]) is not None


def parse_link(uri: str, options: Options = STRICT, dictionary: Dictionary | None = None) -> tuple[DigitalLink, bool]:
    """Reads a Digital Link URI, compressed or not, and says whether it is.

    Raises:
        Gs1Error: it is neither. Almost any text could be compressed, so then the errors of both forms are said.
    """
    try:
        return parse_uri(uri, options, dictionary), False
    except Gs1Error as error:
        if error.code != "URI_NO_KEY" or not is_compressed(uri):
            raise
        without = error
    try:
        return parse_compressed(uri, options, dictionary), True
    except Gs1Error as error:
        if error.ai is not None:
            raise
        raise Gs1Error(without.code, f"{without.message} Nor is it a compressed one: {error.message}") from None


def parse_compressed(uri: str, options: Options = STRICT, dictionary: Dictionary | None = None) -> DigitalLink:
    """Reads a Digital Link URI that is compressed, as a whole or behind its primary key, and checks all of it.

    Attributes come in the order of their AIs: a compressed URI keeps no other.

    Raises:
        Gs1Error: the compressed part cannot be read, or what it says is not right.
    """
    known = dictionary or default()
    found = match_uri(uri)
    if found is None:
        raise why_no_uri(uri)
    origin, path, query, fragment = found.groups()
    stem, _, packed = (origin + path).rpartition("/")
    if not _COMPRESSED.fullmatch(packed):
        raise Gs1Error("URI_COMPRESSION", "The last part of the path is not compressed.")
    stem, key = _readable_key(stem, origin, options, known)
    values, inside = _read(_Bits(packed), known)
    if again := [ai for ai, _ in key if ai in values]:
        raise Gs1Error("AI_DUPLICATE", ai=again[0])
    elements = (*key, *(Element(ai, value) for ai, value in values.items()))
    other = (*inside, *([query] if query else ()))
    whole = arrange(elements, stem, known)._replace(other=other, fragment=fragment)
    link = parse_uri(whole.uri, options, known)  # whatever stands where, it is checked as in any other link
    return link._replace(attributes=tuple(sorted(link.attributes)))


def _readable_key(stem: str, origin: str, options: Options, known: Dictionary) -> tuple[str, Elements]:
    """The elements that stand uncompressed in front of the compressed part, and the stem before them."""
    segments = stem[len(origin) :].split("/")
    if options.alphas:
        segments = without_alphas(segments)
    try:
        at = key_place(segments, known)
    except Gs1Error:
        return stem, ()
    elements, _ = read_path(segments, at, options, known)
    return origin + "/".join(segments[:at]), elements


def decompress_uri(uri: str, options: Options = STRICT, dictionary: Dictionary | None = None) -> str:
    """The same URI, uncompressed.

    Raises:
        Gs1Error: as `parse_compressed`.
    """
    return parse_compressed(uri, options, dictionary).uri


def _read(bits: _Bits, known: Dictionary) -> tuple[dict[str, str], list[str]]:
    values: dict[str, str] = {}
    other: list[str] = []
    while bits.left > 8:
        code = bits.hex(2)
        if code[0] == "F":
            bits.at -= 4
            other.append(_read_other(bits))
            continue
        for ai in OPTIMISATIONS.get(code) or (_read_ai(code, bits, known),):
            if ai in values:
                raise Gs1Error("AI_DUPLICATE", ai=ai)
            values[ai] = _read_value(known.entries[ai], bits)
    if bits.left >= 6 or bits.number(bits.left):
        raise Gs1Error("URI_COMPRESSION", "Something is left at the end of the compressed part of the URI.")
    return values, other


def _read_ai(start: str, bits: _Bits, known: Dictionary) -> str:
    length = known.lengths.get(start)
    ai = start + bits.hex(length - 2) if length else start
    if ai not in known.entries:
        raise Gs1Error("AI_UNKNOWN", f"The compressed part of the URI has an AI {ai!r}, which there is not.")
    return ai


def _read_value(entry: Entry, bits: _Bits) -> str:
    parts = []
    for field in _fields(entry):
        encoding = _NUMERIC if field.numeric else bits.number(3)
        length = field.length if field.fixed else bits.number(_length_bits(field.length))
        parts.append(bits.text(encoding, length))
    return "".join(parts)


def _read_other(bits: _Bits) -> str:
    key = bits.text(_BASE64, bits.number(_KEY_BITS))
    encoding = bits.number(3)
    value = bits.text(encoding, bits.number(_VALUE_LENGTH_BITS))
    if "\0" in value:
        raise Gs1Error("VALUE_HAS_NUL")
    return f"{key}={_escape_other(value)}"
