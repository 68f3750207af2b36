"""The logo: what comes in, what is stored, how it is served."""

import asyncio
import io
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from obstore.store import LocalStore
from PIL import Image
from starlette.applications import Starlette

from closient_gql.adapters.storage import ObjectStorage, storage_of
from closient_gql.core.db import Connection
from closient_gql.core.errors import Unavailable
from closient_gql.core.settings import settings
from closient_gql.server.routes.media import MEDIA_ROUTES
from resolvers.brands.logo import own_key
from tests import make
from tests.adapters.test_images import HTML, SVG
from tests.adapters.test_images import png as bomb
from tests.brands.conftest import BRANDS, audited, events, png
from tests.conftest import Client


@pytest.fixture
async def brand(connection: Connection, me: make.Account, uploads: Path) -> str:
    return await make.brand(connection, "Acme", me.organization_id)


@pytest.fixture
async def media(uploads: Path) -> AsyncIterator[httpx2.AsyncClient]:
    transport = httpx2.ASGITransport(app=Starlette(routes=MEDIA_ROUTES))
    async with httpx2.AsyncClient(transport=transport, base_url="http://testserver") as client:
        yield client


def files(uploads: Path) -> list[str]:
    return sorted(str(path.relative_to(uploads)) for path in uploads.rglob("*") if path.is_file())


async def upload(api: Client, brand: str, data: bytes, name: str = "logo.png", type: str = "image/png") -> Any:
    return await api.post(f"{BRANDS}/{brand}/logo", files={"logo": (name, data, type)})


async def test_a_logo_is_stored_and_shown(
    api: Client, connection: Connection, brand: str, uploads: Path, media: httpx2.AsyncClient
) -> None:
    answer = await upload(api, brand, png(40, 20))
    assert answer.status_code == 200
    assert answer.json() == (await api.get(f"{BRANDS}/{brand}")).json()
    url = answer.json()["logo_url"]
    assert files(uploads) == [url.removeprefix("/media/")]
    shown = await media.get(url)
    assert (shown.status_code, shown.headers["content-type"]) == (200, "image/png")
    assert Image.open(io.BytesIO(shown.content)).size == (40, 20)
    assert await events(connection, brand) == ["brand.updated"]
    assert [entry[0] for entry in await audited(connection, brand)] == ["brand.updated"]


async def test_the_logo_before_it_goes(api: Client, brand: str, uploads: Path) -> None:
    first = (await upload(api, brand, png(colour="red"))).json()["logo_url"]
    second = (await upload(api, brand, png(colour="blue"))).json()["logo_url"]
    assert first != second
    assert files(uploads) == [second.removeprefix("/media/")]
    await asyncio.gather(*(upload(api, brand, png(colour="green")) for _ in range(4)))
    last = (await api.get(f"{BRANDS}/{brand}")).json()["logo_url"]
    assert files(uploads) == [last.removeprefix("/media/")]


