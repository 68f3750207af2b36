"""The catalogue that the platform brings along, and what the labels on packages come to in it.

`closient_gql/data/certifications.json` has bodies, certifications and claims, and says of each label, as sources name
it (`Product.labels`), what it is: a certification with what the label says of it, a claim, several of both, or neither,
and why. A label that it does not name is unknown: it is reported, and nothing is made of it.
"""

import pathlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import orjson

import closient_gql
from closient_gql.core.db import Writer
from closient_gql.core.ids import new_id

FILE = pathlib.Path(closient_gql.__file__).parent / "data" / "certifications.json"
IdOf = Callable[[str, str], str]
"""The id of a new row, from its kind and what it is called."""
PUT_BODIES = """
INSERT INTO certification_bodies (id, name, website, description)
SELECT id, name, website, description FROM json_populate_recordset(NULL::certification_bodies, $1::text::json)
ON CONFLICT (lower(name)) DO UPDATE SET website = excluded.website, description = excluded.description
"""
BODY_IDS = "SELECT lower(name) AS name, id FROM certification_bodies"
PUT_CERTIFICATIONS = """
INSERT INTO certifications
    (id, label, code, description, url, program, standard, gs1_code, diets, free_from, certification_body_id)
SELECT id, label, code, description, url, program, standard, gs1_code, diets, free_from, certification_body_id
FROM json_populate_recordset(NULL::certifications, $1::text::json)
ON CONFLICT (upper(code)) WHERE code <> '' AND organization_id IS NULL DO UPDATE SET
    label = excluded.label, description = excluded.description, url = excluded.url, program = excluded.program,
    standard = excluded.standard, gs1_code = excluded.gs1_code, diets = excluded.diets, free_from = excluded.free_from,
    certification_body_id = excluded.certification_body_id
"""
PUT_CLAIMS = """
INSERT INTO claims (id, code, label, category, requires_definition, description, gs1_code, diets, free_from)
SELECT id, code, label, category, requires_definition, description, gs1_code, diets, free_from
FROM json_populate_recordset(NULL::claims, $1::text::json)
ON CONFLICT (upper(code)) DO UPDATE SET
    label = excluded.label, category = excluded.category, requires_definition = excluded.requires_definition,
    description = excluded.description, gs1_code = excluded.gs1_code, diets = excluded.diets,
    free_from = excluded.free_from
"""
LABELLED = """
SELECT id, gtin, labels FROM products
WHERE labels <> '{}' AND ($1::text[] IS NULL OR gtin = ANY($1)) ORDER BY gtin
"""
CODES = "SELECT upper(code) AS code, id FROM {} WHERE code <> ''{}"
ASSIGN_CERTIFICATIONS = """
INSERT INTO certification_assignments
    (id, product_id, certification_id, certificate_number, issuing_body, certification_value)
SELECT id, product_id, certification_id, certificate_number, issuing_body, certification_value
FROM json_populate_recordset(NULL::certification_assignments, $1::text::json)
ON CONFLICT (product_id, certification_id) DO NOTHING
"""
ASSIGN_CLAIMS = """
INSERT INTO claim_assignments (id, product_id, claim_id)
SELECT id, product_id, claim_id FROM json_populate_recordset(NULL::claim_assignments, $1::text::json)
ON CONFLICT (product_id, claim_id) DO NOTHING
"""
COUNTS = "SELECT label, count(*) AS n FROM products, unnest(labels) AS label GROUP BY label ORDER BY n DESC, label"
BODY = {"website": "", "description": ""}
CODED = {"description": "", "gs1_code": "", "diets": [], "free_from": []}
CERTIFICATION = CODED | {"url": "", "program": "", "standard": ""}
CARRIED = {"certificate_number": "", "issuing_body": "", "certification_value": ""}


@dataclass(frozen=True)
class Meaning:
    """What labels come to: certifications by code with what the label says of them, claims by code, and the rest."""

    certifications: dict[str, dict[str, str]] = field(default_factory=dict)
    claims: list[str] = field(default_factory=list)
    neither: dict[str, str] = field(default_factory=dict)  # label: why
    unknown: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class LabelCount:
    """One line of the report. `becomes` says codes, or why there are none; empty: the label is unknown."""

    label: str
    products: int
    becomes: str


