"""The resolver against GS1's own expectations, and against its test suite with linksets of every kind."""

from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from closient_gql.core import gs1
from closient_gql.core.gs1.dictionary import default
from resolvers.digital_link import linktypes
from resolvers.digital_link.found import Product, assembled
from resolvers.digital_link.linksets import absolute, linkset
from resolvers.digital_link.negotiation import Wanted, accepted, languages
from resolvers.digital_link.resolution import resolve
from resolvers.digital_link.rules import RuleSet, Visit, now
from resolvers.digital_link.scans import Answer as Kind
from resolvers.digital_link.visitors import Device, Visitor
from tests import make
from tests.conftest import Client
from tests.digital_link.conftest import Owner, data
from tests.digital_link.suite import DESCRIPTION_SCHEMA, Answer, check

BASE = "http://testserver"
CE = data("resolver-ce.json")


def asking(api: Client) -> Any:
    async def ask(path: str, accept: str | None = None, lang: str | None = None) -> Answer:
        headers = {"Accept": accept or "*/*"} | ({"Accept-Language": lang} if lang else {})
        found = await api.get(path, headers=headers)
        body = found.json() if "json" in found.headers.get("content-type", "") else None
        return Answer(found.status_code, dict(found.headers), body)

    return ask


async def test_the_expectations_of_the_community_edition(owner: Owner) -> None:
    for link in CE["links"]:
        await owner.post("links", link)
    for case in CE["cases"]:
        path = case["request"].removeprefix("GET ")
        answer = await owner.scan(path, **case.get("headers", {}))
        assert answer.status_code == case["status"], case
        if "location" in case:
            assert answer.headers["location"] == case["location"], case
        for part in case.get("location_contains", ()):
            assert part in answer.headers["location"], case
    item, batch = "/01/09506000134376/21/S1", "/01/09506000134376/10/L%2F1/21/S1"
    for path, query in ((item, "serial=S1"), (batch, "lot=L%2F1")):
        page = f"https://dalgiardino.com/medicinal-compound/pil.html?{query}"
        assert await owner.goes(f"{path}?linkType=gs1:pip") == f"{page}&linkType=gs1:pip"
    assert (await owner.scan("/01/09506000134376/10/L%2F1?linkType=gs1:certificationInfo")).status_code == 300
    assert (
        await owner.goes("/01/09506000134376/10/L%2F1")
        == "https://dalgiardino.com/medicinal-compound/pil.html?lot=L%2F1"
    )
    for path in ("/01/09506000134376", batch, "/8004/095060001343999999", "/8004/0950600013430000001"):
        assert await check(asking(owner.api), path, BASE) == []


async def test_the_model_linkset(owner: Owner) -> None:
    for member in data("modelLinkset.json")["linkset"]:
        anchor = member["anchor"]
        for uri, several in member.items():
            for link in several if isinstance(several, list) else ():
                given = {"media_type": link.get("type", ""), "hreflang": link.get("hreflang"),
                         "context": link.get("context"), "item_description": member["itemDescription"]}  # fmt: skip
                await owner.link(anchor, uri, link["href"], link["title"], **given)
    for path in ("/01/09506000164908", "/01/09506000164908/21/1234", "/01/09506000164908/10/x/21/1234"):
        assert await check(asking(owner.api), path, BASE) == []
    whole = (await owner.scan("/01/09506000164908/21/1234?linkType=linkset")).json()["linkset"]
    model = data("modelLinkset.json")["linkset"]
    assert whole[0] == model[1] | {"anchor": f"{BASE}/01/09506000164908/21/1234"}
    assert whole[1] == model[0] | {"anchor": f"{BASE}/01/09506000164908"}


async def test_a_product_that_nobody_gave_links(owner: Owner) -> None:
    gtin = await owner.product(12)
    assert await check(asking(owner.api), f"/01/{gtin}", BASE) == []
    assert await check(asking(owner.api), f"/01/{gtin}/10/A/21/B", BASE) == []


async def test_every_primary_key_is_answered(owner: Owner) -> None:
    keys = {
        "00": "095060001343526789"[:17], "01": "0950600013435", "253": "950600013435", "255": "950600013435",
        "401": "9506000ABC", "402": "9506000134352678"[:16], "414": "950600013435", "415": "950600013435",
        "417": "950600013435", "8003": "0950600013435", "8004": "9506000X", "8006": "0950600013435",
        "8010": "9506000AB", "8013": "9506000AB", "8017": "95060001343526789"[:17], "8018": "95060001343526789"[:17],
    }  # fmt: skip
    pairs = {"8006": "0102", "8003": "S1", "253": "7", "255": "9"}
    assert set(keys) == set(default().roots)
    for ai, text in keys.items():
        value = text
        if ai == "8013":
            value = text + gs1.check_pair(text)
        elif ai not in ("401", "8004", "8010"):
            value = text + gs1.check_digit(text) + pairs.get(ai, "")
        await owner.link(f"/{ai}/{quote(value, safe='')}", "gs1:pip", f"https://a.example/{ai}")
        reference = "/8020/REF1" if ai == "415" else ""
        assert await owner.goes(f"/{ai}/{quote(value, safe='')}{reference}?a=b") == f"https://a.example/{ai}?a=b"


