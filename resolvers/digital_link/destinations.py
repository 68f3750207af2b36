"""Where a scan may be sent: addresses that owners give, made safe when they are written; nothing is asked on the scan.

An owner's address is https, names a public host and does not lead back here. What a visitor adds to a code can never
change where it leads: it becomes part of the query, nothing else. Whether an address still answers is found out by a
job (`health.py`).
"""

import asyncio
import re
from collections.abc import Collection
from urllib.parse import quote, urlencode

import httpx2

from closient_gql.adapters.http import GUARD, FetchError, Guard, GuardError
from closient_gql.core import gs1
from closient_gql.core.settings import settings

PATIENCE = 3.0  # seconds for the name of a host
LENIENT = gs1.Options(combinations=False, unknown_ais=True, alphas=True, short_gtins=True)
BROKEN = "has characters that an address cannot have: they must be percent-encoded"
BACK = "leads back to this resolver, which would go round in circles"
_QUERY_SAFE = "!$&'()*+,;=:@/?-._~%[]"


async def check(url: str, guard: Guard = GUARD) -> str:
    """The address as it is stored and sent.

    A host that has no address at the moment passes: it may get one, and the job finds out if it does not.

    Raises:
        ValueError: it may be no destination; the message says why, in words that follow the field's name.
    """
    if re.search(r"[\x00-\x20\x7f\\<>\"^`{|}]", url):
        raise ValueError(BROKEN)
    try:
        target = guard.check(url)
    except GuardError as error:
        raise ValueError(f"cannot be a destination: {error}") from None
    if target.scheme != "https":
        raise ValueError("must begin with https://")
    found = str(target)
    if leads_back(found):
        raise ValueError(BACK)
    try:
        async with asyncio.timeout(PATIENCE):
            await guard.addresses(target.raw_host.decode("ascii"), target.port or 443)
    except GuardError as error:
        raise ValueError(f"cannot be a destination: {error}") from None
    except (FetchError, TimeoutError):
        pass
    return found


def leads_back(url: str, hosts: Collection[str] = ()) -> bool:
    """Whether an address is a Digital Link, compressed or not, at this resolver.

    Args:
        hosts: names of this resolver besides those of the settings, such as that of the request.
    """
    try:
        target = httpx2.URL(url)
    except httpx2.InvalidURL:
        return False
    if name_of(target) not in {*map(bare, hosts), *own_hosts()}:
        return False
    path = target.raw_path.decode("ascii").partition("?")[0].rstrip("/")
    return is_link(f"https://id.example{path}")


def is_link(uri: str) -> bool:
    for parse in (gs1.parse_uri, gs1.parse_compressed):
        try:
            parse(uri, LENIENT)
            return True
        except gs1.Gs1Error:
            continue
    return False


def own_hosts() -> set[str]:
    """The names that this resolver is known to have, in lower case."""
    public = settings().public_url
    return {bare(host) for host in (*settings().resolver_hosts, name_of(httpx2.URL(public)) if public else "") if host}


def name_of(url: httpx2.URL) -> str:
    return bare(url.raw_host.decode("ascii"))


def bare(host: str) -> str:
    """A host's name without port, in lower case: as two of them are compared."""
    return re.sub(r":\d+$", "", host.strip().lower()).removesuffix(".")


def with_query(url: str, query: str) -> str:
    """The address with a visitor's query behind its own.

    Nothing in front of the query can change, and a fragment stays last; whatever is no character of a query is
    percent-encoded.
    """
    if not query:
        return url
    front, hash, fragment = url.partition("#")
    joint = "?" if "?" not in front else "" if front.endswith(("?", "&")) else "&"
    return f"{front}{joint}{quote(query, safe=_QUERY_SAFE)}{hash}{fragment}"


def hosted_path(gtin: str, lot: str = "", serial: str = "") -> str:
    """Where the hosted page of a product is on this server, for one lot or one piece of it."""
    if not lot and not serial:
        return f"/p/{gtin}"
    query = urlencode({name: value for name, value in (("lot", lot), ("serial", serial)) if value})
    return f"/p/{gtin}{'?' if query else ''}{query}"
