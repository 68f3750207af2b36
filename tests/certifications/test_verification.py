"""Who has checked a certificate: the workflow, its evidence, and the day on which it runs out."""

import io
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from closient_gql.adapters.evidence import read_evidence
from closient_gql.core.db import Connection, Database
from resolvers.certifications import clock, jobs
from tests import make
from tests.certifications.world import (
    API,
    CERTIFICATIONS,
    CLAIMS,
    GTIN,
    PDF,
    TWIN,
    ahead,
    carries,
    certification,
    claim,
    claims,
    details,
    events,
    got,
    refusal,
    trail,
)
from tests.conftest import Client

ONLY_AUTHORITIES = "Only members of an authority whose role and key allow it may do this."


def by(account: make.Account) -> dict[str, str]:
    return {"X-API-Key": account.key}


def picture(kind: str) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (20, 10), "red").save(buffer, kind)
    return buffer.getvalue()


def files_in(folder: Path) -> list[Path]:
    """Keys of the files that are stored."""
    return [each.relative_to(folder) for each in folder.rglob("*") if each.is_file()]


@pytest.fixture
async def organic(connection: Connection, me: make.Account) -> str:
    return await certification(connection, "ORGANIC")


async def standing(connection: Connection) -> tuple[str, str | None, str | None, bool]:
    """Status, authority and user as stored, and whether it is said when."""
    row = await connection.fetchrow("SELECT * FROM certification_assignments")
    assert row
    return row["verification_status"], row["verified_by_id"], row["verified_by_user_id"], row["verified_at"] is not None


async def test_the_workflow(
    organic: str, api: Client, connection: Connection, me: make.Account, authority: make.Account, uploads: Path
) -> None:
    path, nobody = f"{CERTIFICATIONS}/{organic}", ("unverified", None, None, False)
    given = {"certification_id": organic, "expiration_date": str(ahead(30))}
    verified, back = {"verification_status": "verified"}, {"verification_status": "unverified"}
    # the owner cannot verify its own product, neither at once nor later
    assert refusal(await api.post(CERTIFICATIONS, json=given | verified)) == (403, "FORBIDDEN", ONLY_AUTHORITIES)
    await api.post(CERTIFICATIONS, json=given)
    assert refusal(await api.patch(path, json=verified)) == (403, "FORBIDDEN", ONLY_AUTHORITIES)
    # nobody else changes anything of it; an authority changes nothing but this
    other = await make.account(connection)
    assert (await api.patch(path, json=back, headers=by(other))).status_code == 403
    assert (await api.patch(path, json=verified | {"scope": "x"}, headers=by(authority))).status_code == 403
    assert await standing(connection) == nobody

    # it waits for the authority once there is evidence
    queue = f"{API}/certifications-to-verify"
    assert refusal(await api.get(queue)) == (403, "FORBIDDEN", ONLY_AUTHORITIES)
    assert (await api.get(queue, headers=by(authority))).json()["data"] == []
    await api.post(f"{path}/evidence", files={"evidence": ("c.pdf", PDF, "application/pdf")})
    (waiting,) = (await api.get(queue, headers=by(authority))).json()["data"]
    assert (waiting["gtin"], waiting["id"], waiting["verification_status"]) == (GTIN, organic, "unverified")

    answer = await api.patch(path, json=verified, headers=by(authority))
    assert (answer.status_code, answer.json()["verification_status"]) == (200, "verified")
    assert await standing(connection) == ("verified", authority.organization_id, authority.user_id, True)
    assert (await api.get(queue, headers=by(authority))).json()["data"] == []
    told = ("certification.verified", {"gtin": GTIN, "certification_id": organic})
    assert (await trail(connection, me.organization_id))[-1] == told
    assert (await trail(connection, authority.organization_id))[-1] == told

    # notes of the owner's own change nothing; what the certificate says does
    assert (await api.patch(path, json={"metadata": {"a": "b"}})).json()["verification_status"] == "verified"
    assert (await api.patch(path, json={"certificate_number": ""})).json()["verification_status"] == "verified"
    assert (await api.patch(path, json={"scope": "more"})).json()["verification_status"] == "unverified"
    assert await standing(connection) == nobody
    # the authority takes it back; the owner does; new evidence does
    takes_back: list[tuple[str, str, dict[str, Any]]] = [
        ("PATCH", path, {"json": back, "headers": by(authority)}),
        ("PATCH", path, {"json": back}),
        ("POST", f"{path}/evidence", {"files": {"evidence": ("c.png", picture("PNG"))}}),
    ]
    for method, place, rest in takes_back:
        await api.patch(path, json=verified, headers=by(authority))
        again = await api.patch(path, json=verified)
        assert (again.status_code, (await standing(connection))[0]) == (200, "verified"), "said again by the owner"
        assert (await api.request(method, place, **rest)).status_code in (200, 201)
        assert await standing(connection) == nobody

    # a flag that is taken away is gone at once
    await connection.execute("UPDATE organizations SET is_authority = false")
    assert (await api.patch(path, json=verified, headers=by(authority))).status_code == 403