async def test_every_qualifier_of_an_itip_is_answered(owner: Owner) -> None:
    """Also a variant (22), which in element strings requires a GTIN."""
    itip = "/8006/095060001343520102"
    await owner.link(itip, "gs1:defaultLink", "https://a.example/")
    await owner.link(f"{itip}/22/V", "gs1:instructions", "https://a.example/v")
    for path in ("/22/V", "/22/V/10/L", "/22/V/10/L/21/S"):
        assert await owner.goes(itip + path) == "https://a.example/"
        assert await owner.goes(f"{itip}{path}?linkType=gs1:instructions") == (
            "https://a.example/v?linkType=gs1:instructions"
        )


async def test_the_description_and_the_context(api: Client) -> None:
    answer = await api.get("/.well-known/gs1resolver", headers={"Origin": "https://a.example"})
    found = answer.json()
    DESCRIPTION_SCHEMA.validate(found)
    assert found["resolverRoot"] == BASE
    assert found["supportedPrimaryKeys"] == ["all"]
    for path in ("/.well-known/gs1resolver", found["jsonLdContextLocation"].removeprefix(BASE)):
        options = await api.options(path)
        assert (options.status_code, options.headers["allow"]) == (204, "GET, HEAD, OPTIONS")
        for each in (options, await api.get(path), await api.head(path)):
            assert each.headers["access-control-allow-origin"] == "*"
    context = await api.get(found["jsonLdContextLocation"].removeprefix(BASE))
    assert context.headers["content-type"] == "application/ld+json"
    assert context.json()["@context"]["linkset"] == "@graph"


@pytest.mark.parametrize(
    ("owner_id", "enabled", "whose"),
    [("o", True, "o"), ("other", True, "other"), (None, True, "o"), (None, False, None), ("o", False, "o")],
)
def test_whose_scans_are_counted(owner_id: str | None, enabled: bool, whose: str | None) -> None:
    """The owner's; of a product that nobody owns, those of who gave its key links, unless it was given up."""
    product = Product("p", GTIN, "Name", owner_id, None, enabled)
    row = {"anchor": f"/01/{GTIN}", "organization_id": "o"}
    found = assembled(gs1.parse_uri(f"https://id.gs1.org/01/{GTIN}").path, product, [row])
    assert found
    assert found.organization_id == whose


# --- linksets of every kind, without a server

TYPES = st.sampled_from(["pip", "certificationInfo", "instructions"])
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "link_type": TYPES | st.just("defaultLinkMulti"),
            "hreflang": st.lists(st.sampled_from(["en", "fr", "en-GB", "de"]), max_size=2, unique=True),
            "media_type": st.sampled_from(["", "text/html", "application/pdf"]),
            "context": st.lists(st.sampled_from(["LK", "b2b"]), max_size=1),
            "level": st.sampled_from(["", "/21/S", "/10/L", "/21/{}"]),
        }
    ),
    max_size=8,
)
GTIN = make.make_gtin(1)


@pytest.mark.parametrize(
    ("path", "default_at"), [(f"/01/{GTIN}", ""), (f"/01/{GTIN}/10/L/21/S", ""), (f"/01/{GTIN}/10/L/21/S", "/21/S")]
)
@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=ROWS)
async def test_any_linkset(path: str, default_at: str, rows: list[dict[str, Any]]) -> None:
    links = [
        row | {"anchor": f"/01/{GTIN}{row['level']}", "href": f"https://a.example/{n}", "title": f"Link {n}",
               "variables": ["s"] if "{}" in row["level"] else [], "item_description": "", "forward_query": True,
               "organization_id": "o"}
        for n, row in enumerate(rows)
    ]  # fmt: skip
    links.append(links[0] | {"link_type": "defaultLink", "hreflang": [], "media_type": "", "context": [],
                             "level": "", "anchor": f"/01/{GTIN}{default_at}", "variables": []} if links else
                 {"anchor": f"/01/{GTIN}{default_at}", "link_type": "defaultLink", "href": "https://a.example/",
                  "title": "x", "hreflang": [], "media_type": "", "context": [], "variables": [],
                  "item_description": "", "forward_query": True, "organization_id": "o"})  # fmt: skip
    found = assembled(gs1.parse_uri(f"https://id.gs1.org{path}").path, None, links)
    assert found

    async def ask(asked: str, accept: str | None = None, lang: str | None = None) -> Answer:
        address, _, query = asked.rstrip("/").partition("?")
        headers = {"access-control-allow-origin": "*", "access-control-allow-methods": "GET, HEAD, OPTIONS",
                   "link": '<x>; rel="linkset"', "content-type": "application/linkset+json"}  # fmt: skip
        if address.endswith("/foo"):
            return Answer(400, headers)
        if "linkType=linkset" in query or "linkType=all" in query or accept == "application/linkset+json":
            headers["link"] = '<x>; rel="http://www.w3.org/ns/json-ld#context"; type="application/ld+json"'
            return Answer(200, headers, linkset(found, BASE))
        pairs = dict(pair.split("=") for pair in query.split("&") if pair)
        named = pairs.get("linkType", "").replace("%3A", ":") or None
        wanted = Wanted(accepted(accept or "").ranges, languages(lang or ""), pairs.get("context"))
        visit = Visit(now(), Visitor(Device.MOBILE), "", linktypes.parse_link_type(named) if named else None)
        outcome = resolve(found, RuleSet({}), visit, wanted, named is not None)
        if outcome.answer in (None, Kind.CHOICE):
            return Answer(404 if outcome.answer is None else 300, headers)
        tail = "" if outcome.spent or not query else f"?{query}"
        return Answer(307, headers | {"location": absolute(outcome.href, BASE) + tail})

    assert await check(ask, path, BASE) == []
