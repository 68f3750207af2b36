"""From a request for a Digital Link to the answer: read, look up, decide, send."""

import re
from functools import lru_cache
from typing import Any, NamedTuple

import orjson
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from closient_gql.core.errors import BadRequest, DomainError, NotFound
from closient_gql.core.gs1 import Gs1Error
from closient_gql.core.gs1.dictionary import default
from closient_gql.core.models.account import KeyKind
from closient_gql.core.settings import settings
from closient_gql.server.answers import envelope
from closient_gql.server.requests import context_of
from closient_gql.server.resolver import pages
from closient_gql.server.resolver.reading import Asked, read, without_context
from closient_gql.server.rest.compile import Endpoint
from closient_gql.server.rest.handle import answer as answer_of
from resolvers.digital_link import linktypes, rules
from resolvers.digital_link.destinations import leads_back, with_query
from resolvers.digital_link.directory import NO_RULES, Directory
from resolvers.digital_link.found import Found
from resolvers.digital_link.linksets import CONTEXT_PATH, absolute, linkset, shown
from resolvers.digital_link.negotiation import (
    DATA,
    JSON_LD,
    LINKSET,
    Form,
    Wanted,
    accepted,
    first_language,
    languages,
)
from resolvers.digital_link.resolution import Outcome, resolve
from resolvers.digital_link.rules import RuleSet, Visit
from resolvers.digital_link.scans import Answer, Scan
from resolvers.digital_link.visitors import Visitor, visitor_of
from resolvers.viewer import Viewer

METHODS = "GET, HEAD, OPTIONS"
Headers = list[tuple[bytes, bytes]]
CORS = [
    (b"access-control-allow-origin", b"*"),
    (b"access-control-allow-methods", METHODS.encode()),
    (b"access-control-expose-headers", b"Link, Location"),
    (b"vary", b"Accept, Accept-Language, User-Agent"),
]
PREFLIGHT = [
    (b"allow", METHODS.encode()), (b"access-control-allow-headers", b"*"), (b"access-control-max-age", b"7200"),
]  # fmt: skip
HOST = re.compile(r"([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]+)?")
NO_BODY = [(b"content-length", b"0")]
PUBLIC = Viewer(kind=KeyKind.PUBLISHABLE)  # who looks a code up sees what the public sees
NO_LINK = "There is no link of the type {type} here. With linkType=linkset the answer is a list of all that there are."
NO_TYPE = "{type} is no link type of the GS1 Web Vocabulary. With linkType=linkset the answer is a list of all links."
UNKNOWN = "Nothing is known here about {title} {value}. Whoever it belongs to can add the product, or links for it."
CIRCLE = "The link leads back to this resolver, which would go round in circles. Its owner has to mend it."


class Route:
    """How metrics and logs call these requests."""

    path = "/{digital_link}"


ROUTE = Route()


class Caller(NamedTuple):
    """Who asks, as far as the headers say."""

    accept: str
    language: str
    agent: str
    host: str


def caller_of(scope: Scope) -> Caller:
    accept = language = agent = host = b""
    for name, value in scope["headers"]:
        if name == b"accept":
            accept = accept + b"," + value if accept else value
        elif name == b"accept-language":
            language = value
        elif name == b"user-agent":
            agent = value
        elif name == b"host":
            host = value
    return Caller(*(each.decode("latin-1") for each in (accept, language, agent, host)))


@lru_cache(64)
def base_of(public: str, scheme: str, host: str) -> str:
    """The address of this server, as users see it. A Host header that is none is not repeated."""
    if public:
        return public.rstrip("/")
    return f"{scheme}://{host if HOST.fullmatch(host) else 'localhost'}"


class Exchange:
    """One request and the way to answer it."""

    __slots__ = ("asked", "base", "caller", "head", "receive", "scope", "send")

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.scope, self.receive, self.send = scope, receive, send
        self.caller = caller_of(scope)
        self.base = base_of(settings().public_url, scope["scheme"], self.caller.host)
        self.head = scope["method"] == "HEAD"
        self.asked: Asked | None = None

    @property
    def wants_page(self) -> bool:
        return accepted(self.caller.accept).form is Form.HTML

    async def say(self, status: int, headers: Headers, body: bytes = b"", kind: str = "") -> None:
        if body:
            headers = [*headers, (b"content-type", kind.encode()), (b"content-length", str(len(body)).encode())]
        elif status != 204:
            headers = headers + NO_BODY
        await self.send({"type": "http.response.start", "status": status, "headers": headers})
        await self.send({"type": "http.response.body", "body": b"" if self.head else body})

    async def fail(self, error: DomainError, headers: Headers) -> None:
        """An error: a page for browsers, the envelope for everybody else."""
        if self.wants_page:
            shown = pages.failure(error)
            await self.say(error.status, [*headers, *pages.HEADERS], shown, pages.KIND)
            return
        response = envelope(Request(self.scope), error)
        rest = [each for each in response.raw_headers if each[0] not in (b"content-type", b"content-length")]
        await self.say(error.status, [*headers, *rest], bytes(response.body), response.headers["content-type"])


