"""TXT records, from a name server on loopback."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import dns.asyncresolver
import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest

from closient_gql.adapters import dns as adapter
from closient_gql.adapters.dns import DnsError, FakeDns, SystemDns

ZONE = {"shop.example.": ['"v=spf1 -all"', '"closient-verification=" "abc"'], "empty.example.": []}


class NameServer(asyncio.DatagramProtocol):
    """Answers TXT questions from ZONE: unknown names do not exist, `broken.` is refused, `silent.` gets no answer."""

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, address: Any) -> None:
        query = dns.message.from_wire(data)
        name = str(query.question[0].name)
        answer = dns.message.make_response(query)
        answer.flags |= dns.flags.RA
        if name.startswith("silent."):
            return
        if name.startswith("broken."):
            answer.set_rcode(dns.rcode.SERVFAIL)
        elif name not in ZONE:
            answer.set_rcode(dns.rcode.NXDOMAIN)
        elif ZONE[name]:
            answer.answer.append(dns.rrset.from_text_list(name, 60, "IN", "TXT", ZONE[name]))
        self.transport.sendto(answer.to_wire(), address)


@pytest.fixture
async def names() -> AsyncIterator[SystemDns]:
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(NameServer, local_addr=("127.0.0.1", 0))
    resolver = dns.asyncresolver.Resolver(configure=False)
    resolver.nameservers, resolver.port = ["127.0.0.1"], transport.get_extra_info("sockname")[1]
    yield SystemDns(resolver)
    transport.close()


async def test_records(names: SystemDns) -> None:
    assert sorted(await names.txt("shop.example")) == ["closient-verification=abc", "v=spf1 -all"]  # parts are joined
    assert list(await names.txt("empty.example")) == []
    assert list(await names.txt("nobody.example")) == []


async def test_servers_that_do_not_know(names: SystemDns, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adapter, "PATIENCE", 0.3)
    for name in ("broken.example", "silent.example", "a" * 70 + ".example"):
        with pytest.raises(DnsError, match=f"^The name servers of {name} gave no answer"):
            await names.txt(name)


async def test_the_fake() -> None:
    assert list(await FakeDns({"a.example": ["x"]}).txt("a.example")) == ["x"]
    assert list(await FakeDns().txt("a.example")) == []
