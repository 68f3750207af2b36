"""The short way of most scans: a plain code, a phone's browser, a redirect.

Asked by the edge before anything else happens to a request. What is not of this kind (a query, another form than a
page, an error) goes the long way (`answering.py`); both decide by the same function, and a test compares them.

What a code was answered with is remembered beside what is known of it, for visitors who send the same headers: for as
long as nothing changes, or for the second, where a rule looks at the clock.
"""

from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from starlette.types import Scope

from closient_gql.core.gs1 import Gs1Error
from closient_gql.core.settings import settings
from closient_gql.server.resolver.answering import CORS, NO_BODY, ROUTE, Headers, base_of, linkset_link, scan_of
from closient_gql.server.resolver.reading import KEYS, Path, known_path, read
from resolvers.digital_link import rules
from resolvers.digital_link.directory import NO_RULES, Directory
from resolvers.digital_link.found import Found
from resolvers.digital_link.linksets import absolute
from resolvers.digital_link.negotiation import Form, Wanted, accepted, first_language, languages
from resolvers.digital_link.resolution import resolve
from resolvers.digital_link.rules import RuleSet, Visit
from resolvers.digital_link.scans import Answer, Scan
from resolvers.digital_link.visitors import Visitor, visitor_of

MOST_REMEMBERED = 32  # kinds of visitors of one code
PLAIN = [*(each for each in CORS if each[0] != b"access-control-expose-headers"), *NO_BODY]  # nobody sees a redirect's
LONG_WAY = (Form.LINKSET, Form.DATA)


class Remembered(NamedTuple):
    """What a kind of visitor was answered with; `second`: the only one in which it holds, or None."""

    rules: RuleSet
    second: int | None
    headers: Headers
    scan: Scan


def quick(scope: Scope) -> Headers | Awaitable[Headers | None] | None:
    """The headers of a 307; None for what goes the long way."""
    if scope["query_string"] or scope["method"] != "GET":
        return None
    raw: bytes = scope.get("raw_path") or b""
    if raw[1:].partition(b"/")[0] not in KEYS:
        return None
    path = known_path(raw)
    if path is None:
        try:
            asked = read(raw, b"")
        except Gs1Error:
            return None
        if asked.compressed is not None:
            return None
        path = asked.path
    directory: Directory = scope["app"].state.directory
    found = directory.known(path)
    if found is None:
        return later(scope, path, directory)
    rule_set = known_rules(found, directory)
    return None if rule_set is None else redirect(scope, found, rule_set, again=True)


async def later(scope: Scope, path: Path, directory: Directory) -> Headers | None:
    """The same for a code that has to be looked up. A fault shows itself in the long way once more."""
    try:
        found = await directory.fetch(path)
        if found is None:
            return None
        rule_set = known_rules(found, directory)
        if rule_set is None:
            rule_set = await directory.rules(found.organization_id or "")
    except Exception:
        return None
    return redirect(scope, found, rule_set)


def known_rules(found: Found, directory: Directory) -> RuleSet | None:
    """The rules for what was found; None: they have to be loaded."""
    if found.subject is None or found.organization_id is None:
        return NO_RULES
    return directory.known_rules(found.organization_id)


@dataclass(frozen=True, eq=False, slots=True)
class Kind:
    """A kind of visitor: those who send the same headers to the same host. Known by itself, which is quick."""

    visitor: Visitor
    wanted: Wanted
    language: str
    host: str
    base: str


@lru_cache(4096)
def kind_of(
    accept: bytes, language: bytes, agent: bytes, host: bytes, address: str, scheme: str, public: str
) -> Kind | None:
    """What the headers say; None: they ask for a form that goes the long way."""
    wish = accepted(accept.decode("latin-1"))
    if wish.form in LONG_WAY:
        return None
    wanted = Wanted(wish.ranges, languages(language.decode("latin-1")))
    name = host.decode("latin-1")
    base = base_of(public, scheme, name)
    return Kind(visitor_of(agent.decode("latin-1"), address), wanted, first_language(wanted.languages), name, base)


def redirect(scope: Scope, found: Found, rule_set: RuleSet, again: bool = False) -> Headers | None:
    """The answer to one scan. `again`: the code was scanned before, so that remembering the answer may be worth it."""
    given = dict(scope["headers"])
    client, get, setting = scope.get("client"), given.get, settings()
    kind = kind_of(
        get(b"accept", b""), get(b"accept-language", b""), get(b"user-agent", b""), get(b"host", b""),
        client[0] if client and setting.geoip_file else "", scope["scheme"], setting.public_url,
    )  # fmt: skip
    if kind is None or found.handled_by is not None or len(given) < len(scope["headers"]):
        return None
    now = rules.now()
    known = found.answers.get(kind) if again else None
    if known is None or known.rules is not rule_set or (known.second and known.second != int(now.timestamp())):
        known = decided(found, rule_set, kind, now)
        if known is None:
            return None
        if again:
            if len(found.answers) >= MOST_REMEMBERED:
                found.answers.clear()
            found.answers[kind] = known
    scope["route"] = ROUTE
    scope["app"].state.scans.record(known.scan)
    return known.headers.copy()


def decided(found: Found, rule_set: RuleSet, kind: Kind, now: datetime) -> Remembered | None:
    """Where such a visitor goes; None: not to one place."""
    visit = Visit(now, kind.visitor, kind.language)
    outcome = resolve(found, rule_set, visit, kind.wanted, named=False)
    if outcome.answer is None or outcome.answer is Answer.CHOICE or (kind.host and kind.host in outcome.href):
        return None
    headers = [
        (b"location", absolute(outcome.href, kind.base).encode("latin-1")),
        (b"link", linkset_link(kind.base, found.address).encode("latin-1")),
        *PLAIN,
    ]
    second = int(now.timestamp()) if found.subject and rule_set.looks_at_the_clock(found.subject) else None
    return Remembered(rule_set, second, headers, scan_of(found, outcome.answer, kind.visitor, outcome.rule_id))
