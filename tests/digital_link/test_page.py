"""The hosted page: what it says of a product, in which language, and that nothing in a text becomes markup."""

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import httpx2
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from closient_gql.core.db import Database, Reader, prepare
from closient_gql.server.product_page.markup import web_address
from closient_gql.server.product_page.view import product_page
from closient_gql.server.product_page.visit import Place, Visit
from closient_gql.server.product_page.words import LANGUAGES, Words, best_words, direction, words_of
from tests import make
from tests.certifications.world import today
from tests.conftest import Client, client_of
from tests.databases import clone
from tests.digital_link import page_world
from tests.digital_link.page_world import ARABIC, BARE, EVIL, FORMER, FULL, HARD, HEIR, Page


@pytest.fixture(scope="module")
def page_url(prefix: str, template: str) -> str:
    """One database for all tests here: they only read."""
    url = clone(f"{prefix}_page", template)

    async def fill() -> None:
        connection = await asyncpg.connect(url)
        await prepare(connection)
        await page_world.fill(connection)
        await connection.close()

    asyncio.run(fill())
    return url


@pytest.fixture
async def api(page_url: str) -> AsyncIterator[Client]:
    async for client in client_of(page_url):
        yield client


async def get(api: Client, number: int = FULL, language: str = "en", status: int = 200, **query: str) -> Page:
    answer: httpx2.Response = await api.get(
        f"/p/{make.make_gtin(number)}", params=query, headers={"accept-language": language}
    )
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    return Page(answer.text)


async def test_everything_that_is_known(api: Client) -> None:
    page = await get(api, lot="l117", serial="7", zip="21201-1234")
    note = "Always read the package: only what is printed there counts."
    assert page.sections == {
        "Recall": "Recall Your batch l117 is being recalled Compare the details below with what is printed on the "
        "package. Glass in jars FDA, 2026-03-01 What can happen: Cuts. What to do: Do not eat it. Read the whole "
        "recall Recall There are recalls of this product that do not name batch l117 Compare the details below with "
        "what is printed on the package. Wrong label FDA",
        "about": "About this product Hazelnut spread <i>!",
        "allergens": "Allergens Contains tree nuts May contain milk Not named in the list of ingredients eggs, fish, "
        "crustaceans, molluscs, cereals containing gluten, peanuts, soybeans, sesame, celery, mustard, sulphites, "
        f"lupin Not named does not mean free of it. {note}",
        "ingredients": "Ingredients Sugar , Hazelnuts 13.5 % May contain traces of: Milk",
        "nutrition": "Nutrition Amounts for: 2 tbsp (37 g) Nutrient Amount % daily value Energy 539 kcal Salt 0.107 g "
        "2 % Folate 3 µg Servings in the package: 9.5",
        "certifications": "Certifications EU Organic Verified by an authority · Certificate DE-ÖKO-001 · Valid until "
        f"{today()} Look up the certificate",
        "buy": "Where to buy ZIP code (United States) Find stores Near Baltimore 21201 Place 1.4 km (0.9 mi) In stock "
        "4.99 USD Place 1.4 km (0.9 mi) Only 2 left Price not known Online shop.example.org 5.49 USD In stock",
        "usage": "How to use it Spread it.",
        "facts": "Details GTIN 00000000000017 Batch l117 Serial number 7 Brand Söhne & <Co> Manufacturer Söhne GmbH "
        "Net content 350 g Country of origin Germany Category Spreads",
        "links": "Links Recipes <b> Site of Söhne & <Co> Digital Product Passport (for programs)",
    }
    assert not [link for link in page.links if link.startswith("javascript:")]
    assert page.images[0]["alt"] == "A jar"


async def test_recalls_without_and_with_another_batch(api: Client) -> None:
    recall = (await get(api)).sections["Recall"]
    assert recall.startswith("Recall This product is being recalled")
    assert "Glass in jars" in recall
    assert "Long over" not in recall
    other = (await get(api, lot="X1")).sections["Recall"]
    assert other.startswith("Recall There are recalls of this product that do not name batch X1")
    assert "Your batch" not in other
    scanned = await api.get(f"/01/{make.make_gtin(FULL)}/10/L117?lot=X1")
    page = Page((await api.get(scanned.headers["location"])).text)
    assert page.sections["Recall"].startswith("Recall Your batch L117 is being recalled"), "the code's batch counts"


