"""The one set of a search: what passes the filters and the gate (docs/decisions/0020).

What is counted, paged and drawn up into facets is this set and nothing else, and a request finds it once. What a text
means is compared and what it says at the same time; which model there is, how rare words are and how many documents the
filters leave is asked all at once.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Text, bindparam, select

from closient_gql.adapters.embeddings import EmbeddingError
from closient_gql.core.db import Query
from closient_gql.core.gs1.gtin import GtinError, parse_code
from closient_gql.core.models.search import SearchDocument
from resolvers.context import Context
from resolvers.search.asked import Asked, Degradation, Hit, Passing, SearchKind
from resolvers.search.candidates_sql import Shape, candidates, few, source
from resolvers.search.filters import D, Filtering, P, filtering
from resolvers.search.models import Models, models

FEW = 10_000
"""So many documents, if the filters leave no more, are all compared."""
NEAREST, WORDIEST = 600, 600
"""Where they leave more: so many of each index."""


async def passing(ctx: Context, asked: Asked) -> Passing:
    """Everything that passes, best first. A request finds it once, however often it asks."""
    found: Passing = await ctx.find(_passing, asked)
    return found


async def _passing(ctx: Context, all_asked: Sequence[Asked]) -> list[Passing]:
    return list(await asyncio.gather(*(search(ctx, asked) for asked in all_asked)))
