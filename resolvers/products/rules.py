"""Whose word counts: pure rules of provenance and of disputes, no I/O.

A product shows one fact of each field: of those that are known, the one whose source ranks highest; of equal
ranks the more certain one, then the newer one (contract: rules.documented).
"""

import ipaddress
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from closient_gql.core.models.products import DataSource, ReporterRelationship
from resolvers.products.fields import FIELDS

RANKS: dict[DataSource, int] = {
    DataSource.CLAIMED: 90,  # the owner knows its own product
    DataSource.GTIN1_AUTHORITATIVE: 80,  # the licensee's entry in the registry: the owner too, but rarely kept up
    DataSource.BRAND_SITE_CRAWL: 70,  # the owner's own words, read by a machine
    DataSource.USDA_FDC: 60,  # filed with an authority, under a duty to be true
    DataSource.FDA_NDC: 60,
    DataSource.IMPORTED: 50,  # somebody's own files, and what a former owner said
    DataSource.EXTERNAL_API: 40,  # compiled by others from packages, shops and pages
    DataSource.OPEN_FOOD_FACTS: 40,
    DataSource.AFFILIATE_FEED: 40,
    DataSource.DATAKICK: 40,
    DataSource.COMMON_CRAWL_WDC: 40,
    DataSource.CROWD_SOURCED: 20,  # by anybody, unchecked
    DataSource.AI_EXTRACTED: 10,  # a model may invent
}
"""Sources by authority: a higher one is shown whatever the confidence of a lower one."""
SOURCES = {source.value: source for source in DataSource}
CROWD_THRESHOLD = 0.7
"""How certain a crowd-sourced statement must be to be shown at all."""
OWNER_CONFIDENCE = 0.95
"""How certain an owner's own statement is; what is left is for slips."""


@dataclass(frozen=True)
class Fact:
    """What one source says of one field. `value` is in the stored form; an empty one says: there is none."""

    field: str
    source: DataSource
    value: Any
    confidence: float
    stated_by: str | None
    stated_at: datetime


def standing(fact: Fact, owner_id: str | None) -> DataSource:
    """The source that a fact counts as: what an organization claimed counts as owner-stated while it owns the
    product, and afterwards as any import does."""
    former = fact.source is DataSource.CLAIMED and (owner_id is None or fact.stated_by != owner_id)
    return DataSource.IMPORTED if former else fact.source


def eligible(fact: Fact) -> bool:
    """Whether it may be shown at all."""
    return fact.source is not DataSource.CROWD_SOURCED or fact.confidence >= CROWD_THRESHOLD


def best(facts: Iterable[Fact], owner_id: str | None) -> Fact | None:
    """The fact that is shown, of those about one field; None if none may be."""

    def weight(fact: Fact) -> tuple[int, float, datetime, str]:
        # the name last: equal in everything, the choice must not depend on the order
        return RANKS[standing(fact, owner_id)], fact.confidence, fact.stated_at, fact.source.value

    return max(filter(eligible, facts), key=weight, default=None)


def shown(facts: Iterable[Fact], owner_id: str | None) -> dict[str, Fact]:
    """The facts that a product shows, by field."""
    fields: dict[str, list[Fact]] = {}
    for fact in facts:
        fields.setdefault(fact.field, []).append(fact)
    found = {field: best(said, owner_id) for field, said in fields.items()}
    return {field: fact for field, fact in found.items() if fact is not None}


def values_shown(facts: Mapping[str, Fact], owner_id: str | None, before: DataSource) -> dict[str, Any]:
    """What a product shows: every field's value, and what follows from the facts that it shows.

    `data_source` is the most authoritative source that it shows anything of (`before`, if it shows nothing);
    `confidence_score` is the mean of its fields.
    """
    telling = {name: fact for name, fact in facts.items() if FIELDS[name].says(fact.value) and not FIELDS[name].note}
    sources = {standing(fact, owner_id) for fact in telling.values()}
    certain = [fact.confidence for fact in telling.values()]
    return {
        **{name: facts[name].value if name in facts else field.empty for name, field in FIELDS.items()},
        "data_source": max(sources, key=lambda source: (RANKS[source], source.value), default=before).value,
        "confidence_score": round(sum(certain) / len(certain), 4) if certain else 0.0,
        "field_confidence": {FIELDS[name].rest_name: telling[name].confidence for name in FIELDS if name in telling},
    }


# --- disputes

WEIGHTS: dict[ReporterRelationship, float] = {  # everybody says it of themselves: nobody is enough alone
    ReporterRelationship.BRAND_REP: 3,
    ReporterRelationship.LEGAL: 3,
    ReporterRelationship.STAFF: 1,
    ReporterRelationship.CONSUMER: 1,
    ReporterRelationship.OTHER: 1,
    ReporterRelationship.COMPETITOR: 0.5,  # has an interest of its own
}
REVIEW_WEIGHT = 4
"""What reports of one claim must weigh together for a person to look at it."""


def weight_of(relationship: ReporterRelationship) -> float:
    return WEIGHTS[relationship]


def network_of(address: str) -> str:
    """Whom an address belongs to: itself, or the /64 that a holder of IPv6 has; all unknown ones are one."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return ""
    if isinstance(found, ipaddress.IPv6Address):
        return str(found.ipv4_mapped or ipaddress.ip_network((found, 64), strict=False))
    return str(found)


def under_review(reports: Iterable[tuple[str, float]]) -> bool:
    """Whether reports, as (address, weight), are weighty enough. However many come from one place, only the
    weightiest of them counts."""
    places: dict[str, float] = {}
    for address, weight in reports:
        place = network_of(address)
        places[place] = max(weight, places.get(place, 0))
    return sum(places.values()) >= REVIEW_WEIGHT
