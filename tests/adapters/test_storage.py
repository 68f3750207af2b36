"""Where uploads go: a folder or a bucket, alike in everything."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from closient_gql.adapters.storage import Storage, media_url, new_key, storage_of, type_of
from closient_gql.core.errors import Unavailable
from closient_gql.core.settings import Settings, settings
from tests.adapters.bucket import ACCESS, SECRET, Bucket
from tests.adapters.servers import serving


@pytest.fixture
async def bucket() -> AsyncIterator[tuple[Bucket, Settings]]:
    found = Bucket()
    async with serving(found.app) as port:
        yield (
            found,
            Settings(
                storage_url="s3://pictures/of/brands", s3_endpoint=f"http://127.0.0.1:{port}",
                s3_access_key=ACCESS, s3_secret_key=SecretStr(SECRET),
            ),
        )  # fmt: skip


@pytest.fixture(params=["folder", "bucket"])
def storage(request: pytest.FixtureRequest, tmp_path: Path, bucket: tuple[Bucket, Settings]) -> Storage:
    return storage_of(Settings(storage_url=str(tmp_path / "up")) if request.param == "folder" else bucket[1])


async def test_what_is_put_can_be_got_and_deleted(storage: Storage) -> None:
    data = bytes(range(256)) * 5000
    await storage.put("brands/a.png", data, "image/png")
    assert await storage.get("brands/a.png") == (data, "image/png")
    await storage.put("brands/a.png", b"new", "image/png")
    assert await storage.get("brands/a.png") == (b"new", "image/png")
    await storage.delete("brands/a.png")
    with pytest.raises(KeyError):
        await storage.get("brands/a.png")
    await storage.delete("brands/a.png")  # gone is gone


@pytest.mark.parametrize(
    "key",
    ["", "/", "/etc/passwd.png", "../a.png", "a/../../b.png", "a//b.png", "a/./b.png", "a\\..\\b.png", "a.png/",
     ".a.png", "a/.hidden/b.png", "a b.png", "a.svg", "a.html", "a.png.html", "a.PNG", "a", "a%2e%2e/b.png", "a\0.png",
     "a\n.png", "a.png\n", "é.png", "a" * 300 + ".png"],
)  # fmt: skip
async def test_what_is_no_key_is_refused(tmp_path: Path, key: str) -> None:
    storage = storage_of(Settings(home=tmp_path))
    for call in (storage.get(key), storage.put(key, b"", "image/png"), storage.delete(key)):
        with pytest.raises(ValueError, match="is not a key of a stored file"):
            await call


async def test_a_type_must_fit_its_key(storage: Storage) -> None:
    with pytest.raises(ValueError, match="cannot hold text/csv"):
        await storage.put("a.png", b"", "text/csv")
    with pytest.raises(ValueError, match="text/html is not a type that can be stored"):
        new_key("brands", "text/html")


def test_new_keys() -> None:
    keys = {new_key("brands/x", "image/jpeg") for _ in range(100)}
    assert len(keys) == 100
    assert {type_of(key) for key in keys} == {"image/jpeg"}


async def test_a_folder_by_default(tmp_path: Path) -> None:
    storage = storage_of(Settings(home=tmp_path))
    await storage.put("a/b.csv", b"1", "text/csv")
    assert (tmp_path / "uploads/a/b.csv").read_bytes() == b"1"
    assert [path.name for path in (tmp_path / "uploads/a").iterdir()] == ["b.csv"]


async def test_a_bucket_gets_signed_requests_with_prefix_and_type(bucket: tuple[Bucket, Settings]) -> None:
    server, given = bucket
    await storage_of(given).put("a/b.png", b"1", "image/png")
    assert server.objects == {"pictures/of/brands/a/b.png": (b"1", "image/png")}
    with pytest.raises(Unavailable):
        await storage_of(given.model_copy(update={"s3_secret_key": SecretStr("wrong")})).get("a/b.png")


async def test_a_bucket_that_is_away(bucket: tuple[Bucket, Settings]) -> None:
    server, given = bucket
    server.down = True
    with pytest.raises(Unavailable) as refused:
        await asyncio.wait_for(storage_of(given).get("a/b.png"), 11)
    assert (refused.value.status, "uploads" in str(refused.value)) == (503, True)


def test_urls_that_name_no_storage() -> None:
    for url in ("ftp://x/y", "s3://", "https://bucket"):
        with pytest.raises(ValueError, match="CLOSIENT_STORAGE_URL must be a folder or s3://bucket/prefix"):
            storage_of(Settings(storage_url=url))


def test_one_storage_for_one_setting(tmp_path: Path) -> None:
    assert storage_of(Settings(home=tmp_path)) is storage_of(Settings(home=tmp_path))


def test_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    assert media_url("a/b.png") == "/media/a/b.png"
    monkeypatch.setenv("CLOSIENT_PUBLIC_URL", "https://closient.example/")
    settings.cache_clear()
    assert media_url("a/b.png") == "https://closient.example/media/a/b.png"
    monkeypatch.undo()
    settings.cache_clear()