@cache
def catalogue() -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(FILE.read_bytes())
    return found


def meaning_of(labels: Iterable[str]) -> Meaning:
    """What a product's labels come to together. Of two that mean the same, what the later one adds is added."""
    known, found = catalogue()["labels"], Meaning()
    for label in labels:
        target = known.get(label)
        if target is None:
            found.unknown.append(label)
        elif isinstance(target, str):
            found.neither[label] = target
        else:
            for each in target if isinstance(target, list) else [target]:
                add(found, each)
    return found


def add(found: Meaning, target: Mapping[str, str]) -> None:
    if code := target.get("certification"):
        said = {name: text for name, text in target.items() if name != "certification"}
        found.certifications.setdefault(code, {}).update(said)
    elif target["claim"] not in found.claims:
        found.claims.append(target["claim"])


def any_id(kind: str, key: str) -> str:
    return new_id()


async def load(write: Writer, id_of: IdOf = any_id) -> dict[str, int]:
    """Brings the catalogue of everybody up to what the file says; what else there is stays. Gives how many of what."""
    told = catalogue()
    bodies = [BODY | body | {"id": id_of("certification_body", body["name"])} for body in told["bodies"]]
    claims = [
        CODED | {"requires_definition": False} | each | {"id": id_of("claim", each["code"])} for each in told["claims"]
    ]
    await put(write, PUT_BODIES, bodies)
    of_body = {row["name"]: row["id"] for row in await write.connection.fetch(BODY_IDS)}
    certifications = [
        CERTIFICATION
        | each
        | {"id": id_of("certification", each["code"]), "certification_body_id": of_body[each["body"].lower()]}
        for each in told["certifications"]
    ]
    await put(write, PUT_CERTIFICATIONS, certifications)
    await put(write, PUT_CLAIMS, claims)
    return {"bodies": len(bodies), "certifications": len(certifications), "claims": len(claims)}


async def put(write: Writer, statement: str, rows: Sequence[Mapping[str, Any]]) -> int:
    """How many rows were written."""
    if not rows:
        return 0
    return int((await write.connection.execute(statement, orjson.dumps(rows).decode())).rpartition(" ")[2])


async def assign(write: Writer, gtins: Sequence[str] | None = None, id_of: IdOf = any_id) -> dict[str, int]:
    """Assigns what the labels of products come to, unverified and open-ended; what they carry already stays as it is.

    `gtins`: of these products only. Gives how many assignments were made.
    """
    products = await write.connection.fetch(LABELLED, gtins)
    ids = {row["code"]: row["id"] for row in await write.connection.fetch(certifications_by_code())}
    claim_ids = {row["code"]: row["id"] for row in await write.connection.fetch(CODES.format("claims", ""))}
    carried, made = [], []
    for product in products:
        found = meaning_of(product["labels"])
        for code, said in found.certifications.items():
            if code in ids:
                row = {
                    "id": id_of("certification_assignment", f"{product['gtin']} {code}"),
                    "product_id": product["id"],
                }
                carried.append(CARRIED | row | {"certification_id": ids[code]} | said)
        for code in found.claims:
            if code in claim_ids:
                row = {"id": id_of("claim_assignment", f"{product['gtin']} {code}"), "product_id": product["id"]}
                made.append(row | {"claim_id": claim_ids[code]})
    return {
        "certifications": await put(write, ASSIGN_CERTIFICATIONS, carried),
        "claims": await put(write, ASSIGN_CLAIMS, made),
    }


def certifications_by_code() -> str:
    return CODES.format("certifications", " AND organization_id IS NULL")


async def report(write: Writer) -> list[LabelCount]:
    """Every label that products have, the most frequent first, and what it comes to."""
    return [
        LabelCount(row["label"], row["n"], in_words(meaning_of([row["label"]])))
        for row in await write.connection.fetch(COUNTS)
    ]


def in_words(found: Meaning) -> str:
    return ", ".join([*found.certifications, *found.claims, *(f"({why})" for why in found.neither.values())])
