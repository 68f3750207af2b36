"""Where uploads are kept: a local folder by default, a bucket of any S3-compatible server by setting.

A key is a relative path such as `brands/ack3p9tw6x7r.png`. What is under a key is never changed in place: a new upload
gets a new key (`new_key`), so that whoever has an address has its picture, and answers may be cached for ever.
"""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

from obstore.exceptions import BaseError
from obstore.store import LocalStore, S3Store

from closient_gql.core.errors import Unavailable
from closient_gql.core.ids import new_id
from closient_gql.core.settings import Settings, settings

if TYPE_CHECKING:
    from obstore.store import S3Config

TYPES = {
    "png": "image/png",
    "jpg": "image/jpeg",
    "webp": "image/webp",
    "gif": "image/gif",
    "csv": "text/csv",
    "json": "application/json",
    "ndjson": "application/x-ndjson",
    "pdf": "application/pdf",
    "bin": "application/octet-stream",
}
ENDINGS = {type: ending for ending, type in TYPES.items()}
KEY = re.compile(r"(?=.{1,200}$)([A-Za-z0-9_-][A-Za-z0-9_.-]*/)*[A-Za-z0-9_-]+\.(?P<ending>[a-z]+)", re.DOTALL)
PATIENCE = timedelta(seconds=10)  # for one request to a bucket, and for all its attempts


class Storage(Protocol):
    """Files by key. Every method raises ValueError for what is no key, Unavailable while the place is away."""

    async def put(self, key: str, data: bytes, content_type: str) -> None:
        """Keeps it, whole or not at all. ValueError: the key's ending stands for another type."""

    async def get(self, key: str) -> tuple[bytes, str]:
        """What is kept there, and its type. KeyError: nothing is."""

    async def delete(self, key: str) -> None:
        """From now on nothing is there. It is no error if nothing was."""


def new_key(folder: str, content_type: str) -> str:
    """A key that nothing has yet: `new_key("brands", "image/png")`.

    Raises:
        ValueError: files of this type are not kept.
    """
    if content_type not in ENDINGS:
        raise ValueError(f"{content_type} is not a type that can be stored.")
    return f"{folder}/{new_id()}{new_id()}.{ENDINGS[content_type]}"


def media_url(key: str) -> str:
    """Where a stored file is served: absolute with CLOSIENT_PUBLIC_URL, else a path on this server."""
    return f"{settings().public_url.rstrip('/')}/media/{key}"


def is_key(key: str) -> bool:
    """Whether something could be stored under it."""
    read = KEY.fullmatch(key)
    return read is not None and read["ending"] in TYPES


def type_of(key: str) -> str:
    """The type that the key's ending stands for: a folder has no other place to say it.

    Raises:
        ValueError: it is no key: absolute, climbing, hidden, of strange characters or of an unknown ending.
    """
    if not is_key(key):
        raise ValueError(f"{key[:200]!r} is not a key of a stored file.")
    return TYPES[key.rpartition(".")[2]]


class ObjectStorage:
    """A folder or a bucket, through one library. On threads: its own coroutines (0.12) abort a process that ends soon
    after one of them."""

    def __init__(self, store: LocalStore | S3Store, attributes: bool) -> None:
        self.store, self.attributes = store, attributes  # a folder cannot keep a type beside the bytes

    async def put(self, key: str, data: bytes, content_type: str) -> None:
        if type_of(key) != content_type:
            raise ValueError(f"{key!r} cannot hold {content_type}: its ending stands for {type_of(key)}.")
        attributes = {"Content-Type": content_type} if self.attributes else None
        async with reaching():
            await asyncio.to_thread(self.store.put, key, data, attributes=attributes)

    async def get(self, key: str) -> tuple[bytes, str]:
        content_type = type_of(key)
        try:
            async with reaching():
                return await asyncio.to_thread(lambda: bytes(self.store.get(key).bytes())), content_type
        except FileNotFoundError:
            raise KeyError(key) from None

    async def delete(self, key: str) -> None:
        type_of(key)
        try:
            async with reaching():
                await asyncio.to_thread(self.store.delete, key)
        except FileNotFoundError:
            return


@asynccontextmanager
async def reaching() -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(PATIENCE.total_seconds()):
            yield
    except FileNotFoundError:
        raise
    except (BaseError, OSError, TimeoutError) as error:
        raise Unavailable("The place where uploads are kept cannot be reached right now. Try again later.") from error


@cache
def storage_of(given: Settings) -> Storage:
    """The storage that the settings name.

    Raises:
        ValueError: CLOSIENT_STORAGE_URL is neither a folder nor `s3://bucket/prefix`.
    """
    url = urlsplit(given.storage_url)
    if url.scheme == "s3" and url.netloc:
        return ObjectStorage(bucket(given, url.netloc, url.path.strip("/")), attributes=True)
    if url.scheme not in ("", "file"):
        raise ValueError("CLOSIENT_STORAGE_URL must be a folder or s3://bucket/prefix.")
    folder = Path(url.path) if url.path else given.home / "uploads"
    return ObjectStorage(LocalStore(folder.absolute(), mkdir=True), attributes=False)


def bucket(given: Settings, name: str, prefix: str) -> S3Store:
    """Without keys in the settings the environment's own credentials are used, as every S3 client does."""
    config: S3Config = {"region": given.s3_region, "disable_bulk_delete": True}  # not every server has that one
    if given.s3_endpoint:
        config["endpoint"] = given.s3_endpoint
    if given.s3_access_key:
        config["access_key_id"] = given.s3_access_key
        config["secret_access_key"] = given.s3_secret_key.get_secret_value()
    return S3Store(
        name,
        prefix=prefix or None,
        config=config,
        client_options={"allow_http": given.s3_endpoint.startswith("http://"), "timeout": PATIENCE},
        retry_config={"max_retries": 2, "retry_timeout": PATIENCE},
    )
