"""The guarded client: the only way to an address that a user gave.

A server that fetches what it is told can be sent to itself, to its neighbours or to the metadata service of its cloud
(OWASP: server-side request forgery). So names are resolved here, every address that they have must be a public one,
and the connection goes to the very address that was checked: a name that changes its mind in between (DNS rebinding)
changes nothing. Redirects pass the same checks. Nothing of this machine's is sent along: no proxy, no cookie, no key.
"""

import asyncio
import ipaddress
import re
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import httpcore2
import httpx2

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
MOST_REDIRECTS = 3
MOST_URL = 2048
REDIRECTS = (301, 302, 303, 307, 308)
WEB_PORTS = (80, 443)  # and those above 1023: below are mail, files, shells, which answer to what looks like HTTP, too
MOST_ADDRESSES = 3  # of one host that are tried
HEADERS = [(b"User-Agent", b"Closient/1.0"), (b"Accept", b"*/*"), (b"Accept-Encoding", b"identity")]
NUMBERS = re.compile(r"(0x[0-9a-f]*|[0-9]+)", re.IGNORECASE)
LOCAL = re.compile(r".*\.(localhost|local|internal|home\.arpa)", re.IGNORECASE)  # RFC 6761, 6762, 8375; ICANN 2024
NAME = re.compile(r"([a-z0-9_]([a-z0-9_-]*[a-z0-9_])?\.)+[a-z0-9]([a-z0-9-]*[a-z0-9])?", re.IGNORECASE)

# Beyond what `is_global` says of an address (IANA special-purpose registries, RFC 6890 and its updates):
GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")  # all other IPv6 is special: loopback, mapped IPv4, NAT64, local
SPECIAL = [
    ipaddress.ip_network(network)
    for network in (
        "192.0.0.0/24",  # protocol assignments
        "192.88.99.0/24",  # 6to4 relays
        "168.63.129.16/32",  # Azure's platform, a public address that leads to the machine's own host
        "100.64.0.0/10",  # carrier-grade NAT
        "2001::/23",  # protocol assignments, Teredo among them
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4: has an IPv4 address inside
        "3fff::/20",  # documentation
    )
]


class FetchError(Exception):
    """It could not be fetched; the message says why, in words for the user who gave the address."""


class GuardError(FetchError):
    """It may not be fetched: nothing was sent there."""


@dataclass(frozen=True)
class Fetched:
    """An answer: the address that gave it, its status, its headers by lower-case name, its body."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def host(self) -> str:
        """As it stands in DNS: `xn--mnchen-3ya.example`, without the root's dot."""
        return httpx2.URL(self.url).raw_host.decode("ascii").removesuffix(".")


def is_public(address: Address) -> bool:
    """Whether an address belongs to the open Internet: not this machine, a private network, a test or a multicast."""
    if any(address in network for network in SPECIAL if network.version == address.version):
        return False
    if address.version == 6 and address not in GLOBAL_UNICAST:
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved


async def system_resolver(host: str, port: int) -> list[str]:
    """Every address of a name, as this machine knows it. OSError: it has none."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]


@cache
def system_tls() -> ssl.SSLContext:
    return httpx2.create_ssl_context(trust_env=False)


@dataclass(frozen=True)
class Guard:
    """What decides where a connection may go. Tests bring a resolver and a list of addresses of their own."""

    resolve: Resolve = system_resolver
    allows: Callable[[Address], bool] = is_public
    tls: Callable[[], ssl.SSLContext] = system_tls

    def check(self, text: str | httpx2.URL) -> httpx2.URL:
        """The address, if it may be fetched as far as its text says.

        Raises:
            GuardError: it is no http(s) URL, has a user or password, or names a host that is surely not public.
        """
        try:
            url = httpx2.URL(text)
        except (httpx2.InvalidURL, TypeError, ValueError):
            raise GuardError("The address is not a URL.") from None
        if url.scheme not in ("http", "https") or not url.raw_host:
            raise GuardError("The address must begin with https:// or http:// and name a host.")
        if url.port is not None and url.port not in WEB_PORTS and not 1024 <= url.port <= 65535:
            raise GuardError("The address has a port that is not the web's: 80, 443, or above 1023.")
        if len(str(url)) > MOST_URL:
            raise GuardError(f"The address is too long: at most {MOST_URL} characters.")
        if url.userinfo:
            raise GuardError("The address must not contain a user name or password.")
        self.check_host(url.raw_host.decode("ascii"))
        return url

    def check_host(self, host: str) -> None:
        literal = literal_of(host)
        if literal is not None:
            self.check_address(literal)
        elif NUMBERS.fullmatch(host.rstrip(".").rpartition(".")[2]):  # 2130706433, 0177.0.0.1 and 127.1 are 127.0.0.1
            raise GuardError("The address must name its host, or write it as four decimal numbers.")
        elif not NAME.fullmatch(name := host.removesuffix(".")) or len(host) > 253 or LOCAL.fullmatch(name):
            raise GuardError(f"The host {host[:100]!r} is not the full name of a public host.")

    def check_address(self, address: Address) -> None:
        if not self.allows(address):
            raise GuardError("The address leads to a private or reserved network. Only public hosts are fetched.")

    async def addresses(self, host: str, port: int) -> list[str]:
        """Where to connect to: the host's addresses, if every one of them is public.

        Raises:
            GuardError: one is not. FetchError: there is none.
        """
        self.check_host(host)
        literal = literal_of(host)
        if literal is not None:
            return [str(literal)]
        try:
            texts = list(dict.fromkeys(await self.resolve(host, port)))
        except (OSError, UnicodeError):
            texts = []
        if not texts:
            raise FetchError(f"The host {host} is not known: it has no address.")
        for text in texts:
            address = literal_of(text)
            if address is None:
                raise GuardError(f"The host {host} has no usable address.")
            self.check_address(address)
        return texts


def literal_of(host: str) -> Address | None:
    """The IP address that a host is written as, in its one usual form; no zone (`%eth0`): those are of one machine."""
    try:
        return ipaddress.ip_address(host) if "%" not in host else None
    except ValueError:
        return None


GUARD = Guard()


class GuardedNetwork(httpcore2.AsyncNetworkBackend):
    """Connects to what the guard has checked, while TLS and the Host header keep the host's name."""

    def __init__(self, guard: Guard) -> None:
        self.guard, self.real = guard, httpcore2.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109  the library's own signature
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        failure: Exception = FetchError(f"The host {host} cannot be reached.")
        for address in (await self.guard.addresses(host, port))[:MOST_ADDRESSES]:
            try:
                return await self.real.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failure = error
        raise failure


