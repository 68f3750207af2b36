"""What can be said of recalls, safety notices and the Food Traceability List. In a patch, null means: as it is."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, NewType

from closient_gql.core.absent import ABSENT
from closient_gql.core.bounds import Bounds, Doc, Id
from closient_gql.core.gs1.gtin import Gtin
from closient_gql.core.models.compliance import (
    FtlCategory,
    NoticeSeverity,
    NoticeStatus,
    RecallSeverity,
    RecallSource,
    RecallStatus,
)

LotCodes = NewType("LotCodes", object)
"""Lots in any of the three shapes of the contract; `resolvers.compliance.lots` reads them."""
RecallOrdering = NewType("RecallOrdering", str)
"""How recalls are sorted. Not an enum: the contract answers another value with 400, not with 422."""
MOST_GTINS, MOST_PLACES, MOST_TEXTS = 1_000, 100, 30
Title = Annotated[str, Bounds(min_length=1, max_length=255, pattern=r"\S")]
Text = Annotated[str, Bounds(max_length=20_000)]
Name = Annotated[str, Bounds(max_length=255)]
Number = Annotated[str, Bounds(min_length=1, max_length=100, pattern=r"\S"), Doc("The authority's own number of it.")]
Url = Annotated[
    str, Bounds(max_length=2048, pattern=r"^(https?://[^\s<>\"]+)?$"), Doc("Address of its page; empty for none.")
]
Place = Annotated[str, Bounds(min_length=2, max_length=6, pattern="^[A-Z]{2}(-[A-Z0-9]{1,3})?$")]
Places = Annotated[
    list[Place],
    Bounds(max_length=MOST_PLACES),
    Doc("Countries (ISO 3166-1 alpha-2) or parts of them (ISO 3166-2), such as US-CA."),
]
Gtins = Annotated[
    list[Gtin], Bounds(min_length=1, max_length=MOST_GTINS), Doc("Products that it touches: GTINs in any form.")
]
LotsOf = Annotated[
    LotCodes | None,
    Doc(
        'Lots: a list, a text such as "lots A through B", or {"exacts": […], "ranges": [[from, to]], "prefixes": […]}.'
    ),
]
Language = Annotated[
    str,
    Bounds(min_length=2, max_length=35, pattern="^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$"),
    Doc("Language: BCP 47, such as en or fr-CA."),
]
Metadata = Annotated[
    dict[str, str] | None,
    Doc("Merged: keys that are not named stay, an empty value removes its key, {} or null clears all."),
]
Organization = Annotated[
    Id | None, Doc("The organization that the caller acts for; can be left out by who belongs to one only.")
]


@dataclass(kw_only=True)
class RecallInput:
    gtins: Gtins
    title: Annotated[Title, Doc("What is recalled, and by whom.")]
    source_system: Annotated[RecallSource, Doc("The authority that it was told to.")]
    source_id: Annotated[Number | None, Doc("The authority's own number of it, if there is one yet.")] = None
    status: Annotated[RecallStatus, Doc("How far it is.")] = RecallStatus.ONGOING
    severity: Annotated[RecallSeverity, Doc("How dangerous it is.")] = RecallSeverity.UNKNOWN
    description: Annotated[Text, Doc("What is recalled, in detail.")] = ""
    hazard: Annotated[Text, Doc("What can happen.")] = ""
    remedy: Annotated[Text, Doc("What people who have it should do.")] = ""
    public_url: Url = ""
    company_name: Annotated[Name, Doc("Who recalls it.")] = ""
    recall_date: Annotated[date | None, Doc("When it began.")] = None
    jurisdictions: Annotated[Places | None, Doc("Where it holds. Nothing is none.")] = None
    lot_codes: LotsOf = None
    organization_id: Organization = None


@dataclass(kw_only=True)
class RecallPatch:
    gtins: Annotated[Gtins | None, Doc("All products that it touches; null leaves them as they are.")] = None
    title: Annotated[Title | None, Doc("What is recalled, and by whom.")] = None
    status: Annotated[RecallStatus | None, Doc("How far it is.")] = None
    severity: Annotated[RecallSeverity | None, Doc("How dangerous it is.")] = None
    description: Annotated[Text | None, Doc("What is recalled, in detail.")] = None
    hazard: Annotated[Text | None, Doc("What can happen.")] = None
    remedy: Annotated[Text | None, Doc("What people who have it should do.")] = None
    public_url: Url | None = None
    company_name: Annotated[Name | None, Doc("Who recalls it.")] = None
    recall_date: Annotated[date | None, Doc("When it began.")] = None
    jurisdictions: Annotated[Places | None, Doc("Where it holds.")] = None
    lot_codes: Annotated[LotCodes | None, Doc("All its lots, anew; null takes them away.")] = ABSENT


@dataclass(kw_only=True)
class NoticeText:
    language: Language
    title: Annotated[Title, Doc("What it is about.")]
    message: Annotated[Text, Doc("What people should know.")] = ""
    instructions: Annotated[Text, Doc("What they should do.")] = ""


Texts = Annotated[
    list[NoticeText],
    Bounds(min_length=1, max_length=MOST_TEXTS),
    Doc("The notice in its languages, each once; the first is the original."),
]


@dataclass(kw_only=True)
class SafetyNoticeInput:
    gtins: Gtins
    severity: Annotated[NoticeSeverity, Doc("How dangerous it is: the signal words of ANSI Z535.6.")]
    texts: Texts
    status: Annotated[NoticeStatus, Doc("draft, or published at once.")] = NoticeStatus.DRAFT
    affected_lots: Annotated[LotsOf, Doc("Lots that it is about, as in recalls; null: every lot.")] = None
    regions: Annotated[Places | None, Doc("Where it holds; none: everywhere.")] = None
    url: Url = ""
    metadata: Metadata = ABSENT


@dataclass(kw_only=True)
class SafetyNoticePatch:
    gtins: Annotated[Gtins | None, Doc("All products that it is about; null leaves them as they are.")] = None
    severity: Annotated[NoticeSeverity | None, Doc("How dangerous it is.")] = None
    texts: Annotated[Texts | None, Doc("All its texts, anew; null leaves them as they are.")] = None
    status: Annotated[NoticeStatus | None, Doc("published or withdrawn. What was published is no draft again.")] = None
    affected_lots: Annotated[LotCodes | None, Doc("Lots that it is about, anew; null: every lot.")] = ABSENT
    regions: Annotated[Places | None, Doc("Where it holds; none: everywhere.")] = None
    url: Url | None = None
    metadata: Metadata = ABSENT


@dataclass(kw_only=True)
class FtlInput:
    contains_ftl_substance: Annotated[bool, Doc("Whether it contains a food of the Food Traceability List.")]
    ftl_categories: Annotated[
        list[FtlCategory] | None, Bounds(max_length=30), Doc("Which foods of the list; needed if it contains any.")
    ] = None
    ftl_notes: Annotated[str, Bounds(max_length=1000), Doc("Remarks, such as an exemption that applies.")] = ""


def given(input: Any, names: tuple[str, ...]) -> dict[str, Any]:
    """What an input says of these columns; null and nothing are left out."""
    found = {name: getattr(input, name) for name in names}
    return {name: value for name, value in found.items() if value is not None and value is not ABSENT}