async def test_an_own_certification_that_says_something_else_is_unverified(
    api: Client, connection: Connection, me: make.Account, authority: make.Account
) -> None:
    mine = (await api.post(f"{API}/certifications", json={"label": "Our own policy"})).json()["id"]
    await api.post(CERTIFICATIONS, json={"certification_id": mine})
    await api.patch(f"{CERTIFICATIONS}/{mine}", json={"verification_status": "verified"}, headers=by(authority))
    for label, status in (("Our own policy", "verified"), ("Certified organic", "unverified")):
        assert (await api.patch(f"{API}/certifications/{mine}", json={"label": label})).status_code == 200
        assert (await standing(connection))[0] == status, label
    assert (await events(connection))[-1] == (
        "certification.updated", {"gtin": GTIN, "certification_id": mine, "status": "unverified"},
    )  # fmt: skip


async def test_of_an_unclaimed_product_authorities_verify_too(
    organic: str, api: Client, connection: Connection, authority: make.Account
) -> None:
    await carries(connection, make.make_id(2), organic)
    path = f"{API}/products/{make.make_gtin(2)}/certifications/{organic}"
    answer = await api.patch(path, json={"verification_status": "verified"}, headers=by(authority))
    assert (answer.status_code, answer.json()["verification_status"]) == (200, "verified")


async def test_evidence_is_kept_and_seen_by_few(
    organic: str, api: Client, connection: Connection, me: make.Account, authority: make.Account, uploads: Path
) -> None:
    path = f"{CERTIFICATIONS}/{organic}/evidence"
    file = {"evidence": ("c.pdf", PDF, "application/pdf")}
    assert (await api.post(path, files=file)).status_code == 404, "the product does not carry it"
    await carries(connection, make.make_id(1), organic)
    assert (await api.get(path)).status_code == 404
    other = await make.account(connection)
    assert (await api.post(path, files=file, headers=by(other))).status_code == 403
    answer = await api.post(path, files=file)
    assert answer.status_code == 201
    assert answer.json() == {
        "gtin": GTIN, "certification_id": organic, "content_type": "application/pdf",
        "evidence_at": answer.json()["evidence_at"], "verification_status": "unverified",
    }  # fmt: skip

    for headers in ({}, by(authority)):
        found = await api.get(path, headers=headers)
        assert (found.status_code, found.content) == (200, PDF)
        assert found.headers["content-type"] == "application/pdf"
        assert found.headers["content-disposition"] == f'attachment; filename="certificate-{GTIN}.pdf"'
        assert found.headers["cache-control"] == "private, no-store"
    for stranger in (by(other), by(await make.account(connection, kind="cpk", key_role="readonly"))):
        assert (await api.get(path, headers=stranger)).status_code in (403, 404)

    # a picture is encoded anew, and not served to everybody as pictures of products are
    answer = await api.post(path, files={"evidence": ("c.jpeg", picture("JPEG") + b"<script>", "image/jpeg")})
    assert answer.json()["content_type"] == "image/jpeg"
    kept = files_in(uploads)
    assert len(kept) == 2
    assert all(str(key).endswith(".bin") for key in kept)
    assert [(await api.get(f"/media/{key}")).status_code for key in kept] == [404, 404]
    assert b"<script>" not in (await api.get(path)).content

    # a later owner of the product does not see what the former one showed; the former one still does
    await connection.execute("UPDATE products SET owner_id = $1", other.organization_id)
    assert [(await api.get(path, headers=headers)).status_code for headers in (by(other), {})] == [404, 200]
    await connection.execute("UPDATE products SET owner_id = $1", me.organization_id)

    # what is replaced or removed is deleted
    assert (await api.delete(f"{CERTIFICATIONS}/{organic}")).status_code == 204
    queued = await connection.fetch("SELECT payload FROM pgqueuer WHERE entrypoint = 'products.delete_files'")
    assert sorted(str(key) in bytes(row["payload"]).decode() for key in kept for row in queued) == [
        False, False, True, True,
    ]  # fmt: skip


