"""Filters as conditions in SQL: what they promise holds for every hit (docs/decisions/0020).

All of them read structured data. What a label says of ingredients is kept beside the words (`resolvers.search.label`);
claims and certifications are joined as they stand today. The rules are those of `resolvers.certifications.facts`, and
tests hold the two against each other. A label that is older than its product says nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, cast

from sqlalchemy import (
    ARRAY,
    Boolean,
    ColumnElement,
    Numeric,
    Text,
    bindparam,
    case,
    false,
    func,
    literal,
    literal_column,
    not_,
    or_,
    select,
    true,
    tuple_,
    union_all,
)

from closient_gql.core.models.certifications import Certification, CertificationAssignment, Claim, ClaimAssignment
from closient_gql.core.models.compliance import OPEN, Recall, RecallProduct
from closient_gql.core.models.platform import Event
from closient_gql.core.models.products import Product
from closient_gql.core.models.retailers import (
    InStoreOffer,
    InStorePromotion,
    OfferStatus,
    OnlineOffer,
    OnlinePromotion,
    OnlineStore,
    PhysicalStore,
    Retailer,
)
from closient_gql.core.models.search import SearchDocument, SearchProgress
from resolvers.certifications import clock
from resolvers.certifications.assignments import active_on
from resolvers.certifications.facts import EXCLUDED, NO_TRACES, DietType
from resolvers.retailers.effective import effective_sql
from resolvers.retailers.offers import IN_STORE, IN_STORE_SHOWN, ONLINE, ONLINE_SHOWN
from resolvers.retailers.product_offers import of_product
from resolvers.search.asked import Filters
from resolvers.search.indexing import ORIGIN
from resolvers.search.label import HIDDEN
from resolvers.search.substances import claim_of, pattern_of
from resolvers.viewer import Viewer

D, P = SearchDocument, Product
ENGLISH = "en"  # the language of the names of substances
HIGHEST = Decimal(10**12)  # of prices
Condition = ColumnElement[bool]


def texts(name: str) -> Any:
    return bindparam(name, type_=ARRAY(Text))


def joined(statement: Any) -> Any:
    """With the rows that conditions read: those of products."""
    return statement.outerjoin(P, D.product_id == P.id)


# --- what is known of a product today


def carried(column: Callable[[Any], Any], *certified: Condition) -> Any:
    """An array of what active claims and certifications of a product say."""

    def of(assignment: Any, kind: Any, key: Any, *conditions: Condition) -> Any:
        active = assignment.product_id == D.product_id, active_on(assignment, "today")
        return select(column(kind)).join_from(assignment, kind, key == kind.id).where(*active, *conditions).correlate(D)

    said = union_all(
        of(CertificationAssignment, Certification, CertificationAssignment.certification_id, *certified),
        of(ClaimAssignment, Claim, ClaimAssignment.claim_id),
    )
    return func.array(said.scalar_subquery(), type_=ARRAY(Text))


DIETS = carried(lambda kind: func.unnest(kind.diets))
FREE_FROM = carried(lambda kind: func.unnest(kind.free_from))
CODES = carried(lambda kind: func.upper(kind.code), Certification.organization_id.is_(None))
"""Of everybody's certifications: an organization may call its own one what it likes."""
PLACE = select(SearchProgress.transaction, SearchProgress.event_id).limit(1).subquery("place")
BEHIND = (
    select(Event.entity_id)
    .join_from(Event, PLACE, true())
    .where(
        Event.entity == literal_column("'product'"),
        tuple_(Event.transaction, Event.id) > tuple_(PLACE.c.transaction, PLACE.c.event_id),
    )
)
"""Products that changed, and whose documents may not say so yet."""
SINCE = (
    select(Event.id)
    .where(Event.entity == literal_column("'product'"), Event.entity_id == D.product_id, Event.transaction >= D.seen)
    .exists()
)


def read_of(sign: str) -> Condition:
    """Whether documents follow the outbox of this very database, or of another one."""
    return literal_column(f"EXISTS (SELECT FROM search_progress WHERE origin {sign} ({ORIGIN}))", Boolean)


FRESH = case((read_of("="), D.product_id.not_in(BEHIND)), (read_of("<>"), false()), else_=not_(SINCE))
"""That the label is of the product as it is now. While documents are made for the first time, each says what it has
seen; those of another database, as after a backup, say nothing."""


def names_any(allergens: Any) -> Condition:
    return D.named.bool_op("&&")(allergens) | D.traces.bool_op("&&")(allergens)


ASKED = func.unnest(texts("allergens")).table_valued("slug").render_derived(name="asked")
HIDES = (
    select(ASKED.c.slug)
    .where(
        (literal_column(f"'{HIDDEN}'", Text) + ASKED.c.slug) == func.any(D.named),
        ASKED.c.slug != func.all(FREE_FROM),
    )
    .correlate(D)
    .exists()
)
FREE_OF = not_(names_any(texts("allergens"))) & FRESH & (
    (D.whole & not_(HIDES)) | FREE_FROM.bool_op("@>")(texts("allergens"))
)  # fmt: skip
"""Known not to contain any of these: claimed free of it, or neither named nor hidden by a list that would name it."""
AGAINST = D.named.bool_op("&&")(texts("against")) | D.traces.bool_op("&&")(texts("traces_against"))
SUITS = DIETS.bool_op("@>")(texts("diets")) & not_(AGAINST) & FRESH
LISTED = D.listed.bool_op("~")(bindparam("substances", type_=Text))
POSSIBLE = D.listed_traces.bool_op("~")(bindparam("substances", type_=Text))
WITHOUT = not_(LISTED) & not_(POSSIBLE) & FRESH & (
    (D.complete & (P.primary_language == ENGLISH)) | CODES.bool_op("@>")(texts("substance_claims"))
)  # fmt: skip
RECALLED = (
    select(RecallProduct.recall_id)
    .join_from(RecallProduct, Recall, RecallProduct.recall_id == Recall.id)
    .where(RecallProduct.product_id == D.product_id, or_(*(Recall.status == status for status in OPEN)))
    .exists()
)