async def test_a_write_that_fails_leaves_no_file(
    api: Client, brand: str, uploads: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def failing(*_: Any, **__: Any) -> None:
        raise RuntimeError("no")

    monkeypatch.setattr("resolvers.brands.logo.save", failing)
    assert (await upload(api, brand, png())).status_code == 500
    assert files(uploads) == []


async def test_a_file_that_was_half_stored_goes(
    api: Client, connection: Connection, brand: str, uploads: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The storage may have the file, although its answer did not come."""

    class Lossy(ObjectStorage):
        async def put(self, key: str, data: bytes, content_type: str) -> None:
            await super().put(key, data, content_type)
            raise Unavailable

    lossy = Lossy(LocalStore(uploads), attributes=False)
    monkeypatch.setattr("closient_gql.server.routes.brands.storage_of", lambda _: lossy)
    assert (await upload(api, brand, png())).status_code == 503
    assert files(uploads) == []
    assert await connection.fetchval("SELECT logo_url FROM brands WHERE id = $1", brand) is None


async def test_large_pictures_are_reduced_and_types_kept(api: Client, brand: str, media: httpx2.AsyncClient) -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (3000, 1500)).save(buffer, "JPEG")
    shown = await media.get((await upload(api, brand, buffer.getvalue())).json()["logo_url"])
    assert shown.headers["content-type"] == "image/jpeg"
    assert Image.open(io.BytesIO(shown.content)).size == (1024, 512)


@pytest.mark.parametrize(
    ("data", "words"),
    [(HTML, "must be PNG, JPEG, WebP or GIF"), (SVG, "must be PNG, JPEG, WebP or GIF"), (b"", "must be PNG"),
     (png(200, 200)[:100], "damaged"), (bomb(1, 2**31 - 1), "too large"), (bomb(50_000, 50_000), "too large"),
     (b"GIF89a" + HTML, "damaged")],
    ids=["html", "svg with a script", "nothing", "truncated", "one pixel wide", "bomb", "html as gif"],
)  # fmt: skip
async def test_what_is_no_logo(api: Client, brand: str, uploads: Path, data: bytes, words: str) -> None:
    answer = await upload(api, brand, data)  # by its name and type a PNG
    assert answer.status_code == 422
    ((field, message),) = [detail.values() for detail in answer.json()["error"]["details"]]
    assert (field, words in message) == ("logo", True)
    assert files(uploads) == []


async def test_files_that_are_too_large(api: Client, brand: str) -> None:
    most = settings().max_upload
    assert (await upload(api, brand, png() + bytes(most - len(png())))).status_code == 200  # to the byte
    for size in (most + 1, most + 200_000):
        answer = await upload(api, brand, png() + bytes(size - len(png())))
        assert (answer.status_code, answer.json()["error"]["code"]) == (413, "BAD_REQUEST")


async def test_bodies_that_are_no_upload(api: Client, brand: str) -> None:
    path = f"{BRANDS}/{brand}/logo"
    for body in ({"json": {"logo": "x"}}, {"content": png(), "headers": {"Content-Type": "image/png"}}, {}):
        assert (await api.post(path, **body)).status_code == 415
    for other in ({"files": {"picture": png()}}, {"files": {"x": (None, "y")}}, {"files": {"logo": (None, "text")}}):
        answer = await api.post(path, **other)
        assert answer.json()["error"]["details"] == [
            {"field": "logo", "message": "is required: a file, in a part of this name"}
        ]
    for content, boundary in ((b"nonsense", "; boundary=x"), (b"", ""), (b"--x\r\n\r\nhello\r\n--x--", "; boundary=x")):
        headers = {"Content-Type": f"multipart/form-data{boundary}"}
        assert (await api.post(path, content=content, headers=headers)).status_code in (400, 422)
    two = await api.post(path, files=[("logo", png()), ("logo", png())])
    assert two.status_code == 400
    assert (await api.post(f"{BRANDS}/nonsense/logo", files={"logo": png()})).status_code == 422
    assert (await api.post(f"{BRANDS}/aaaaaaaaaaaa/logo", files={"logo": png()})).status_code == 404
    assert (await api.get(path)).status_code == 405


# --- serving


async def test_headers_are_safe(media: httpx2.AsyncClient, uploads: Path) -> None:
    await storage_of(settings()).put("a/b.png", png(), "image/png")
    answer = await media.get("/media/a/b.png")
    assert {name: answer.headers[name] for name in (
        "content-type", "x-content-type-options", "content-security-policy", "cache-control", "content-disposition",
    )} == {
        "content-type": "image/png",
        "x-content-type-options": "nosniff",
        "content-security-policy": "default-src 'none'; sandbox",
        "cache-control": "public, max-age=31536000, immutable",
        "content-disposition": "inline",
    }  # fmt: skip
    assert (await media.get("/media/a/b.png", headers={"If-None-Match": answer.headers["etag"]})).status_code == 304
    assert (await media.head("/media/a/b.png")).status_code == 200


@pytest.mark.parametrize(
    "key", ["a/none.png", "a/b.csv", "../demo.key", "%2e%2e/demo.key", "a/%2e%2e/%2e%2e/x.png", "", "a"]
)
async def test_what_is_not_served(media: httpx2.AsyncClient, uploads: Path, key: str) -> None:
    await storage_of(settings()).put("a/b.csv", b"1", "text/csv")  # kept, but nobody else's business
    assert (await media.get(f"/media/{key}")).status_code == 404


def test_only_a_brands_own_file_is_deleted() -> None:
    for url in ("/media/brands/x/a.png", "https://closient.example/media/brands/x/a.png"):
        assert own_key(url, "brands/x") == "brands/x/a.png"
    for other in (None, "", "https://cdn.example/a.png", "/media/brands/y/a.png", "/media/brands/x/../y/a.png"):
        assert own_key(other, "brands/x") is None
