"""Automatic persisted queries and trusted documents."""

import hashlib
import json
import pathlib
from collections.abc import AsyncIterator
from typing import Any

import pytest

from closient_gql.core.settings import settings
from closient_gql.server import documents
from tests.conftest import Client, client_of

QUERY = "{ quota { windows { seconds } } }"
HASH = hashlib.sha256(QUERY.encode()).hexdigest()


def named(hash: str = HASH, version: int = 1) -> dict[str, Any]:
    return {"extensions": {"persistedQuery": {"version": version, "sha256Hash": hash}}}


async def ask(api: Client, body: dict[str, Any], accept: str = "application/json") -> tuple[int, Any]:
    answer = await api.post("/graphql", json=body, headers={"Accept": accept})
    return answer.status_code, answer.json()


async def test_the_protocol(api: Client) -> None:
    for accept in ("application/json", "application/graphql-response+json"):
        status, body = await ask(api, named("0" * 64), accept)
        assert (status, body["errors"][0]["message"]) == (200, "PersistedQueryNotFound")
        assert body["errors"][0]["extensions"]["code"] == "PERSISTED_QUERY_NOT_FOUND"
    assert (await ask(api, named()))[1]["errors"][0]["message"] == "PersistedQueryNotFound"
    assert (await ask(api, {"query": QUERY, **named()}))[1]["data"]["quota"]["windows"] == [{"seconds": 60}]
    assert (await ask(api, named()))[1]["data"]["quota"]["windows"] == [{"seconds": 60}]
    by_get = await api.get("/graphql", params={"extensions": json.dumps(named()["extensions"])})
    assert by_get.json()["data"]["quota"]["windows"] == [{"seconds": 60}]


async def test_a_hash_that_is_not_that_of_the_query(api: Client) -> None:
    status, body = await ask(api, {"query": "{ __typename }", **named()})
    assert (status, body["errors"][0]["message"]) == (400, "The provided sha256Hash is not that of the query.")
    assert (await ask(api, named()))[1]["errors"][0]["message"] == "PersistedQueryNotFound"


@pytest.mark.parametrize("said", [1, [], {"version": 2, "sha256Hash": HASH}, {"version": 1}, {"sha256Hash": 1}])
async def test_other_forms(api: Client, said: Any) -> None:
    status, body = await ask(api, {"extensions": {"persistedQuery": said}})
    assert (status, body["errors"][0]["extensions"]["code"]) == (400, "BAD_REQUEST")


async def test_what_cannot_be_run_is_not_kept(api: Client) -> None:
    query = "{ nothing }"
    hash = hashlib.sha256(query.encode()).hexdigest()
    assert "Cannot query field" in (await ask(api, {"query": query, **named(hash)}))[1]["errors"][0]["message"]
    assert (await ask(api, named(hash)))[1]["errors"][0]["message"] == "PersistedQueryNotFound"


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "MOST", 3)
    monkeypatch.setattr(documents, "MOST_CHARACTERS", 25)
    kept = documents.Documents()
    for n in range(5):
        kept.keep(f"{{ a{n} }}", named(f"{n}"))
    assert list(kept._kept) == ["2", "3", "4"]
    kept.keep("{ a }" * 4, named("long"))
    assert list(kept._kept) == ["long"]


@pytest.fixture
def manifest(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    def write(content: Any) -> None:
        path = tmp_path / "documents.json"
        path.write_text(json.dumps(content))
        monkeypatch.setenv("CLOSIENT_TRUSTED_DOCUMENTS", str(path))
        settings.cache_clear()

    yield write
    monkeypatch.undo()
    settings.cache_clear()


async def started(url: str) -> AsyncIterator[Client]:
    async for client in client_of(url):
        yield client


@pytest.mark.parametrize("form", ["map", "apollo"])
async def test_trusted_documents_are_all_that_is_run(database_url: str, manifest: Any, form: str) -> None:
    apollo = {"format": "apollo-persisted-query-manifest", "version": 1, "operations": [{"id": "q", "body": QUERY}]}
    manifest({"q": QUERY} if form == "map" else apollo)
    async for api in started(database_url):
        assert (await ask(api, {"documentId": "q"}))[1]["data"]["quota"]
        assert (await ask(api, {"query": QUERY}))[1]["data"]["quota"]
        assert (await ask(api, named("q")))[1]["data"]["quota"]
        for other in ({"query": "{ __typename }"}, {"documentId": "x"}, {"documentId": 1}, named(), {}):
            status, body = await ask(api, other)
            assert (status, body["errors"][0]["extensions"]["code"]) == (403, "FORBIDDEN")


@pytest.mark.parametrize(
    ("content", "problem"),
    [({"q": "{ nothing }"}, "q cannot be run: Cannot query field"), ([1], "cannot be read"),
     ({"operations": [{"id": "x"}]}, "cannot be read")],
)  # fmt: skip
async def test_a_bad_file_fails_at_start(manifest: Any, content: Any, problem: str) -> None:
    from closient_gql.server.app import create_app

    manifest(content)
    with pytest.raises(ValueError, match=problem):
        create_app()
