"""Rules of an organization: how they are found, and what they would do with a scan."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from sqlalchemy import Text, bindparam, case, cast, func, select

from closient_gql.core.bounds import Doc, Id
from closient_gql.core.db import KEYS, Query
from closient_gql.core.enums import Described
from closient_gql.core.errors import Detail, Invalid
from closient_gql.core.gs1 import Gs1Error
from closient_gql.core.models.digital_link import ResolutionRule, RuleScope, UrlHealth
from closient_gql.core.paging import Listing, Slice, Window
from closient_gql.core.settings import settings
from resolvers import access
from resolvers.context import Context
from resolvers.digital_link import linktypes, rules
from resolvers.digital_link.directory import Directory
from resolvers.digital_link.found import Found
from resolvers.digital_link.inputs import DryRunInput
from resolvers.digital_link.linksets import absolute
from resolvers.digital_link.lookups import Path
from resolvers.digital_link.negotiation import Wanted, first_language, languages
from resolvers.digital_link.resolution import Outcome, resolve
from resolvers.digital_link.rules import PRECEDENCE, RuleSet, Visit, compiled, explain, place_of, rule_set
from resolvers.digital_link.scans import Answer
from resolvers.digital_link.uris import STEM, parsed, wishes
from resolvers.digital_link.visitors import Visitor
from resolvers.roles import May, require

RULE = ResolutionRule.__table__
BY_ID = Query(ResolutionRule, select(*RULE.c).where(ResolutionRule.id == func.any(KEYS)))
# as they are asked: by scope, the most specific first, then by what they are about, then by their order
EVALUATION = (
    case({scope.value: f"{place}" for place, scope in enumerate(PRECEDENCE)}, value=ResolutionRule.scope_type)
    + func.coalesce(ResolutionRule.scope_id, "")
    + " "
    + func.lpad(cast(ResolutionRule.order_index, Text), 10, "0")
)
RULES = Listing(
    "resolutionRules",
    ResolutionRule,
    select(*RULE.c),
    orders={"evaluation": EVALUATION},
    filters={
        "organization_id": ResolutionRule.organization_id == bindparam("organization_id"),
        "scope_type": ResolutionRule.scope_type == bindparam("scope_type"),
        "enabled": ResolutionRule.enabled == bindparam("enabled"),
    },
)
ALL = Query(
    ResolutionRule,
    select(*RULE.c, UrlHealth.is_dead)
    .outerjoin(UrlHealth, UrlHealth.url == ResolutionRule.custom_url)
    .where(ResolutionRule.organization_id == bindparam("organization"))
    .order_by(ResolutionRule.order_index, ResolutionRule.id),
)
OrganizationId = Annotated[Id, Doc("Id of an organization that the caller belongs to.")]
MOST_STEPS = 500


async def rules_by_id(ctx: Context, ids: Sequence[str]) -> list[ResolutionRule | None]:
    """Rules of the caller's organizations; others do not exist."""
    found = await ctx.read.by_key(BY_ID, "id", ids)
    return [row if row and ctx.viewer.belongs_to(row.organization_id) else None for row in found]


async def link_types_of(ctx: Context, found: Sequence[ResolutionRule]) -> list[str | None]:
    return [None if row.link_type is None else linktypes.PREFIX + row.link_type for row in found]


@access.user
async def resolution_rule(ctx: Context, id: Annotated[Id, Doc("Id of the rule.")]) -> ResolutionRule | None:
    """The rule with this id, if it is one of the caller's organizations."""
    found: ResolutionRule | None = await ctx.find(rules_by_id, id)
    return found


@access.user
async def resolution_rules(
    ctx: Context,
    organization_id: OrganizationId,
    window: Window,
    *,
    scope_type: Annotated[RuleScope | None, Doc("Only rules of this scope.")] = None,
    enabled: Annotated[bool | None, Doc("Only rules that are heeded, or only others.")] = None,
) -> Slice[ResolutionRule]:
    """The rules of an organization, in the order in which they are asked.

    Raises:
        NotFound: the organization is not the caller's.
    """
    require(ctx, organization_id, May.VIEW)
    (found,) = await RULES.slices(
        ctx.read, window, order="evaluation", organization_id=organization_id,
        scope_type=scope_type.value if scope_type else None, enabled=enabled,
    )  # fmt: skip
    return found


# --- dry run


