"""Every vector of the reference implementations: what is valid, what is not, and what is said to be wrong and where."""

from collections.abc import Callable, Iterator
from typing import Any, Literal

import pytest

from closient_gql.core.gs1 import (
    CANONICAL_STEM,
    LINTERS,
    Gs1Error,
    Options,
    Symbology,
    build_data_string,
    build_scan,
    build_uri,
    canonical_uri,
    combination_errors,
    compress_uri,
    decompress_uri,
    parse_bracketed,
    parse_data_string,
    parse_scan,
    parse_uri,
)
from closient_gql.core.gs1.coupons import coupon_code
from closient_gql.core.gs1.dictionary import default
from closient_gql.core.gs1.digital_link import escape, unescape
from closient_gql.core.gs1.linters import Linter, prefix_linter, yymmdd
from tests.gs1.data import vectors

ENGINE = vectors("syntax-engine")
RULES = {
    "validateAIrepeats": "AI_REPEATED",
    "validateAImutex": "AI_EXCLUDED",
    "validateAIrequisites": "AI_REQUIRES",
    "validateDigSigRequiresSerialisedKey": "SERIAL_MISSING",
}
SYMBOLOGIES = {
    "QR": Symbology.QR, "DM": Symbology.DATA_MATRIX, "DotCode": Symbology.DOTCODE, "EAN13": Symbology.EAN13,
    "EAN8": Symbology.EAN8, "UPCA": Symbology.UPCA, "UPCE": Symbology.UPCE, "GS1_128_CCA": Symbology.GS1_128,
    "DataBarOmni": Symbology.DATABAR, "DataBarLimited": Symbology.DATABAR_LIMITED,
    "DataBarExpanded": Symbology.DATABAR_EXPANDED,
}  # fmt: skip


def options(vector: dict[str, Any]) -> Options:
    """The reference's parsers leave combinations to a step of their own."""
    flags = vector.get("options", {})
    return Options(
        combinations=False,
        unknown_ais=flags.get("permitUnknownAIs", False),
        alphas=flags.get("permitConvenienceAlphas", False),
        short_gtins=flags.get("permitZeroSuppressedGTINinDLuris", False),
    )


def attempt(parse: Callable[[], Any]) -> Any:
    """What it gives, or None where it is refused."""
    try:
        return parse()
    except Gs1Error:
        return None


@pytest.mark.parametrize("vector", ENGINE["dl_uri_parse"], ids=lambda v: v["uri"])
def test_links_are_read(vector: dict[str, Any]) -> None:
    found = attempt(lambda: parse_uri(vector["uri"], options(vector)))
    assert (found and build_data_string(found.elements)) == (vector["element_string"] if vector["ok"] else None)


@pytest.mark.parametrize("vector", ENGINE["dl_uri_generate"], ids=lambda v: v["bracketed_ai"])
def test_links_are_built(vector: dict[str, Any]) -> None:
    elements = parse_bracketed(vector["bracketed_ai"], options(vector))
    stem = vector.get("stem") or CANONICAL_STEM
    found = attempt(lambda: build_uri(elements, stem, options(vector)))
    assert found == (vector["uri"] if vector["ok"] else None)


def test_percent_encoding() -> None:
    for vector in ENGINE["uri_unescape"]:
        assert (unescape(vector["in"]), unescape(vector["in"], query=True)) == (vector["path"], vector["query"])
    for vector in ENGINE["uri_escape"]:
        assert (escape(vector["in"]), escape(vector["in"], query=True)) == (vector["path"], vector["query"])


@pytest.mark.parametrize("vector", ENGINE["bracketed_ai_parse"], ids=lambda v: v["bracketed_ai"])
def test_bracketed_text(vector: dict[str, Any]) -> None:
    found = attempt(lambda: parse_bracketed(vector["bracketed_ai"], options(vector)))
    assert (found and build_data_string(found)) == (vector["element_string"] if vector["ok"] else None)


@pytest.mark.parametrize("vector", ENGINE["element_string_process"], ids=lambda v: v["element_string"])
def test_element_strings(vector: dict[str, Any]) -> None:
    found = attempt(lambda: parse_data_string(vector["element_string"], options(vector)))
    assert (found is not None) == vector["ok"]


@pytest.mark.parametrize("vector", ENGINE["ai_pair_validation"], ids=lambda v: v["bracketed_ai"])
def test_combinations(vector: dict[str, Any]) -> None:
    elements = parse_bracketed(vector["bracketed_ai"], options(vector))
    found = {error.code for error in combination_errors(elements, default())}
    assert (RULES[vector["rule"]] not in found) == vector["ok"]


@pytest.mark.parametrize("vector", ENGINE["scan_data_process"], ids=lambda v: v["scan_data"])
def test_scans_are_read(vector: dict[str, Any]) -> None:
    found = attempt(lambda: parse_scan(vector["scan_data"], options(vector)))
    expected = (SYMBOLOGIES[vector["symbology"]], vector["data_str"]) if vector["ok"] else None
    assert (found and (found.symbology, found.data)) == expected


@pytest.mark.parametrize(
    "vector", [v for v in ENGINE["scan_data_generate"] if v["symbology"] != "NONE"], ids=lambda v: v["data_str"]
)
def test_scans_are_built(vector: dict[str, Any]) -> None:
    found = attempt(lambda: build_scan(SYMBOLOGIES[vector["symbology"]], vector["data_str"]))
    assert found == vector.get("scan_data")


LOOKED_UP = ("GCP_DATASOURCE_OFFLINE", "INVALID_GCP_PREFIX")  # answers of a look-up, where the form is right


def with_lookup(name: str, code: str, start: int) -> Linter:
    """The linter with a look-up that says so of the prefix at `start` of a coupon code, else of the one prefix."""
    said: Literal["offline", "invalid"] = "offline" if code == LOOKED_UP[0] else "invalid"
    if name != "couponcode":
        return prefix_linter(lambda _: said, 1 if name == "gcppos2" else 0)
    answers: Iterator[Literal["valid", "offline", "invalid"]] = iter(
        [said] if start == 1 else ["valid", said]
    )  # the second prefix is at the end
    return lambda text: coupon_code(text, prefix_linter(lambda _: next(answers)), yymmdd)


@pytest.mark.parametrize("name", LINTERS)
def test_linters(name: str) -> None:
    cases = vectors("linters")[name]
    wrong = [value for value in cases.pop("valid", []) if LINTERS[name](value)]
    for code, marked in cases.items():
        for value, start, end in marked:
            fault = LINTERS[name](value)
            if fault is None and code in LOOKED_UP:
                fault = with_lookup(name, code, start)(value)
            if fault != (code, start, end):
                wrong.append((value, fault, code, start, end))
    assert wrong == []


def test_every_linter_of_the_dictionary_has_vectors() -> None:
    assert set(vectors("linters")) == set(LINTERS)


@pytest.mark.parametrize(("uri", "optimise", "other", "compressed"), vectors("compression"))
def test_compression(uri: str, optimise: bool, other: bool, compressed: str) -> None:
    assert compress_uri(uri, optimise=optimise, other=other) == compressed
    assert decompress_uri(compressed) == uri


@pytest.mark.parametrize(("identifier", "expected"), vectors("canonical-links"))
def test_canonical_links(identifier: str, expected: str | None) -> None:
    assert attempt(lambda: canonical_uri(identifier)) == expected
