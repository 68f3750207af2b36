"""Traces: sent to a collector, only when there is one, and without anything of the caller's."""

import http.server
import threading
from collections.abc import Iterator
from typing import Any

import asyncpg
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from sqlalchemy import text

from closient_gql.core import tracing
from closient_gql.core.db import Connection, Database, Query, Reader
from closient_gql.core.models.products import Product
from closient_gql.core.settings import settings
from tests import make
from tests.conftest import client_of

PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """A server on this machine that takes traces."""
    spans: list[Any] = []

    class Collector(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers.get("Content-Encoding") == "gzip":
                import gzip

                body = gzip.decompress(body)
            request = ExportTraceServiceRequest.FromString(body)
            spans.extend(s for r in request.resource_spans for scope in r.scope_spans for s in scope.spans)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None: ...

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Collector)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("CLOSIENT_OTLP_ENDPOINT", f"http://127.0.0.1:{server.server_port}/v1/traces")
    settings.cache_clear()
    yield spans
    server.shutdown()
    server.server_close()
    monkeypatch.undo()
    settings.cache_clear()
    tracing.turn_on(None)


async def test_a_request_and_its_statements(database_url: str, connection: Connection, collector: list[Any]) -> None:
    me = await make.account(connection)
    await make.product(connection, 1)
    headers = {"X-API-Key": me.key, "traceparent": PARENT}
    async for api in client_of(database_url):
        await api.get(f"/products/api/v1/products/{make.make_gtin(1)}?secret=hunter2", headers=headers)
    (request,) = [span for span in collector if span.kind == 2]
    assert request.name == "GET /products/api/v1/products/{gtin}"
    assert request.trace_id.hex() == PARENT.split("-")[1]
    assert request.parent_span_id.hex() == PARENT.split("-")[2]
    statements = [span for span in collector if span.name == "statement" and span.trace_id == request.trace_id]
    assert len(statements) == 2  # the key, the product
    assert all(span.parent_span_id == request.span_id for span in statements)
    assert me.key not in str(collector)
    assert "hunter2" not in str(collector)


async def test_what_failed_says_nothing_of_values(database_url: str, collector: list[Any]) -> None:
    async for _ in client_of(database_url):
        database = Database(database_url, 1)
        query = Query(Product, text("SELECT CAST(CAST(:word AS text) AS int)"))
        with pytest.raises(asyncpg.InvalidTextRepresentationError, match="hunter2"):
            await Reader(database).all(query, word="hunter2")
        await database.close()
    (failed,) = [span for span in collector if span.status.code == 2]
    assert (failed.name, failed.status.message) == ("statement", "InvalidTextRepresentationError")
    assert "hunter2" not in str(collector)


def test_off_costs_nothing() -> None:
    assert tracing.span("a") is tracing.span("b", any="thing")