def offered(source: Any, offer: Any, promotion: Any, shown: Any, currency: Any) -> Condition:
    """Whether it can be bought at such a price, promotions counted."""
    least, most = (bindparam(name, type_=Numeric) for name in ("price_min", "price_max"))
    found = source.with_only_columns(offer.id).where(
        of_product(offer, cast(ColumnElement[str], D.product_id)),
        shown,
        offer.status == OfferStatus.ACTIVE.value,
        currency == bindparam("currency", type_=Text),
        effective_sql(offer, promotion).between(least, most),
    )
    exists: Condition = found.exists()
    return exists


PRICED = offered(IN_STORE, InStoreOffer, InStorePromotion, IN_STORE_SHOWN, PhysicalStore.currency) | offered(
    ONLINE, OnlineOffer, OnlinePromotion, ONLINE_SHOWN, OnlineStore.currency
)
GPC = or_(
    *(
        column == func.any(texts("gpc_codes"))
        for column in (P.gpc_brick_code, P.gpc_class_code, P.gpc_family_code, P.gpc_segment_code)
    )
)
VISIBLE = D.retailer_id.is_(None) | (
    select(Retailer.id)
    .where(
        Retailer.id == D.retailer_id,
        (Retailer.organization_id.is_(None) & Retailer.is_active)
        | (Retailer.organization_id == func.any(texts("organizations"))),
    )
    .correlate(D)
    .exists()
)
KINDS = D.kind == func.any(texts("kinds"))
OF_PRODUCTS: dict[str, Condition] = {
    "brand_ids": P.brand_id == func.any(texts("brand_ids")),
    "category_ids": P.category_id == func.any(texts("category_ids")),
    "gpc_codes": GPC,
    "countries": P.country_of_origin == func.any(texts("countries")),
    "exclude_allergens": FREE_OF,
    "diets": SUITS,
    "certifications": CODES.bool_op("@>")(texts("certifications")),
    "avoid_substances": WITHOUT,
    "claimed": P.is_claimed.is_(True),
    "unclaimed": P.is_claimed.is_(False),
    "recalled": RECALLED,
    "not_recalled": not_(RECALLED),
    "price": PRICED,
}
"""What a product keeps that passes. What is unknown does not pass."""
UNLESS_KNOWN: dict[str, Condition] = {
    "exclude_allergens": not_(names_any(texts("allergens"))),
    "avoid_substances": not_(LISTED),
}
"""The same where the unknown is kept."""


@dataclass(frozen=True)
class Filtering:
    """Which conditions there are, without their values: a statement is made once for each."""

    names: frozenset[str]
    kinds: bool = False
    keep_unknown: bool = False

    @property
    def conditions(self) -> list[Condition]:
        """What every document that passes keeps."""
        kinds = [KINDS] if self.kinds else []
        every = [self._condition(name) for name in sorted(self.names)]
        if every and not self.keep_unknown:
            return [*kinds, D.product_id.is_not(None), *every]
        return [*kinds, VISIBLE, *(D.product_id.is_(None) | each for each in every)]  # only products have traits

    def _condition(self, name: str) -> Condition:
        return UNLESS_KNOWN.get(name, OF_PRODUCTS[name]) if self.keep_unknown else OF_PRODUCTS[name]

    @property
    def known(self) -> Condition:
        """Whether what is asked of allergens is known; always true where the unknown does not pass."""
        if self.keep_unknown and "exclude_allergens" in self.names:
            return func.coalesce(FREE_OF, literal(False))
        return true()


def filtering(filters: Filters, viewer: Viewer) -> tuple[Filtering, dict[str, Any]]:
    """The conditions of filters, and the values that they need."""
    lists = ("brand_ids", "category_ids", "gpc_codes", "countries", "exclude_allergens", "diets", "certifications",
             "avoid_substances")  # fmt: skip
    names = {name for name in lists if getattr(filters, name)}
    for name, value in (("claimed", filters.is_claimed), ("recalled", filters.recalled)):
        if value is not None:
            names.add(name if value else {"claimed": "unclaimed", "recalled": "not_recalled"}[name])
    if filters.currency is not None:
        names.add("price")
    values: dict[str, Any] = {name: list(getattr(filters, name)) for name in names & set(lists)}
    diets = [DietType(diet) for diet in filters.diets]  # type: ignore[call-arg]
    values |= {
        "today": clock.today(),
        "organizations": organizations_of(viewer),
        "kinds": [kind.value for kind in filters.kinds],
        "allergens": list(filters.exclude_allergens),
        "against": sorted({each.value for diet in diets for each in EXCLUDED.get(diet, ())}),
        "traces_against": sorted({each.value for diet in diets if diet in NO_TRACES for each in EXCLUDED[diet]}),
        "substances": pattern_of(*filters.avoid_substances),
        "substance_claims": [claim_of(slug) for slug in filters.avoid_substances],
        "price_min": filters.price_min if filters.price_min is not None else Decimal(0),
        "price_max": filters.price_max if filters.price_max is not None else HIGHEST,
        "currency": filters.currency,
    }
    return Filtering(frozenset(names), bool(filters.kinds), filters.keep_unknown), values


def organizations_of(viewer: Viewer) -> list[str]:
    """The organizations whose own rows the caller sees (`Viewer.belongs_to`)."""
    every = {viewer.organization_id, *viewer.memberships} - {None}
    return sorted(id for id in every if id and viewer.belongs_to(id))
