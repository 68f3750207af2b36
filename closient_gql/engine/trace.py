"""How long every field of one operation took, as gateways ask for it (Apollo's federated tracing, `ftv1`).

The form is the message `Trace` of Apollo's protocol buffers; the few kinds of values that it needs are written here.
"""

import base64
import time
from collections.abc import Awaitable, Iterator
from dataclasses import dataclass, field
from inspect import isawaitable
from typing import Any

from graphql import GraphQLResolveInfo

# numbers of the message Trace and of its parts Node and Timestamp
END_TIME, START_TIME, DURATION, ROOT = 3, 4, 11, 14
SECONDS, NANOS = 1, 2
RESPONSE_NAME, INDEX, TYPE, START, END, CHILD, PARENT_TYPE, FIELD_NAME = 1, 2, 3, 8, 9, 12, 13, 14


@dataclass
class Node:
    """A field of the answer, or an item of a list, and what is below it."""

    parts: bytes
    children: dict[str | int, "Node"] = field(default_factory=dict)

    def encoded(self) -> bytes:
        return self.parts + b"".join(block(CHILD, child.encoded()) for child in self.children.values())


class Trace:
    """Middleware of graphql-core for one execution; costs nothing where it is not used."""

    def __init__(self) -> None:
        self.began, self.origin = time.time_ns(), time.perf_counter_ns()
        self.root = Node(b"")

    def resolve(self, resolver: Any, source: Any, info: GraphQLResolveInfo[Any], **arguments: Any) -> Any:
        """The field's own answer, timed."""
        start = self.now()
        value = resolver(source, info, **arguments)
        if isawaitable(value):
            return self.awaited(value, info, start)
        self.note(info, start)
        return value

    async def awaited(self, value: Awaitable[Any], info: GraphQLResolveInfo[Any], start: int) -> Any:
        try:
            return await value
        finally:
            self.note(info, start)

    def now(self) -> int:
        return time.perf_counter_ns() - self.origin

    def note(self, info: GraphQLResolveInfo[Any], start: int) -> None:
        node = self.root
        for key in info.path.as_list():
            node = node.children.setdefault(key, Node(number(INDEX, key) if isinstance(key, int) else b""))
        name = str(info.path.key)
        node.parts = b"".join((
            text(RESPONSE_NAME, name), text(FIELD_NAME, info.field_name) if name != info.field_name else b"",
            text(TYPE, str(info.return_type)), text(PARENT_TYPE, info.parent_type.name),
            number(START, start), number(END, self.now()),
        ))  # fmt: skip

    def encoded(self) -> str:
        """The whole trace, in base64. Errors are not in it: the answer has them."""
        took = self.now()
        return base64.b64encode(
            block(START_TIME, timestamp(self.began))
            + block(END_TIME, timestamp(self.began + took))
            + number(DURATION, took)
            + block(ROOT, self.root.encoded())
        ).decode("ascii")


def timestamp(nanoseconds: int) -> bytes:
    seconds, rest = divmod(nanoseconds, 10**9)
    return number(SECONDS, seconds) + number(NANOS, rest)


def number(place: int, value: int) -> bytes:
    """An integer: its place in the message, then seven bits a byte."""
    return bytes((*varint(place << 3), *varint(value)))


def block(place: int, content: bytes) -> bytes:
    """A text or a message: its place, its length, itself."""
    return bytes((*varint(place << 3 | 2), *varint(len(content)))) + content


def text(place: int, value: str) -> bytes:
    return block(place, value.encode())


def varint(value: int) -> Iterator[int]:
    while value > 0x7F:
        yield value & 0x7F | 0x80
        value >>= 7
    yield value
