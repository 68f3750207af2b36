"""What is wrong is said with its code, its AI and its place; nothing is guessed."""

import pytest

from closient_gql.core.gs1 import (
    Dictionary,
    DictionaryError,
    Element,
    Gs1Error,
    Options,
    Symbology,
    build_scan,
    build_uri,
    build_urn,
    canonical_uri,
    check_elements,
    combination_errors,
    company_prefix,
    compress_uri,
    decompress_uri,
    parse_urn,
    read,
    uri_to_urn,
)
from closient_gql.core.gs1.dictionary import default
from closient_gql.core.gs1.linters import LINTERS, full_year
from closient_gql.core.gs1.messages import MESSAGES

GTIN = "09506000134352"
LINK = f"https://id.gs1.org/01/{GTIN}"


@pytest.mark.parametrize(
    ("text", "code", "ai", "place"),
    [
        ("", "EMPTY", None, None),
        ("x" * 8_001, "TOO_LONG_TEXT", None, None),
        ("hello", "FORM_UNKNOWN", None, (0, 1)),
        ("\u0660\u0661", "FORM_UNKNOWN", None, (0, 1)),
        ("(01)09506000134353", "INCORRECT_CHECK_DIGIT", "01", (13, 14)),
        ("(01)0950600013435", "VALUE_TOO_SHORT", "01", None),
        ("4006381333932", "INCORRECT_CHECK_DIGIT", None, (12, 13)),  # no order number (400)
        ("9 002859 035305 ", "INCORRECT_CHECK_DIGIT", None, (14, 15)),
        (
            "(01)\u0660\u0669\u0665\u0660\u0666\u0660\u0660\u0660\u0661\u0663\u0664\u0663\u0665\u0662",
            "NON_DIGIT_CHARACTER",
            "01",
            (0, 1),
        ),
        (f"(01){GTIN}(17)260230", "ILLEGAL_DAY", "17", (4, 6)),
        (f"(01){GTIN}(17)261300", "ILLEGAL_MONTH", "17", (2, 4)),
        (f"(01){GTIN}(7003)2602282460", "ILLEGAL_HOUR", "7003", (6, 8)),
        (f"(01){GTIN}(10)A\x00B", "INVALID_CSET82_CHARACTER", "10", (1, 2)),
        (f"(01){GTIN}(10)AéB", "INVALID_CSET82_CHARACTER", "10", (1, 2)),
        (f"(01){GTIN}(10){'A' * 21}", "VALUE_TOO_LONG", "10", (20, 21)),
        (f"(01){GTIN}(05)1", "AI_UNKNOWN", None, (19, 21)),
        (f"(01){GTIN}x", "VALUE_TOO_LONG", "01", (14, 15)),
        (f"(01){GTIN}(10", "BRACKETS", None, (18, 21)),
        (f"(01){GTIN}(10)", "VALUE_EMPTY", "10", None),
        (f"(01){GTIN}(02){GTIN}(37)1(00)095060001343520000", "AI_EXCLUDED", "01", None),
        ("(10)ABC", "AI_REQUIRES", "10", None),
        (f"(01){GTIN}(21)1(01)09506000134369", "AI_REPEATED", "01", None),
        (f"(01){GTIN}(21)1(8041)123456789012345", "AI_REQUIRES", "8041", None),
        ("(8030)QUJD(253)9506000134352", "SERIAL_MISSING", "253", None),
        (f"01{GTIN}\x1d\x1d10A", "AI_UNKNOWN", None, (17, 21)),
        (f"01{GTIN}10A\x1d9", "AI_UNKNOWN", None, (20, 21)),
        (f"^01{GTIN}10", "VALUE_EMPTY", "10", None),
        ("ftp://id.gs1.org/01/1", "FORM_UNKNOWN", None, (0, 1)),
        ("https://id.gs1.org", "URI_DOMAIN", None, None),
        (f"https:///01/{GTIN}", "URI_DOMAIN", None, None),
        (f"Https://a/01/{GTIN}", "URI_SCHEME", None, None),
        (f"https://a/01/{GTIN} ", "URI_CHARACTERS", None, (27, 28)),
        (f"https://a/gtin/{GTIN}!", "URI_NO_KEY", None, None),
        (f"{LINK}/21/A/10/B!", "URI_SEQUENCE", None, None),
        (f"{LINK}/17/261231!", "URI_SEQUENCE", None, None),
        (f"{LINK}?10=A", "URI_BELONGS_IN_PATH", "10", None),
        (f"{LINK}?99=A&99=B", "AI_DUPLICATE", "99", None),
        (f"{LINK}?8200=A", "URI_NOT_ATTRIBUTE", "8200", None),
        (f"{LINK}?12345=A", "AI_UNKNOWN", None, None),
        (f"{LINK}/10/%00", "VALUE_HAS_NUL", "10", None),
        (f"{LINK}/10/A%252FB%20", "INVALID_CSET82_CHARACTER", "10", (5, 6)),
        (f"{LINK}/10/%5EA", "VALUE_HAS_CARET", "10", (0, 1)),
        (f"{LINK}/10/{'A' * 7900}", "VALUE_TOO_LONG", "10", (20, 7900)),
        (f"{LINK}?15=260230", "ILLEGAL_DAY", "15", (4, 6)),
        ("https://id.gs1.org/01/4006381333931?17=261231", "VALUE_TOO_SHORT", "01", None),
        ("https://id.gs1.org/ARFKk4XB", "URI_NO_KEY", None, None),
        ("https://id.gs1.org/ARFKk4XBoAAAAA", "URI_NO_KEY", None, None),
        ("https://id.gs1.org/-------", "URI_NO_KEY", None, None),
        ("https://id.gs1.org/ZZZZZZ", "URI_NO_KEY", None, None),
        ("]", "SYMBOLOGY_MISSING", None, None),
        ("]X0123", "SYMBOLOGY_UNKNOWN", None, (0, 3)),
        ("]E04006381333932", "INCORRECT_CHECK_DIGIT", None, None),
        ("]E0400638133393\u0661", "NON_DIGIT_CHARACTER", None, None),
        ("]E04006381333931|x", "PRIMARY_LENGTH", None, None),
        ("]E34006381333931123", "PRIMARY_LENGTH", None, None),
        ("]E34006381333931", "PRIMARY_LENGTH", None, None),
        (f"]Q301{GTIN}^10A", "VALUE_HAS_CARET", None, (19, 20)),
        (f"]C1\x1d01{GTIN}", "AI_UNKNOWN", None, (3, 7)),
        ("]E402345673|]e005A", "AI_UNKNOWN", None, (15, 18)),
        (f"]Q1{LINK}/10/ä", "URI_CHARACTERS", None, (43, 44)),
        ("urn:epc:id:sgtin:0614141.12345.1", "EPC_SYNTAX", None, None),
        ("urn:epc:id:pgln:999999999999", "EPC_SYNTAX", None, None),
        ("urn:epc:id:gid:95100000.12345.400", "EPC_NO_LINK", None, None),
        ("urn:epc:idpat:sgtin:0614141.*.*", "EPC_SYNTAX", None, None),
        ("urn:epc:id:sgtin:0614141.112345.", "EPC_SYNTAX", None, None),
        ("urn:epc:id:itip:4012345.012345.02.01.9", "PIECE_NUMBER_EXCEEDS_TOTAL", "8006", (14, 18)),
        ("urn:epc:id:cpi:0614141.A.07", "ILLEGAL_ZERO_PREFIX", "8011", (0, 1)),
    ],
)
def test_what_is_wrong(text: str, code: str, ai: str | None, place: tuple[int, int] | None) -> None:
    with pytest.raises(Gs1Error) as caught:
        read(text)
    error = caught.value
    assert (error.code, error.ai) == (code, ai)
    assert (None if error.start is None else (error.start, error.end)) == place
    assert error.message in str(error)


