"""Who may write products: every role and key on every write, and a thousand attempts from other organizations."""

from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import pytest

from closient_gql.core.db import Connection, Database, Reader
from closient_gql.core.models.account import KeyKind, KeyRole, MemberRole
from closient_gql.core.settings import Settings
from closient_gql.engine import Operations
from closient_gql.server.app import operations_of
from resolvers.context import Context
from resolvers.viewer import ANONYMOUS, Viewer
from schema import graph
from tests import make

OPERATIONS: Operations = operations_of(graph(), Settings())
OWNER, OTHER, IMAGE = make.make_id(9001), make.make_id(9002), make.make_id(9003)
PANEL = '{servingSize: "1 g", labelFormat: EU, nutrients: [{name: "Fat", amount: 1, unit: GRAM}]}'
EDITS = {
    "update": 'productUpdate(gtin: "%s", input: {description: "x"}) { id }',
    "ingredients": 'productIngredientsReplace(gtin: "%s", input: {text: "Salt"}) { id }',
    "panel": f'productNutritionReplace(gtin: "%s", input: {PANEL}) {{ servingSize }}',
    "no panel": 'productNutritionDelete(gtin: "%s")',
    "order": f'productImagesReorder(gtin: "%s", ids: ["{IMAGE}"]) {{ id }}',
    "no image": f'productImageDelete(gtin: "%s", imageId: "{IMAGE}")',
}
CLAIMS = {
    "unclaim": 'productUnclaim(gtin: "%s") { id }',
    "claim": 'productClaim(gtin: "%s") { ownerId }',
}
CREATE = {"create": 'productCreate(input: {gtin: "%s"}) { id }'}
WRITES = EDITS | CLAIMS | CREATE


@pytest.fixture
async def database(database_url: str, connection: Connection) -> AsyncIterator[Database]:
    for id in (OWNER, OTHER):
        await make.insert(connection, "organizations", id=id, name="Organization", country="DE")
    found = Database(database_url, 5)
    yield found
    await found.close()


def member(role: MemberRole | None, ceiling: KeyRole | None = None, organization: str = OWNER) -> Viewer:
    memberships = {organization: role} if role else {}
    return Viewer(KeyKind.USER, make.make_id(1), ceiling, make.make_id(2), memberships=memberships)


def business(role: KeyRole, kind: KeyKind = KeyKind.BUSINESS) -> Viewer:
    return Viewer(kind, make.make_id(1), role, None, OWNER)


async def outcome(database: Database, viewer: Viewer, mutation: str) -> str:
    result = await OPERATIONS.prepare(f"mutation {{ {mutation} }}").execute({}, Context(Reader(database), viewer))
    if not result.errors:
        return "done"
    (error,) = result.errors
    return str(getattr(error.original_error, "code", error))


VIEWERS: dict[str, tuple[Viewer, set[str]]] = {
    "owner": (member(MemberRole.OWNER), set(WRITES)),
    "manager": (member(MemberRole.MANAGER), set(WRITES)),
    "editor": (member(MemberRole.EDITOR), set(EDITS) | set(CREATE)),
    "billing": (member(MemberRole.BILLING), set()),
    "owner, key for managers": (member(MemberRole.OWNER, KeyRole.MANAGER), set(WRITES)),
    "owner, key for editors": (member(MemberRole.OWNER, KeyRole.EDITOR), set(EDITS) | set(CREATE)),
    "owner, key for readers": (member(MemberRole.OWNER, KeyRole.READONLY), set()),
    "editor, key for managers": (member(MemberRole.EDITOR, KeyRole.MANAGER), set(EDITS) | set(CREATE)),
    "business key for managers": (business(KeyRole.MANAGER), set(WRITES)),
    "business key for editors": (business(KeyRole.EDITOR), set(EDITS) | set(CREATE)),
    "business key for readers": (business(KeyRole.READONLY), set()),
    "publishable key": (business(KeyRole.MANAGER, KeyKind.PUBLISHABLE), set()),
    "member of another": (member(MemberRole.OWNER, organization=OTHER), {"claim", "create"}),
    "member of none": (member(None), set()),
}


