"""Is it alive, is it ready, how does it do: `/healthz`, `/readyz`, `/metrics`."""

import os

from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from closient_gql.core.db import Database
from closient_gql.core.errors import Unavailable
from closient_gql.server.answers import Json, envelope
from migrations import head

NEWEST = "SELECT version_num FROM alembic_version"


async def healthz(request: Request) -> Response:
    """200 as soon as requests are answered. Says nothing of the database: a restart would not mend that."""
    return Json({"status": "ok"})


async def readyz(request: Request) -> Response:
    """200 while the database answers and its schema is the one that this code wants, else 503 and why."""
    database: Database = request.app.state.database
    try:
        async with database.acquire() as connection:
            revision = await connection.fetchval(NEWEST)
    except Exception as error:
        why = (
            error if isinstance(error, Unavailable) else Unavailable("The database has no schema. Run the migrations.")
        )
        return envelope(request, why)
    if revision != head():
        return envelope(request, Unavailable(f"The schema is at {revision}, not at {head()}. Run the migrations."))
    return Json({"status": "ok", "database": "ok", "keys": "cached" if request.app.state.keys.hearing else "looked up"})


async def metrics(request: Request) -> Response:
    """Prometheus' text format; with several workers, of all of them."""
    registry: CollectorRegistry = REGISTRY
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)


ROUTES = [Route("/healthz", healthz), Route("/readyz", readyz), Route("/metrics", metrics)]
