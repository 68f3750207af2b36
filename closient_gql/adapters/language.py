"""A language model behind OpenAI's protocol, `POST {url}/chat/completions`: OpenAI, or one of one's own (vLLM, Ollama).

Off by default. It is asked for JSON of a given schema; what it answers is checked by whoever asks.
"""

import asyncio
from functools import cache
from typing import TYPE_CHECKING, Any

import orjson

from closient_gql.core.settings import Settings

if TYPE_CHECKING:
    from openai import AsyncOpenAI

NO_KEY = "none"  # servers of one's own ask for none, the client for one
LONGEST = 20_000  # characters of an answer
MOST_TOKENS = 500


class LanguageError(Exception):
    """There is no answer; the message says why, in words for operators, and holds no secret."""


class LanguageServer:
    """At an address that the operator gave."""

    def __init__(self, url: str, model: str, key: str, within: float) -> None:
        self.url, self.model, self._key, self._within = url, model, key, within
        self._client: AsyncOpenAI | None = None

    async def answer(self, task: str, text: str, schema: dict[str, Any]) -> Any:
        """What the model answers to a text, as JSON.

        Raises:
            LanguageError: it cannot be asked, is too slow, or gives no JSON.
        """
        import openai

        try:
            async with asyncio.timeout(self._within):
                content = await self._ask(task, text, schema)
        except (TimeoutError, openai.APITimeoutError):
            raise LanguageError(f"The language model gave no answer within {self._within:g} seconds.") from None
        except openai.APIStatusError as error:  # what it says may repeat what it was sent
            raise LanguageError(f"The language model answers {error.status_code}.") from None
        except (openai.OpenAIError, ValueError, TypeError, AttributeError) as error:  # or what it answers is none
            raise LanguageError(f"The language model cannot be asked: {type(error).__name__}.") from None
        try:
            if len(content) > LONGEST:
                raise LanguageError("The language model's answer is too long.")
            return orjson.loads(content)
        except orjson.JSONDecodeError:
            raise LanguageError("The language model's answer is no JSON.") from None

    async def _ask(self, task: str, text: str, schema: dict[str, Any]) -> str:
        import httpx2
        import openai

        if self._client is None:
            http = httpx2.AsyncClient(trust_env=False, follow_redirects=False)
            self._client = openai.AsyncOpenAI(
                base_url=self.url, api_key=self._key or NO_KEY, max_retries=0, http_client=http
            )
        found = await self._client.chat.completions.create(
            model=self.model,
            messages=[{"role": "system", "content": task}, {"role": "user", "content": text}],
            response_format={"type": "json_schema", "json_schema": {"name": "answer", "schema": schema}},
            temperature=0,
            max_tokens=MOST_TOKENS,
        )
        return found.choices[0].message.content or "" if found.choices else ""


def language_of(settings: Settings) -> LanguageServer | None:
    """The model of the settings, one for each process; None: there is none.

    Raises:
        ValueError: the settings name something that is none.
    """
    url, model = settings.language_url, settings.language_model
    if not url:
        return None
    if not url.startswith(("http://", "https://")) or not model:
        raise ValueError("CLOSIENT_LANGUAGE_URL is an http(s) address, and CLOSIENT_LANGUAGE_MODEL a model of it.")
    return _server(url, model, settings.language_key.get_secret_value(), settings.language_timeout)


@cache
def _server(url: str, model: str, key: str, within: float) -> LanguageServer:
    return LanguageServer(url, model, key, within)
