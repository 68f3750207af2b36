"""What a product, brand or retailer is searched by: its texts, weighted, and what is embedded of them."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from sqlalchemy import text

from closient_gql.core.db import Database, Query, Reader
from closient_gql.core.models.brands import Brand
from closient_gql.core.models.products import Product
from closient_gql.core.models.retailers import Retailer
from closient_gql.core.models.search import DocumentKind
from resolvers.certifications.known import known_of
from resolvers.context import Context
from resolvers.search.heads import heads_of
from resolvers.search.label import Label, label_of
from resolvers.search.words import lexemes

MOST = 10_000  # characters of a field that are read
MOST_EMBEDDED, MOST_DESCRIBED = 1_000, 300  # characters
MOST_SAID = 80  # characters of a description that say what the thing is; later it says what it is for
GAP = 10  # words between two fields, so that no phrase reaches from one into the next
_TAG = re.compile(r"^[a-z]{2}:")  # of labels: en:organic
_SPACE = re.compile(r"\s+")

PRODUCTS = Query(
    Product,
    text("""
    WITH RECURSIVE path AS (
        SELECT p.id AS product_id, c.name, c.parent_id, 0 AS depth
        FROM products p JOIN product_categories c ON c.id = p.category_id WHERE p.id = any(CAST(:keys AS text[]))
        UNION ALL
        SELECT path.product_id, c.name, c.parent_id, depth + 1
        FROM path JOIN product_categories c ON c.id = path.parent_id WHERE depth < 20
    )
    SELECT p.id, p.product_name AS name, p.primary_language AS language, p.description, p.ai_summary, p.manufacturer,
        p.net_content, p.labels, b.name AS brand, g.title AS brick,
        ARRAY(SELECT path.name FROM path WHERE path.product_id = p.id ORDER BY depth) AS categories,
        ARRAY(
            SELECT i.name FROM ingredients i WHERE i.product_id = p.id AND NOT i.may_contain ORDER BY i.priority, i.id
        ) AS ingredients
    FROM products p LEFT JOIN brands b ON b.id = p.brand_id LEFT JOIN gpc_categories g ON g.code = p.gpc_brick_code
    WHERE p.id = any(CAST(:keys AS text[])) ORDER BY p.id
    """),
)
BRANDS = Query(
    Brand,
    text("SELECT id, name, description FROM brands WHERE id = any(CAST(:keys AS text[])) ORDER BY id"),
)
RETAILERS = Query(
    Retailer,
    text("""
    SELECT id, name, category, organization_id IS NOT NULL OR NOT is_active AS hidden FROM retailers
    WHERE id = any(CAST(:keys AS text[])) ORDER BY id
    """),
)
HIDDEN = "x-hidden"
"""The language of retailers that not everybody knows of: their words are none of the catalogue's vocabulary."""


@dataclass(frozen=True)
class Words:
    """`vector`: a tsvector as PostgreSQL reads it. `shown`: a readable form of each lexeme. The lengths count words,
    in the name and outside of it. `heads`: the lexemes of what the thing is said to be."""

    vector: str
    shown: Mapping[str, str]
    name_length: int
    rest_length: int
    heads: Sequence[str] = ()


@dataclass(frozen=True)
class Document:
    """What is stored of one thing, but for what the database says itself."""

    kind: DocumentKind
    id: str
    language: str
    words: Words
    embedded_text: str
    label: Label = field(default_factory=Label)

    @property
    def row(self) -> dict[str, Any]:
        return {
            "kind": self.kind.value, "id": self.id, "language": self.language, "words": self.words.vector,
            "name_length": self.words.name_length, "rest_length": self.words.rest_length,
            "heads": self.words.heads, "embedded_text": self.embedded_text, **asdict(self.label),
        }  # fmt: skip


@dataclass(frozen=True)
class Texts:
    """The texts of one thing by what they weigh: the name most, then the brand, then categories, then the rest."""

    name: str
    brand: str = ""
    categories: Sequence[str] = ()
    rest: Sequence[str] = ()
    description: str = ""


def language_of(tag: str) -> str:
    """The language of a tag, without region and script: `en-US` is English."""
    return tag.partition("-")[0].casefold()


