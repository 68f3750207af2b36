"""What links add to products, and the root fields."""

from closient_gql.core.gs1.gtin import Gtin
from resolvers.digital_link import links, rule_changes, rule_queries, successors
from schema.declare import Mutation, Query, extend, relation, root
from schema.digital_link.types import DryRun, FormerRecall, Link, LinkType, ResolutionRule
from schema.products.types import Product
from schema.shared import Connection


@extend(Product)
class ProductLinks:
    links: list[Link] = relation(
        links.public_links_of, "Public links of its owner's, of every batch and item.", reads=["id"], size=10
    )
    former_gtins: list[Gtin] = relation(
        successors.former_gtins_of, "GTINs that were given up for it: their codes lead to it.", reads=["id"], size=2
    )
    former_recalls: list[FormerRecall] = relation(
        successors.former_recalls_of, "Open recalls of GTINs that were given up for it.", reads=["id"], size=2
    )


@extend(Query)
class ResolverQueries:
    link_types: list[LinkType] | None = root(links.known_link_types, "Every link type that there is.", size=60)
    link: Link | None = root(links.link, "A link of the caller's organizations.")
    links: Connection[Link] | None = root(links.links, "The links of an organization.")
    resolution_rule: ResolutionRule | None = root(rule_queries.resolution_rule, "A rule of the caller's organizations.")
    resolution_rules: Connection[ResolutionRule] | None = root(
        rule_queries.resolution_rules, "The rules of an organization, in the order in which they are asked."
    )
    resolution_dry_run: DryRun | None = root(rule_queries.dry_run, "Where a scan would go by its rules, and why.")


@extend(Mutation)
class ResolverMutations:
    link_create: Link | None = root(links.create_link, "Gives a key of the organization's a link.")
    link_update: Link | None = root(links.update_link, "Changes a link.")
    link_delete: bool | None = root(links.delete_link, "Removes a link. Answers true.")
    resolution_rule_create: ResolutionRule | None = root(rule_changes.create_rule, "Adds a rule.")
    resolution_rule_update: ResolutionRule | None = root(rule_changes.update_rule, "Changes a rule.")
    resolution_rule_delete: bool | None = root(rule_changes.delete_rule, "Removes a rule. Answers true.")
    resolution_rules_reorder: list[ResolutionRule] | None = root(
        rule_changes.reorder_rules, "Gives rules new places, all at once or none.", size=25
    )
    former_gtin_add: Product | None = root(successors.add_former_gtin, "Codes of a former GTIN lead to a product.")
    former_gtin_remove: bool | None = root(
        successors.remove_former_gtin, "Codes of a former GTIN lead there no more. Answers true."
    )