HEAD = picture("PNG")[:45]
NOT_WHAT_IT_SAYS: list[tuple[bytes, str, str, str]] = [
    (picture("PNG"), "c.pdf", "", "The file says that it is a PDF, but it is a PNG."),
    (PDF, "c.png", "", "The file says that it is a PNG, but it is a PDF."),
    (PDF, "c.pdf", "image/jpeg", "The file says that it is a JPEG, but it is a PDF."),
    (PDF, "invoice.exe", "application/pdf", "The file says that it is 'exe', but it is a PDF."),
    (b"MZ\x90\x00", "c.pdf", "application/pdf", "Evidence must be a PDF, PNG, JPEG or WebP."),
    (b"<html>%PDF-1.7", "c.pdf", "application/pdf", "Evidence must be a PDF, PNG, JPEG or WebP."),
    (picture("GIF"), "c.gif", "image/gif", "Evidence must be a PDF, PNG, JPEG or WebP."),
    (b"", "c.pdf", "application/pdf", "Evidence must be a PDF, PNG, JPEG or WebP."),
    (PDF[:-20], "c.pdf", "", "The PDF is damaged: its end is missing. Save it again and send the new file."),
    (b"%PDF-9.9\nstartxref %%EOF", "c.pdf", "", "The PDF is damaged: its end is missing. Save it again and send the "
     "new file."),
    (HEAD, "c.png", "", "The picture is damaged: it cannot be read to its end. Save it again and send the new file."),
]  # fmt: skip


def test_a_file_that_is_not_what_it_says() -> None:
    for data, name, kind, message in NOT_WHAT_IT_SAYS:
        with pytest.raises(ValueError) as caught:
            read_evidence(data, kind, name)
        assert str(caught.value) == message, (name, kind)


def test_a_file_that_is_what_it_says() -> None:
    for kind in ("application/pdf", "application/octet-stream", "", "Application/PDF; charset=x"):
        assert read_evidence(PDF, kind, "Certificate.PDF").data == PDF
    assert read_evidence(picture("WEBP"), "image/webp", "").content_type == "image/webp"
    assert read_evidence(picture("JPEG"), "", "a.jpg").content_type == "image/jpeg"


async def test_a_bad_file_is_refused_and_nothing_stored(
    organic: str, api: Client, connection: Connection, uploads: Path
) -> None:
    await carries(connection, make.make_id(1), organic)
    path = f"{CERTIFICATIONS}/{organic}/evidence"
    answer = await api.post(path, files={"evidence": ("c.pdf", picture("PNG"), "application/pdf")})
    assert details(answer) == [("evidence", "The file says that it is a PDF, but it is a PNG.")]
    assert (await api.post(path, json={})).status_code == 415
    assert details(await api.post(path, files={"file": ("c.pdf", PDF)}))[0][0] == "evidence"
    wrong = await api.post(f"{API}/products/1-2/certifications/x/evidence", files={"evidence": ("c.pdf", PDF)})
    assert [field for field, _ in details(wrong)] == ["gtin", "certification_id"]
    assert files_in(uploads) == []
    assert await connection.fetchval("SELECT evidence_key FROM certification_assignments") is None


SEEN = (
    "{ product(gtin: $gtin) { certifications { nodes { verificationStatus isActive } } diets { diet suitability } } }"
)


async def everywhere(api: Client) -> dict[str, Any]:
    """What each place says of the certificate and of the claim of product 1."""
    (array,) = await got(api, CERTIFICATIONS)
    (page,) = (await got(api, f"{TWIN}/products/{GTIN}/certifications"))["data"]
    (content,) = (await got(api, f"{TWIN}/products/{GTIN}/content"))["certifications"]
    asked = await api.post("/graphql", json={"query": f"query ($gtin: GTIN!) {SEEN}", "variables": {"gtin": GTIN}})
    product = asked.json()["data"]["product"]
    (node,) = product["certifications"]["nodes"]
    suits = {each["diet"]: each["suitability"] for each in product["diets"]}
    filtered = {
        status: len(await got(api, CERTIFICATIONS, verification_status=status)) for status in ("verified", "expired")
    }
    active = {
        str(way): (await got(api, f"{TWIN}/products/{GTIN}/certifications", is_active=way))["pagination"]["total_count"]
        for way in ("true", "false")
    }
    said = {each["verification_status"] for each in (array, page, content)} | {node["verificationStatus"].lower()}
    holds = {each["is_active"] for each in (array, page, content)} | {node["isActive"]}
    return {
        "status": said, "is_active": holds, "filtered": filtered, "active": active,
        "organic": suits["ORGANIC"], "vegan": suits["VEGAN"],
    }  # fmt: skip


