"""The guarded client: what it refuses, and that it connects to nothing but what it has checked."""

import asyncio
import ipaddress
import socket
import ssl
import subprocess
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import httpcore2
import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from closient_gql.adapters import http
from closient_gql.adapters.http import (
    GUARD,
    Fetched,
    FetchError,
    Guard,
    GuardedNetwork,
    GuardError,
    fetch,
    is_public,
)
from tests.adapters.servers import serving

PRIVATE = "The address leads to a private or reserved network. Only public hosts are fetched."
seen: list[Request] = []


async def page(request: Request) -> Response:
    seen.append(request)
    return Response(b"hello", headers={"X-Some": "thing"})


async def redirect(request: Request) -> Response:
    return RedirectResponse(request.query_params["to"], int(request.query_params.get("status", 302)))


async def again(request: Request) -> Response:
    left = int(request.path_params["left"])
    return RedirectResponse(f"/again/{left - 1}") if left else Response(b"there")


async def endless(request: Request) -> Response:
    async def parts() -> AsyncIterator[bytes]:
        while True:
            yield b"x" * 1000
            await asyncio.sleep(0)

    return StreamingResponse(parts())


async def slow(request: Request) -> Response:
    await asyncio.sleep(2)
    return Response()


async def packed(request: Request) -> Response:
    return Response(b"\x1f\x8b", headers={"Content-Encoding": "gzip"})


APP = Starlette(
    routes=[Route("/", page), Route("/redirect", redirect), Route("/again/{left}", again), Route("/endless", endless),
            Route("/slow", slow), Route("/packed", packed)]
)  # fmt: skip


class Names:
    """A resolver that knows what it is told, and how often it was asked."""

    def __init__(self, **known: Sequence[str]) -> None:
        self.known, self.asked = known, list[str]()

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append(host)
        if host not in self.known:
            raise OSError("no such name")
        return self.known[host]


def loopback(address: Any) -> bool:
    """What tests may reach: this machine counts as public here, and nothing else."""
    return str(address) == "127.0.0.1"


@pytest.fixture
async def port() -> AsyncIterator[int]:
    seen.clear()
    async with serving(APP) as found:
        yield found


@pytest.fixture
def guard() -> Guard:
    return Guard(Names(**{"shop.example": ["127.0.0.1"], "inside.example": ["10.0.0.5"]}), loopback)


async def get(url: str, guard: Guard = GUARD, max_bytes: int = 1000, seconds: float = 5) -> Any:
    return await fetch(url, max_bytes=max_bytes, timeout=seconds, guard=guard)


# --- what comes back


