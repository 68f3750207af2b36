"""Texts as vectors, by a model on this machine or by a server that speaks OpenAI's protocol.

Every vector has 1,024 numbers and the length 1, so that of any model the cosine is what is compared. Vectors of two
models say nothing about each other: whoever stores one stores the `Model` with it.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Protocol

from closient_gql.core.models.search import DIMENSIONS
from closient_gql.core.settings import Settings

Vector = list[float]


class EmbeddingError(Exception):
    """There is no vector; the message says why, in words for operators, and holds no secret."""


@dataclass(frozen=True)
class Model:
    """What made a vector. `version` tells models of one name apart: the hash of the weights, where they are known.
    `endpoint`: the server that runs it; empty for this machine."""

    name: str
    version: str = ""
    endpoint: str = ""


class Embedder(Protocol):
    """A model that can be asked."""

    model: Model

    async def embed(self, texts: Sequence[str], within: float) -> list[Vector]:
        """A vector for each text, in order.

        Raises:
            EmbeddingError: the model is not there, gives something else, or not within so many seconds.
        """


def unit(values: Sequence[float]) -> Vector:
    """The vector in 1,024 dimensions, of length 1. Zeros that are added change no cosine.

    Raises:
        EmbeddingError: it is too long, or points nowhere.
    """
    length = math.sqrt(sum(x * x for x in values))
    if len(values) > DIMENSIONS or not 0 < length < math.inf:
        raise EmbeddingError(f"The model gave {len(values)} numbers that are no direction in {DIMENSIONS} dimensions.")
    return [x / length for x in values] + [0.0] * (DIMENSIONS - len(values))


def embedder_of(settings: Settings) -> Embedder | None:
    """The model of the settings, one for each process; it is loaded when it is first asked. None: there is to be none.

    Raises:
        ValueError: the settings name something that is none.
    """
    return _embedder(settings, settings.embeddings_url, settings.embeddings_model)


def _embedder(settings: Settings, url: str, model: str) -> Embedder | None:
    if url == "none:":
        return None
    if url in ("", "local:", "hashed:"):
        return _local(url == "hashed:")
    if not url.startswith(("http://", "https://")):
        raise ValueError("CLOSIENT_EMBEDDINGS_URL is an http(s) address, local:, or none:")
    if not model:
        raise ValueError("CLOSIENT_EMBEDDINGS_MODEL must name the model that the server is to use.")
    return _server(url, model, settings.embeddings_key.get_secret_value(), settings.embeddings_dimensions)


@cache
def _local(stand_in: bool) -> Embedder:
    from closient_gql.adapters.embeddings.hashed import Hashed
    from closient_gql.adapters.embeddings.minilm import MiniLm

    return Hashed() if stand_in else MiniLm()


@cache
def _server(url: str, model: str, key: str, say_dimensions: bool) -> Embedder:
    from closient_gql.adapters.embeddings.server import EmbeddingServer

    return EmbeddingServer(url, model, key, say_dimensions)


def embedder_for(model: Model, settings: Settings) -> Embedder | None:
    """Who gives vectors of this very model; None if nobody does, as settings and machine are now.

    While another model takes over, the one before is still asked: the one on this machine always can be, one of a
    server if the settings still name that server.
    """
    chosen = embedder_of(settings)
    if chosen is None or chosen.model == model:
        return chosen
    if model.endpoint:
        return _embedder(settings, model.endpoint, model.name) if model.endpoint == settings.embeddings_url else None
    local = _local(False)
    return local if local.model == model else None