class Answering:
    """Answers requests for Digital Links."""

    def __init__(self, product: Endpoint) -> None:
        self.product = product

    async def answer(self, scope: Scope, receive: Receive, send: Send, raw: bytes, asked: Asked | None) -> None:
        scope["route"] = ROUTE
        exchange = Exchange(scope, receive, send)
        if scope["method"] not in ("GET", "HEAD", "OPTIONS"):
            error = BadRequest(f"This address answers {METHODS} only.", 405, {"Allow": METHODS})
            await exchange.fail(error, CORS)
            return
        try:
            exchange.asked = asked or read(raw, scope["query_string"])
        except Gs1Error as error:
            await exchange.fail(BadRequest(f"This is no GS1 Digital Link URI that is valid: {error}"), CORS)
            return
        await self.resolved(exchange, exchange.asked)

    async def resolved(self, exchange: Exchange, asked: Asked) -> None:
        directory: Directory = exchange.scope["app"].state.directory
        found = directory.known(asked.path)
        if found is None:
            found = await directory.find(asked.path)
        if found is None:
            key = asked.path[0]
            words = UNKNOWN.format(title=default().entries[key.ai].title, value=key.value)
            await exchange.fail(NotFound(words), CORS)
        elif found.handled_by is not None:
            await hand_on(exchange, asked, found, found.handled_by)
        elif exchange.scope["method"] == "OPTIONS":
            await exchange.say(204, [*CORS, *PREFLIGHT, links_of(exchange, found)])
        else:
            await self.represented(exchange, asked, found, directory)

    async def represented(self, exchange: Exchange, asked: Asked, found: Found, directory: Directory) -> None:
        """In the form that is asked for (docs/decisions/0022)."""
        form = accepted(exchange.caller.accept).form
        if form is Form.LINKSET or asked.link_type in linktypes.LINKSET:
            await list_links(exchange, found, form)
        elif form is Form.DATA and asked.link_type is None:
            await (self.describe(exchange, found) if found.product else list_links(exchange, found, form))
        else:
            rule_set = NO_RULES
            if found.subject is not None and found.organization_id is not None:
                known = directory.known_rules(found.organization_id)
                rule_set = known if known is not None else await directory.rules(found.organization_id)
            await lead(exchange, asked, found, rule_set)

    async def describe(self, exchange: Exchange, found: Found) -> None:
        """The product's data, as its REST API has it."""
        assert found.product is not None
        request = Request(exchange.scope)
        ctx = context_of(request)
        ctx.viewer = PUBLIC
        result = await self.product.operation.execute({"gtin": found.product.gtin, "ownerOnly": False}, ctx)
        try:
            body = answer_of(request, self.product, result).body
        except DomainError as error:
            await exchange.fail(error, CORS)
            return
        if exchange.scope["method"] == "GET":
            record(exchange, found, Answer.DATA, visitor(exchange))
        await exchange.say(200, [*CORS, links_of(exchange, found)], bytes(body), DATA)


# --- answers


async def lead(exchange: Exchange, asked: Asked, found: Found, rule_set: RuleSet) -> None:
    """To where the request goes: 307; a choice: 300; nothing of what it asks for: 404."""
    caller = exchange.caller
    who = visitor(exchange)
    wanted = Wanted(accepted(caller.accept).ranges, languages(caller.language), asked.context)
    name = linktypes.parse_link_type(asked.link_type) if asked.link_type is not None else None
    visit = Visit(rules.now(), who, first_language(wanted.languages), name)
    outcome = resolve(found, rule_set, visit, wanted, asked.link_type is not None)
    if outcome.answer is Answer.CHOICE:
        await offer(exchange, found, outcome)
    elif outcome.answer is None:
        words = (NO_LINK if name else NO_TYPE).format(type=(asked.link_type or linktypes.DEFAULT)[:100])
        await exchange.fail(NotFound(words), [*CORS, links_of(exchange, found)])
        return
    else:
        location = absolute(outcome.href, exchange.base)
        if caller.host and caller.host in outcome.href and leads_back(location, (caller.host,)):
            await exchange.fail(NotFound(CIRCLE), [*CORS, links_of(exchange, found)])
            return
        if asked.query and outcome.forward:
            location = with_query(location, without_context(asked.query) if outcome.spent else asked.query)
        headers = [(b"location", location.encode("latin-1")), links_of(exchange, found), *CORS]
        await exchange.say(307, headers)
    if exchange.scope["method"] == "GET":
        record(exchange, found, outcome.answer, who, outcome.rule_id)


