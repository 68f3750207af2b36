"""What is asked of a search, and what it comes to. Plain values: hashable, so that a request answers each once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from closient_gql.core.enums import Described
from closient_gql.core.models.search import DocumentKind as SearchKind

__all__ = ["Asked", "Degradation", "Filters", "Hit", "Passing", "SearchKind", "Term"]


class Degradation(Described):
    """The stored value is what the header `X-Search-Degraded` says."""

    NO_MODEL = "no-model", "The embedding model is not there, or does not answer: only words are compared."
    INDEXING = "indexing", "Some of the catalogue has no vector yet: of that, only words are compared."


@dataclass(frozen=True, kw_only=True)
class Filters:
    """What every hit keeps. Empty or None: no such filter. Where one is about products, nothing else passes.

    `keep_unknown`, for the catalog search of REST: products of which it is not known whether they pass what is asked
    of their ingredients do, and so do brands and retailers, which have none.
    """

    kinds: tuple[SearchKind, ...] = ()
    brand_ids: tuple[str, ...] = ()
    category_ids: tuple[str, ...] = ()
    gpc_codes: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    exclude_allergens: tuple[str, ...] = ()  # slugs of certifications.facts.Allergen
    diets: tuple[str, ...] = ()  # values of certifications.facts.DietType
    certifications: tuple[str, ...] = ()  # codes, in upper case
    avoid_substances: tuple[str, ...] = ()  # slugs
    is_claimed: bool | None = None
    recalled: bool | None = None
    price_min: Decimal | None = None
    price_max: Decimal | None = None
    currency: str | None = None
    keep_unknown: bool = False


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One search: the text as it was typed, and the filters. `partial`: whether, where something answers the whole
    query, what answers a part of it comes, too."""

    query: str
    filters: Filters = Filters()
    partial: bool = False


@dataclass(frozen=True, slots=True)
class Hit:
    """Something that passed the gate.

    `cosine` is None where vectors were not compared. `coverage` is the share of what is looked for, by weight, that its
    words cover. `known`: that it keeps what is asked of allergens is known; else it was kept because nothing is
    (`Filters.keep_unknown`). `partial`: it answers a part of the query only.
    """

    kind: SearchKind
    id: str
    score: float
    cosine: float | None = None
    coverage: float = 0.0
    known: bool = True
    partial: bool = False
    asked: Asked | None = field(default=None, repr=False, compare=False)

    @property
    def sort_(self) -> float:
        """What it is sorted by, before its id (core.paging)."""
        return -self.score

    @property
    def product_id(self) -> str | None:
        return self.id if self.kind is SearchKind.PRODUCT else None

    @property
    def brand_id(self) -> str | None:
        return self.id if self.kind is SearchKind.BRAND else None

    @property
    def retailer_id(self) -> str | None:
        return self.id if self.kind is SearchKind.RETAILER else None


FIELDS = ("name", "brand", "category", "other")
"""What the weights A, B, C and D of a document's words stand for."""


@dataclass(frozen=True)
class Term:
    """One word or phrase that was looked for. `query`: it, and what counts as it, as PostgreSQL's tsquery; `weight`:
    its share of what all terms count."""

    typed: str
    searched: Sequence[str]
    query: str
    weight: float


@dataclass(frozen=True)
class Passing:
    """Everything that passes the gate and the filters: best first, ties by id. All of it: what is counted, paged and
    drawn up into facets is this and nothing else. `threshold`: no hit has a lower score. `absent`: sizes that
    were asked for, where nothing has what was asked for in that size."""

    hits: Sequence[Hit]
    threshold: float
    degraded: Degradation | None = None
    model: str | None = None
    terms: Sequence[Term] = ()
    corrections: Mapping[str, str] = field(default_factory=dict)  # as typed: as searched
    absent: Sequence[str] = ()
    code: str | None = None  # the GTIN, if the query was one

    @property
    def product_ids(self) -> list[str]:
        return [hit.id for hit in self.hits if hit.kind is SearchKind.PRODUCT]
