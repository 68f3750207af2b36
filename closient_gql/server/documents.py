"""Documents that clients name instead of sending them: automatic persisted queries, and trusted documents.

Automatic persisted queries (Apollo's protocol): a client sends the SHA-256 of a document first, and the document itself
only when it is asked for it. Trusted documents: a file lists all that may be run, by id; everything else is refused.
"""

import hashlib
import json
import pathlib
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from graphql import GraphQLError

from closient_gql.core.errors import BadRequest, Forbidden
from closient_gql.engine import Operations, Refused

MOST = 1_000  # documents kept
MOST_CHARACTERS = 2_000_000  # of all of them together


class Persisted(GraphQLError):
    """An answer of the protocol. Its code is the protocol's own, because clients branch on it."""

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message, extensions={"code": code, "status": 200, "details": None})


class Documents:
    """The documents of one process.

    Args:
        persisted: whether clients may register documents by their hash.
        trusted: documents by id; None: any document may be run.
    """

    def __init__(self, persisted: bool = True, trusted: Mapping[str, str] | None = None) -> None:
        self.persisted, self.trusted = persisted, trusted
        self._kept: OrderedDict[str, str] = OrderedDict()
        self._characters = 0

    def source(self, query: str | None, given: Mapping[str, Any]) -> str:
        """The document that a request means, by `query`, `documentId` or `extensions.persistedQuery`.

        Raises:
            Forbidden: it is not one of the trusted ones.
            Refused: the protocol's own answers: not found, not supported.
            BadRequest: there is none, or it does not have the hash that it is said to have.
        """
        hash = hash_of(given)
        if self.trusted is not None:
            return self._trusted(given.get("documentId") or hash, query)
        if query is not None:
            if hash is not None and hashlib.sha256(query.encode("utf-8", "surrogatepass")).hexdigest() != hash:
                raise BadRequest("The provided sha256Hash is not that of the query.")
            return query
        if hash is None:
            raise BadRequest("The key `query` must be a GraphQL document.")
        if not self.persisted:
            raise Refused([Persisted("PersistedQueryNotSupported", "PERSISTED_QUERY_NOT_SUPPORTED")])
        if (found := self._kept.get(hash)) is None:
            raise Refused([Persisted("PersistedQueryNotFound", "PERSISTED_QUERY_NOT_FOUND")])
        self._kept.move_to_end(hash)
        return found

    def _trusted(self, id: Any, query: str | None) -> str:
        assert self.trusted is not None
        if isinstance(id, str) and id in self.trusted:
            return self.trusted[id]
        if query is not None and query in self.trusted.values():
            return query
        raise Forbidden("Only trusted documents are run here. Name one by documentId.")

    def keep(self, source: str, given: Mapping[str, Any]) -> None:
        """Remembers a document that was sent with its hash, once it has proved to be one that can be run."""
        hash = hash_of(given)
        if hash is None or not self.persisted or self.trusted is not None or hash in self._kept:
            return
        self._kept[hash] = source
        self._characters += len(source)
        while len(self._kept) > MOST or self._characters > MOST_CHARACTERS:
            self._characters -= len(self._kept.popitem(last=False)[1])


def hash_of(given: Mapping[str, Any]) -> str | None:
    """The hash that a request names.

    Raises:
        BadRequest: it names one in a form that is not the protocol's.
    """
    said = (given.get("extensions") or {}).get("persistedQuery")
    if said is None:
        return None
    if not isinstance(said, dict) or said.get("version") != 1 or not isinstance(said.get("sha256Hash"), str):
        raise BadRequest("The key `extensions.persistedQuery` must be an object with version 1 and sha256Hash.")
    return str(said["sha256Hash"])


def trusted_documents(path: str, operations: Operations) -> dict[str, str] | None:
    """The documents of a file: `{id: document}`, or Apollo's manifest; each is made ready now.

    Raises:
        ValueError: the file cannot be read, or a document does not fit the graph.
    """
    if not path:
        return None
    try:
        given = json.loads(pathlib.Path(path).read_text("utf-8"))
        listed = given.get("operations")
        found = {each["id"]: each["body"] for each in listed} if isinstance(listed, list) else dict(given)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"The trusted documents in {path} cannot be read: {error}") from None
    for id, source in found.items():
        try:
            operations.prepare(source).compile()
        except Refused as refused:
            raise ValueError(f"The trusted document {id} cannot be run: {refused}") from None
    return found
