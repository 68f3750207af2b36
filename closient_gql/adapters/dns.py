"""TXT records: how somebody shows that a domain is theirs."""

from collections.abc import Mapping, Sequence
from typing import Protocol

import dns.asyncresolver
import dns.exception
import dns.resolver
from dns.rdtypes.ANY.TXT import TXT

PATIENCE = 5.0  # seconds, for all servers together


class DnsError(Exception):
    """The name servers gave no answer; the message says so in words for the user."""


class Dns(Protocol):
    async def txt(self, name: str) -> Sequence[str]:
        """The texts of a name; none if it has none, or does not exist. DnsError: nobody knows."""


class SystemDns:
    """The name servers of this machine, or the resolver given. Nothing is cached: people change records and retry."""

    def __init__(self, resolver: dns.asyncresolver.Resolver | None = None) -> None:
        self._resolver = resolver

    async def txt(self, name: str) -> Sequence[str]:
        try:
            resolver = self._resolver or dns.asyncresolver.Resolver()
            answer = await resolver.resolve(f"{name.rstrip('.')}.", "TXT", lifetime=PATIENCE)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return []
        except (dns.exception.DNSException, OSError) as error:
            raise DnsError(f"The name servers of {name} gave no answer.") from error
        return [b"".join(record.strings).decode("utf-8", "replace") for record in answer if isinstance(record, TXT)]


class FakeDns:
    """Knows what it is told: for tests, and for installations without name servers."""

    def __init__(self, records: Mapping[str, Sequence[str]] | None = None) -> None:
        self.records = dict(records or {})

    async def txt(self, name: str) -> Sequence[str]:
        return self.records.get(name, [])
