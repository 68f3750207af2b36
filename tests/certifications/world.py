"""What the tests of certifications share: builders, callers, files."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from closient_gql.core.db import Connection
from tests import make
from tests.conftest import Client

API = "/certifications/api/v1"
TWIN = "/products/api/v1"
MOMENT = datetime(2026, 1, 1, tzinfo=UTC)
GTIN = make.make_gtin(1)
OTHER = make.make_gtin(2)
NOBODY = "aaaaaaaaaaaa"  # an id that is in use nowhere
CERTIFICATIONS = f"{API}/products/{GTIN}/certifications"
CLAIMS = f"{API}/products/{GTIN}/claims"
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\nxref\n0 1\ntrailer\n<<>>\nstartxref\n9\n%%EOF\n"


def today() -> date:
    return datetime.now(UTC).date()


def ahead(days: int) -> date:
    return today() + timedelta(days=days)


async def certification(connection: Connection, code: str, **values: Any) -> str:
    return await make.insert(connection, "certifications", **({"label": f"Label {code}", "code": code} | values))


async def claim(connection: Connection, code: str, **values: Any) -> str:
    given = {"label": f"Label {code}", "code": code, "category": "DIETARY"}
    return await make.insert(connection, "claims", **(given | values))


async def carries(connection: Connection, product: str, certification: str, **values: Any) -> str:
    given = {"product_id": product, "certification_id": certification}
    return await make.insert(connection, "certification_assignments", **(given | values))


async def claims(connection: Connection, product: str, claim: str, **values: Any) -> str:
    return await make.insert(connection, "claim_assignments", **({"product_id": product, "claim_id": claim} | values))


async def got(api: Client, path: str, **params: Any) -> Any:
    answer = await api.get(path, params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


def details(answer: Any) -> list[tuple[str, str]]:
    """What a 422 says: fields and messages."""
    assert answer.status_code == 422, answer.text
    return [(each["field"], each["message"]) for each in answer.json()["error"]["details"]]


def refusal(answer: Any) -> tuple[int, str, str]:
    error = answer.json()["error"]
    return answer.status_code, error["code"], error["message"]


async def events(connection: Connection) -> list[tuple[str, dict[str, Any]]]:
    """Events of certifications and claims, in order."""
    rows = await connection.fetch(
        "SELECT type, data FROM events WHERE entity IN ('certification', 'claim') ORDER BY id"
    )
    return [(row["type"], row["data"]) for row in rows]


async def trail(connection: Connection, organization_id: str) -> list[tuple[str, dict[str, Any]]]:
    rows = await connection.fetch(
        "SELECT action, changes FROM audit_entries WHERE organization_id = $1 ORDER BY created, id", organization_id
    )
    return [(row["action"], row["changes"]) for row in rows]
