"""Recalls, safety notices, and the Food Traceability List."""

from datetime import date as Date
from datetime import datetime

import strawberry

from closient_gql.core.gs1.gtin import Gtin
from closient_gql.core.models import compliance as models
from closient_gql.core.models.compliance import (
    FtlCategory,
    NoticeSeverity,
    NoticeStatus,
    RecallSeverity,
    RecallSource,
    RecallStatus,
)
from resolvers.compliance import inputs, notices, queries, report
from resolvers.compliance.inputs import LotCodes
from schema.declare import adopt_enum, adopt_input, column, entity, relation, value
from schema.products.types import Product
from schema.shared import Connection

adopt_enum(RecallStatus, "How far a recall is. ONGOING and UNKNOWN are open.")
adopt_enum(RecallSeverity, "How dangerous a recalled product is.")
adopt_enum(RecallSource, "The authority that a recall comes from, or was told to.")
adopt_enum(NoticeStatus, "Who sees a safety notice.")
adopt_enum(NoticeSeverity, "How dangerous it is: the signal words of ANSI Z535.6.")
adopt_enum(FtlCategory, "A food of FDA's Food Traceability List (21 CFR 1.1300; FSMA section 204).")
adopt_input(inputs.RecallInput, "RecallInput", "A recall that is to be made.")
adopt_input(inputs.RecallPatch, "RecallPatch", "What is to change of a recall. Null means: as it is.")
adopt_input(inputs.NoticeText, "NoticeTextInput", "A safety notice in one language.")
adopt_input(inputs.SafetyNoticeInput, "SafetyNoticeInput", "A safety notice that is to be made.")
adopt_input(inputs.SafetyNoticePatch, "SafetyNoticePatch", "What is to change of a notice. Null means: as it is.")
adopt_input(inputs.FtlInput, "FtlDesignationInput", "What is stated of a product and the Food Traceability List.")


@entity(models.Recall, keys={"id": queries.recalls_by_id}, says="A recall of products, or of some lots of them.")
class Recall:
    id: strawberry.ID = column("Id of the recall.")
    title: str = column("What is recalled, and by whom.")
    status: RecallStatus = column("How far it is.")
    source_system: RecallSource = column("The authority that it comes from.")
    source_id: str | None = column("The authority's own number of it.")
    severity: RecallSeverity = column("How dangerous it is.")
    description: str = column("What is recalled, in detail; empty if nothing is said.")
    hazard: str = column("What can happen; empty if nothing is said.")
    remedy: str = column("What people who have it should do; empty if nothing is said.")
    public_url: str = column("Address of its page; empty if unknown.")
    company_name: str = column("Who recalls it; empty if unknown.")
    recall_date: Date | None = column("When it began.")
    jurisdictions: list[str] = column("Where it holds: ISO 3166-1 alpha-2, or ISO 3166-2 for parts of a country.")
    organization_id: strawberry.ID | None = column("Id of the organization that wrote it; null: it comes from a feed.")
    created: datetime = column("When it was first known here.")
    modified: datetime = column("When it last changed here.")
    products: Connection[Product] = relation(queries.products_of, "Products that it touches, by GTIN.")


@value(notices.Wording, says="A safety notice in one language.")
class NoticeText:
    language: str = column("Its language: BCP 47.")
    title: str = column("What it is about.")
    message: str = column("What people should know; empty if nothing is said.")
    instructions: str = column("What they should do; empty if nothing is said.")


@entity(
    models.SafetyNotice, keys={"id": notices.notices_by_id}, says="What an organization warns users of a product of."
)
class SafetyNotice:
    id: strawberry.ID = column("Id of the notice.")
    organization_id: strawberry.ID = column("Id of the organization that wrote it.")
    status: NoticeStatus = column("Who sees it.")
    severity: NoticeSeverity = column("How dangerous it is.")
    text: NoticeText = relation(notices.texts_of, "It in the language wanted, or in the nearest one that there is.")
    texts: list[NoticeText] = relation(notices.all_texts_of, "It in all its languages, the original first.", size=3)
    affected_lots: LotCodes | None = relation(notices.lots_of, "Lots that it is about, as written; null: every lot.")
    regions: list[str] = column("Where it holds: ISO 3166-1 alpha-2 or ISO 3166-2; none: everywhere.")
    url: str = column("Address of its page; empty if there is none.")
    published_at: datetime | None = column("Since when everybody sees it, or saw it last; null: never.")
    withdrawn_at: datetime | None = column("When it was withdrawn; null: it was not.")
    metadata: dict[str, str] = column("Notes of the organization's own.")
    created: datetime = column("When it was made.")
    modified: datetime = column("When it last changed.")
    gtins: list[Gtin] = relation(notices.gtins_of, "GTINs of the products that it is about.", size=10)
    products: Connection[Product] = relation(notices.products_of, "Products that it is about, by GTIN.")


@value(
    models.FtlDesignation, says="Whether a product contains a food of the Food Traceability List (FSMA section 204)."
)
class FtlDesignation:
    contains_ftl_substance: bool = column("Whether it does.")
    ftl_categories: list[FtlCategory] = column("Which foods of the list; none if it does not.")
    ftl_notes: str = column("Remarks, such as an exemption that applies; empty for none.")


@value(models.Recall, says="A recall that touches no product here, or fewer than it names.")
class UnlinkedRecall:
    id: strawberry.ID = column("Id of the recall.")
    title: str = column("What is recalled, and by whom.")
    source_system: RecallSource = column("The authority that it comes from.")
    source_id: str | None = column("The authority's own number of it.")
    public_url: str = column("Address of its page; empty if unknown.")
    recall_date: Date | None = column("When it began.")
    gtins: list[Gtin] = relation(report.gtins_of, "GTINs that it names and no product here has.", size=5)
    unread_codes: list[str] = column(
        "What its text calls a UPC or GTIN, and is none: the check digit is wrong or missing."
    )


@value(models.RecallFeed, says="How far the feed of one authority was read.")
class RecallFeed:
    source_system: RecallSource = column("The authority.")
    position: Date | None = column("The last day of which something was seen; the next reading begins there.")
    tried_at: datetime | None = column("When it was last tried.")
    read_at: datetime | None = column("When it was last read to its end.")
    error: str = column("Why the last attempt failed; empty if it did not.")
    records: int = column("Records that the last attempt saw.")
    added: int = column("Recalls that were new then.")
    changed: int = column("Recalls that had changed.")
    problems: list[str] = column("What was wrong with single records: dates that cannot be, records that are none.")
