"""Destinations: what is refused, what leads back, and that a visitor's query never changes where a code leads."""

from collections.abc import Iterator, Sequence

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from closient_gql.adapters.http import Guard
from closient_gql.core.gs1 import compress_uri
from closient_gql.core.settings import settings
from resolvers.digital_link.destinations import check, hosted_path, leads_back, with_query
from resolvers.digital_link.visitors import Device, Visitor, device_of, read_place

PRIVATE = "cannot be a destination: The address leads to a private or reserved network. Only public hosts are fetched."
BACK = "leads back to this resolver, which would go round in circles"
NAMES = {"brand.example": ["93.184.215.14"], "inside.example": ["10.0.0.1"], "both.example": ["93.184.215.14", "::1"]}


async def resolve(host: str, port: int) -> Sequence[str]:
    if host not in NAMES:
        raise OSError("no such name")
    return NAMES[host]


GUARD = Guard(resolve=resolve)


@pytest.fixture
def hosts(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("CLOSIENT_PUBLIC_URL", "https://Closient.example")
    monkeypatch.setenv("CLOSIENT_RESOLVER_HOSTS", "id.acme.example, gtin.example")
    settings.cache_clear()
    yield
    settings.cache_clear()


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("https://brand.example/promo?x=1#top", "https://brand.example/promo?x=1#top"),
        ("https://brand.example:8443/", "https://brand.example:8443/"),
        ("https://nowhere.example/", "https://nowhere.example/"),  # the job will find out
        ("https://münchen.example/ä", "https://xn--mnchen-3ya.example/%C3%A4"),
        ("https://closient.example/p/09506000134352", "https://closient.example/p/09506000134352"),
        ("https://brand.example/01/09506000134352", "https://brand.example/01/09506000134352"),
    ],
)
async def test_what_may_be_a_destination(hosts: None, url: str, found: str) -> None:
    assert await check(url, GUARD) == found


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("http://brand.example/", "must begin with https://"),
        ("javascript:alert(1)", "cannot be a destination: The address must begin with https:// or http:// and name a "
                                "host."),
        ("//brand.example/", "cannot be a destination: The address must begin with https:// or http:// and name a "
                             "host."),
        ("https://user:pw@brand.example/", "cannot be a destination: The address must not contain a user name or "
                                           "password."),
        ("https://127.0.0.1/", PRIVATE),
        ("https://[::1]/", PRIVATE),
        ("https://169.254.169.254/latest", PRIVATE),
        ("https://inside.example/", PRIVATE),
        ("https://both.example/", PRIVATE),
        ("https://2130706433/", "cannot be a destination: The address must name its host, or write it as four decimal "
                                "numbers."),
        ("https://localhost/", "cannot be a destination: The host 'localhost' is not the full name of a public host."),
        ("https://brand.example:25/", "cannot be a destination: The address has a port that is not the web's: 80, 443, "
                                      "or above 1023."),
        ("https://brand.example/a b", "has characters that an address cannot have: they must be percent-encoded"),
        ("https://brand.example/\r\nSet-Cookie: x", "has characters that an address cannot have: they must be "
                                                    "percent-encoded"),
        ("https://brand.example/" + "a" * 2048, "cannot be a destination: The address is too long: at most 2048 "
                                                "characters."),
        ("https://closient.example/01/09506000134352", BACK),
        ("https://CLOSIENT.example./01/9506000134352/?17=1", BACK),
        ("https://id.acme.example/gtin/09506000134352/lot/A", BACK),
        (compress_uri("https://gtin.example:443/01/09506000134352/10/ABC"), BACK),
    ],
)  # fmt: skip
async def test_what_may_not(hosts: None, url: str, problem: str) -> None:
    with pytest.raises(ValueError) as caught:
        await check(url, GUARD)
    assert str(caught.value) == problem


def test_the_host_of_a_request_is_ours_too() -> None:
    assert leads_back("https://shop.example/01/09506000134352/10/A?x=1", ["Shop.example:443"])
    assert not leads_back("https://shop.example/offers", ["shop.example"])
    assert not leads_back("https://shop.example/01/09506000134352", [])


QUERIES = [
    ("https://a.example/x", "", "https://a.example/x"),
    ("https://a.example/x", "b=1&c", "https://a.example/x?b=1&c"),
    ("https://a.example/x?a=1#f", "b=%20", "https://a.example/x?a=1&b=%20#f"),
    ("https://a.example/x?", "b", "https://a.example/x?b"),
    ("https://a.example", "//evil.example/", "https://a.example?//evil.example/"),
    ("https://a.example", "@evil.example", "https://a.example?@evil.example"),
    ("https://a.example", "#\r\n\\ä", "https://a.example?%23%0D%0A%5C%C3%A4"),
]


@pytest.mark.parametrize(("url", "query", "found"), QUERIES)
def test_queries_are_forwarded(url: str, query: str, found: str) -> None:
    assert with_query(url, query) == found


@given(st.sampled_from([url for url, _, _ in QUERIES]), st.text(max_size=30))
def test_no_query_changes_where_a_code_leads(url: str, query: str) -> None:
    before, after = httpx2.URL(url), httpx2.URL(with_query(url, query))
    for part in ("scheme", "raw_host", "port", "path", "fragment", "userinfo"):
        assert getattr(after, part) == getattr(before, part)


def test_hosted_pages() -> None:
    assert hosted_path("09506000134352") == "/p/09506000134352"
    assert hosted_path("09506000134352", "A&B/1", "7") == "/p/09506000134352?lot=A%26B%2F1&serial=7"


# --- visitors

IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 "
ANDROID = "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 "
AGENTS = [
    (IPHONE + "Mobile/15E148 Safari/604.1", Device.MOBILE),
    (IPHONE + "Mobile/15E148 Instagram 390.0.0.28.85 (iPhone16,2; iOS 18_5; de_DE; de; scale=3.00)", Device.MOBILE),
    (ANDROID + "Mobile Safari/537.36", Device.MOBILE),
    ("Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0", Device.MOBILE),
    (ANDROID + "Safari/537.36", Device.TABLET),
    ("Mozilla/5.0 (iPad; CPU OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Version/17.5 Mobile/15E148 Safari/604.1",
     Device.TABLET),
    ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36",
     Device.DESKTOP),
    ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605",
     Device.DESKTOP),
    ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", Device.BOT),
    (ANDROID + "Mobile Safari/537.36 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", Device.BOT),
    ("facebookexternalhit/1.1", Device.BOT),
    ("GPTBot/1.2", Device.BOT),
    ("curl/8.14.1", Device.BOT),
    ("python-httpx2/2.1", Device.BOT),
    ("", Device.BOT),
]  # fmt: skip


@pytest.mark.parametrize(("user_agent", "device"), AGENTS)
def test_devices(user_agent: str, device: Device) -> None:
    assert device_of(user_agent) is device


def test_places_of_both_kinds_of_file() -> None:
    city = {"country": {"iso_code": "US"}, "subdivisions": [{"iso_code": "TX"}], "city": {"names": {"en": "Austin"}}}
    assert Visitor(Device.MOBILE, *read_place(city)) == (Device.MOBILE, "US", "US-TX", "Austin")
    assert read_place({"country": {"iso_code": "DE"}}) == ("DE", "", "")
    assert read_place({"country_code": "FR"}) == ("FR", "", "")
    for strange in ({}, {"country": 1}, {"country": {"iso_code": "../"}}, {"country": {"iso_code": ["DE"]}}):
        assert read_place(strange) == ("", "", "")
