"""Images of products: uploaded, ordered, deleted."""

import io
from typing import Any

import orjson
import pytest
from PIL import Image

from closient_gql.adapters.storage import ObjectStorage, storage_of
from closient_gql.core.db import Connection, Database
from closient_gql.core.settings import settings
from resolvers.products.jobs import JOBS
from tests import make
from tests.conftest import Client
from tests.products.test_writes import ask, claimed

BASE = "/products/api/v1"


def picture(width: int = 600, height: int = 300, format: str = "JPEG") -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), "red").save(buffer, format)
    return buffer.getvalue()


@pytest.fixture
async def own(connection: Connection) -> make.Account:
    return await make.account(connection)


async def upload(
    api: Client, account: make.Account | None, gtin: str, status: int, data: bytes | None = None, **fields: str
) -> Any:
    files = {"image": ("evil.html", picture() if data is None else data, "text/html")}
    headers = {"X-API-Key": account.key} if account else {}
    answer = await api.post(f"{BASE}/products/{gtin}/images", headers=headers, files=files, data=fields)
    assert answer.status_code == status, answer.text[:500]
    return answer.json()


async def stored(address: str) -> tuple[bytes, str]:
    """The file behind an address."""
    return await storage_of(settings()).get(address.removeprefix("/media/"))


async def images(api: Client, account: make.Account, gtin: str) -> list[Any]:
    return list((await ask(api, account, "GET", f"/products/{gtin}/images", 200))["data"])


async def test_upload(api: Client, connection: Connection, own: make.Account) -> None:
    gtin = await claimed(connection, 1, own, image_url="https://example.org/old.jpg")
    before = await connection.fetchval("SELECT modified FROM products")
    found = await upload(api, own, gtin, 201, title=" Front ", description="A red box.")
    assert (found["title"], found["description"], found["is_primary"], found["priority"]) == (
        "Front", "A red box.", True, 0,
    )  # fmt: skip
    assert (found["width"], found["height"]) == (600, 300)
    for key, size in (("image_url", (600, 300)), ("thumbnail_url", (256, 128))):
        data, content_type = await stored(found[key])
        assert content_type == "image/jpeg"
        assert Image.open(io.BytesIO(data)).size == size
    assert await images(api, own, gtin) == [found]
    product = await ask(api, own, "GET", f"/products/{gtin}", 200)
    assert (product["image_url"], product["data_source"]) == (found["image_url"], "claimed")
    assert await connection.fetchval("SELECT modified FROM products") > before
    second = await upload(api, own, gtin, 201, picture(10, 20, "PNG"))
    assert (second["is_primary"], second["priority"], second["title"]) == (False, 1, "")
    third = await upload(api, own, gtin, 201, is_primary="true")
    assert [(i["id"], i["is_primary"], i["priority"]) for i in await images(api, own, gtin)] == [
        (third["id"], True, 0), (found["id"], False, 1), (second["id"], False, 2),
    ]  # fmt: skip
    assert (await ask(api, own, "GET", f"/products/{gtin}", 200))["image_url"] == third["image_url"]


async def test_refused_uploads(api: Client, connection: Connection, own: make.Account) -> None:
    gtin = await claimed(connection, 1, own)
    svg = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
    for data in (b"", b"<html><script>alert(1)</script></html>", svg, picture()[:200]):
        (detail,) = (await upload(api, own, gtin, 422, data))["error"]["details"]
        assert detail["field"] == "image"
    found = await upload(api, own, gtin, 422, title="x" * 256, is_primary="maybe", nope="1")
    assert {d["field"] for d in found["error"]["details"]} == {"title", "is_primary", "nope"}
    address, headers = f"{BASE}/products/{gtin}/images", {"X-API-Key": own.key}
    assert (await api.post(address, headers=headers, json={})).status_code == 415
    assert (await api.post(address, headers=headers, data={"title": "x"}, files={"a": b""})).status_code == 422
    assert (await api.post(f"{BASE}/products/123/images", headers=headers, files={"image": b""})).status_code == 422
    assert (await api.post(address, headers=headers, files={"image": b"x" * (11 * 2**20)})).status_code == 413
    assert await images(api, own, gtin) == []


