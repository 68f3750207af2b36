"""The words of the catalogue, by heart: how rare each is, what a word that is typed wrong may be, how it may go on.

Read once in a process, and anew when documents have changed; not more often than every `REST` seconds, because they
change all the time. What a search then does not find here it looks up (`missing`): a word that is new is no mistake.
"""

import asyncio
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import func, select

from closient_gql.core.db import KEYS, Database, Query
from closient_gql.core.models.search import SearchDocument, SearchProgress, SearchWord
from resolvers.context import Context
from resolvers.search.analysis import parts_of
from resolvers.search.documents import HIDDEN
from resolvers.search.typos import Spelling
from resolvers.search.words import ENGLISH, stems

REST = 10.0
VERSION = Query(SearchProgress, select(SearchProgress.version))
COLUMNS = (
    SearchWord.lexeme,
    func.max(SearchWord.shown).label("shown"),
    func.sum(SearchWord.documents).label("n"),
    func.array_agg(SearchWord.language).label("languages"),
)
SHOWN = SearchWord.language != HIDDEN
WORDS = Query(
    SearchWord,
    select(*COLUMNS).where(SHOWN).group_by(SearchWord.lexeme).order_by(SearchWord.lexeme),
)
NEW = Query(
    SearchWord,
    select(*COLUMNS).where(SHOWN, SearchWord.lexeme == func.any(KEYS)).group_by(SearchWord.lexeme),
)
DOCUMENTS = Query(SearchDocument, select(func.count().label("n")).select_from(SearchDocument))


@dataclass
class Vocabulary:
    """`frequency`: in how many of the `documents` each lexeme is. `shown`: a form of it that people read. `foreign`:
    the lexemes of each language but English."""

    version: int = -1
    documents: int = 0
    frequency: dict[str, int] = field(default_factory=dict)
    shown: dict[str, str] = field(default_factory=dict)
    foreign: dict[str, set[str]] = field(default_factory=dict)
    read_at: float = 0.0
    absent: set[str] = field(default_factory=set)

    def add(self, rows: Iterable[Any]) -> None:
        for row in rows:
            self.frequency[row.lexeme], self.shown[row.lexeme] = int(row.n), row.shown
            for language in {*row.languages} - {"", ENGLISH}:
                self.foreign.setdefault(language, set()).add(row.lexeme)

    @cached_property
    def spelling(self) -> Spelling:
        return Spelling(self.frequency, self.shown)

    async def learn(self, ctx: Context, text: str) -> None:
        """Looks up words that are not known here: they may have come since. What there is not is asked for once."""
        forms = [stems(token.plain) for part in parts_of(text) for token in part.words]
        unknown = [each for each in forms if not self.frequency.keys() & each]
        sought = {lexeme for each in unknown for lexeme in each} - self.absent
        if not sought:
            return
        self.add(await ctx.read.all(NEW, keys=sorted(sought)))
        self.absent |= sought - self.frequency.keys()


_held: WeakKeyDictionary[Database, Vocabulary] = WeakKeyDictionary()


async def vocabulary(ctx: Context) -> Vocabulary:
    """The words as they are, or were a moment ago."""
    held = _held.get(ctx.read.database)
    if held is not None and time.monotonic() - held.read_at < REST:
        return held
    found: Any = await ctx.read.one(VERSION)
    version = found.version if found else 0
    if held is not None and held.version == version:
        held.read_at = time.monotonic()
        held.absent.clear()
        return held
    _held[ctx.read.database] = read = await load(ctx, version)
    return read


async def documents(ctx: Context) -> int:
    found: Any = await ctx.read.one(DOCUMENTS)
    return int(found.n)


async def load(ctx: Context, version: int) -> Vocabulary:
    rows, total = await ctx.read.all(WORDS), await documents(ctx)
    found = Vocabulary(version, total, read_at=time.monotonic())
    found.add(rows)
    await asyncio.to_thread(found.spelling.prepare)
    return found