async def test_recalls_of_a_former_code_and_every_notice(api: Client) -> None:
    """Packages with the code that was given up are still about; the gravest of five notices is the oldest."""
    page = await get(api, HEIR)
    assert page.sections["Recall"].startswith(
        f"Recall The old code {make.make_gtin(FORMER)} of this product is being recalled"
    )
    assert "Splinters in old jars" in page.sections["Recall"]
    assert "Long over" not in page.sections["Recall"]
    assert "recalls" not in page.sections, "it does not say that no recall is known"
    assert page.sections["Safety notice"].startswith("Danger")
    assert page.sections["Safety notice"].count("Safety notice") == 4, "the four that are no danger"


async def test_a_recall_of_a_product_that_nobody_has_told_of(api: Client) -> None:
    answer = await api.get(f"/p/{page_world.UNKNOWN}")
    page = Page(answer.text)
    assert (answer.status_code, answer.headers["cache-control"]) == (404, "no-store")
    assert page.sections["Recall"].startswith("Recall This product is being recalled")
    assert "Never heard of" in page.sections["Recall"]
    assert "This product is not known" in page.text


async def test_nothing_known_is_said_and_never_free_from(api: Client) -> None:
    page = await get(api, BARE)
    assert set(page.sections) == {"allergens", "buy", "facts", "links", "recalls"}
    assert page.sections["recalls"].endswith("That does not mean that there is none.")
    assert "Nothing is known about allergens in this product. That does not mean" in page.sections["allergens"]
    assert "There is no picture of this product yet." in page.text
    assert f"Product {make.make_gtin(BARE)}" in page.text
    assert "free from" not in page.text.lower()


async def test_languages(api: Client) -> None:
    """Words of the page and texts of the product each in the best language that there is."""
    for header, lang, name in (
        ("de-AT, en;q=0.5", "de", "Haselnusscreme!"),
        ("it, de;q=0.8", "de", "Haselnusscreme!"),
        ("fr", "fr", "Hazelnut spread <i>!"),  # no content in French: that in the product's own language
        ("es;q=0, de;q=0.1", "de", "Haselnusscreme!"),
        ("*", "en", "Hazelnut spread <i>!"),
        (";;q=x, ,-", "en", "Hazelnut spread <i>!"),
    ):
        answer = await api.get(f"/p/{make.make_gtin(FULL)}", headers={"accept-language": header})
        assert f'<html lang="{lang}"' in answer.text, header
        assert Page(answer.text).sections["about"].endswith(name), header
        assert answer.headers["vary"] == "Accept-Language"
    page = await get(api, language="en", lang="de", lot="L117")
    assert page.sections["Rückruf"].startswith("Rückruf Ihre Charge L117 wird zurückgerufen")
    assert "Deutschland" in page.sections["facts"]
    assert "13,5 %" in page.sections["ingredients"]
    assert f"/p/{make.make_gtin(FULL)}?lot=L117&lang=fr" in page.links


async def test_right_to_left_and_long_texts(api: Client) -> None:
    answer = await api.get(f"/p/{make.make_gtin(HARD)}", headers={"accept-language": "ar, de;q=0.5"})
    assert f'<h1 lang="ar" dir="rtl">{ARABIC}</h1>' in answer.text
    assert f'<h2 lang="ar" dir="rtl">{ARABIC}</h2>' in answer.text  # of the notice
    assert "Gefahr" in answer.text
    assert "evil.example" not in answer.text


async def test_a_zip_code_that_is_none(api: Client) -> None:
    page = await get(api, zip="99999")
    assert "The ZIP code 99999 is not known. It has five digits, such as 21201." in page.sections["buy"]
    assert "No store within 50 km of Los Angeles 90012" not in page.sections["buy"]
    assert "Place 1.3 km (0.8 mi) In stock" in (await get(api, zip="90012")).sections["buy"]
    nowhere = await get(api, BARE, zip="90012")
    assert "No store within 50 km of Los Angeles 90012 is known to sell it." in nowhere.sections["buy"]


