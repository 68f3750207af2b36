"""Where codes lead: links, and the rules of scans."""

from datetime import datetime, time

import strawberry

from closient_gql.core.gs1.gtin import Gtin
from closient_gql.core.models import digital_link as models
from closient_gql.core.models.digital_link import DeadUrl, RuleDestination, RuleScope
from resolvers.digital_link import inputs, links, linktypes, rule_queries, successors
from resolvers.digital_link.scans import Answer
from resolvers.digital_link.visitors import Device
from resolvers.products.queries import products_by_id
from schema.compliance.types import Recall
from schema.declare import adopt_enum, adopt_input, column, entity, reference, relation, value
from schema.products.types import Product

adopt_enum(RuleScope, "What a rule is about, the most specific last.")
adopt_enum(RuleDestination, "Where a rule leads.")
adopt_enum(DeadUrl, "What becomes of a rule while its address does not answer.")
adopt_enum(Device, "A class of devices.")
adopt_enum(Answer, "What a code was answered with.")
adopt_enum(rule_queries.StepOutcome, "What a rule said to a scan.")
adopt_input(inputs.LinkInput, "LinkInput", "A link.")
adopt_input(inputs.LinkPatch, "LinkPatch", "What is to change of a link.")
adopt_input(inputs.RuleInput, "ResolutionRuleInput", "A rule.")
adopt_input(inputs.RulePatch, "ResolutionRulePatch", "What is to change of a rule.")
adopt_input(inputs.RulePlace, "ResolutionRulePlace", "The new place of a rule.")
adopt_input(inputs.RuleOrder, "ResolutionRuleReorderInput", "New places of rules.")
adopt_input(inputs.DryRunInput, "ResolutionDryRunInput", "A scan that is only thought of.")


@value(successors.FormerRecall, says="An open recall of a GTIN that was given up for a product.")
class FormerRecall:
    gtin: Gtin = column("The GTIN on the packages that are recalled.")
    recall: Recall = column("The recall.")


@value(linktypes.LinkType, says="A link type of the GS1 Web Vocabulary.")
class LinkType:
    curie: str = column("How it is written in requests: gs1:pip.")
    uri: str = column("How it is written in linksets.")
    label: str = column("Its name for people.")
    description: str = column("What links of this type lead to.")
    deprecated: bool = column("Whether the vocabulary advises against it.")


@entity(models.Link, keys={"id": links.links_by_id}, says="A typed link of an identified thing.")
class Link:
    id: strawberry.ID = column("Id of the link.")
    organization_id: strawberry.ID = column("Id of the organization that it belongs to.")
    anchor: str = relation(
        links.anchors_of, "What it is a link of: the path of a Digital Link URI.", reads=["anchor", "variables"]
    )
    gtin: str | None = column("GTIN of the product, if that is its primary key.")
    item_description: str = column("What the anchor identifies; empty if nothing is said.")
    link_type: str = relation(links.types_of, "Its type: gs1:pip.", reads=["link_type"])
    href: str = column("Where it leads.")
    title: str = column("Title for people.")
    hreflang: list[str] = column("Languages of what it leads to: BCP 47.")
    media_type: str = column("Media type of what it leads to; empty if nothing is said.")
    context: list[str] = column("Contexts in which it is the right one.")
    is_public: bool = column("Whether it is resolved and listed.")
    forward_query: bool = column("Whether the query of a request goes with it.")
    metadata: dict[str, str] = column("The owner's own notes.")
    created: datetime = column("When it was made.")
    modified: datetime = column("When it last changed.")


@entity(
    models.ResolutionRule,
    keys={"id": rule_queries.rules_by_id},
    says="Where scans go, if everything that the rule asks for is met.",
)
class ResolutionRule:
    id: strawberry.ID = column("Id of the rule.")
    organization_id: strawberry.ID = column("Id of the organization that it belongs to.")
    scope_type: RuleScope = column("What it is about.")
    scope_id: str | None = column(
        "Which: null for ORGANIZATION, the id of a brand, the GTIN of a product, {gtin}/10/{lot}, {gtin}/21/{serial}."
    )
    product_id: strawberry.ID | None = column("Id of the product that it is about; null: of no single one.")
    product: Product | None = reference("product_id", products_by_id, "The product that it is about.")
    order_index: int = column("Its place among the rules of its scope, lowest first.")
    enabled: bool = column("Whether it is heeded.")
    destination_type: RuleDestination = column("Where scans go.")
    custom_url: str | None = column("The address of a CUSTOM_URL.")
    on_custom_url_dead: DeadUrl = column("What happens while the custom_url does not answer.")
    absolute_start_at: datetime | None = column("From this moment on.")
    absolute_end_at: datetime | None = column("Until this moment, which does not belong to it.")
    annual_start_mmdd: str | None = column("First day in each year: MM-DD.")
    annual_end_mmdd: str | None = column("Last day in each year; before the first: over the turn of the year.")
    days_of_week: list[int] | None = column("Days of the week: 0 is Monday, 6 is Sunday.")
    time_of_day_start: time | None = column("From this time of day on.")
    time_of_day_end: time | None = column("Until this time of day, which does not belong to it.")
    timezone: str | None = column("Whose clock days and times are read from; null: UTC.")
    link_type: str | None = relation(
        rule_queries.link_types_of,
        "For requests that name this link type; null: for those that name none.",
        reads=["link_type"],
    )
    location_countries: list[str] | None = column("Only for scans from these countries.")
    location_regions: list[str] | None = column("Only for scans from these regions: ISO 3166-2.")
    location_cities: list[str] | None = column("Only for scans from these cities.")
    languages: list[str] | None = column("Only for visitors who want one of these languages most.")
    devices: list[Device] | None = column("Only for these classes of devices.")
    metadata: dict[str, str] = column("The owner's own notes.")
    created: datetime = column("When it was made.")
    modified: datetime = column("When it last changed.")


@value(rule_queries.DryStep, says="One rule that was asked in a dry run.")
class DryRunStep:
    rule: ResolutionRule = column("The rule.")
    outcome: rule_queries.StepOutcome = column("What it said.")
    criterion: str | None = column("The first thing that it asks for and the scan is not; null: none.")


@value(rule_queries.DryRun, says="Where a scan would go, and why.")
class DryRun:
    answer: Answer | None = column("What it would be answered with; null: 404.")
    location: str | None = column("Where it would go, before the query of the scan is added; null: to no one place.")
    reason: str = column("Why, in words.")
    rule: ResolutionRule | None = column("The rule that decides; null: none does.")
    at: datetime = column("The moment of the scan.")
    considered: int = column("How many rules were asked.")
    steps: list[DryRunStep] = column("The rules that were asked, in order, up to the one that decides; 500 at most.")