def test_messages_say_what_to_do() -> None:
    with pytest.raises(Gs1Error, match=r"AI \(01\): It must not occur together with AI \(37\)\."):
        read(f"(01){GTIN}(37)1")
    with pytest.raises(Gs1Error, match=r"AI \(250\): It needs \(01\) and \(21\) or \(03\) and \(21\) or .*not there"):
        read(f"(01){GTIN}(250)A")
    with pytest.raises(Gs1Error, match=r"Nor is it a compressed one: The compressed part of the URI is cut off\."):
        read("https://id.gs1.org/ARFKk4XB")
    for text, words in (
        ("(01)0950600013435", "too short: 13 characters, 14 are needed"),
        (f"(01){GTIN}(10)" + "A" * 21, "too long: 21 characters, 1 to 20 are allowed"),
        ("4006381333932", r"As a GTIN it has a wrong check digit: 400638133393 is followed by 1, not by 2\."),
        ("]E0042100005264", "has 13 digits"),
        (f"(01){GTIN}(10)A(B)", r"no Application Identifier 'B'; a \( that belongs to a value is written \\\("),
    ):
        with pytest.raises(Gs1Error, match=words):
            read(text)
    assert all(message.endswith(".") for message in MESSAGES.values())


@pytest.mark.parametrize(
    ("elements", "code"),
    [
        ([("99", "A")], "NO_PRIMARY_KEY"),
        ([("01", GTIN), ("8200", "http")], "URI_NOT_ATTRIBUTE"),
        ([("01", GTIN), ("1", "A")], "AI_UNKNOWN"),
        ([], "EMPTY"),
    ],
)
def test_links_that_cannot_be_built(elements: list[tuple[str, str]], code: str) -> None:
    with pytest.raises(Gs1Error) as caught:
        build_uri(elements)
    assert caught.value.code == code


