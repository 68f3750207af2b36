"""What products carry: assigned, changed, removed; what is refused; the twins in the Products API."""

import asyncio
from typing import Any

import pytest

from closient_gql.core.db import Connection
from tests import make
from tests.certifications.world import (
    API,
    CERTIFICATIONS,
    CLAIMS,
    GTIN,
    NOBODY,
    OTHER,
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

EMPTY = {
    "is_active": True, "metadata": {}, "description": "", "url": "", "logo_url": None, "valid_from": None,
    "expiration_date": None, "certificate_number": "", "issuing_body": "", "expiry_date": None, "verification_url": "",
    "verification_status": "unverified", "scope": "", "certification_value": "", "audit_date": None,
    "initial_certification_date": None, "certificate_countries": [],
}  # fmt: skip


@pytest.fixture
async def organic(connection: Connection, me: make.Account) -> str:
    return await certification(connection, "ORGANIC", label="Organic")


@pytest.fixture
async def vegan(connection: Connection, me: make.Account) -> str:
    return await claim(connection, "VEGAN", label="Vegan")


async def test_a_certification_comes_changes_and_goes(
    organic: str, api: Client, connection: Connection, me: make.Account
) -> None:
    answer = await api.post(CERTIFICATIONS, json={"certification_id": organic})
    assert answer.status_code == 201
    expected = EMPTY | {"id": organic, "label": "Organic", "code": "ORGANIC"}
    assert answer.json() == expected
    again = await api.post(CERTIFICATIONS, json={"certification_id": organic})
    assert refusal(again) == (409, "CONFLICT", "The product carries this certification already. Change that instead.")

    said = {
        "metadata": {"a": "1"}, "valid_from": str(ahead(-10)), "expiration_date": str(ahead(10)),
        "certificate_number": "C-1", "issuing_body": "Ecocert", "verification_url": "https://a.example/c-1",
        "scope": "all of it", "certification_value": "95 %", "audit_date": str(ahead(-5)),
        "initial_certification_date": str(ahead(-900)), "certificate_countries": ["DE", "fr"],
    }  # fmt: skip
    path = f"{CERTIFICATIONS}/{organic}"
    answer = await api.patch(path, json=said)
    expected |= said | {"expiry_date": said["expiration_date"], "certificate_countries": ["DE", "FR"]}
    assert (answer.status_code, answer.json()) == (200, expected)
    # only keys in the body change; null clears a date, and leaves a text; an empty value removes its key
    answer = await api.patch(path, json={"valid_from": None, "scope": None, "metadata": {"a": "", "b": "2"}})
    expected |= {"valid_from": None, "metadata": {"b": "2"}}
    assert answer.json() == expected
    assert (await api.patch(path, json={})).json() == expected
    assert await got(api, CERTIFICATIONS) == [expected]

    assert (await api.delete(path)).status_code == 204
    assert await got(api, CERTIFICATIONS) == []
    assert (await api.delete(path)).status_code == 404
    assert [name for name, _ in await events(connection)] == [
        "certification.assigned", "certification.updated", "certification.updated", "certification.removed",
    ]  # fmt: skip
    actions = await trail(connection, me.organization_id)
    assert [name for name, _ in actions] == [name for name, _ in await events(connection)]
    assert actions[1][1]["certificate_number"] == ["", "C-1"]
    seen = await connection.fetch("SELECT type FROM events WHERE type = 'product.updated'")
    assert len(seen) == 4, "whoever keeps a copy of the product hears of each change"


async def test_a_claim_comes_changes_and_goes(vegan: str, api: Client, connection: Connection) -> None:
    answer = await api.post(CLAIMS, json={"claim_id": vegan, "expiration_date": str(ahead(1)), "metadata": {"a": "1"}})
    expected = {
        "id": vegan, "label": "Vegan", "code": "VEGAN", "category": "DIETARY", "source": "BRAND_SELF_DECLARED",
        "metadata": {"a": "1"}, "valid_from": None, "expiration_date": str(ahead(1)),
    }  # fmt: skip
    assert (answer.status_code, answer.json()) == (201, expected)
    again = await api.post(CLAIMS, json={"claim_id": vegan})
    assert refusal(again) == (409, "CONFLICT", "The product makes this claim already. Change that instead.")
    path = f"{CLAIMS}/{vegan}"
    answer = await api.patch(path, json={"source": "THIRD_PARTY_VERIFIED", "expiration_date": None})
    expected |= {"source": "THIRD_PARTY_VERIFIED", "expiration_date": None}
    assert (answer.status_code, answer.json()) == (200, expected)
    assert await got(api, CLAIMS) == [expected]
    assert (await api.delete(path)).status_code == 204
    assert await got(api, CLAIMS) == []
    assert refusal(await api.delete(path)) == (404, "NOT_FOUND", "The product does not make this claim.")
    assert [name for name, _ in await events(connection)] == ["claim.assigned", "claim.updated", "claim.removed"]


async def test_a_claim_that_requires_a_definition(connection: Connection, me: make.Account, api: Client) -> None:
    natural = await claim(connection, "NATURAL", requires_definition=True)
    message = "is required: this claim means something only with the brand's own definition"
    for note in ({}, {"evidence_note": " "}):
        answer = await api.post(CLAIMS, json={"claim_id": natural} | note)
        assert details(answer) == [("evidence_note", message)]
    given = {"claim_id": natural, "evidence_note": "Nothing is made by synthesis."}
    assert (await api.post(CLAIMS, json=given)).status_code == 201
    assert details(await api.patch(f"{CLAIMS}/{natural}", json={"evidence_note": ""})) == [("evidence_note", message)]


BEFORE = {"valid_from": "2026-02-01", "expiration_date": "2026-01-31"}


BAD: list[tuple[dict[str, Any], list[tuple[str, str | None]]]] = [
    (BEFORE, [("expiration_date", "must not be before valid_from")]),
    ({"certification_value": "101 %"}, [("certification_value", "must be a share of 0 to 100 %")]),
    ({"certification_value": "-1%"}, [("certification_value", "must be a share of 0 to 100 %")]),
    (
        {"initial_certification_date": "2026-03-01", **BEFORE, "certification_value": "100,5 %"},
        [("expiration_date", "must not be before valid_from"),
         ("certification_value", "must be a share of 0 to 100 %"),
         ("initial_certification_date", "must not be after expiration_date")],
    ),
    ({"valid_from": "2026-02-30"}, [("valid_from", "must be a date of ISO 8601, such as 2026-01-31")]),
    ({"certificate_number": "x" * 101}, [("certificate_number", "must have at most 100 characters")]),
    ({"expiry_date": "2026-01-01"}, [("expiry_date", "is not known")]),
    ({"verification_status": "expired"},
     [("verification_status", "follows from expiration_date: set that to its last day instead")]),
    ({"certificate_countries": ["DE", "QQ"]}, [("certificate_countries.1", None)]),
    ({"verification_url": "ftp://x"}, [("verification_url", None)]),
    ({"scope": "a\u0000b"}, [("scope", "must not contain the null character")]),
]  # fmt: skip


async def test_bad_input_changes_nothing(organic: str, api: Client, connection: Connection) -> None:
    other = await certification(connection, "OTHER")
    await carries(connection, make.make_id(1), other)
    before = await got(api, CERTIFICATIONS)
    for body, expected in BAD:
        for answer in (
            await api.post(CERTIFICATIONS, json={"certification_id": organic} | body),
            await api.patch(f"{CERTIFICATIONS}/{other}", json=body),
        ):
            found = details(answer)
            assert [field for field, _ in found] == [field for field, _ in expected]
            assert all(said == message for (_, said), (_, message) in zip(found, expected, strict=True) if message)
    assert await got(api, CERTIFICATIONS) == before
    assert await events(connection) == []


async def test_a_patch_is_held_against_what_is_there(organic: str, api: Client, connection: Connection) -> None:
    await carries(connection, make.make_id(1), organic, valid_from=ahead(5))
    answer = await api.patch(f"{CERTIFICATIONS}/{organic}", json={"expiration_date": str(ahead(4))})
    assert details(answer) == [("expiration_date", "must not be before valid_from")]
    answer = await api.patch(f"{CERTIFICATIONS}/{organic}", json={"expiration_date": str(ahead(5))})
    assert (answer.status_code, answer.json()["is_active"]) == (200, False), "one day is a validity; it has not begun"


async def test_what_there_is_not(organic: str, vegan: str, api: Client, connection: Connection) -> None:
    unknown = f"{API}/products/{make.make_gtin(99)}"
    asked: list[tuple[str, str, Any]] = [
        ("GET", f"{unknown}/certifications", None),
        ("GET", f"{unknown}/claims", None),
        ("POST", f"{unknown}/certifications", {"certification_id": organic}),
        ("POST", f"{unknown}/claims", {"claim_id": vegan}),
        ("POST", CERTIFICATIONS, {"certification_id": NOBODY}),
        ("POST", CLAIMS, {"claim_id": NOBODY}),
        ("PATCH", f"{CERTIFICATIONS}/{organic}", {"scope": "x"}),
        ("PATCH", f"{CLAIMS}/{vegan}", {"evidence_note": "x"}),
        ("GET", f"{TWIN}/products/{make.make_gtin(99)}/certifications", None),
        ("GET", f"{TWIN}/products/{make.make_gtin(99)}/claims", None),
    ]
    for method, path, body in asked:
        assert (await api.request(method, path, json=body)).status_code == 404, (method, path)
    # nobody has claimed product 2: it has no owner who could say something of it
    assert (await api.post(f"{API}/products/{OTHER}/claims", json={"claim_id": vegan})).status_code == 403
    for bad in ("4006381333930", "123", "0000000000001-3", "abc"):
        assert [field for field, _ in details(await api.get(f"{API}/products/{bad}/certifications"))] == ["gtin"], bad
    short = await api.get(f"{API}/products/{GTIN[1:]}/claims")
    assert (short.status_code, short.json()) == (200, []), "13 digits are padded"


async def test_two_at_once_assign_it_once(organic: str, api: Client) -> None:
    answers = await asyncio.gather(*(api.post(CERTIFICATIONS, json={"certification_id": organic}) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    assert len(await got(api, CERTIFICATIONS)) == 1


async def test_the_twins_agree(organic: str, vegan: str, api: Client, connection: Connection) -> None:
    product = make.make_id(1)
    ids = {"ORGANIC": organic}
    for code, values in (
        ("PAST", {"expiration_date": ahead(-1), "verification_status": "verified"}),
        ("LAST", {"expiration_date": ahead(0)}),
        ("FUTURE", {"valid_from": ahead(1)}),
        ("LATER", {"expiration_date": ahead(9), "verification_status": "verified"}),
    ):
        ids[code] = await certification(connection, code)
        await carries(connection, product, ids[code], **values)
    await carries(connection, product, organic)
    await claims(connection, product, vegan, expiration_date=ahead(-1))

    for params, expected in (
        ({}, ["FUTURE", "LAST", "LATER", "PAST", "ORGANIC"]),  # "Label ..." is before "Organic"
        ({"ordering": "-label"}, ["ORGANIC", "PAST", "LATER", "LAST", "FUTURE"]),
        ({"ordering": "expiry_date", "is_active": "true"}, ["LAST", "LATER", "ORGANIC"]),
        ({"is_active": "false"}, ["FUTURE", "PAST"]),
        ({"verification_status": "expired"}, ["PAST"]),
        ({"verification_status": "verified"}, ["LATER"]),
        ({"verification_status": "unverified"}, ["FUTURE", "LAST", "ORGANIC"]),
        ({"verification_status": "expired", "is_active": "true"}, []),
    ):
        array = await got(api, CERTIFICATIONS, **params)
        page = await got(api, f"{TWIN}/products/{GTIN}/certifications", **params)
        assert [each["code"] for each in array] == expected, params
        assert page["data"] == array
        assert page["pagination"]["total_count"] == len(expected)
    descending = [each["code"] for each in await got(api, CERTIFICATIONS, ordering="-expiry_date")]
    assert descending[2:] == ["LATER", "LAST", "PAST"]
    assert set(descending[:2]) == {"FUTURE", "ORGANIC"}, "what has no end comes before all that has one"

    second = await got(api, f"{TWIN}/products/{GTIN}/certifications", page=2, page_size=2)
    assert [each["code"] for each in second["data"]] == ["LATER", "PAST"]
    content = await got(api, f"{TWIN}/products/{GTIN}/content")
    assert content["certifications"] == await got(api, CERTIFICATIONS)
    assert content["claims"] == await got(api, CLAIMS) == (await got(api, f"{TWIN}/products/{GTIN}/claims"))["data"]
    assert [each["id"] for each in content["claims"]] == [vegan]
    assert {each["id"] for each in content["certifications"]} == set(ids.values()), "ids of the certifications"
    bare = await got(api, f"{TWIN}/products/{OTHER}/content")
    assert (bare["certifications"], bare["claims"]) == ([], []), "always lists, never absent"
