"""Pure rules of proving that a brand is somebody's, no I/O."""

import re
import secrets
from collections.abc import Iterable, Sequence
from urllib.parse import urlsplit

import idna

from closient_gql.core.models.brands import VerificationMethod

PREFIX = re.compile(r"[0-9]{4,12}", re.ASCII)
DOMAIN = re.compile(r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]", re.ASCII)
WELL_KNOWN = "/.well-known/closient-verification.txt"


def subject_of(method: VerificationMethod, text: str) -> str:
    """What is to be checked, in its one form.

    Raises:
        ValueError: it is no GS1 company prefix (GS1 General Specifications, 1.4.3), or no domain.
    """
    text = text.strip()
    if method is VerificationMethod.GS1_PREFIX:
        digits = re.sub(r"[ -]", "", text)
        if not PREFIX.fullmatch(digits):
            raise ValueError("must be a GS1 company prefix: 4 to 12 digits, that of a U.P.C. with its leading zero")
        return digits
    if method is VerificationMethod.DOMAIN:
        domain = in_dns(text)
        if not DOMAIN.fullmatch(domain):
            raise ValueError("must be a domain such as example.org, without https:// and path")
        return domain
    return text


def in_dns(host: str) -> str:
    """A host as it stands in DNS (IDNA 2008, RFC 5891; capitals and wide letters as in UTS 46); empty if it cannot."""
    try:
        return idna.encode(host.rstrip("."), uts46=True).decode("ascii").lower()
    except UnicodeError:
        return ""


def new_token() -> str:
    """What shows that a domain is somebody's. It is published there, so it is no secret, but nobody can guess it."""
    return secrets.token_hex(16)


def record_of(token: str) -> str:
    """The text of the DNS record, and of the file."""
    return f"closient-verification={token}"


def file_of(domain: str) -> str:
    """Where the file must be, if there is no record."""
    return f"https://{domain}{WELL_KNOWN}"


def proved(texts: Iterable[str], token: str) -> bool:
    """Whether one of the texts, DNS records or lines of a file, is the expected one."""
    return any(text.strip().strip('"') == record_of(token) for text in texts)


def within(host: str, domain: str) -> bool:
    """Whether a host is the domain or below it."""
    return host == domain or host.endswith(f".{domain}")


def is_site(website: str, domain: str) -> bool:
    """Whether a website is on this domain, or below it. A domain below the website's shows nothing, as hosts let those;
    only its `www` is as good as itself."""
    try:
        host = in_dns(urlsplit(website).hostname or "")
    except ValueError:  # urlsplit: brackets that are no address
        host = ""
    return bool(host) and (within(host, domain) or domain == f"www.{host}")


def covered(gtin: str, prefixes: Sequence[str]) -> bool:
    """Whether a GTIN-14 was made below one of the prefixes: they begin behind the indicator digit."""
    return any(gtin[1:13].startswith(prefix) for prefix in prefixes)
