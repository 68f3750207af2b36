"""What each `Accept` and `linkType` gets (docs/decisions/0022), and what is sent that should not be."""

from typing import Any

import pytest

from closient_gql.core import gs1
from closient_gql.core.db import Connection
from closient_gql.core.settings import settings
from tests import make
from tests.digital_link.conftest import Owner

LINKSET, JSON, LD, HTML, ANY = (
    "application/linkset+json", "application/json", "application/ld+json", "text/html", "*/*"
)  # fmt: skip
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
DEFAULT, LINK = (307, "https://brand.example/"), (307, "https://brand.example/pip")
TABLE: list[tuple[str | None, tuple[int, str], tuple[int, str], tuple[int, str]]] = [
    (LINKSET, (200, LINKSET), (200, LINKSET), (200, LINKSET)),
    (JSON, (200, JSON), (200, JSON), LINK),
    (LD, DEFAULT, (200, LD), LINK),
    (BROWSER, DEFAULT, (200, HTML), LINK),
    (ANY, DEFAULT, (200, LINKSET), LINK),
    (None, DEFAULT, (200, LINKSET), LINK),
    ("image/jpeg", DEFAULT, (200, LINKSET), LINK),
]


async def test_the_table(owner: Owner) -> None:
    gtin = await owner.product(1)
    await owner.link(f"/01/{gtin}", "gs1:defaultLink", "https://brand.example/")
    await owner.link(f"/01/{gtin}", "gs1:pip", "https://brand.example/pip")
    for accept, *wanted in TABLE:
        for query, (status, what) in zip(("", "?linkType=linkset", "?linkType=gs1:pip"), wanted, strict=True):
            for method in ("GET", "HEAD"):
                headers = {"Accept": accept} if accept else {}
                answer = await owner.api.request(method, f"/01/{gtin}{query}", headers=headers)
                assert answer.status_code == status, (accept, query)
                assert 'rel="linkset"' in answer.headers["link"]
                assert answer.headers["access-control-allow-origin"] == "*"
                found = answer.headers.get("location") or answer.headers["content-type"].split(";")[0]
                assert found == what + (query if status == 307 else ""), (accept, query)
                assert method == "GET" or answer.content == b""
    options = await owner.api.options(f"/01/{gtin}")
    assert (options.status_code, options.headers["allow"]) == (204, "GET, HEAD, OPTIONS")
    assert 'rel="linkset"' in options.headers["link"]
    assert (await owner.api.post(f"/01/{gtin}")).status_code == 405


async def test_the_short_way_and_the_long_way_agree(owner: Owner) -> None:
    gtin = await owner.product(1)
    await owner.link(f"/01/{gtin}", "gs1:defaultLinkMulti", "https://brand.example/de", hreflang=["de"])
    await owner.link(f"/01/{gtin}", "gs1:defaultLinkMulti", "https://brand.example/fr", hreflang=["fr"])
    for language in ("de", "fr;q=0.5,de;q=0.4", "ja", "de", "fr"):
        for accept in (BROWSER, ANY):
            short = await owner.goes(f"/01/{gtin}", accept_language=language, accept=accept)
            long = await owner.goes(f"/01/{gtin}?", accept_language=language, accept=accept)
            also = await owner.goes(f"/01/{gtin}?a=b", accept_language=language, accept=accept)
            assert short == long == also.removesuffix("?a=b")


async def test_an_empty_link_type_is_none(owner: Owner) -> None:
    gtin = await owner.product(1)
    await owner.link(f"/01/{gtin}", "gs1:defaultLink", "https://brand.example/")
    assert await owner.goes(f"/01/{gtin}?linkType=") == "https://brand.example/?linkType="


async def test_what_a_code_says_takes_no_steps_in_the_path_of_an_address(owner: Owner) -> None:
    gtin = await owner.product(1)
    await owner.link(f"/01/{gtin}/21/{{s}}", "gs1:pip", "https://brand.example/a/{s}/b")
    await owner.link("/8004/9506000X*", "gs1:pip", "https://brand.example/{1}/b")
    for dots in ("%2e", "%2e%2E"):  # encoded, for clients that heed dots themselves
        assert (await owner.goes(f"/01/{gtin}/21/{dots}?linkType=gs1:pip")).startswith("http://testserver/p/"), dots
        assert (await owner.scan(f"/8004/9506000X{dots}")).status_code == 404, dots
    for text in ("...", "..%2F.."):
        assert await owner.goes(f"/01/{gtin}/21/{text}?a=b&linkType=gs1:pip") == (
            f"https://brand.example/a/{text}/b?a=b&linkType=gs1:pip"
        )
        assert await owner.goes(f"/8004/9506000X{text}") == f"https://brand.example/{text}/b"


BAD = [
    "/01", "/01/", "/01//", "/01/09506000134353", "/01/09506000134352/foo", "/01/09506000134352/17/261231",
    "/01/09506000134352/21/A/10/B", "/01/09506000134352/10/%00", "/01/" + "9" * 8000,
    "/01/09506000134352/10/" + "A" * 21, "/01/09506000134352?17=261332", "/01/09506000134352?4321=1", "/00/1",
    "/01/09506000134352/01/09506000134352", "/8004/%FF", "/415/4012345000009",
]  # fmt: skip


