"""The catalogues over REST: lists, filters, orders; an organization's own certifications."""

from typing import Any

import pytest

from closient_gql.core.db import Connection
from tests import make
from tests.certifications.world import API, GTIN, NOBODY, carries, certification, claim, details, got, refusal
from tests.conftest import Client


@pytest.fixture
async def catalogue(connection: Connection, me: make.Account) -> dict[str, str]:
    """Two bodies; certifications B (of a body), a, one without a code; claims VEGAN and NON_GMO."""
    body = await make.insert(connection, "certification_bodies", name="Body", website="https://body.example")
    await make.insert(connection, "certification_bodies", name="another")
    return {
        "body": body,
        "B": await certification(connection, "B_CODE", label="Bio", certification_body_id=body, standard="EN 1"),
        "a": await certification(connection, "A_CODE", label="apple"),
        "none": await certification(connection, "", label="Zero"),
        "VEGAN": await claim(connection, "VEGAN", label="Vegan", requires_definition=True),
        "NON_GMO": await claim(connection, "NON_GMO", label="No GMO", category="PROCESS"),
    }


async def labels(api: Client, path: str, **params: Any) -> list[str]:
    return [each.get("label", each.get("name")) for each in (await got(api, f"{API}/{path}", **params))["data"]]


async def test_lists_filter_and_sort(catalogue: dict[str, str], api: Client) -> None:
    for path, params, expected in (
        ("certifications", {}, ["apple", "Bio", "Zero"]),
        ("certifications", {"ordering": "-label"}, ["Zero", "Bio", "apple"]),
        ("certifications", {"ordering": "code"}, ["Zero", "apple", "Bio"]),
        ("certifications", {"ordering": "-code"}, ["Bio", "apple", "Zero"]),
        ("certifications", {"label": "PP"}, ["apple"]),
        ("certifications", {"label": "%"}, []),
        ("certifications", {"code": "b_code"}, ["Bio"]),
        ("certifications", {"code": "b_cod"}, []),
        ("certifications", {"certification_body_id": catalogue["body"]}, ["Bio"]),
        ("certifications", {"page": 2, "page_size": 2}, ["Zero"]),
        ("certifications", {"page": 9}, []),
        ("claims", {}, ["No GMO", "Vegan"]),
        ("claims", {"category": "PROCESS"}, ["No GMO"]),
        ("claims", {"code": "vegan"}, ["Vegan"]),
        ("claims", {"ordering": "-label", "label": "g"}, ["Vegan", "No GMO"]),
        ("certification-bodies", {}, ["another", "Body"]),
        ("certification-bodies", {"name": "OD", "ordering": "-name"}, ["Body"]),
    ):
        assert await labels(api, path, **params) == expected, (path, params)
    for path, params in (
        ("certifications", {"ordering": "name"}),
        ("claims", {"category": "HEALTH"}),
        ("certifications", {"page_size": 101}),
        ("certifications", {"certification_body_id": "1"}),
    ):
        assert (await api.get(f"{API}/{path}", params=params)).status_code == 422, (path, params)


async def test_details(catalogue: dict[str, str], api: Client) -> None:
    assert await got(api, f"{API}/certifications/{catalogue['B']}") == {
        "id": catalogue["B"], "label": "Bio", "code": "B_CODE", "description": "", "url": "", "logo_url": None,
        "certification_body_name": "Body", "program": "", "standard": "EN 1",
    }  # fmt: skip
    assert (await got(api, f"{API}/certifications/{catalogue['a']}"))["certification_body_name"] is None
    assert await got(api, f"{API}/claims/{catalogue['VEGAN']}") == {
        "id": catalogue["VEGAN"], "code": "VEGAN", "label": "Vegan", "category": "DIETARY",
        "requires_definition": True, "description": "",
    }  # fmt: skip
    assert await got(api, f"{API}/certification-bodies/{catalogue['body']}") == {
        "id": catalogue["body"], "name": "Body", "website": "https://body.example", "description": "",
        "logo_url": None,
    }  # fmt: skip
    for path in ("certifications", "claims", "certification-bodies"):
        assert (await api.get(f"{API}/{path}/{NOBODY}")).status_code == 404


async def test_an_organizations_own_codes(
    catalogue: dict[str, str], api: Client, connection: Connection, me: make.Account
) -> None:
    other = await make.account(connection)
    theirs = {"X-API-Key": other.key}

    def make_one(code: str, **more: Any) -> Any:
        return api.post(f"{API}/certifications", json={"label": "Ours", "code": code}, **more)

    answer = await make_one("OURS")
    assert answer.status_code == 201
    id = answer.json()["id"]
    taken = "Your organization has a certification with this code already."
    assert refusal(await make_one("ours")) == (409, "CONFLICT", taken)
    everybodys = "There is a certification with this code for everybody. Use that, or another code."
    assert refusal(await make_one("b_code")) == (409, "CONFLICT", everybodys)
    assert [(await make_one("", headers=theirs)).status_code for _ in range(2)] == [201, 201], "an empty code is none"
    assert (await make_one("OURS", headers=theirs)).status_code == 201, "codes are unique within each organization"

    # another organization finds it neither in the list nor by its id, nor by asking the graph for the entity
    assert "Ours" in await labels(api, "certifications", code="OURS")
    assert len(await labels(api, "certifications", code="OURS")) == 1
    assert (await api.get(f"{API}/certifications/{id}", headers=theirs)).status_code == 404
    entities = {"query": "query ($r: [_Any!]!) { _entities(representations: $r) { __typename } }",
                "variables": {"r": [{"__typename": "Certification", "id": id}]}}  # fmt: skip
    assert (await api.post("/graphql", json=entities, headers=theirs)).json()["data"] == {"_entities": [None]}

    path = f"{API}/certifications/{id}"
    changed = await api.patch(path, json={"label": "Mine", "certification_body_id": catalogue["body"]})
    assert (changed.json()["label"], changed.json()["certification_body_name"]) == ("Mine", "Body")
    assert (await api.patch(path, json={"certification_body_id": None})).json()["certification_body_name"] is None
    assert (await api.patch(path, json={"certification_body_id": NOBODY})).status_code == 404
    assert details(await api.patch(path, json={"url": "javascript:alert(1)", "code": "x y"})) == [
        ("code", "must match ^[A-Za-z0-9_.-]*$"), ("url", r"must match ^(https?://[^\s/?#]+\S*)?$"),
    ]  # fmt: skip
    assert (await api.patch(f"{API}/certifications/{catalogue['B']}", json={"label": "x"})).status_code == 403
    assert (await api.patch(path, json={"label": "x"}, headers=theirs)).status_code == 404

    await carries(connection, make.make_id(1), id)
    assert refusal(await api.delete(path)) == (
        409, "CONFLICT", "Products carry this certification. Remove it from them first.",
    )  # fmt: skip
    await connection.execute("DELETE FROM certification_assignments")
    assert (await api.delete(path)).status_code == 204
    assert (await api.get(path)).status_code == 404


async def test_another_organizations_own_cannot_be_assigned(
    catalogue: dict[str, str], api: Client, connection: Connection
) -> None:
    other = await make.account(connection)
    theirs = await certification(connection, "THEIRS", organization_id=other.organization_id)
    answer = await api.post(f"{API}/products/{GTIN}/certifications", json={"certification_id": theirs})
    assert refusal(answer) == (404, "NOT_FOUND", "There is no such certification.")
