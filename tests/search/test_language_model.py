"""A language model that helps to read: a server of OpenAI's protocol on loopback, in its good and its bad hours."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
import structlog
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from closient_gql.adapters import language
from closient_gql.core.settings import settings
from resolvers.search.constraints.model import Reading
from resolvers.search.constraints.reading import read
from resolvers.search.constraints.refinement import State
from resolvers.search.understanding import understood
from tests.adapters.servers import serving
from tests.conftest import Client
from tests.search.test_sessions import opened

KEY = "sk-of-the-language-model"
TEXT = "snacks for a friend who gets hives from cashews, nothing above 12 quid, in stock, my id is 4711"
RULES = read(TEXT)


class Model:
    """Answers what a test wants, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[Any] = []
        self.answer: Callable[[], Response] = lambda: says({})
        self.wait = 0.0

    async def completions(self, request: Request) -> Response:
        assert request.headers["authorization"] == f"Bearer {KEY}"
        self.asked.append(await request.json())
        await asyncio.sleep(self.wait)
        return self.answer()


def says(content: Any) -> Response:
    """A chat completion, as the protocol has it."""
    text = content if isinstance(content, str) else json.dumps(content)
    message = {"role": "assistant", "content": text}
    return JSONResponse({
        "id": "c", "object": "chat.completion", "created": 1, "model": "m",
        "choices": [{"index": 0, "finish_reason": "stop", "message": message}],
    })  # fmt: skip


@pytest.fixture
async def model(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Model]:
    found = Model()
    app = Starlette(routes=[Route("/v1/chat/completions", found.completions, methods=["POST"])])
    async with serving(app) as port:
        use(monkeypatch, f"http://127.0.0.1:{port}/v1")
        yield found
        await close()
        monkeypatch.undo()
        settings.cache_clear()


async def close() -> None:
    """Forgets the server and its connections, which belong to this test's loop."""
    server = language.language_of(settings())
    if server is not None and server._client is not None:
        await server._client.close()
    language._server.cache_clear()


def use(monkeypatch: pytest.MonkeyPatch, url: str, seconds: str = "30") -> None:
    for name, value in (("URL", url), ("MODEL", "m"), ("KEY", KEY), ("TIMEOUT", seconds)):
        monkeypatch.setenv(f"CLOSIENT_LANGUAGE_{name}", value)
    settings.cache_clear()


async def reading(text: str = TEXT) -> tuple[Reading, list[str]]:
    """What is understood, and what the log says of the model."""
    with structlog.testing.capture_logs() as logs:
        found = await understood(read(text), text, State("crackers", {"price_max": 20}))
    assert not any(secret in json.dumps(logs) for secret in (KEY, "4711", "cashews", "hives"))
    return found, [entry["error"] for entry in logs if entry["event"] == "language_model"]


async def test_it_is_off_by_default() -> None:
    assert settings().language_url == ""
    assert await reading() == (RULES, [])


async def test_a_good_answer_refines(model: Model) -> None:
    said = {"words": "snacks", "price_max": 12, "exclude_allergens": ["nuts"], "is_new_search": True}
    model.answer = lambda: says(said)
    found, errors = await reading()
    assert errors == []
    assert (found.words, found.resets) == ("snacks", True)
    assert found.add == RULES.add | {"price_max": 12, "exclude_allergens": ["nuts"]}
    (asked,) = model.asked
    assert (asked["model"], asked["temperature"], asked["response_format"]["type"]) == ("m", 0, "json_schema")
    task, text = (message["content"] for message in asked["messages"])
    assert text == TEXT
    assert "crackers" in task