async def test_a_certificate_expires_and_every_place_agrees(
    api: Client, connection: Connection, database_url: str, me: make.Account, authority: make.Account,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    organic = await certification(connection, "ORGANIC", diets=["organic"])
    vegan = await claim(connection, "VEGAN", diets=["vegan", "vegetarian"])
    start, end = ahead(0), ahead(3)
    given = {"certification_id": organic, "valid_from": str(start), "expiration_date": str(end)}
    await api.post(CERTIFICATIONS, json=given)
    await api.post(CLAIMS, json={"claim_id": vegan, "expiration_date": str(end)})
    path = f"{CERTIFICATIONS}/{organic}"
    await api.patch(path, json={"verification_status": "verified"}, headers=by(authority))
    holding = {
        "status": {"verified"}, "is_active": {True}, "filtered": {"verified": 1, "expired": 0},
        "active": {"true": 1, "false": 0}, "organic": "SUITABLE", "vegan": "SUITABLE",
    }  # fmt: skip
    over = {
        "status": {"expired"}, "is_active": {False}, "filtered": {"verified": 0, "expired": 1},
        "active": {"true": 0, "false": 1}, "organic": "UNKNOWN", "vegan": "UNKNOWN",
    }  # fmt: skip
    assert await everywhere(api) == holding
    monkeypatch.setattr(clock, "today", lambda: end)  # its last day
    assert await everywhere(api) == holding
    database = Database(database_url, 2)
    assert await jobs.expire(database) == "0 ran out"

    monkeypatch.setattr(clock, "today", lambda: ahead(4))  # no job has run: the clock is enough
    assert await everywhere(api) == over
    refused = await api.patch(path, json={"verification_status": "verified"}, headers=by(authority))
    assert refused.status_code == 409
    before = len(await events(connection))
    assert await jobs.expire(database) == "2 ran out"
    assert await jobs.expire(database) == "0 ran out", "it is told once"
    assert await everywhere(api) == over
    assert (await events(connection))[before:] == [
        ("certification.expired", {"gtin": GTIN, "certification_id": organic, "code": "ORGANIC",
                                   "label": "Label ORGANIC", "expiration_date": str(end), "was_verified": True}),
        ("claim.expired", {"gtin": GTIN, "claim_id": vegan, "code": "VEGAN", "label": "Label VEGAN",
                           "expiration_date": str(end)}),
    ]  # fmt: skip
    owner = await connection.fetchval("SELECT organization_id FROM events WHERE type = 'certification.expired'")
    assert owner == me.organization_id

    # renewed, it is active at once, but the new certificate has not been checked; its end is told again
    renewed = await api.patch(path, json={"expiration_date": str(ahead(9))})
    assert (renewed.json()["verification_status"], renewed.json()["is_active"]) == ("unverified", True)
    await api.patch(path, json={"verification_status": "verified"}, headers=by(authority))
    monkeypatch.setattr(clock, "today", lambda: ahead(10))
    assert await jobs.expire(database) == "1 ran out"
    await database.close()


async def test_many_run_out_in_one_night(
    organic: str, connection: Connection, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    vegan = await claim(connection, "VEGAN")
    for n in range(3, 10):
        await make.product(connection, n)
        await carries(connection, make.make_id(n), organic, expiration_date=ahead(-n))
        await claims(connection, make.make_id(n), vegan, expiration_date=ahead(0) if n % 2 else None)
    monkeypatch.setattr(jobs, "AT_ONCE", 3)
    database = Database(database_url, 2)
    assert await jobs.expire(database) == "7 ran out"
    assert await jobs.expire(database) == "0 ran out"
    await database.close()
    assert await connection.fetchval("SELECT count(*) FROM certification_assignments WHERE expired_at IS NULL") == 0
