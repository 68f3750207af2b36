"""What the database knows of keys: asked for many at once.

A scan of a code that is not remembered needs one look-up. What comes in while one is under way waits and goes together
with all others that wait; where several came together last time, they have a moment to be as many again. So a statement
answers for many scans, and the busier the server is, the less each of them costs.
"""

import asyncio
from collections.abc import Collection, Sequence
from itertools import chain, islice
from typing import Any, NamedTuple

from closient_gql.core.db import Database
from closient_gql.core.gs1 import Element
from resolvers.digital_link.anchors import levels
from resolvers.digital_link.found import Product

MOST_AT_ONCE = 500
MOMENT = 0.001  # seconds
# products that have a GTIN; where there is none, or its owner gave it up, the GTIN that took its place; and links
STATEMENT = """
SELECT wanted.gtin AS wanted, p.id, p.gtin, p.product_name, p.owner_id, p.brand_id, p.resolver_enabled,
    s.successor_gtin, NULL::json AS link
FROM unnest($1::text[]) AS wanted (gtin)
LEFT JOIN products p ON p.gtin = wanted.gtin
LEFT JOIN product_successors s ON s.gtin = wanted.gtin
    AND (p.id IS NULL OR p.owner_id IS NULL AND NOT p.resolver_enabled)
UNION ALL
(SELECT l.anchor, NULL, NULL, NULL, NULL, NULL, NULL, NULL, json_build_object('anchor', l.anchor,
    'organization_id', l.organization_id, 'variables', l.variables, 'item_description', l.item_description,
    'link_type', l.link_type, 'href', l.href, 'title', l.title, 'hreflang', l.hreflang, 'media_type', l.media_type,
    'context', l.context, 'forward_query', l.forward_query)
FROM unnest($2::text[]) AS wanted (anchor)
JOIN links l ON l.anchor = wanted.anchor
JOIN organizations o ON o.id = l.organization_id
WHERE l.is_public AND o.deleted_at IS NULL
ORDER BY l.created, l.id)
"""
Path = tuple[Element, ...]


class Known(NamedTuple):
    """What there is of one path."""

    product: Product | None = None
    successor: str | None = None
    links: Sequence[Any] = ()


Waiting = dict[Path, list["asyncio.Future[Known]"]]


class Lookups:
    """The look-ups of one process."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._waiting: Waiting = {}
        self._asking: asyncio.Task[None] | None = None
        self._together = 1  # last time
        self._moment: asyncio.TimerHandle | None = None

    def of(self, path: Path) -> "asyncio.Future[Known]":
        """What the database knows of a path.

        Raises:
            Unavailable: it is away.
        """
        future: asyncio.Future[Known] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(path, []).append(future)
        if self._asking is None:
            self._go_on()
        return future

    def _go_on(self) -> None:
        """Asks once as many wait as came together last time, or the moment that they have is over."""
        if len(self._waiting) >= self._together:
            self._ask()
        elif self._moment is None:
            self._moment = asyncio.get_running_loop().call_later(MOMENT, self._ask)

    def _ask(self) -> None:
        if self._moment is not None:
            self._moment.cancel()
            self._moment = None
        waiting = {path: self._waiting.pop(path) for path in list(islice(self._waiting, MOST_AT_ONCE))}
        self._asking = asyncio.create_task(self._answer(waiting))

    async def _answer(self, waiting: Waiting) -> None:
        try:
            found = await self._found(waiting)
        except Exception as error:
            for future in chain.from_iterable(waiting.values()):
                if not future.done():
                    future.set_exception(error)
        else:
            for path, futures in waiting.items():
                for future in futures:
                    if not future.done():  # its request may have ended
                        future.set_result(found[path])
        self._asking = None
        self._together = min(len(waiting) + len(self._waiting), MOST_AT_ONCE)
        if self._waiting:
            self._go_on()

    async def _found(self, paths: Collection[Path]) -> dict[Path, Known]:
        anchors = {path: anchors_of(path) for path in paths}
        gtins = list({gtin for path in paths if (gtin := gtin_of(path))})
        async with self.database.acquire() as connection:
            rows = await connection.fetch(
                STATEMENT, gtins, list({each for found in anchors.values() for each in found})
            )
        keys: dict[str, Known] = {}
        links: dict[str, list[Any]] = {}
        for number, (wanted, id, *product, successor, link) in enumerate(rows):
            if link is None:
                keys[wanted] = Known(None if id is None else Product(id, *product), successor)
            else:
                links.setdefault(wanted, []).append((number, link))
        return {path: known(keys.get(gtin_of(path), NOTHING), anchors[path], links) for path in paths}


NOTHING = Known()


def gtin_of(path: Path) -> str:
    """Empty if it is about something else, which can have the same digits."""
    ai, value = path[0]
    return value if ai == "01" else ""


def anchors_of(path: Path) -> Sequence[str]:
    if len(path) == 1 and path[0].ai == "01":  # most codes
        return (f"/01/{path[0].value}",)
    return [anchor for level in levels(path) for anchor in level.anchors]


def known(key: Known, anchors: Sequence[str], links: dict[str, list[Any]]) -> Known:
    """What of all that was found is about one path: what there is of its key, and links of its anchors."""
    if not links:
        return key
    ours = sorted((each for anchor in anchors for each in links.get(anchor, ())), key=lambda each: each[0])
    return key._replace(links=[link for _, link in ours])