async def offer(exchange: Exchange, found: Found, outcome: Outcome) -> None:
    """Several links, none of which fits better: the visitor chooses (RFC 9110, 15.4.1)."""
    links = [shown(each, exchange.base, each.type) for each in outcome.choices]
    headers = [*CORS, links_of(exchange, found)]
    if exchange.wants_page:
        page = pages.choice(found.branches[0].description, links)
        await exchange.say(300, [*headers, *pages.HEADERS], page, pages.KIND)
    else:
        member = {"anchor": exchange.base + found.address, "itemDescription": found.branches[0].description}
        member[linktypes.NAMESPACE + outcome.choices[0].type] = links  # type: ignore[assignment]
        await exchange.say(300, headers, orjson.dumps({"linkset": [member]}), LINKSET)


async def list_links(exchange: Exchange, found: Found, form: Form) -> None:
    """The linkset, in the form that is asked for."""
    content: Any = linkset(found, exchange.base)
    if exchange.scope["method"] == "GET":
        record(exchange, found, Answer.LINKSET, visitor(exchange))
    if form is Form.HTML:
        page = pages.links(content["linkset"])
        await exchange.say(200, [*CORS, links_of(exchange, found), *pages.HEADERS], page, pages.KIND)
        return
    context = f"{exchange.base}{CONTEXT_PATH}"
    if form is Form.JSON_LD:
        content = {"@context": context} | content
    kind = {Form.DATA: DATA, Form.JSON_LD: JSON_LD}.get(form, LINKSET)
    await exchange.say(200, [*CORS, links_of(exchange, found, context)], orjson.dumps(content), kind)


async def hand_on(exchange: Exchange, asked: Asked, found: Found, root: str) -> None:
    """To the resolver that handles this company prefix, whatever is asked for; of a compressed link, uncompressed."""
    location = with_query(root.rstrip("/") + found.address, asked.query)
    parts = [f'<{root}>; rel="gs1:handledBy"; title="Handled by another resolver"', *same_as(exchange)]
    link = (b"link", ", ".join(parts).encode("latin-1"))
    if exchange.scope["method"] == "OPTIONS":
        await exchange.say(204, [*CORS, *PREFLIGHT, link])
    else:
        await exchange.say(307, [(b"location", location.encode("latin-1")), link, *CORS])


def links_of(exchange: Exchange, found: Found, context: str = "") -> tuple[bytes, bytes]:
    """The Link header: where the linkset is; for a compressed request, what it is uncompressed; the JSON-LD context."""
    parts = [linkset_link(exchange.base, found.address), *same_as(exchange)]
    if context:
        parts.append(f'<{context}>; rel="{linktypes.CONTEXT}"; type="{JSON_LD}"; title="What the names mean"')
    return b"link", ", ".join(parts).encode("latin-1")


def same_as(exchange: Exchange) -> list[str]:
    """What a compressed request is uncompressed."""
    if exchange.asked is None or exchange.asked.compressed is None:
        return []
    return [f'<{exchange.base}{exchange.asked.compressed}>; rel="owl:sameAs"; title="The same link uncompressed"']


def linkset_link(base: str, address: str) -> str:
    return f'<{base}{address}?linkType=linkset>; rel="linkset"; type="{LINKSET}"; title="All links"'


# --- scans


def visitor(exchange: Exchange) -> Visitor:
    client = exchange.scope.get("client")
    return visitor_of(exchange.caller.agent, client[0] if client else "")


def record(exchange: Exchange, found: Found, answer: Answer, who: Visitor, rule_id: str | None = None) -> None:
    exchange.scope["app"].state.scans.record(scan_of(found, answer, who, rule_id))


def scan_of(found: Found, answer: Answer, who: Visitor, rule_id: str | None) -> Scan:
    key, product = found.key, found.product
    return Scan(
        key.ai, key.value, found.level, product.id if product else None, found.organization_id, rule_id, answer,
        who.device, who.country,
    )  # fmt: skip