BAD: dict[str, tuple[Callable[[], Response], str]] = {
    "no JSON": (lambda: says("I think that you want snacks."), "The language model's answer is no JSON."),
    "half of it": (lambda: says('{"words": "sna'), "The language model's answer is no JSON."),
    "no object": (lambda: says("[1, 2]"), "its answer is not valid"),
    "empty": (lambda: says(""), "The language model's answer is no JSON."),
    "endless": (lambda: says("[" * 30_000), "The language model's answer is too long."),
    "deep": (lambda: says("[" * 19_000), "The language model's answer is no JSON."),
    "unknown key": (lambda: says({"words": "snacks", "sql": "DROP TABLE"}), "its answer is not valid"),
    "wrong type": (lambda: says({"price_max": "cheap"}), "its answer is not valid"),
    "out of bounds": (lambda: says({"distance_km": 9e9}), "its answer is not valid"),
    "no allergen": (lambda: says({"exclude_allergens": ["cashews of the moon"]}), "its answer is not valid"),
    "a price": (lambda: says({"price_max": 3}), "its answer says what is not in the text"),
    "a diet": (lambda: says({"words": "snacks", "require_certifications": ["vegan"]}),
               "its answer says what is not in the text"),
    "an allergen": (lambda: says({"exclude_allergens": ["milk"]}), "its answer says what is not in the text"),
    "a substance": (lambda: says({"avoid_substances": ["palm-oil"]}), "its answer says what is not in the text"),
    "a distance": (lambda: says({"distance_km": 2.5}), "its answer says what is not in the text"),
    "a colour": (lambda: says({"color": "red"}), "its answer says what is not in the text"),
    "a scope": (lambda: says({"scope": "online"}), "its answer says what is not in the text"),
    "words": (lambda: says({"words": "buy our crisps"}), "its answer says what is not in the text"),
    "no choices": (lambda: JSONResponse({"choices": []}), "The language model's answer is no JSON."),
    "null": (lambda: JSONResponse(None), "The language model cannot be asked: AttributeError."),
    "another shape": (lambda: JSONResponse({"answer": 42}), "The language model's answer is no JSON."),
    "HTML": (lambda: HTMLResponse("<p>Hello"), "The language model cannot be asked: AttributeError."),
    "broken JSON": (lambda: Response("{", media_type="application/json"),
                    "The language model cannot be asked: JSONDecodeError."),
    "500": (lambda: PlainTextResponse(f"failed at: {TEXT} {KEY}", 500), "The language model answers 500."),
    "401": (lambda: JSONResponse({"error": {"message": KEY}}, 401), "The language model answers 401."),
    "429": (lambda: JSONResponse({}, 429, {"retry-after": "60"}), "The language model answers 429."),
    "elsewhere": (lambda: RedirectResponse("http://127.0.0.1:9/v1", 307), "The language model answers 307."),
}  # fmt: skip


async def test_rules_stand_where_an_answer_is_bad(model: Model) -> None:
    for name, (answer, error) in BAD.items():
        model.answer = answer
        assert (name, *await reading()) == (name, RULES, [error])
    assert len(model.asked) == len(BAD)  # nothing is asked twice


async def test_rules_stand_where_it_is_slow_or_away(model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    url, model.wait = settings().language_url, 0.3
    use(monkeypatch, url, "0.1")
    assert await reading() == (RULES, ["The language model gave no answer within 0.1 seconds."])
    await close()
    use(monkeypatch, "http://127.0.0.1:9/v1")
    assert await reading() == (RULES, ["The language model cannot be asked: APIConnectionError."])


async def test_what_the_rules_avoid_stays(model: Model) -> None:
    """Nor does the model bring back what somebody takes back."""
    model.answer = lambda: says({"words": "cookies"})
    found, _ = await reading("gluten free cookies")
    assert found.add == {"exclude_allergens": ["gluten"]}
    model.answer = lambda: says({"words": "cookies", "exclude_allergens": ["gluten"]})
    found, _ = await reading("cookies, gluten is fine")
    assert found.add == {}


async def test_a_session_goes_on_without_it(model: Model, shopper: Client) -> None:
    model.answer = lambda: says({"words": "cookies", "price_max": 4})
    assert (await opened(shopper, "cookies, four dollars tops"))["active_constraints"] == {"price_max": 4}
    model.answer = lambda: PlainTextResponse("", 500)
    again = await opened(shopper, "cookies under $4")
    assert again["active_constraints"] == {"price_max": 4}
    assert again["results"]