async def test_for_search_engines(api: Client) -> None:
    page = await get(api, zip="21201")
    (data,) = page.data
    assert not re.search("[<>&]", data)
    found = orjson.loads(data)
    gtin = make.make_gtin(FULL)
    assert found["@id"] == f"http://testserver/01/{gtin}"
    assert found["hasCertification"] == [
        {"@type": "Certification", "name": "EU Organic", "certificationIdentification": "DE-ÖKO-001",
         "expires": str(today())}
    ]  # fmt: skip
    assert found["offers"][0] == {
        "@type": "Offer", "price": "4.99", "priceCurrency": "USD", "availability": "https://schema.org/InStock",
        "offeredBy": {"@type": "Store", "name": "Place"},
    }  # fmt: skip
    assert orjson.loads((await get(api, BARE)).data[0]).keys() == {"@context", "@type", "@id", "url", "gtin14", "name"}


async def test_headers_and_what_a_browser_has_already(api: Client) -> None:
    path = f"/p/{make.make_gtin(FULL)}"
    answer = await api.get(path)
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy
    assert "script-src" not in policy  # none, by default-src
    assert "<script>" not in answer.text
    assert " style=" not in answer.text
    assert answer.headers["cache-control"] == "public, max-age=60, stale-while-revalidate=60"
    again = await api.get(path, headers={"if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["content-security-policy"] == policy
    head = await api.head(path)
    assert (head.status_code, head.content, head.headers["etag"]) == (200, b"", answer.headers["etag"])


@pytest.mark.parametrize(
    ("path", "words"),
    [
        (f"/p/{make.make_gtin(77)}", "This product is not known"),
        ("/p/00000000000018", "This is no product code"),
        ("/p/%3Cscript%3E", "<script> does not fit"),
        ("/p/" + "9" * 3000, "This is no product code"),
        ("/p/4006381333931%00", "This is no product code"),
    ],
)
async def test_pages_that_there_are_not(api: Client, path: str, words: str) -> None:
    answer = await api.get(path)
    assert answer.status_code == 404
    page = Page(answer.text)
    assert words in page.text
    assert all(re.fullmatch(r"#product|/p/[\w%-]+\?lang=(de|fr|es)", link) for link in page.links)
    assert answer.headers["cache-control"] == "no-store"
    assert "content-security-policy" in answer.headers


async def test_what_cannot_be_read_is_passed_over(api: Client) -> None:
    for query in ("lot=%00&serial=%ED%A0%80&zip=%F0&lang=%3Cb%3E", "lot=" + "x" * 999, "lot=1&lot=2&&=&%", "zip=-1"):
        answer = await api.get(f"/p/{make.make_gtin(FULL)}?{query}")
        assert answer.status_code == 200, query
        Page(answer.text)


async def test_a_database_that_is_away_is_told_as_a_page(api: Client) -> None:
    state = api.app.state  # type: ignore[attr-defined]
    state.database, real = Database("postgresql://nobody@127.0.0.1:1/none", 1), state.database
    page = await get(api, status=503)
    state.database = real
    assert "The page cannot be shown right now" in page.text


# --- statements


async def test_statements_do_not_grow_with_what_is_shown(api: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """One for each kind of thing: of what there is, and of what a lot and a ZIP code bring with them."""
    readers: list[Reader] = []
    init = Reader.__init__

    def seen(self: Reader, database: Database) -> None:
        init(self, database)
        readers.append(self)

    monkeypatch.setattr(Reader, "__init__", seen)
    counts = {}
    for number, query in ((FULL, {}), (FULL, {"lot": "L117", "zip": "21201"}), (BARE, {}), (77, {})):
        readers.clear()
        await api.get(f"/p/{make.make_gtin(number)}", params=query)
        counts[number, len(query)] = sum(len(reader.statements) for reader in readers)
    assert counts == STATEMENTS


STATEMENTS = {(FULL, 0): 20, (FULL, 2): 28, (BARE, 0): 14, (77, 0): 2}


# --- escaping


def stuffed(text: str) -> dict[str, Any]:
    """A product in which every text is this one."""
    recall = {"id": "1", "title": text, "sourceSystem": "FDA", "severity": "CLASS_I", "hazard": text, "remedy": text,
              "publicUrl": text, "recallDate": None}  # fmt: skip
    place = {"name": text, "address": text, "phone": text, "isOpen": True, "distanceKm": 1.0}
    offer = {"effectivePrice": {"amount": "1", "currency": "USD"}, "status": "ACTIVE", "quantityOnHand": 1,
             "physicalStore": {"name": text, "location": place}}  # fmt: skip
    online = {"effectivePrice": None, "status": "ACTIVE", "stockLevel": "UNKNOWN", "url": text,
              "onlineStore": {"name": text, "domain": text}}  # fmt: skip
    certificate = {
        "isActive": True, "verificationStatus": "VERIFIED", "validFrom": None, "expirationDate": None,
        "certificateNumber": text, "issuingBody": text, "verificationUrl": text,
        "certification": {"label": text, "url": text},
    }  # fmt: skip
    nutrient = {"name": text, "amount": 1.0, "unit": "GRAM", "dailyValuePct": None}
    return {
        "gtin": "00000000000017", "productName": text, "description": text, "manufacturer": text, "imageUrl": text,
        "countryOfOrigin": None, "primaryLanguage": text, "netContent": text, "usageInstructions": text,
        "brandProductPageUrl": text, "gpcSegmentCode": "", "modified": "", "brand": {"name": text, "website": text},
        "category": {"name": text}, "allImages": [{"imageUrl": text, "description": text, "width": 1, "height": 1}],
        "allIngredients": [{"name": text, "percentage": None, "mayContain": False, "isMajorAllergen": True}],
        "nutrition": {"servingSize": text, "labelFormat": "EU", "servingsPerContainer": 1.0, "nutrients": [nutrient]},
        "allergens": [{"allergen": "MILK", "presence": "FREE_FROM"}], "diets": [], "allCertifications": [certificate],
        "content": None, "links": [{"href": text, "title": text}],
        "recalls": {"nodes": [recall]}, "formerRecalls": [{"gtin": "x", "recall": recall}],
        "safetyNotices": {"nodes": []}, "near": {"nodes": [offer]},
        "online": {"nodes": [online]},
    }  # fmt: skip


def skeleton(text: str) -> list[str]:
    place = Place(1.0, 1.0, text)
    visit = Visit("https://example.org", text, words_of("en"), (), lot=text, serial=text, zip=text, place=place)
    page = Page(product_page(stuffed(text), visit))
    assert len(page.data) == 1
    orjson.loads(page.data[0])
    return page.tags


@settings(max_examples=30)
@given(
    st.text(st.sampled_from("<>&'\"/=! -\0ab\U0001f9c0]"), min_size=1, max_size=12).filter(
        lambda text: text.strip() and not web_address(text)
    )
)
def test_no_text_becomes_markup(text: str) -> None:
    plain = skeleton("x")
    assert skeleton(text) == plain
    assert skeleton(EVIL) == plain


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("https://a.example/x", True), ("http://a.example", True), ("/media/x.png", True), ("", False), (None, False),
        ("//evil.example", False), ("/\\evil.example", False), ("javascript:alert(1)", False), ("https:", False),
        ("JaVaScRiPt:alert(1)", False), ("data:text/html,x", False), ("http://[", False), (" https://a.example", False),
    ],
)  # fmt: skip
def test_only_addresses_of_the_web_are_links(url: str | None, found: bool) -> None:
    assert web_address(url) == (url if found else None)


# --- words


def test_every_language_says_everything() -> None:
    english = words_of("en")
    for language in LANGUAGES:
        words: Words = words_of(language)
        assert words.texts.keys() == english.texts.keys(), language
        for key, text in words.texts.items():
            assert set(re.findall(r"\{\w+\}", text)) == set(re.findall(r"\{\w+\}", english.texts[key])), (language, key)


def test_numbers_countries_directions() -> None:
    german = best_words(["x", "DE-at"])
    assert (german.number(0.107), german.number(539.0), german.number(1e-9), german.number("4.99")) == (
        "0,107", "539", "0", "4,99",
    )  # fmt: skip
    assert (german.country("US"), german.country("XX"), words_of("es").country("DE")) == (
        "Vereinigte Staaten", "XX", "Alemania",
    )  # fmt: skip
    assert [direction(tag) for tag in ("ar-EG", "HE", "en", "")] == ["rtl", "rtl", "ltr", "auto"]
