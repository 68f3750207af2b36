"""Health, readiness, metrics, and logs that keep secrets to themselves."""

import json
import logging

import asyncpg
import pytest

from closient_gql.core.keys import new_key
from closient_gql.core.settings import Settings
from closient_gql.server import logs
from tests.conftest import Client


async def test_alive_and_ready(api: Client) -> None:
    assert (await api.get("/healthz")).json() == {"status": "ok"}
    ready = await api.get("/readyz")
    assert (ready.status_code, ready.json()["database"]) == (200, "ok")


async def test_not_ready_with_another_schema(api: Client, database_url: str) -> None:
    connection = await asyncpg.connect(database_url)
    await connection.execute("UPDATE alembic_version SET version_num = 'older'")
    old = await api.get("/readyz")
    await connection.execute("DROP TABLE alembic_version")
    none = await api.get("/readyz")
    await connection.close()
    assert (old.status_code, old.json()["error"]["code"]) == (503, "INTERNAL_ERROR")
    assert "The schema is at older" in old.json()["error"]["message"]
    assert "has no schema" in none.json()["error"]["message"]
    assert (await api.get("/healthz")).status_code == 200


async def test_metrics_are_labelled_by_route(api: Client) -> None:
    for path in ("/brands/api/v1/brands/aaaaaaaaaaaa", "/brands/api/v1/brands/cccccccccccc", "/nowhere", "/nowhere2"):
        await api.get(path)
    text = (await api.get("/metrics")).text
    line = 'closient_http_requests_total{method="GET",route="/brands/api/v1/brands/{id}",status="401"}'
    assert line in text
    assert 'route="other",status="404"' in text
    assert "nowhere" not in text


@pytest.mark.parametrize("form", ["json", "console"])
def test_logs_hold_no_secrets(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    key = new_key("csb")
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    try:
        logs.configure(Settings(log_format=form, log_level="info"))
        logging.getLogger("elsewhere").warning("somebody sent %s to postgresql://me:hunter2@host/db", key)
        said = capsys.readouterr().err
    finally:
        root.handlers[:] = before
        root.setLevel(level)
    assert "somebody sent … to postgresql://…@host/db" in said
    assert key not in said
    assert "hunter2" not in said
    if form == "json":
        assert json.loads(said.splitlines()[-1])["level"] == "warning"
