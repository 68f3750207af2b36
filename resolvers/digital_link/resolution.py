"""Where a request goes: the one place that decides it. No HTTP, no database (docs/decisions/0022).

A request that names a link type goes to the link of that type: of the rule for that type, of the owner, of the
platform. Any other goes to the default: of the rules; of the owner, at the most granular level; the hosted page.
"""

from collections.abc import Sequence
from typing import NamedTuple

from resolvers.digital_link.found import Found, Target
from resolvers.digital_link.negotiation import Chosen, Described, Wanted, choose
from resolvers.digital_link.rules import RuleSet, Visit
from resolvers.digital_link.scans import Answer


class Outcome(NamedTuple):
    """What a request comes to: an address, a choice of links, or nothing.

    `forward`: whether the request's query goes with it; `spent`: the context in it has decided, and stays behind.
    """

    answer: Answer | None
    href: str = ""
    forward: bool = True
    rule_id: str | None = None
    choices: Sequence[Target] = ()
    spent: bool = False


NOTHING = Outcome(None)


def resolve(found: Found, rules: RuleSet, visit: Visit, wanted: Wanted, named: bool) -> Outcome:
    """The outcome of one request.

    Args:
        visit: who asks, when, for which link type.
        named: the request names a link type; that of `visit` is None if there is no such type.
    """
    if named and visit.link_type is None:
        return NOTHING
    if rules.size and found.subject is not None:
        verdict = rules.decide(found.subject, visit)
        if verdict is not None and verdict.url is not None:
            return Outcome(Answer.CUSTOM_URL, verdict.url, rule_id=verdict.rule.id)
        if verdict is not None and found.page is not None:
            return Outcome(Answer.HOSTED_PAGE, found.page, rule_id=verdict.rule.id)
    if visit.link_type is not None:
        links = found.of_type(visit.link_type)
        return chosen(choose(links, about, wanted)) if links else NOTHING
    if not found.rows and found.page is not None:
        return Outcome(Answer.HOSTED_PAGE, found.page)
    return default(found, wanted)


def default(found: Found, wanted: Wanted) -> Outcome:
    """The default link of the most granular level that has one; where there are several to be told apart, the one that
    fits best, if something tells it apart. What the platform has put there comes behind all that the owner says."""
    last = NOTHING
    for several, one in found.defaults():
        if several:
            best = choose(several, about, wanted)
            if best.told and len({each.href for each in best.links}) == 1:
                return to(best.links[0], best.by_context)
        if one is not None and not one.ours:
            return to(one)
        last = to(one) if one is not None else last
    return last


def chosen(best: Chosen) -> Outcome:
    if len(best.links) == 1:
        return to(best.links[0], best.by_context)
    return Outcome(Answer.CHOICE, choices=best.links)


def to(link: Target, spent: bool = False) -> Outcome:
    page = link.ours and link.href.startswith("/p/")
    return Outcome(Answer.HOSTED_PAGE if page else Answer.LINK, link.href, link.forward, spent=spent)


def about(link: Target) -> Described:
    return link.described