@pytest.mark.parametrize("stem", ["id.gs1.org", "https://a?b", "https://a b", "javascript://a", "", "https://"])
def test_stems(stem: str) -> None:
    with pytest.raises(Gs1Error) as caught:
        build_uri([("01", GTIN)], stem)
    assert caught.value.code == "URI_STEM"
    assert build_uri([("01", GTIN)], "https://example.com/p/") == f"https://example.com/p/01/{GTIN}"


def test_flags() -> None:
    loose = Options(alphas=True, short_gtins=True)
    assert read("https://a/gtin/4006381333931/ser/1", loose).elements == (("01", "04006381333931"), ("21", "1"))
    assert read("https://a/gtin/04006381333931/lot/ser", loose).elements[1] == ("10", "ser")
    assert canonical_uri("https://a/gtin/04006381333931/lot/ser") == "https://id.gs1.org/01/04006381333931/10/ser"
    assert read("(89)X", Options(unknown_ais=True)).elements == (("89", "X"),)
    assert read("(10)X", Options(combinations=False)).elements == (("10", "X"),)
    with pytest.raises(Gs1Error):
        read("https://a/01/40063813339\u06631", loose)


def test_digits_alone() -> None:
    assert read("4006381333931").elements == (Element("01", "04006381333931"),)
    assert read("09506000134352").form == "gtin"
    assert read("0109506000134352").form == "element_string"
    assert read("4006381-333931").form == read("9 002859 035302").form == "gtin"
    assert read("^4006381333932").elements == read("\x1d4006381333932").elements == (("400", "6381333932"),)


