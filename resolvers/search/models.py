"""The model that searches compare by, and vectors of what is asked."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import text

from closient_gql.adapters.embeddings import Embedder, EmbeddingError, Model, Vector, embedder_for
from closient_gql.core.db import Query
from closient_gql.core.models.search import SearchModel
from closient_gql.core.settings import settings
from resolvers.context import Context

REMEMBERED = 500  # queries of each model: some 15 MB
PAUSE = 5.0  # seconds in which a model that failed is not asked again
NOW = Query(
    SearchModel,
    text("""
    SELECT m.slot, m.name, m.version, m.endpoint, m.calibration, m.state,
        NOT EXISTS (SELECT FROM search_progress)
            OR EXISTS (SELECT FROM search_vectors v WHERE v.slot = m.slot AND v.vector IS NULL) AS waiting
    FROM search_models m WHERE m.state IN ('active', 'building') ORDER BY m.state
    """),
)


class Queries:
    """What was asked of one model lately. Those who ask the same at the same time wait for one answer; and where the
    model failed a moment ago, nobody waits."""

    def __init__(self, embedder: Embedder) -> None:
        self.embedder = embedder
        self._known: OrderedDict[str, asyncio.Future[Vector]] = OrderedDict()
        self._failed: tuple[float, str] = (-PAUSE, "")

    async def vector(self, query: str) -> Vector:
        """Raises:
        EmbeddingError: there is none.
        """
        key = " ".join(query.split())
        found = self._known.get(key)
        if found is None or (found.done() and (found.cancelled() or found.exception())):
            found = self._known[key] = asyncio.ensure_future(self._ask(key))
            while len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
        self._known.move_to_end(key)
        return await asyncio.shield(found)  # who goes away takes it from nobody else

    async def _ask(self, query: str) -> Vector:
        when, why = self._failed
        if time.monotonic() - when < PAUSE:
            raise EmbeddingError(why)
        try:
            (vector,) = await self.embedder.embed([query], settings().embeddings_timeout)
        except EmbeddingError as error:
            self._failed = time.monotonic(), str(error)
            raise
        return vector


@dataclass(frozen=True)
class Active:
    """The model whose vectors are in the place `slot`. `calibration`: what its scores are read by."""

    slot: int
    model: Model
    calibration: Mapping[str, Any]

    @property
    def name(self) -> str:
        return self.model.name

    async def embed_query(self, query: str) -> Vector:
        """The vector of what was asked.

        Raises:
            EmbeddingError: the model is not there, or gave none in time.
        """
        return await queries_of(self.model).vector(query)


@dataclass(frozen=True)
class Models:
    """`indexing`: something has no vector of the active model yet, or the first model is still being built."""

    active: Active | None
    indexing: bool


_queries: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[Model, Queries]] = WeakKeyDictionary()


def queries_of(model: Model) -> Queries:
    """Raises:
    EmbeddingError: nobody here gives vectors of this model.
    """
    embedder = embedder_for(model, settings())
    if embedder is None:
        raise EmbeddingError(f"The search index is of the model {model.name}, which the settings do not give.")
    held = _queries.setdefault(asyncio.get_running_loop(), {})
    if model not in held or held[model].embedder is not embedder:
        held[model] = Queries(embedder)
    return held[model]


async def models(ctx: Context) -> Models:
    """What there is at the moment, in one statement."""
    rows: Any = await ctx.read.all(NOW)
    active = next((row for row in rows if row.state == "active"), None)
    if active is None:
        return Models(None, bool(rows))
    model = Model(active.name, active.version, active.endpoint)
    return Models(Active(active.slot, model, active.calibration), active.waiting)