async def test_every_role_on_every_write(database: Database, connection: Connection) -> None:
    number = 0
    for name, (viewer, allowed) in VIEWERS.items():
        for write, mutation in WRITES.items():
            number += 1
            gtin = make.make_gtin(number)
            if write != "create":
                owner = None if write == "claim" else OWNER
                product = await make.product(connection, number, owner_id=owner)
                await connection.execute("DELETE FROM product_images")
                await make.insert(connection, "product_images", id=IMAGE, product_id=product)
                await connection.execute(
                    "INSERT INTO nutrition_facts (product_id, label_format) VALUES ($1, 'EU')", product
                )
            expected = "done" if write in allowed else "FORBIDDEN"
            assert (name, write, await outcome(database, viewer, mutation % gtin)) == (name, write, expected)
    assert {await outcome(database, ANONYMOUS, m % make.make_gtin(1)) for m in WRITES.values()} == {"UNAUTHORIZED"}


async def test_a_thousand_attempts_from_another_organization(database: Database, connection: Connection) -> None:
    """Whatever is tried on another's products, nothing of them changes."""
    for n in range(100):
        await make.product(connection, n, owner_id=OWNER if n % 10 else None)
        await make.insert(connection, "product_images", product_id=make.make_id(n))
    await connection.execute("INSERT INTO nutrition_facts (product_id, label_format) SELECT id, 'EU' FROM products")
    tables = ("products", "product_images", "nutrition_facts", "ingredients", "product_facts", "product_history",
              "audit_entries", "events")  # fmt: skip

    async def everything() -> list[Any]:
        return [await connection.fetch(f"SELECT * FROM {table} ORDER BY 1") for table in tables]  # noqa: S608

    before = await everything()
    stranger = member(MemberRole.OWNER, organization=OTHER)
    mutations = [
        *EDITS.values(), CLAIMS["unclaim"], CREATE["create"],
        f'productUpdate(gtin: "%s", input: {{organizationId: "{OWNER}", productName: "x"}}) {{ id }}',
        f'productClaim(gtin: "%s", input: {{organizationId: "{OWNER}"}}) {{ ownerId }}',
    ]  # fmt: skip
    assert len(mutations) == 10
    gtins = [make.make_gtin(n) for n in range(100)]
    found = Counter([await outcome(database, stranger, m % gtin) for gtin in gtins for m in mutations])
    # 404 for the organization that is not the caller's, 409 for GTINs that are there, 403 for products of others
    assert found == {"FORBIDDEN": 700, "CONFLICT": 100, "NOT_FOUND": 200}
    assert await everything() == before


# --- disputes: who weighs what, by address


async def report(database: Database, gtin: str, address: str, relationship: str) -> str:
    context = Context(Reader(database), ANONYMOUS, address=address)
    mutation = """mutation ($gtin: GTIN!, $input: ClaimReportInput!) {
        productReportClaim(gtin: $gtin, input: $input) { status } }"""
    given = {"reporterEmail": "a@b.c", "reporterRelationship": relationship, "reason": "It is not theirs."}
    result = await OPERATIONS.prepare(mutation).execute({"gtin": gtin, "input": given}, context)
    assert result.data
    return str(result.data["productReportClaim"]["status"])


async def test_reports_are_weighed_by_relationship_and_address(database: Database, connection: Connection) -> None:
    for n in range(3):
        await make.product(connection, n, owner_id=OWNER)
    first, second, third = (make.make_gtin(n) for n in range(3))
    # one address, however often: the weightiest report of it counts
    for _ in range(10):
        assert await report(database, first, "192.0.2.1", "BRAND_REP") == "OPEN"
    for last in "2345":  # one network of IPv6 is one holder
        assert await report(database, second, f"2001:db8::{last}", "LEGAL") == "OPEN"
    assert await report(database, second, "2001:db8:1::1", "COMPETITOR") == "OPEN"
    assert await connection.fetchval("SELECT count(*) FROM claim_reports WHERE status = 'under_review'") == 0
    assert await report(database, first, "192.0.2.2", "CONSUMER") == "UNDER_REVIEW"
    for number in range(3):
        assert await report(database, third, f"192.0.2.{number}", "CONSUMER") == "OPEN"
    assert await report(database, third, "::ffff:192.0.2.1", "CONSUMER") == "OPEN"  # the same address, written longer
    assert await report(database, third, "192.0.2.9", "OTHER") == "UNDER_REVIEW"
    rows = await connection.fetch("SELECT status, source_ip FROM claim_reports WHERE product_id = $1", make.make_id(2))
    assert {row["status"] for row in rows} == {"under_review"}
    assert "192.0.2.9" in {row["source_ip"] for row in rows}
    # a new claim is another matter
    await connection.execute("UPDATE products SET owner_id = $1", OTHER)
    assert await report(database, third, "192.0.2.9", "OTHER") == "OPEN"
