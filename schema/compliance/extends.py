"""What recalls and notices add to products and organizations, and their root fields."""

from resolvers.compliance import ftl, notice_changes, notices, queries, recalls, report
from schema.account.types import Organization
from schema.compliance.types import FtlDesignation, Recall, RecallFeed, SafetyNotice, UnlinkedRecall
from schema.declare import Mutation, Query, extend, relation, root
from schema.products.types import Product
from schema.shared import Connection


@extend(Product)
class ProductCompliance:
    recalls: Connection[Recall] = relation(queries.recalls_of, "Its recalls, newest first; of one lot, by `lot`.")
    all_recalls: list[Recall] = relation(queries.all_recalls_of, "All its recalls, unpaged.", size=5)
    safety_notices: Connection[SafetyNotice] = relation(notices.notices_of, "Published safety notices, newest first.")
    ftl: FtlDesignation | None = relation(
        ftl.designations_of, "What its owner states of the Food Traceability List; null: nothing."
    )


@extend(Organization)
class OrganizationCompliance:
    is_authority: bool = relation(queries.are_authorities, "Whether it may write recalls of any product.")


@extend(Query)
class ComplianceQueries:
    recall: Recall | None = root(queries.recall, "The recall with this id.")
    open_recalls: Connection[Recall] | None = root(queries.open_recalls, "Open recalls of one product.")
    batch_recalls: Connection[Recall] | None = root(
        queries.batch_recalls, "Open recalls of one product whose lots cover one batch."
    )
    gtin_recalls: list[Recall] | None = root(
        queries.gtin_recalls, "Open recalls that name a GTIN, whether a product with it is known or not.", size=5
    )
    safety_notice: SafetyNotice | None = root(notices.safety_notice, "The safety notice with this id.")
    safety_notices: Connection[SafetyNotice] | None = root(
        notices.safety_notices, "Safety notices of an organization of the caller's, drafts included."
    )
    product_safety_notices: Connection[SafetyNotice] | None = root(
        notices.product_safety_notices, "Published safety notices of one product."
    )
    unlinked_recalls: Connection[UnlinkedRecall] | None = root(
        report.unlinked_recalls, "Recalls that could not be linked to products, for authorities."
    )
    recall_feeds: list[RecallFeed] | None = root(report.feeds, "How far each feed was read, for authorities.", size=4)


@extend(Mutation)
class ComplianceMutations:
    recall_create: Recall | None = root(recalls.create_recall, "Makes a recall of products of the caller's.")
    recall_update: Recall | None = root(recalls.update_recall, "Changes a recall of the caller's.")
    recall_delete: bool | None = root(recalls.delete_recall, "Deletes a recall of the caller's. Answers true.")
    safety_notice_create: SafetyNotice | None = root(notice_changes.create_notice, "Makes a safety notice.")
    safety_notice_update: SafetyNotice | None = root(
        notice_changes.update_notice, "Changes, publishes or withdraws a safety notice of the caller's."
    )
    safety_notice_delete: bool | None = root(
        notice_changes.delete_notice, "Deletes a safety notice of the caller's. Answers true."
    )
    product_ftl_replace: FtlDesignation | None = root(
        ftl.replace_ftl, "States whether a product of the caller's contains a food of the Food Traceability List."
    )
    product_ftl_delete: bool | None = root(ftl.delete_ftl, "Takes that statement back. Answers true.")