async def test_an_answer(port: int, guard: Guard, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")  # is not asked
    found = await get(f"http://shop.example:{port}/", guard)
    assert (found.status, found.body, found.headers["x-some"], found.host) == (200, b"hello", "thing", "shop.example")
    assert dict(seen[0].headers) == {
        "host": f"shop.example:{port}", "user-agent": "Closient/1.0", "accept": "*/*", "accept-encoding": "identity",
    }  # fmt: skip


async def test_redirects_are_followed_three_times(port: int, guard: Guard) -> None:
    found = await get(f"http://shop.example:{port}/again/3", guard)
    assert (found.status, found.body, found.url) == (200, b"there", f"http://shop.example:{port}/again/0")
    with pytest.raises(FetchError, match="redirects more than 3 times"):
        await get(f"http://shop.example:{port}/again/4", guard)


async def test_limits(port: int, guard: Guard) -> None:
    assert (await get(f"http://shop.example:{port}/", guard, max_bytes=5)).body == b"hello"
    with pytest.raises(FetchError, match="more than 4 bytes"):
        await get(f"http://shop.example:{port}/", guard, max_bytes=4)
    with pytest.raises(FetchError, match="more than 5000 bytes"):
        await get(f"http://shop.example:{port}/endless", guard, max_bytes=5000)
    with pytest.raises(FetchError, match=r"did not answer within 0\.2 seconds"):
        await get(f"http://shop.example:{port}/slow", guard, seconds=0.2)
    with pytest.raises(FetchError, match="compressed"):
        await get(f"http://shop.example:{port}/packed", guard)


def closed() -> int:
    """A port that nothing listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


async def test_answers_that_are_no_http_are_not_repeated(guard: Guard) -> None:
    """What another service says is not told to who gave its address."""
    for answer in (
        b"SSH-2.0-secret\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nsecret words\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\ns",
    ):

        async def say(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, answer: bytes = answer) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(answer)
            writer.close()

        async with await asyncio.start_server(say, "127.0.0.1", 0) as server:
            with pytest.raises(FetchError) as refused:
                await get(f"http://shop.example:{server.sockets[0].getsockname()[1]}/", guard)
        assert str(refused.value) == "shop.example does not answer in HTTP."


async def test_addresses_that_are_silent_leave_time_for_others(monkeypatch: pytest.MonkeyPatch, port: int) -> None:
    names = Names(**{"shop.example": ["127.0.0.2", "127.0.0.1"]})
    network = GuardedNetwork(Guard(names, lambda _: True))

    async def connect(address: str, port: int, timeout: float | None, *_: Any) -> Any:  # noqa: ASYNC109
        assert timeout == 1.25
        if address == "127.0.0.2":
            raise httpcore2.ConnectTimeout
        return await httpcore2.AnyIOBackend().connect_tcp(address, port, timeout)

    monkeypatch.setattr(network.real, "connect_tcp", connect)
    monkeypatch.setattr(http, "GuardedNetwork", lambda _: network)
    assert (await get(f"http://shop.example:{port}/", network.guard)).body == b"hello"


def test_hosts_are_named_as_in_dns() -> None:
    assert Fetched("https://straße.example./x", 200, {}, b"").host == "xn--strae-oqa.example"


async def test_hosts_that_are_not_there(guard: Guard) -> None:
    with pytest.raises(FetchError, match=r"nobody\.example is not known"):
        await get("http://nobody.example/", guard)
    with pytest.raises(FetchError, match=r"shop\.example cannot be reached"):
        await get(f"http://shop.example:{closed()}/", guard)


# --- what is refused


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "127.8.8.8", "0.0.0.0", "10.0.0.1", "10.255.255.255", "172.16.0.1", "192.168.1.1", "169.254.169.254",
     "100.64.0.1", "192.0.0.8", "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.9", "192.88.99.1", "224.0.0.1",
     "239.255.255.250", "240.0.0.1", "168.63.129.16", "100.100.100.200", "255.255.255.255",
     "[::1]", "[::]", "[fe80::1]", "[fc00::1]", "[fd00:ec2::254]", "[ff02::1]", "[::ffff:127.0.0.1]",
     "[::ffff:8.8.8.8]", "[::127.0.0.1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[2001::1]", "[2001:db8::1]",
     "[fec0::1]", "[100::1]"],
)  # fmt: skip
async def test_private_addresses(host: str) -> None:
    with pytest.raises(GuardError) as refused:
        await get(f"http://{host}/")
    assert str(refused.value) == PRIVATE


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "193.99.144.80", "2606:4700::1111", "2a00:1450:4001::200e"])
def test_public_addresses(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "url",
    ["http://2130706433/", "http://017700000001/", "http://0x7f000001/", "http://0x7f.1/", "http://127.1/",
     "http://0177.0.0.1/", "http://127.0.0.1.nip/", "http://1.2.3.4.5/", "http://localhost/", "http://metadata/",
     "http://metadata.google.internal/", "http://printer.local./", "http://a.localhost/", "http://nas.home.arpa/",
     "http://[fe80::1%25eth0]/", "http://127.0.0.1%00.example.org/", "http://exa mple.org/", "http://a..b/", "http:///x",
     "file:///etc/passwd", "ftp://example.org/", "gopher://example.org/", "javascript:alert(1)", "//example.org/",
     "example.org", "", "http://", "http://user@example.org/", "https://user:secret@example.org/", "http://exam\nple.org",
     "http://example.org:99999/", "http://example.org:0/", "http://example.org:25/", "http://[2606:4700::1111%25eth0]/",
     "http://\uff11\uff12\uff17.0.0.1/", "http://example.org\\@127.0.0.1/", "http://2130706433./", "http://127.0.0.1./",
     "http://[::1", "https://example.org/" + "a" * 2048],
)  # fmt: skip
async def test_other_spellings_and_schemes(url: str) -> None:
    names = Names(**{"127.0.0.1.nip": ["127.0.0.1"], "localhost": ["127.0.0.1"]})
    with pytest.raises(GuardError) as refused:
        await get(url, Guard(names))
    assert str(refused.value).endswith(".")
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("host", ["inside.example", "metadata.example", "mixed.example", "six.example"])
async def test_names_of_private_addresses(host: str) -> None:
    names = Names(**{"inside.example": ["10.0.0.5"], "metadata.example": ["169.254.169.254"],
                     "mixed.example": ["8.8.8.8", "127.0.0.1"], "six.example": ["::ffff:10.0.0.1"]})  # fmt: skip
    with pytest.raises(GuardError) as refused:
        await get(f"https://{host}/latest/meta-data", Guard(names))
    assert str(refused.value) == PRIVATE


@pytest.mark.parametrize(
    "to",
    ["http://10.0.0.1/", "http://169.254.169.254/latest/", "http://inside.example/", "http://[::1]/", "file:///etc/passwd",
     "//10.0.0.1/", "http://2130706433/", "http://user:pw@shop.example/"],
)  # fmt: skip
async def test_redirects_to_private_addresses(port: int, guard: Guard, to: str) -> None:
    for status in (301, 302, 303, 307, 308):
        url = httpx2.URL(f"http://shop.example:{port}/redirect", params={"to": to, "status": status})
        with pytest.raises(GuardError):
            await get(str(url), guard)


async def test_the_address_that_was_checked_is_the_one_connected_to(port: int) -> None:
    """A name that says something else each time (DNS rebinding) is asked once for each connection."""

    class Rebinding(Names):
        async def __call__(self, host: str, port: int) -> Sequence[str]:
            self.asked.append(host)
            return ["127.0.0.1"] if len(self.asked) == 1 else ["10.0.0.1"]

    names = Rebinding()
    assert (await get(f"http://shop.example:{port}/", Guard(names, loopback))).body == b"hello"
    assert names.asked == ["shop.example"]
    assert seen[0].client is not None
    assert seen[0].client.host == "127.0.0.1"


async def test_nothing_is_sent_to_where_it_may_not_go(port: int) -> None:
    with pytest.raises(GuardError):
        await get(f"http://127.0.0.1:{port}/")
    assert seen == []


# --- TLS


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of shop.example, with its key, in one file."""
    folder = tmp_path_factory.mktemp("tls")
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
               "-days", "2", "-subj", "/CN=shop.example", "-addext", "subjectAltName=DNS:shop.example",
               "-keyout", "key.pem", "-out", "cert.pem"]  # fmt: skip
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    whole = folder / "whole.pem"
    whole.write_text((folder / "cert.pem").read_text() + (folder / "key.pem").read_text())
    return whole


async def test_certificates_are_checked_against_the_name(certificate: Path) -> None:
    def trusting() -> ssl.SSLContext:
        return ssl.create_default_context(cafile=certificate)

    names = Names(**{"shop.example": ["127.0.0.1"], "other.example": ["127.0.0.1"]})
    async with serving(APP, certificate) as port:
        found = await get(f"https://shop.example:{port}/", Guard(names, loopback, trusting))
        assert (found.status, found.body) == (200, b"hello")
        for url, tls in ((f"https://other.example:{port}/", trusting), (f"https://shop.example:{port}/", GUARD.tls)):
            with pytest.raises(FetchError, match="cannot be reached"):
                await get(url, Guard(names, loopback, tls))
        down = httpx2.URL(f"https://shop.example:{port}/redirect", params={"to": f"http://shop.example:{port}/"})
        with pytest.raises(GuardError, match="from https to http"):
            await get(str(down), Guard(names, loopback, trusting))