def document(kind: DocumentKind, id: str, language: str, texts: Texts, label: Label | None = None) -> Document:
    """The document of these texts. Brands and retailers have no vector: they are names, and found by their words."""
    embedded = embedded_text(texts) if kind is DocumentKind.PRODUCT else ""
    return Document(kind, id, language, words_of(texts, language), embedded, label or Label())


def words_of(texts: Texts, language: str) -> Words:
    """The lexemes of all texts with their places and weights."""
    fields = [
        ("A", texts.name), ("B", texts.brand), *(("C", category) for category in texts.categories),
        *(("D", rest) for rest in texts.rest), ("D", texts.description),
    ]  # fmt: skip
    places: dict[str, list[str]] = {}
    shown: dict[str, str] = {}
    lengths = {"A": 0, "D": 0}
    start = 0
    for weight, said in fields:
        end = start
        for each in lexemes(said[:MOST], language):
            end = start + each.position
            places.setdefault(each.lexeme, []).append(f"{end}{weight}")
            shown.setdefault(each.lexeme, each.shown)
        lengths["A" if weight == "A" else "D"] += end - start
        start = end + GAP if end > start else start
    vector = " ".join(f"{quoted(lexeme)}:{','.join(each)}" for lexeme, each in places.items())
    return Words(vector, shown, lengths["A"], lengths["D"], heads(texts, language))


def heads(texts: Texts, language: str) -> list[str]:
    """What the name and the category say that it is, and a description where it begins."""
    said = (texts.name, *texts.categories[:1], texts.description[:MOST_SAID])
    return sorted(set[str]().union(*(heads_of(each[:MOST], language) for each in said)))


def quoted(lexeme: str) -> str:
    """A lexeme as it stands in a tsvector or tsquery."""
    return "'" + lexeme.replace("\\", "\\\\").replace("'", "''") + "'"


def embedded_text(texts: Texts) -> str:
    """What a model gets to read: what the thing is called and what kind of thing it is, before what is said of it."""
    brand = "" if texts.brand.casefold() in texts.name.casefold() else texts.brand
    parts = (texts.name, brand, *texts.categories[:1], texts.description[:MOST_DESCRIBED])
    return ". ".join(_SPACE.sub(" ", part).strip(" .") for part in parts if part.strip(" ."))[:MOST_EMBEDDED]


# --- out of the database


def product_texts(row: Any) -> Texts:
    labels = [_TAG.sub("", label).replace("-", " ") for label in row.labels]
    return Texts(
        row.name,
        row.brand or "",
        [*row.categories, *filter(None, [row.brick])],
        [*filter(None, (row.manufacturer, row.net_content, row.ai_summary)), *labels, *row.ingredients],
        row.description,
    )


async def products(database: Database, ids: Sequence[str]) -> list[Document]:
    ctx = Context(Reader(database))
    rows: Any = await ctx.read.all(PRODUCTS, keys=list(ids))
    labels = map(label_of, await known_of(ctx, rows) if rows else ())
    return [
        document(DocumentKind.PRODUCT, row.id, language_of(row.language), product_texts(row), label)
        for row, label in zip(rows, labels, strict=True)
    ]


async def brands(database: Database, ids: Sequence[str]) -> list[Document]:
    rows = await Reader(database).all(BRANDS, keys=list(ids))
    return [document(DocumentKind.BRAND, r.id, "", Texts(r.name, description=r.description)) for r in rows]


async def retailers(database: Database, ids: Sequence[str]) -> list[Document]:
    rows: Any = await Reader(database).all(RETAILERS, keys=list(ids))
    found = [document(DocumentKind.RETAILER, r.id, "", Texts(r.name, "", [*filter(None, [r.category])])) for r in rows]
    return [replace(each, language=HIDDEN) if r.hidden else each for each, r in zip(found, rows, strict=True)]


READERS = {DocumentKind.PRODUCT: products, DocumentKind.BRAND: brands, DocumentKind.RETAILER: retailers}


async def read(database: Database, things: Iterable[tuple[DocumentKind, str]]) -> list[Document]:
    """The documents of these things as they are now; of those that there are not, none."""
    ids: dict[DocumentKind, list[str]] = {}
    for kind, id in things:
        ids.setdefault(kind, []).append(id)
    return [found for kind, each in ids.items() for found in await READERS[kind](database, each)]