async def fetch(url: str, *, max_bytes: int | None, timeout: float, guard: Guard = GUARD) -> Fetched:  # noqa: ASYNC109
    """GET of an address that a user gave, redirects followed (three at most, never from https to http).

    Args:
        max_bytes: of the body; None: it is not read, and may be of any kind and length.
        timeout: seconds for everything together.

    Raises:
        GuardError: the address, or one it redirects to, may not be fetched.
        FetchError: there is no answer within the limits.
    """
    target = guard.check(url)
    try:
        async with asyncio.timeout(timeout), connections(guard) as pool:
            for _ in range(MOST_REDIRECTS + 1):
                found = await get(pool, target, max_bytes, timeout)
                if found.status not in REDIRECTS or "location" not in found.headers:
                    return found
                target = redirected(guard, target, found.headers["location"])
    except TimeoutError:
        raise FetchError(f"{target.host} did not answer within {timeout:g} seconds.") from None
    except httpcore2.ProtocolError as error:  # its words repeat what was answered, which is nobody's to read
        raise FetchError(f"{target.host} does not answer in HTTP.") from error
    except (httpcore2.NetworkError, httpcore2.TimeoutException) as error:
        raise FetchError(f"{target.host} cannot be reached: {error or type(error).__name__}.") from error
    raise FetchError(f"The address redirects more than {MOST_REDIRECTS} times.")


def connections(guard: Guard) -> httpcore2.AsyncConnectionPool:
    """Of one fetch: nothing is shared with another's."""
    return httpcore2.AsyncConnectionPool(ssl_context=guard.tls(), network_backend=GuardedNetwork(guard))


def redirected(guard: Guard, target: httpx2.URL, location: str) -> httpx2.URL:
    try:
        following = guard.check(target.join(location))
    except (httpx2.InvalidURL, ValueError):
        raise GuardError("The address redirects to something that is not a URL.") from None
    if target.scheme == "https" and following.scheme == "http":
        raise GuardError("The address redirects from https to http.")
    return following


async def get(
    pool: httpcore2.AsyncConnectionPool,
    target: httpx2.URL,
    max_bytes: int | None,
    timeout: float,  # noqa: ASYNC109
) -> Fetched:
    """One request, no redirects. An address that is silent leaves time for the host's others."""
    patience = {"timeout": {"connect": timeout / (MOST_ADDRESSES + 1)}}
    url = httpcore2.URL(scheme=target.raw_scheme, host=target.raw_host, port=target.port, target=target.raw_path)
    headers = [(b"Host", target.netloc), *HEADERS]
    async with pool.stream("GET", url, headers=headers, extensions=patience) as response:
        told = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
        if max_bytes is None:
            return Fetched(str(target), response.status, told, b"")
        if told.get("content-encoding", "identity").lower() != "identity":
            raise FetchError(f"{target.host} answers compressed, although it was asked not to.")
        body = bytearray()
        async for part in response.aiter_stream():
            body += part
            if len(body) > max_bytes:
                raise FetchError(f"{target.host} answers with more than {max_bytes} bytes.")
    return Fetched(str(target), response.status, told, bytes(body))
