"""What things are searched by: texts by weight, labels as facts, what is embedded."""

import re
from collections.abc import AsyncIterator

import pytest

from closient_gql.core.db import Connection, Database
from closient_gql.core.models.search import DocumentKind
from resolvers.search import documents
from resolvers.search.documents import Texts, document, embedded_text, language_of, quoted, words_of
from resolvers.search.words import Lexeme
from tests import make


@pytest.fixture
def plain_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """Words as they stand: what becomes of them otherwise is another test's subject."""

    def lexemes(text: str, language: str) -> list[Lexeme]:
        return [Lexeme(word.lower(), word, n) for n, word in enumerate(re.findall(r"\S+", text), 1)]

    monkeypatch.setattr(documents, "lexemes", lexemes)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    found = Database(database_url, 5)
    yield found
    await found.close()


@pytest.mark.usefixtures("plain_words")
def test_weights_and_places() -> None:
    """Between two fields lie ten places, so that no phrase reaches over."""
    found = words_of(Texts("Oat Bar", "Acme", ["Bars", "Snacks"], ["GB"], "An oat bar"), "en")
    assert found.vector == "'oat':1A,58D 'bar':2A,59D 'acme':13B 'bars':24C 'snacks':35C 'gb':46D 'an':57D"
    assert found.shown["oat"] == "Oat"  # as it was written first
    assert (found.name_length, found.rest_length) == (2, 7)
    assert words_of(Texts(""), "").vector == ""


@pytest.mark.parametrize("lexeme", ["it's", "back\\slash", "'", "\\", "a:1A", "a b", "ü", "😀", "&|!<->"])
async def test_any_lexeme_is_one(connection: Connection, lexeme: str) -> None:
    assert await connection.fetchval("SELECT tsvector_to_array($1::text::tsvector)", f"{quoted(lexeme)}:1A") == [lexeme]
    assert await connection.fetchval("SELECT $1::text::tsvector @@ $2::text::tsquery", f"{quoted(lexeme)}:1A",
                                     quoted(lexeme))  # fmt: skip


def test_what_is_embedded() -> None:
    def said(*texts: str, categories: tuple[str, ...] = ()) -> str:
        name, brand, description = texts
        return embedded_text(Texts(name, brand, categories, ["not this"], description))

    assert said("Oat bar", "Acme", "Chewy.", categories=("Bars", "Snacks")) == "Oat bar. Acme. Bars. Chewy"
    assert said("ACME  oat\nbar.", "Acme", "") == "ACME oat bar"  # the brand once
    assert said("", "", "") == ""
    assert len(said("n" * 5_000, "", "")) == 1_000
    assert said("a", "", "d" * 5_000) == f"a. {'d' * 300}"
    assert document(DocumentKind.BRAND, "b", "", Texts("Acme")).embedded_text == ""


def test_language() -> None:
    assert [language_of(tag) for tag in ("en", "en-US", "ZH-Hant", "")] == ["en", "en", "zh", ""]


@pytest.mark.usefixtures("plain_words")
async def test_out_of_the_database(connection: Connection, database: Database) -> None:
    """In any order of ids; of what is not there, nothing."""
    brand = await make.insert(connection, "brands", name="Acme", description="Since 1900")
    above = await make.insert(connection, "product_categories", slug="snacks", name="Snacks", parent_id=None)
    below = await make.insert(connection, "product_categories", slug="bars", name="Bars", parent_id=above)
    one = await make.product(
        connection, 1, product_name="Oat bar", brand_id=brand, category_id=below, primary_language="en-GB",
        description="Chewy", manufacturer="Acme Ltd", net_content="40 g", labels=["en:no-gluten"],
        gpc_segment_code="50000000",
    )  # fmt: skip
    for place, (name, may, notes) in enumerate(
        [("oats", False, ""), ("milk", True, ""), ("palm oil", False, "the list breaks off here")]
    ):
        await make.insert(
            connection, "ingredients", product_id=one, name=name, may_contain=may, notes=notes, priority=place
        )
    retailer = await make.insert(connection, "retailers", name="Corner", category="grocery")
    wanted = [(DocumentKind.PRODUCT, one), (DocumentKind.PRODUCT, make.make_id(2)), (DocumentKind.BRAND, brand),
              (DocumentKind.RETAILER, retailer)]  # fmt: skip
    product, maker, shop = await documents.read(database, wanted)
    assert (product.kind, product.id, product.language) == (DocumentKind.PRODUCT, one, "en")
    assert {lexeme: places.split(",") for lexeme, places in re.findall(r"'([^']+)':(\S+)", product.words.vector)} == {
        "oat": ["1A"], "bar": ["2A"], "acme": ["13B", "46D"], "bars": ["24C"], "snacks": ["35C"], "ltd": ["47D"],
        "40": ["58D"], "g": ["59D"], "no": ["70D"], "gluten": ["71D"], "oats": ["82D"], "palm": ["93D"],
        "oil": ["94D"], "chewy": ["105D"],
    }  # fmt: skip
    assert product.embedded_text == "Oat bar. Acme. Bars. Chewy"
    label = product.label
    assert (label.named, label.traces, label.whole, label.complete) == (("gluten",), ("milk",), False, False)
    assert (maker.words.vector, maker.embedded_text) == ("'acme':1A 'since':12D '1900':13D", "")
    assert shop.words.vector == "'corner':1A 'grocery':12C"