@pytest.mark.parametrize("path", BAD, ids=lambda path: path[:40])
async def test_what_is_no_digital_link_is_400(owner: Owner, path: str) -> None:
    for accept, kind in ((BROWSER, "text/html"), (ANY, "application/json")):
        answer = await owner.scan(path, accept=accept)
        assert answer.status_code == 400
        assert answer.headers["content-type"].startswith(kind)


async def test_headers_have_their_limit_on_the_short_way_too(owner: Owner) -> None:
    gtin = await owner.product(1)
    for _ in range(2):
        assert await owner.goes(f"/01/{gtin}") == f"http://testserver/p/{gtin}"
    owner.api.event_hooks = {}  # documents do not name what servers refuse unread
    answer = await owner.scan(f"/01/{gtin}", x="y" * settings().max_headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (431, "BAD_REQUEST")


async def test_odd_paths(owner: Owner) -> None:
    await owner.link("/01/09506000134352", "gs1:pip", "https://brand.example/")
    await owner.link("/01/09506000134352/10/{lot}", "gs1:pip", "https://brand.example/lot?l={lot}")
    for path, where in {
        "/01/09506000134352/10/a%2Fb": "https://brand.example/lot?l=a%2Fb",
        "/01/09506000134352/10/%252F": "https://brand.example/lot?l=%252F",
        "/01/9506000134352/": "https://brand.example/",
        "/01/09506000134352///": "https://brand.example/",
        "/01/09506000134352?x=%0d%0aSet-Cookie:a": "https://brand.example/?x=%0d%0aSet-Cookie:a",
        "/01/09506000134352?@evil.example/": "https://brand.example/?@evil.example/",
    }.items():
        assert await owner.goes(path) == where
    for path in ("//01/09506000134352", "/gtin/09506000134352", "/searching", "/x/01/09506000134352"):
        assert (await owner.scan(path)).status_code == 404
    unknown = await owner.scan("/01/04006381333931", accept=BROWSER)
    assert (unknown.status_code, unknown.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert "04006381333931" in unknown.text


async def test_compressed_links(owner: Owner) -> None:
    await owner.link("/01/09506000134352/10/{lot}", "gs1:pip", "https://brand.example/{lot}")
    uri = "https://id.gs1.org/01/09506000134352/10/ABC?17=261231"
    for keep in (False, True):
        path = gs1.compress_uri(uri, keep_key=keep).removeprefix("https://id.gs1.org")
        answer = await owner.scan(path)
        assert answer.headers["location"] == "https://brand.example/ABC?17=261231"
        same = '<http://testserver/01/09506000134352/10/ABC?17=261231>; rel="owl:sameAs"'
        assert same in answer.headers["link"]
        anchors = [m["anchor"] for m in (await owner.scan(f"{path}?linkType=linkset")).json()["linkset"]]
        assert anchors == ["http://testserver/01/09506000134352/10/ABC"]


async def test_another_resolver_handles_a_prefix(owner: Owner, connection: Connection) -> None:
    await connection.execute(
        "UPDATE company_prefixes SET resolver_url = 'https://id.brand.example' WHERE prefix = '950600'"
    )
    await owner.api.app.state.hearing.told()  # type: ignore[attr-defined]
    answer = await owner.scan("/01/09506000134352/10/A?linkType=gs1:pip")
    assert answer.headers["location"] == "https://id.brand.example/01/09506000134352/10/A?linkType=gs1:pip"
    assert 'rel="gs1:handledBy"' in answer.headers["link"]
    packed = gs1.compress_uri("https://id.gs1.org/01/09506000134352/10/A").removeprefix("https://id.gs1.org")
    answer = await owner.scan(packed)
    assert answer.headers["location"] == "https://id.brand.example/01/09506000134352/10/A"
    for link in ('rel="gs1:handledBy"', '<http://testserver/01/09506000134352/10/A>; rel="owl:sameAs"'):
        assert link in answer.headers["link"]


async def test_a_linkset_of_a_thousand_links_and_foreign_keys(owner: Owner, connection: Connection) -> None:
    gtin = await owner.product(1)
    rows = [(make.make_id(n + 10**7), owner.organization_id, f"/01/{gtin}", gtin, "faqs", f"https://a.example/{n}")
            for n in range(1000)]  # fmt: skip
    columns = "id, organization_id, anchor, gtin, link_type, href, title"
    await connection.executemany(f"INSERT INTO links ({columns}) VALUES ($1, $2, $3, $4, $5, $6, 'x')", rows)  # noqa: S608
    found: Any = (await owner.scan(f"/01/{gtin}?linkType=linkset")).json()["linkset"][0]
    assert len(found["https://ref.gs1.org/voc/faqs"]) == 1000
    theirs = await make.account(connection)
    await make.product(connection, 2, owner_id=theirs.organization_id)
    body = {"anchor": f"/01/{make.make_gtin(2)}", "link_type": "gs1:pip", "href": "https://a.example/", "title": "x"}
    assert (await owner.post("links", body, 403))["error"]["code"] == "FORBIDDEN"
    assert (await owner.post("links", body | {"anchor": "/00/123456789012345675"}, 403))["error"]["code"] == "FORBIDDEN"
    wrong = {"anchor": "/01/1", "link_type": "gs1:nothing", "href": "http://a.example/", "title": "x"}
    fields = {each["field"] for each in (await owner.post("links", wrong, 422))["error"]["details"]}
    assert fields == {"anchor", "link_type", "href"}
