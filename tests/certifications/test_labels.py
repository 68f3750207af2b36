"""What labels on packages come to: the catalogue that the platform brings along, on the demo products."""

import re
from typing import Any

import asyncpg
from typer.testing import CliRunner

from closient_gql.core.db import Connection, Writer, prepare
from closient_gql.core.settings import settings
from closient_gql.server.cli import app
from resolvers.certifications import labels
from resolvers.certifications.facts import Allergen, DietType
from tests import make
from tests.certifications.world import API, got
from tests.conftest import Client

CATALOGUE = labels.catalogue()
UNKNOWN = {
    "ecolabel", "ethical-award", "fr:dermocert", "fr:liftan", "lindt-sprungli-cocoa-farming-program",
    "ru:ту-9158-070-20680882-05-изм-№1", "verified",
}  # fmt: skip


def test_the_catalogue_is_sound() -> None:
    certifications = {each["code"] for each in CATALOGUE["certifications"]}
    claims = {each["code"]: each for each in CATALOGUE["claims"]}
    bodies = {each["name"] for each in CATALOGUE["bodies"]}
    assert (len(bodies), len(certifications), len(claims)) == (27, 32, 77)
    assert {each["body"] for each in CATALOGUE["certifications"]} <= bodies
    for each in [*CATALOGUE["certifications"], *CATALOGUE["claims"]]:
        assert re.fullmatch("[A-Z0-9_]{3,50}", each["code"])
        assert re.fullmatch("([A-Za-z]+Code-[A-Z_]+)?", each.get("gs1_code", ""))
        assert set(each.get("diets", ())) <= {diet.value for diet in DietType}
        assert set(each.get("free_from", ())) <= {allergen.value for allergen in Allergen}
        assert len(each["label"]) <= 100
        assert each.get("url", "https://").startswith("https://")
    for label, target in CATALOGUE["labels"].items():
        found = labels.meaning_of([label])
        assert set(found.certifications) <= certifications, label
        assert set(found.claims) <= set(claims), label
        assert bool(found.certifications or found.claims) is not isinstance(target, str), label


def test_labels_that_mean_the_same_are_one() -> None:
    found = labels.meaning_of(
        [
            "eu-organic",
            "fr-bio-01",
            "fsc-mix",
            "fr:fsc-c121567",
            "fr:crueltyfreeandvegan",
            "vegan",
            "made-in-france",
            "?",
        ]
    )
    assert found == labels.Meaning(
        {
            "EU_ORGANIC_FARMING": {"issuing_body": "FR-BIO-01"},
            "FOREST_STEWARDSHIP_COUNCIL_LABEL": {"certification_value": "Mix", "certificate_number": "FSC-C121567"},
        },
        ["CRUELTY_FREE", "VEGAN"],
        {"made-in-france": "an origin"},
        ["?"],
    )


async def test_the_demo_products_carry_what_their_labels_say(demo_url: str, demo_api: Client) -> None:
    connection = await asyncpg.connect(demo_url)
    await prepare(connection)
    found = await labels.report(Writer(connection))
    assert {each.label for each in found if not each.becomes} == UNKNOWN
    assert (len(found), found[0].label, found[0].becomes) == (189, "dermatologically-tested", "DERMATOLOGICALLY_TESTED")
    assert [each.becomes for each in found if each.label == "made-in-italy"] == ["(an origin)"]
    counts = "SELECT (SELECT count(*) FROM certification_assignments), (SELECT count(*) FROM claim_assignments)"
    counted: Any = await connection.fetchrow(counts)
    assert tuple(counted) == (169, 540)
    lost = """SELECT p.gtin FROM products p WHERE 'vegan' = ANY(labels) AND NOT EXISTS (
                SELECT FROM claim_assignments a JOIN claims c ON c.id = a.claim_id
                WHERE a.product_id = p.id AND c.code = 'VEGAN')"""
    assert await connection.fetch(lost) == []
    gtin = await connection.fetchval("SELECT gtin FROM products WHERE 'dzg-gluten-free' = ANY(labels)")
    await connection.close()
    (crossed,) = [
        each for each in await got(demo_api, f"{API}/products/{gtin}/certifications")
        if each["code"] == "CROSSED_GRAIN_SYMBOL"
    ]  # fmt: skip
    assert (crossed["issuing_body"], crossed["verification_status"], crossed["is_active"]) == (
        "Deutsche Zöliakie-Gesellschaft", "unverified", True,
    )  # fmt: skip
    asked = await demo_api.post(
        "/graphql", json={"query": f'{{ product(gtin: "{gtin}") {{ allergens {{ allergen presence }} }} }}'}
    )
    presence = {each["allergen"]: each["presence"] for each in asked.json()["data"]["product"]["allergens"]}
    assert presence["GLUTEN"] == "FREE_FROM"


async def test_loading_twice_and_beside_what_there_is(connection: Connection) -> None:
    own = (await make.account(connection)).organization_id
    await make.insert(connection, "certifications", label="Ours", code="GREEN_DOT", organization_id=own)
    mine = await make.insert(connection, "claims", code="vegan", label="Old", category="OTHER")
    await make.product(connection, 1, labels=["vegan", "green-dot", "?"])
    write = Writer(connection)
    for expected in ({"certifications": 1, "claims": 1}, {"certifications": 0, "claims": 0}):
        assert await labels.load(write) == {"bodies": 27, "certifications": 32, "claims": 77}
        assert await labels.assign(write) == expected
    assert await connection.fetchval("SELECT count(*) FROM certifications") == 33, "the organization's own stays"
    row: Any = await connection.fetchrow("SELECT id, label, category FROM claims WHERE upper(code) = 'VEGAN'")
    assert tuple(row) == (mine, "Vegan", "DIETARY"), "brought up to date where it is"
    assert await connection.fetchval("SELECT claim_id FROM claim_assignments") == mine


def test_on_the_command_line(database_url: str, monkeypatch: Any) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    settings.cache_clear()
    runner = CliRunner()
    assert runner.invoke(app, ["certifications", "load"]).output == "27 bodies, 32 certifications, 77 claims\n"
    assert runner.invoke(app, ["certifications", "assign"]).output == "0 certifications, 0 claims\n"
    assert runner.invoke(app, ["certifications", "labels"]).output.endswith("0 of 0 labels are unknown.\n")
    monkeypatch.undo()
    settings.cache_clear()
