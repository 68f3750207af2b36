"""A server that speaks OpenAI's protocol, `POST {url}/embeddings`: OpenAI, or one of one's own (vLLM, TEI, Ollama)."""

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from closient_gql.adapters.embeddings import EmbeddingError, Model, Vector, unit
from closient_gql.core.models.search import DIMENSIONS

if TYPE_CHECKING:
    from openai import AsyncOpenAI
    from openai.types import CreateEmbeddingResponse

NO_KEY = "none"  # servers of one's own ask for none, the client for one


class EmbeddingServer:
    """At an address that the operator gave. What it answers is checked: count, order, length, model.

    `say_dimensions`: whether 1,024 is asked for; servers whose model cannot be shortened refuse to be asked.
    """

    def __init__(self, url: str, model: str, key: str, say_dimensions: bool = True) -> None:
        self.model = Model(model, "", url)
        self._key, self._say_dimensions = key, say_dimensions
        self._clients: WeakKeyDictionary[asyncio.AbstractEventLoop, AsyncOpenAI] = WeakKeyDictionary()

    async def embed(self, texts: Sequence[str], within: float) -> list[Vector]:
        import openai

        try:
            async with asyncio.timeout(within):  # the client's own limit is one for each part of the answer
                found = await self._ask(texts)
        except (TimeoutError, openai.APITimeoutError):
            raise EmbeddingError(f"The embedding server gave no answer within {within:g} seconds.") from None
        except openai.APIStatusError as error:  # what it says may repeat what it was sent
            raise EmbeddingError(f"The embedding server answers {error.status_code}.") from None
        except (openai.OpenAIError, ValueError, TypeError) as error:
            raise EmbeddingError(f"The embedding server cannot be asked: {type(error).__name__}.") from None
        return self._read(found, len(texts))

    async def close(self) -> None:
        """Ends its connections, which are kept from one request to the next. They are made again when needed."""
        for client in list(self._clients.values()):
            await client.close()
        self._clients.clear()

    def _client(self) -> "AsyncOpenAI":
        import httpx2
        import openai

        loop = asyncio.get_running_loop()
        if loop not in self._clients:
            http = httpx2.AsyncClient(trust_env=False, follow_redirects=False)
            self._clients[loop] = openai.AsyncOpenAI(
                base_url=self.model.endpoint, api_key=self._key or NO_KEY, max_retries=0, http_client=http
            )
        return self._clients[loop]

    async def _ask(self, texts: Sequence[str]) -> "CreateEmbeddingResponse":
        import openai

        return await self._client().embeddings.create(
            input=[text or " " for text in texts],  # an empty one is refused
            model=self.model.name,
            encoding_format="float",
            dimensions=DIMENSIONS if self._say_dimensions else openai.omit,
        )

    def _read(self, found: "CreateEmbeddingResponse", count: int) -> list[Vector]:
        """Raises:
        EmbeddingError: it is not what was asked for. The client does not check what it gets.
        """
        try:
            if found.model != self.model.name:
                said = f"{found.model!r}"[:100]
                raise EmbeddingError(f"The embedding server used the model {said} instead of {self.model.name!r}.")
            vectors = {each.index: each.embedding for each in found.data}
            if len(found.data) != count:
                raise EmbeddingError(f"The embedding server gave {len(found.data)} vectors for {count} texts.")
            if vectors.keys() != set(range(count)):
                raise EmbeddingError(f"The embedding server gave {count} vectors for {count} texts, not one for each.")
            if wrong := next((len(each) for each in vectors.values() if len(each) != DIMENSIONS), None):
                raise EmbeddingError(f"The embedding server gave {wrong} dimensions instead of {DIMENSIONS}.")
            return [unit([float(x) for x in vectors[place]]) for place in range(count)]
        except (AttributeError, TypeError, ValueError):
            raise EmbeddingError("The embedding server gave something that is no list of vectors.") from None
