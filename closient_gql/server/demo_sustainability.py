"""Packaging, impacts and grades of the demo products, as Open Food Facts and Open Beauty Facts have them."""

from collections.abc import Iterator

from closient_gql.core.db import Connection
from closient_gql.server.demo_rows import Progress, Row, demo_id, insert_all, lines_of

SOURCE = {"data_source": "open_food_facts"}
AGRIBALYSE = "AGRIBALYSE (ADEME, INRAE), by way of Open Food Facts"
PER_KILOGRAM = "M29"  # kilogram per kilogram


async def sustainability(connection: Connection, progress: Progress) -> None:
    records = {demo_id("product", record["gtin"]): record for record in lines_of("sustainability.jsonl.gz")}
    there = await connection.fetch("SELECT id FROM products WHERE id = ANY($1) ORDER BY id", list(records))
    known = {row["id"]: records[row["id"]] for row in there}
    tables = {
        "product_packaging": [row for id, record in known.items() for row in _packaging(id, record)],
        "environmental_impacts": [row for id, record in known.items() for row in _impacts(id, record)],
        "product_grades": [row for id, record in known.items() for row in _grades(id, record)],
    }
    await insert_all(connection, tables, progress)


def _packaging(product: str, record: Row) -> Iterator[Row]:
    for place, piece in enumerate(record.get("packaging", ())):
        yield SOURCE | {
            "id": demo_id("packaging", f"{record['gtin']} {place}"),
            "product_id": product,
            "created": f"2025-10-20T00:00:{place:02}Z",  # in the order of the source
            "packaging_type": "PRIMARY",
            "description": piece.get("text", ""),
            "shape": piece.get("shape", ""),
            "material": piece.get("material", ""),
            "quantity": piece["quantity"],
            "is_recyclable": piece.get("recyclable"),
        }


def _impacts(product: str, record: Row) -> Iterator[Row]:
    if "co2" in record:
        about = f"Kilograms of CO2 equivalent for each kilogram of: {record.get('co2_of', 'the product')}"
        yield _impact(product, record, "CARBON_FOOTPRINT", record["co2"], PER_KILOGRAM, AGRIBALYSE, about)
    if len(record.get("eco", ())) > 1:
        note = "More is better; bonuses and penalties can lead beyond 0 and 100."
        yield _impact(
            product, record, "ENVIRONMENTAL_SCORE", record["eco"][1], "C62", "Open Food Facts, Eco-Score", note
        )


def _impact(product: str, record: Row, kind: str, value: float, unit: str, how: str, notes: str) -> Row:
    return SOURCE | {
        "id": demo_id("impact", f"{record['gtin']} {kind}"),
        "product_id": product,
        "created": "2025-10-20T00:00:00Z",
        "impact_type": kind,
        "score_value": value,
        "unit": unit,
        "methodology_reference": how,
        "notes": notes,
    }


def _grades(product: str, record: Row) -> Iterator[Row]:
    for scheme, key in (("NUTRI_SCORE", "nutri"), ("ECO_SCORE", "eco")):
        if found := record.get(key):
            yield _grade(product, scheme, found[0], found[1] if len(found) > 1 else None)
    if nova := record.get("nova"):
        yield _grade(product, "NOVA", str(nova), nova)


def _grade(product: str, scheme: str, grade: str, value: float | None) -> Row:
    return SOURCE | {"product_id": product, "scheme": scheme, "grade": grade, "value": value}