async def test_who_may_upload(api: Client, connection: Connection, own: make.Account) -> None:
    gtin = await claimed(connection, 1, own)
    await upload(api, None, gtin, 401)
    await upload(api, await make.account(connection), gtin, 403)
    await upload(api, await make.account(connection, kind="cpk"), gtin, 403)
    await upload(api, own, "04006381333931", 404)
    await make.product(connection, 2)
    await upload(api, own, make.make_gtin(2), 403)


async def test_order_and_delete(api: Client, connection: Connection, own: make.Account, database_url: str) -> None:
    gtin = await claimed(connection, 1, own)
    a, b, c = [await upload(api, own, gtin, 201, title=name) for name in "abc"]
    path = f"/products/{gtin}/images"
    found = await ask(api, own, "PUT", f"{path}/order", 200, {"ids": [c["id"], a["id"], b["id"]]})
    assert [(i["title"], i["is_primary"], i["priority"]) for i in found["images"]] == [
        ("c", True, 0), ("a", False, 1), ("b", False, 2),
    ]  # fmt: skip
    assert (await ask(api, own, "GET", f"/products/{gtin}", 200))["image_url"] == c["image_url"]
    stranger = await claimed(connection, 2, await make.account(connection))
    for ids in ([a["id"]], [a["id"], a["id"], b["id"]], [a["id"], b["id"], make.make_id(5)], []):
        details = (await ask(api, own, "PUT", f"{path}/order", 422, {"ids": ids}))["error"]["details"]
        assert [d["field"] for d in details] == ["ids"]
    await ask(api, own, "DELETE", f"/products/{stranger}/images/{a['id']}", 403)
    await ask(api, own, "DELETE", f"{path}/{make.make_id(5)}", 404)
    await ask(api, own, "DELETE", f"{path}/{c['id']}", 204)
    assert [(i["title"], i["is_primary"]) for i in await images(api, own, gtin)] == [("a", True), ("b", False)]
    assert (await ask(api, own, "GET", f"/products/{gtin}", 200))["image_url"] == a["image_url"]
    for image in (b, a):
        await ask(api, own, "DELETE", f"{path}/{image['id']}", 204)
    assert (await ask(api, own, "GET", f"/products/{gtin}", 200))["image_url"] == ""
    # the files go by a job, which may run twice
    jobs = await connection.fetch("SELECT entrypoint, payload FROM pgqueuer ORDER BY id")
    assert [job["entrypoint"] for job in jobs] == ["products.delete_files"] * 3
    assert await stored(c["image_url"])
    for _ in range(2):
        await JOBS["products.delete_files"](Database(database_url, 1), orjson.loads(jobs[0]["payload"]))
    for address in (c["image_url"], c["thumbnail_url"]):
        with pytest.raises(KeyError):
            await stored(address)
    assert await stored(a["image_url"])


async def test_what_was_not_added_leaves_no_files(
    api: Client, connection: Connection, own: make.Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    gtin = await claimed(connection, 1, own)
    kept: set[str] = set()
    put, delete = ObjectStorage.put, ObjectStorage.delete

    async def noting(self: ObjectStorage, key: str, data: bytes, content_type: str) -> None:
        kept.add(key)
        await put(self, key, data, content_type)
        await connection.execute("UPDATE products SET owner_id = NULL")  # released in the meantime

    async def forgetting(self: ObjectStorage, key: str) -> None:
        kept.discard(key)
        await delete(self, key)

    monkeypatch.setattr(ObjectStorage, "put", noting)
    monkeypatch.setattr(ObjectStorage, "delete", forgetting)
    await upload(api, own, gtin, 403)
    assert kept == set()
    assert await connection.fetchval("SELECT count(*) FROM product_images") == 0