def test_the_gtin_of_a_linear_symbol() -> None:
    assert read("]E04006381333931").elements == (("01", "04006381333931"),)
    assert read("]E402345673|]e0991\x1d10A").elements == (("01", "00000002345673"), ("99", "1"), ("10", "A"))
    assert read("]E3977123456700312").elements == (("01", "09771234567003"),)
    assert read("]E3400638133393112345").elements == (("01", "04006381333931"),)
    packed = build_scan(Symbology.QR, compress_uri(f"{LINK}/21/A"))
    assert (packed, read(packed).elements) == ("]Q1https://id.gs1.org/DBFKk4XBoINA", (("01", GTIN), ("21", "A")))
    assert read(f"]I1{GTIN}").elements == (("01", GTIN),)
    assert build_scan(Symbology.ITF14, f"^01{GTIN}") == f"]I1{GTIN}"
    with pytest.raises(Gs1Error) as caught:
        read("]E402345673|]e037123")
    assert caught.value.code == "AI_EXCLUDED"


def test_scans_that_cannot_be_made() -> None:
    for symbology, data in (
        (Symbology.GS1_128, "TEXT"),
        (Symbology.EAN13, "4006381333931|TEXT"),
        (Symbology.DATABAR_LIMITED, "^0120000000000004"),
        (Symbology.EAN8, "^0104006381333931"),
        (Symbology.ITF14, f"{GTIN}|^99A"),
        (Symbology.QR, "https://a/01/1"),
    ):
        with pytest.raises(Gs1Error):
            build_scan(symbology, data)


def test_company_prefixes() -> None:
    assert company_prefix("4012345000009") == "4012345"
    assert company_prefix("9999999999994") is company_prefix("0000095010939") is None
    assert uri_to_urn("https://id.gs1.org/01/00000095010939/21/400") == "urn:epc:id:sgtin:00000950.01093.400"
    assert uri_to_urn("https://id.gs1.org/417/9999999999994") is None, "not known, not guessed"
    assert uri_to_urn("https://id.gs1.org/417/9999999999994", 12) == "urn:epc:id:pgln:999999999999."
    assert uri_to_urn("https://id.gs1.org/01/04012345123456/10/A/21/B") == "urn:epc:id:sgtin:4012345.012345.B"
    assert uri_to_urn("https://id.gs1.org/01/04012345123456/10/A") == "urn:epc:class:lgtin:4012345.012345.A"
    for extension in ("", "/254/0"):
        assert uri_to_urn(f"https://id.gs1.org/414/4012345000009{extension}") == "urn:epc:id:sgln:4012345.00000.0"
    for uri, length, code in (
        ("https://id.gs1.org/01/04012345123456", 13, "EPC_PREFIX_LENGTH"),
        ("https://id.gs1.org/8004/40123AB", 7, "EPC_PREFIX_LENGTH"),
        ("https://id.gs1.org/8004/4012345", 7, "EPC_PREFIX_LENGTH"),
        ("https://id.gs1.org/8018/385888700111111111/8019/1", 7, "EPC_NO_URN"),
        ("https://id.gs1.org/8013/1987654Ad4X4bL5ttr2310c2K", 7, "EPC_NO_URN"),
    ):
        with pytest.raises(Gs1Error) as caught:
            uri_to_urn(uri, length)
        assert caught.value.code == code
    with pytest.raises(Gs1Error):
        build_urn([("99", "A")], 7)


def test_canonical_links_are_of_the_finest_level() -> None:
    assert canonical_uri("https://a.b/c/gtin/4012345123456/cpv/X/lot/Y?17=991231#z") == (
        "https://id.gs1.org/01/04012345123456/10/Y"
    )
    assert canonical_uri("urn:epc:class:lgtin:4012345.012345.A%2Fb") == "https://id.gs1.org/01/04012345123456/10/A%2Fb"
    for nothing in (
        "https://a/8018/385888700111111111/8019/1",
        "https://a/415/4012345000009/8020/A",
        "https://a/",
        "1",
    ):
        with pytest.raises(Gs1Error):
            canonical_uri(nothing)


