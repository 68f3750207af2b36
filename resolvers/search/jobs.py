"""What happens to searches by itself: documents and vectors follow what they are of."""

import asyncio

import structlog

from closient_gql.adapters.embeddings import EmbeddingError
from closient_gql.core.db import Database
from resolvers.search import indexing, vectors
from resolvers.search.sessions import forget_sessions

REST = 30.0  # seconds before a model that failed is asked again
log = structlog.get_logger(__name__)


async def embed(database: Database) -> None:
    """Vectors for what waits. Where a model fails, searches compare words until it does not."""
    await vectors.settle(database)
    await vectors.forget_retired(database)
    try:
        await vectors.embed(database)
    except EmbeddingError as error:
        log.warning("nothing can be embedded", error=str(error))
        await asyncio.sleep(REST)


FOLLOWERS = {"search_documents": (2.0, indexing.follow), "search_vectors": (2.0, embed)}
"""Name, pause in seconds, and what."""
SCHEDULES = {
    "recount_search_words": ("37 3 * * *", indexing.recount_words),
    "forget_search_sessions": ("*/10 * * * *", forget_sessions),
}
"""Name, when (as in crontab, UTC) and what."""