class StepOutcome(Described):
    DECIDES = "DECIDES", "Everything that it asks for is met: it decides."
    NOT_MET = "NOT_MET", "Something that it asks for is not met; the criterion says what."
    URL_DEAD = "URL_DEAD", "Its address does not answer, so it is skipped."
    DISABLED = "DISABLED", "It is disabled."


@dataclass(frozen=True)
class DryStep:
    """One rule that was asked."""

    rule: Any
    outcome: StepOutcome
    criterion: str | None


@dataclass(frozen=True)
class DryRun:
    """Where a scan would go, and why."""

    answer: Answer | None
    location: str | None
    reason: str
    rule: Any
    at: datetime
    considered: int
    steps: list[DryStep]


@access.user
async def dry_run(
    ctx: Context, organization_id: OrganizationId, input: Annotated[DryRunInput, Doc("The scan.")]
) -> DryRun:
    """Where a scan would go by the rules of an organization as they are now, and what each rule says to it. Nothing is
    recorded.

    Raises:
        NotFound: the organization is not the caller's. Invalid: it is no Digital Link, or there is no such link type.
    """
    require(ctx, organization_id, May.VIEW)
    path, asked, context = scanned(input.digital_link)
    named = input.link_type is not None or asked is not None
    name = wanted_type(input.link_type) if input.link_type is not None else linktypes.parse_link_type(asked or "")
    listed = input.link_type is None and asked in linktypes.LINKSET
    wanted = Wanted(languages=languages(input.accept_language), context=context)
    place = (input.country or "", (input.region or "").upper(), (input.city or "").strip())
    visit = Visit(input.at or rules.now(), Visitor(input.device, *place), first_language(wanted.languages), name)
    found = await Directory(ctx.read.database).find(path)
    steps: list[DryStep] = []
    ours = RuleSet({})
    heeds_rules = name is not None or not named
    if heeds_rules and found and found.subject is not None and found.organization_id == organization_id:
        rows = await ctx.read.all(ALL, organization=organization_id)
        ours = rule_set(row for row in rows if row.enabled)
        heard = [compiled(row) for place in found.subject.places for row in rows if place_of(row) == place]
        steps = [DryStep(s.row, StepOutcome[s.outcome], s.criterion) for s in explain(heard, visit)]
    outcome = None
    if found is not None:
        outcome = Outcome(Answer.LINKSET) if listed else resolve(found, ours, visit, wanted, named)
    decided = steps[-1].rule if steps and steps[-1].outcome is StepOutcome.DECIDES else None
    return DryRun(
        answer=outcome.answer if outcome else None,
        location=absolute(outcome.href, settings().public_url.rstrip("/")) if outcome and outcome.href else None,
        reason=reason(found, outcome, organization_id), rule=decided, at=visit.at, considered=len(steps),
        steps=steps[:MOST_STEPS],
    )  # fmt: skip


def wanted_type(text: str | None) -> str | None:
    """Raises:
    Invalid: there is no such link type.
    """
    name = linktypes.parse_link_type(text) if text is not None else None
    if text is not None and name is None:
        raise Invalid([Detail(field="link_type", message="is no link type of the GS1 Web Vocabulary, as gs1:pip")])
    return name


def scanned(text: str) -> tuple[Path, str | None, str | None]:
    """The path of a code, compressed or not, with the link type and the context that its query names.

    Raises:
        Invalid: it is no Digital Link.
    """
    given = text.strip()
    try:
        link, _ = parsed(f"{STEM}{given}" if given.startswith("/") else given, compressed=False)
    except Gs1Error as error:
        raise Invalid([Detail(field="digital_link", message=f"is no valid Digital Link: {error}")]) from None
    return link.path, *wishes(link.other)


def reason(found: Found | None, outcome: Outcome | None, organization_id: str) -> str:
    """Why it goes there, in words."""
    if found is None or outcome is None:
        return "Nothing is known about this key: the answer is 404."
    if outcome.answer is Answer.LINKSET:
        return "All links are asked for, and listed: rules decide about redirects alone."
    if outcome.rule_id is not None:
        return "A rule decides."
    if outcome.answer is None:
        return "There is no link of this type: the answer is 404."
    if outcome.answer is Answer.CHOICE:
        return "Several links fit equally well: the visitor is shown them to choose from."
    ours = found.organization_id == organization_id and found.subject is not None
    words = "No rule decides" if ours else "Rules of this organization are not asked: the product is not its own"
    return f"{words}; {'the hosted page is the default' if outcome.answer is Answer.HOSTED_PAGE else 'a link is'}."