def test_compressed_text_is_read_in_one_way_only() -> None:
    assert decompress_uri("https://id.gs1.org/ARFKk4XBoA") == LINK
    for changed in ("ARFKk4XBoAA", "ARFKk4XBoB", "ARFKk4XBoA-"):
        with pytest.raises(Gs1Error):
            decompress_uri(f"https://id.gs1.org/{changed}")


def test_a_new_dictionary_is_a_new_file() -> None:
    one = Dictionary.parse("# a comment\n01 *? N14,csum ex=09 dlpkey=09 # GTIN\n09 N3 [X..2] req=01 # NEW\n")
    assert one.entries["09"].title == "NEW"
    assert check_elements([("09", "123AB")], Options(combinations=False), one) == (("09", "123AB"),)
    with pytest.raises(Gs1Error, match="must not occur"):
        check_elements([("01", GTIN), ("09", "123")], dictionary=one)
    for wrong, why in (
        ("01 N14,nolinter", "line 1.*no linter nolinter"),
        ("01 Q14", "line 1"),
        ("01", "line 1"),
        ("01 N14\n013 N4", "different lengths"),
    ):
        with pytest.raises(DictionaryError, match=why):
            Dictionary.parse(wrong)


def test_years_of_two_digits() -> None:
    assert [full_year(yy, 2026) for yy in (0, 26, 76, 77, 99)] == [2000, 2026, 2076, 1977, 1999]
    assert [full_year(yy, 2051) for yy in (0, 1, 2)] == [2100, 2101, 2002]
    assert LINTERS["yymmdd"]("000229") is None


def test_urns_are_read_without_a_table() -> None:
    assert parse_urn("urn:epc:id:sgln:0614141.12345.32a%2Fb") == (("414", "0614141123452"), ("254", "32a/b"))
    assert parse_urn("urn:epc:id:giai:0614141.1.2.3") == (("8004", "06141411.2.3"),)


ITIP = "040123451234560102"


def test_a_qualifier_has_in_its_key_what_it_requires() -> None:
    """The variant (22) requires a GTIN, but in the path of an ITIP the key is enough: in links of every form."""
    uri = build_uri([("22", "A"), ("8006", ITIP)])
    assert uri == f"https://id.gs1.org/8006/{ITIP}/22/A"
    assert read(uri).elements == read(compress_uri(uri)).elements == (("8006", ITIP), ("22", "A"))
    assert decompress_uri(compress_uri(uri, keep_key=True)) == uri
    with pytest.raises(Gs1Error, match=r"AI \(22\): It needs"):
        read(f"(8006){ITIP}(22)A")


def test_what_is_wrong_is_said_once() -> None:
    elements = check_elements([("10", "A"), ("10", "B"), ("10", "A"), ("10", "C")], Options(combinations=False))
    assert [error.code for error in combination_errors(elements, default())] == ["AI_REQUIRES", "AI_REPEATED"]


def test_what_stands_outside_of_the_compressed_part_is_read_too() -> None:
    packed = compress_uri(f"{LINK}/10/A?linkType=gs1:pip", other=False)
    link = read(packed.replace("?", "?17=261231&")).link
    assert link
    assert (link.attributes, link.other) == ((("17", "261231"),), ("linkType=gs1:pip",))
    for query, code in (
        ("17=261231&17=261231", "AI_DUPLICATE"),
        ("17=261331", "ILLEGAL_MONTH"),
        ("1234=A", "AI_UNKNOWN"),
    ):
        with pytest.raises(Gs1Error) as caught:
            decompress_uri(f"{packed}&{query}")
        assert caught.value.code == code


def test_the_delimiters_of_a_query() -> None:
    link = read(f"{LINK}?a=1;b=2;17=261231&99=A;B;98=C").link
    assert link
    assert link.attributes == (("17", "261231"), ("99", "A;B"), ("98", "C"))
    assert link.other == ("a=1;b=2",)
    assert link.uri == f"{LINK}?17=261231&99=A%3BB&98=C&a=1;b=2"
