"""GS1 syntax over REST and in the graph."""

from typing import Any

import pytest

from tests.conftest import Client

PARSE = "/products/api/v1/digital-link/parse"
GTIN, LINK = "09506000134352", "https://id.gs1.org/01/09506000134352"
NOTHING: dict[str, Any] = {"is_valid": False, "gtin": None, "lot": None, "expiry": None, "serial": None, "raw_ais": {}}


@pytest.mark.parametrize(
    ("url", "parts"),
    [
        (LINK, {}),
        (f"{LINK}/10/LOT%2F1/17/261231/21/S?17=300101#x",
         {"lot": "LOT/1", "expiry": "261231", "serial": "S", "10": "LOT/1", "17": "261231", "21": "S"}),
        (f"HTTP://example.com:8080/some/01/path/01/{GTIN}/22/2A/", {"22": "2A"}),
        ("https://example.com/01/9506000134352", {}),
        (f"{LINK}/10/A/10/B", {"lot": "A", "10": "A"}),
        (f"{LINK}/10/A/page/17/261231", {"lot": "A", "10": "A"}),
        (f" {LINK}?17=261231 ", {}),
        (f"{LINK}/21/{'x' * 600}", {"serial": "x" * 600, "21": "x" * 600}),
    ],
)  # fmt: skip
async def test_a_url_is_taken_apart(demo_api: Client, url: str, parts: dict[str, str]) -> None:
    answer = await demo_api.post(PARSE, json={"url": url})
    assert answer.status_code == 200
    ais = {"01": GTIN} | {ai: value for ai, value in parts.items() if ai.isdecimal()}
    named = {name: parts.get(name) for name in ("lot", "expiry", "serial")}
    assert answer.json() == {"is_valid": True, "url": url, "gtin": GTIN, **named, "raw_ais": ais}


@pytest.mark.parametrize(
    "url",
    ["https://id.gs1.org/01/09506000134353", "https://id.gs1.org/02/09506000134352", "https://id.gs1.org/01/",
     "https://id.gs1.org?01=09506000134352", "not a url", "//id.gs1.org/01/09506000134352", "https:///01/1", "%00",
     "https://id.gs1.org/01/%30\u0669506000134352", "x" * 4096],
)  # fmt: skip
async def test_what_is_no_such_url_is_answered_all_the_same(demo_api: Client, url: str) -> None:
    answer = await demo_api.post(PARSE, json={"url": url})
    assert (answer.status_code, answer.json()) == (200, NOTHING | {"url": url})


async def test_urls_of_impossible_length_and_type(demo_api: Client) -> None:
    for url in ("", "x" * 4097, None, 1, "\0"):
        answer = await demo_api.post(PARSE, json={"url": url})
        assert (answer.status_code, answer.json()["error"]["code"]) == (422, "VALIDATION_ERROR")
        assert [detail["field"] for detail in answer.json()["error"]["details"]] == ["url"]


async def test_a_key_is_needed(api: Client) -> None:
    assert (await api.post(PARSE, json={"url": LINK})).status_code == 401


FORMS = "{ bracketed elementString gtin companyPrefix digitalLink compressedLink epcUrn }"
READ = f"""query ($text: String!, $combinations: Boolean = true) {{
  gs1Parse(text: $text, combinations: $combinations) {{
    isValid form symbology elements {{ ai value title }} problems {{ code message ai start end }} forms {FORMS} }} }}"""
BUILD = f"""query ($elements: [Gs1ElementInput!]!, $stem: String! = "https://id.gs1.org", $length: Int) {{
  gs1Build(elements: $elements, stem: $stem, companyPrefixLength: $length) {FORMS} }}"""


async def ask(api: Client, query: str, **variables: Any) -> Any:
    answer = (await api.post("/graphql", json={"query": query, "variables": variables})).json()
    assert "errors" not in answer, answer
    return next(iter(answer["data"].values()))


@pytest.mark.parametrize(
    ("text", "form"),
    [
        (f"(01){GTIN}(21)S/1", "BRACKETED"),
        (f"01{GTIN}21S/1", "ELEMENT_STRING"),
        (f"^01{GTIN}21S/1", "ELEMENT_STRING"),
        (f"{LINK}/21/S%2F1", "DIGITAL_LINK"),
        (f"]Q301{GTIN}21S/1", "SCAN"),
        (f"]d1{LINK}/21/S%2F1", "SCAN"),
        ("https://id.gs1.org/DBFKk4XBoQdNex", "COMPRESSED_LINK"),
        ("urn:epc:id:sgtin:9506000.013435.S%2F1", "EPC_URN"),
    ],
)
async def test_every_form_is_read_and_gives_the_others(demo_api: Client, text: str, form: str) -> None:
    found = await ask(demo_api, READ, text=text)
    assert (found["isValid"], found["form"], found["problems"]) == (True, form, [])
    assert found["elements"] == [
        {"ai": "01", "value": GTIN, "title": "GTIN"},
        {"ai": "21", "value": "S/1", "title": "SERIAL"},
    ]
    assert found["forms"] == {
        "bracketed": f"(01){GTIN}(21)S/1", "elementString": f"01{GTIN}21S/1", "gtin": GTIN,
        "companyPrefix": "95060001343", "digitalLink": f"{LINK}/21/S%2F1",
        "compressedLink": "https://id.gs1.org/DBFKk4XBoQdNex", "epcUrn": "urn:epc:id:sgtin:95060001343.05.S%2F1",
    }  # fmt: skip


