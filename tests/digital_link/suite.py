"""What GS1's resolver test suite asks, and what it expects, for any linkset (gs1/GS1DL-resolver-testsuite, `e3485a5`):
written anew after its README and its conformance statements, for a server without TLS.

Links of one type with the same attributes are a choice (300); every other link is reached by a request with exactly its
attributes.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from jsonschema import Draft7Validator

from resolvers.digital_link.linktypes import NAMESPACE
from tests.digital_link.conftest import data

LINKSET_SCHEMA = Draft7Validator(data("linkset-schema.json"))
DESCRIPTION_SCHEMA = Draft7Validator(data("description-file-schema-1.2.0.json"))
ATTRIBUTES = ("type", "hreflang", "context")


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: Any = None

    @property
    def location(self) -> str:
        return self.headers.get("location", "")


Ask = Callable[..., Awaitable[Answer]]


def without_type(address: str, link_type: str) -> str:
    """An address without the link type that was passed on, and what follows it."""
    for written in (link_type, quote(link_type, safe="")):
        for sign in "?&":
            if f"{sign}linkType={written}" in address:
                return address.partition(f"{sign}linkType={written}")[0]
    return address


async def check(ask: Ask, path: str, base: str) -> list[str]:
    """What is wrong with how the code at this path is answered; nothing if all is right."""
    faults: list[str] = []

    def expect(what: bool, fault: str) -> None:
        if not what:
            faults.append(fault)

    plain = await ask(path)
    expect(plain.headers.get("access-control-allow-origin") == "*", "CORS")
    methods = plain.headers.get("access-control-allow-methods", "")
    expect(all(name in methods for name in ("GET", "HEAD", "OPTIONS")), "methods")
    links = plain.headers.get("link", "")
    expect('rel="linkset"' in links, "no link to the linkset")
    expect('rel="gs1:' not in links, "all links in the header")
    expect((await ask(f"{path}/foo")).status == 400, "/foo is not 400")
    slash = await ask(f"{path}/")
    expect((slash.status, slash.location) == (plain.status, plain.location), "a slash at the end")
    if plain.status == 307:
        expect("foo=bar" in (await ask(f"{path}?foo=bar")).location, "the query is not passed on")
    expect((await ask(f"{path}?linkType=gs1:nosuchlt")).status == 404, "a type that is not there")
    for name in ("linkset", "all"):
        expect((await ask(f"{path}?linkType={name}")).status == 200, f"linkType={name}")
    answer = await ask(path, accept="application/linkset+json")
    expect(answer.status == 200, "Accept: application/linkset+json")
    expect(answer.headers["content-type"] == "application/linkset+json", "content type of the linkset")
    context = [each for each in answer.headers["link"].split(",") if "json-ld#context" in each]
    expect(len(context) == 1 and 'type="application/ld+json"' in context[0], "JSON-LD context")
    faults += [str(error.message) for error in LINKSET_SCHEMA.iter_errors(answer.body)]
    seen: set[str] = set()
    wanted = base + path
    while wanted.count("/") >= 4:
        for member in answer.body["linkset"]:
            if member["anchor"] == wanted:
                for uri, several in member.items():
                    if isinstance(several, list) and uri.startswith(NAMESPACE) and uri not in seen:
                        seen.add(uri)
                        faults += await check_type(ask, path, f"gs1:{uri.removeprefix(NAMESPACE)}", several)
        wanted = wanted.rsplit("/", 2)[0]
    expect(f"{NAMESPACE}defaultLink" in seen, "no default link")
    return faults


async def check_type(ask: Ask, path: str, name: str, several: list[dict[str, Any]]) -> list[str]:
    """Links of one type at the most granular level that has any."""
    if name == "gs1:defaultLink":
        told = await ask(path)
        right = len(several) == 1 and several[0].keys() <= {"href", "title", "fwqs"}
        return [] if right and told.location == several[0]["href"] else [f"{name}: {told.location or told.status}"]
    if name == "gs1:defaultLinkMulti":  # one alone, or one without attributes, cannot be told from the default link
        several = [each for each in several if len(several) > 1 and any(key in each for key in ATTRIBUTES)]
    faults = []
    for link in several:
        alike = [each for each in several if all(each.get(key) == link.get(key) for key in ATTRIBUTES)]
        query = [] if name == "gs1:defaultLinkMulti" else [f"linkType={quote(name, safe='')}"]
        query += [f"context={link['context'][0]}"] if "context" in link else []
        told = await ask(
            f"{path}?{'&'.join(query)}", accept=link.get("type", "undefined"), lang=link.get("hreflang", [None])[0]
        )
        if len(alike) > 1:
            right = told.status == 300 or (name == "gs1:defaultLinkMulti" and told.status == 307)
        else:
            right = without_type(told.location, name) == without_type(link["href"], name) or told.status == 300
            # a choice, which the suite lets pass, or the default link in its place: only where another fits as well
            if told.status == 300 or (not right and name == "gs1:defaultLinkMulti"):
                first = link.get("hreflang", [None])[0]
                right = sum(fits(each, link, first) for each in several) > 1
        if not right:
            faults.append(f"{name} {link}: {told.status} {told.location}")
    return faults


def fits(each: dict[str, Any], link: dict[str, Any], language: str | None) -> bool:
    """Whether another link has what the request for this one says."""
    return (
        each.get("type") == link.get("type")
        and (language in each.get("hreflang", ()) if language else "hreflang" not in each)
        and (link["context"][0] in each.get("context", ()) if "context" in link else "context" not in each)
    )
