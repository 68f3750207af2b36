"""What is searched: one document for each product, brand and retailer, its vectors, and the words of all documents.

Everything here follows from other tables and can be made anew (`closient search reindex`).
"""

from datetime import datetime
from typing import Any

from pgvector.sqlalchemy import HALFVEC
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Computed,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from closient_gql.core.enums import Described
from closient_gql.core.models.base import Base
from closient_gql.core.models.platform import Xid8
from closient_gql.core.models.retailers import Retailer  # noqa: F401  documents refer to what they describe

DIMENSIONS = 1024
"""Of every vector. Shorter ones are filled up with zeros, which changes no cosine."""


class DocumentKind(Described):
    PRODUCT = "product", "A product."
    BRAND = "brand", "A brand."
    RETAILER = "retailer", "A retailer."


class ModelState(Described):
    BUILDING = "building", "Its vectors are being made; searches do not use it yet."
    ACTIVE = "active", "Searches compare with its vectors."
    RETIRED = "retired", "Another one has taken its place; its vectors are about to be deleted."


def of_kind(kind: DocumentKind) -> Computed:
    return Computed(f"CASE WHEN kind = '{kind.value}' THEN id END", persisted=True)


class SearchDocument(Base):
    """What one thing is found by. `id` is the product's, brand's or retailer's, and the document goes with it.

    Of a product it also has what its label says of allergens, so that filters are SQL; claims and certifications run
    out, and are looked up when they are asked for. It is out of date if the product has an event whose transaction is
    not before `seen`.
    """

    __tablename__ = "search_documents"
    kind: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(String(12), primary_key=True)
    product_id: Mapped[str | None] = mapped_column(
        String(12), of_kind(DocumentKind.PRODUCT), ForeignKey("products.id", ondelete="CASCADE"), unique=True
    )
    brand_id: Mapped[str | None] = mapped_column(
        String(12), of_kind(DocumentKind.BRAND), ForeignKey("brands.id", ondelete="CASCADE"), unique=True
    )
    retailer_id: Mapped[str | None] = mapped_column(
        String(12), of_kind(DocumentKind.RETAILER), ForeignKey("retailers.id", ondelete="CASCADE"), unique=True
    )
    language: Mapped[str] = mapped_column(server_default="")  # primary subtag, "" if nobody knows
    words: Mapped[str] = mapped_column(TSVECTOR)  # lexemes of resolvers.search: A name, B brand, C category, D the rest
    name_length: Mapped[int]  # places of lexemes in the name
    rest_length: Mapped[int]  # and outside of it
    heads: Mapped[list[str]] = mapped_column(server_default="{}")  # of those, what the thing is said to be
    embedded_text: Mapped[str]  # what its vectors are made of; empty: it has none
    text_hash: Mapped[str] = mapped_column(String(32), Computed("md5(embedded_text)", persisted=True))
    seen: Mapped[int] = mapped_column(Xid8)  # what it was made of holds every transaction before this one

    # what a product's list of ingredients says (resolvers.search.label)
    named: Mapped[list[str]] = mapped_column(server_default="{}")  # slugs of allergens that it names
    traces: Mapped[list[str]] = mapped_column(server_default="{}")  # and of those that it may contain
    whole: Mapped[bool] = mapped_column(server_default=text("false"))  # whether it would name every allergen
    complete: Mapped[bool] = mapped_column(server_default=text("false"))  # whether it is there and does not break off
    listed: Mapped[str] = mapped_column(server_default="")
    listed_traces: Mapped[str] = mapped_column(server_default="")


Index("ix_search_documents_words", SearchDocument.words, postgresql_using="gin")


class SearchWord(Base):
    """The vocabulary: how many documents of a language have a lexeme, and a form of it that can be shown."""

    __tablename__ = "search_words"
    language: Mapped[str] = mapped_column(primary_key=True)
    lexeme: Mapped[str] = mapped_column(primary_key=True)
    shown: Mapped[str]
    documents: Mapped[int]


class SearchModel(Base):
    """A model that vectors are of. There are two places: one for the model that is used, one for what takes over from
    it. `version` tells models of one name apart: the hash of the weights, where they are known."""

    __tablename__ = "search_models"
    __table_args__ = (
        CheckConstraint("slot IN (0, 1)", name="slot"),
        Index("uq_search_models_state", "state", unique=True),
    )
    slot: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str]
    version: Mapped[str]
    endpoint: Mapped[str] = mapped_column(server_default="")  # of the server that runs it; empty: this machine
    calibration: Mapped[dict[str, Any]] = mapped_column(JSONB)  # what resolvers.search reads scores by
    state: Mapped[str]
    since: Mapped[datetime] = mapped_column(server_default=func.now())  # it is in this state


class SearchVector(Base):
    """A document in the eyes of a model. Without a vector it waits to be embedded; one is stored only while the text
    that it was made of is still the document's (`text_hash`).

    Each place has a partition of its own, so that a search is through the index of one model, and a model that was
    replaced goes without leaving holes in the index of the other.
    """

    __tablename__ = "search_vectors"
    __table_args__ = (
        ForeignKeyConstraint(["kind", "id"], ["search_documents.kind", "search_documents.id"], ondelete="CASCADE"),
        {"postgresql_partition_by": "LIST (slot)"},
    )
    slot: Mapped[int] = mapped_column(ForeignKey("search_models.slot"), primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(String(12), primary_key=True)
    text_hash: Mapped[str] = mapped_column(String(32))
    vector: Mapped[Any | None] = mapped_column(HALFVEC(DIMENSIONS))


Index("ix_search_vectors_document", SearchVector.kind, SearchVector.id)
Index(
    "ix_search_vectors_waiting", SearchVector.slot, SearchVector.kind, SearchVector.id,
    postgresql_where=SearchVector.vector.is_(None),
)  # fmt: skip
Index(
    "ix_search_vectors_near", SearchVector.vector,
    postgresql_using="hnsw", postgresql_ops={"vector": "halfvec_cosine_ops"},
)  # fmt: skip


class SearchProgress(Base):
    """How far the documents follow the outbox: one row. `origin` is the database that the place is of, and the recipe
    of the documents; where it is another one, as after a backup, everything is read anew. `version` grows with every
    change of a document."""

    __tablename__ = "search_progress"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, server_default="1")
    origin: Mapped[str]
    transaction: Mapped[int] = mapped_column(Xid8)
    event_id: Mapped[int] = mapped_column(BigInteger)
    version: Mapped[int] = mapped_column(BigInteger, server_default="0")