async def test_what_values_mean(demo_api: Client) -> None:
    query = "query ($text: String!) { gs1Parse(text: $text) { elements { day amount unit currency } } }"
    found = await ask(demo_api, query, text=f"(01){GTIN}(17)260200(3103)000195(3932)9781299")
    nothing = {"day": None, "amount": None, "unit": None, "currency": None}
    assert found["elements"] == [
        nothing,
        nothing | {"day": "2026-02-28"},
        nothing | {"amount": "0.195", "unit": "KGM"},
        nothing | {"amount": "12.99", "currency": "978"},
    ]
    found = await ask(demo_api, query, text="(8018)385888700111111111(7250)00000101(3570)000125")
    assert found["elements"] == [nothing, nothing, nothing | {"amount": "125"}]


async def test_what_is_wrong_is_part_of_the_answer(demo_api: Client) -> None:
    found = await ask(demo_api, READ, text=f"(01){GTIN}(17)260231")
    assert (found["isValid"], found["form"], found["forms"]) == (False, None, None)
    assert found["problems"] == [
        {"code": "ILLEGAL_DAY", "message": "This month has no such day.", "ai": "17", "start": 4, "end": 6}
    ]
    found = await ask(demo_api, READ, text="(02)09506000134352(37)5(421)276123(420)A")
    assert [(p["code"], p["ai"]) for p in found["problems"]] == [("AI_EXCLUDED", "420"), ("AI_REQUIRES", "37")]
    assert found["forms"]["digitalLink"] is None
    assert (await ask(demo_api, READ, text="(02)09506000134352(37)5", combinations=False))["isValid"] is True
    variant = await ask(demo_api, READ, text="https://id.gs1.org/8006/040123451234560102/22/A")
    assert (variant["isValid"], variant["problems"]) == (True, []), "behind its key a qualifier has what it requires"
    text = await ask(demo_api, READ, text="]Q1Hello")
    assert (text["isValid"], text["symbology"], text["elements"], text["forms"]) == (True, "QR Code", [], None)


async def test_elements_are_written_in_every_form(demo_api: Client) -> None:
    given = [{"ai": "17", "value": "261231"}, {"ai": "10", "value": "A+1"}, {"ai": "01", "value": GTIN}]
    assert await ask(demo_api, BUILD, elements=given, stem="https://example.com/p/", length=7) == {
        "bracketed": f"(17)261231(10)A+1(01){GTIN}", "elementString": f"1726123110A+1\x1d01{GTIN}", "gtin": GTIN,
        "companyPrefix": "95060001343", "digitalLink": f"https://example.com/p/01/{GTIN}/10/A%2B1?17=261231",
        "compressedLink": "https://example.com/p/CxFKk4XBoQcFWxFz_G8",
        "epcUrn": "urn:epc:class:lgtin:9506000.013435.A+1",
    }  # fmt: skip


async def test_every_element_that_is_wrong_is_named(demo_api: Client) -> None:
    async def wrong(**variables: Any) -> list[tuple[str, str]]:
        answer = (await demo_api.post("/graphql", json={"query": BUILD, "variables": variables})).json()
        assert answer["errors"][0]["extensions"]["code"] == "VALIDATION_ERROR"
        return [(d["field"], d["message"]) for d in answer["errors"][0]["extensions"]["details"]]

    given = [{"ai": "01", "value": "09506000134353"}, {"ai": "0505", "value": "A"}, {"ai": "10", "value": "A"}]
    assert await wrong(elements=given) == [
        ("elements.0.value", "The check digit does not fit the digits before it."),
        ("elements.1.ai", "There is no Application Identifier '0505'."),
    ]
    assert await wrong(elements=[{"ai": "10", "value": "A"}]) == [
        ("elements", "AI (10): It needs (01) or (02) or (03) or (8006) or (8026), which is not there.")
    ]
    assert [field for field, _ in await wrong(elements=[{"ai": "01", "value": GTIN}], stem="ftp://a")] == ["stem"]
    assert await wrong(elements=[{"ai": "8004", "value": "950600A"}], length=7) == [
        ("company_prefix_length", "The key is shorter than its company prefix is said to be.")
    ]
    assert [field for field, _ in await wrong(elements=[{"ai": "x", "value": ""}])] == [
        "elements.0.ai", "elements.0.value",
    ]  # fmt: skip
