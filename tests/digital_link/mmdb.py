"""A file as GeoIP databases are: MaxMind DB format 2.0, of IPv4 networks and what is known of them."""

import ipaddress
from typing import Any

MARK = b"\xab\xcd\xefMaxMind.com"


def encoded(value: Any) -> bytes:
    """A value of the data section: maps, texts, lists, numbers as (bits, number); lengths below 29."""
    if isinstance(value, dict):
        return bytes([7 << 5 | len(value)]) + b"".join(encoded(k) + encoded(v) for k, v in value.items())
    if isinstance(value, list):
        return bytes([len(value), 4]) + b"".join(map(encoded, value))
    if isinstance(value, str):
        return bytes([2 << 5 | len(value)]) + value.encode()
    bits, number = value
    written: bytes = number.to_bytes(bits // 8, "big").lstrip(b"\0")
    head = {16: [5 << 5 | len(written)], 32: [6 << 5 | len(written)], 64: [len(written), 2]}[bits]
    return bytes(head) + written


def database(networks: dict[str, Any]) -> bytes:
    """The file. Records of the tree have 24 bits: the next node, or the number of nodes for nothing, or data."""
    nodes: list[list[Any]] = [[None, None]]
    for text, found in networks.items():
        network = ipaddress.IPv4Network(text)
        bits = f"{int(network.network_address):032b}"[: network.prefixlen]
        at = 0
        for bit in map(int, bits[:-1]):
            if nodes[at][bit] is None:
                nodes.append([None, None])
                nodes[at][bit] = len(nodes) - 1
            at = nodes[at][bit]
        nodes[at][int(bits[-1])] = encoded(found)
    count, data = len(nodes), b""
    tree = b""
    for node in nodes:
        for record in node:
            number: int = count + 16 + len(data) if isinstance(record, bytes) else count if record is None else record
            data += record if isinstance(record, bytes) else b""
            tree += number.to_bytes(3, "big")
    about = {"node_count": (32, count), "record_size": (16, 24), "ip_version": (16, 4),
             "database_type": "Test", "languages": [], "binary_format_major_version": (16, 2),
             "binary_format_minor_version": (16, 0), "build_epoch": (64, 1), "description": {}}  # fmt: skip
    return tree + bytes(16) + data + MARK + encoded(about)
