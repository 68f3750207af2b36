"""Recalls and notices in the graph: what is found, in how many statements, and who sees the report."""

from collections.abc import AsyncIterator
from datetime import date

import pytest

from closient_gql.core.db import Connection, Database
from closient_gql.core.models.account import KeyKind, MemberRole
from resolvers.compliance import report
from resolvers.viewer import Viewer
from tests import make
from tests.compliance.conftest import World, recall
from tests.products.test_graph import Graph


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    found = Database(database_url, 5)
    yield found
    await found.close()


def graph_of(database: Database, account: make.Account) -> Graph:
    memberships = {account.organization_id: MemberRole.OWNER}
    return Graph(database, Viewer(KeyKind.USER, account.key_id, None, account.user_id, memberships=memberships))


EVERYTHING = """query ($first: Int) { products(first: $first) { nodes { gtin
  recalls { nodes { id title products { nodes { gtin } } } totalCount }
  ofLot: recalls(lot: "L5", open: true) { nodes { title } }
  allRecalls { id } ftl { ftlCategories }
  safetyNotices { nodes { text(language: "fr") { title } texts { language } gtins } totalCount }
  lotNotices: safetyNotices(lot: "L5") { nodes { id } } } } }"""


async def test_everything_of_a_hundred_products_in_as_many_statements_as_of_two(
    connection: Connection, database: Database, world: World
) -> None:
    for number in range(100, 200):
        await make.product(connection, number)
        await recall(connection, number, lots=[f"L{number % 10}"], title=f"R{number}", recall_date=date(2026, 1, 1))
    await recall(connection, *range(100, 200), lots="All lots", title="All")
    notice = await make.insert(
        connection, "safety_notices", organization_id=world.owner.organization_id, severity="notice",
        status="published", texts=[{"language": "en", "title": "T"}], lots={"exacts": ["L4"]},
    )  # fmt: skip
    await connection.executemany(
        "INSERT INTO safety_notice_products VALUES ($1, $2)", [(notice, make.make_id(n)) for n in range(100, 200)]
    )
    await connection.execute("INSERT INTO ftl_designations SELECT id, true, '{herbs}' FROM products")
    graph = graph_of(database, world.owner)
    counts = []
    for first in (6, 100):
        data = await graph.ask(EVERYTHING, first=first)
        counts.append(graph.statements)
    # products; recalls, their products, their count; of a lot: its recalls, the page; all; ftl;
    # notices, their GTINs, their count; of a lot: its notices, the page
    assert counts == [13, 13]
    nodes = {node["gtin"]: node for node in data["products"]["nodes"]}
    node = nodes[make.make_gtin(105)]
    assert [each["title"] for each in node["recalls"]["nodes"]] == ["R105", "All"]
    assert node["recalls"]["totalCount"] == len(node["allRecalls"]) == 2
    assert [each["title"] for each in node["ofLot"]["nodes"]] == ["R105", "All"]
    assert [each["title"] for each in nodes[make.make_gtin(106)]["ofLot"]["nodes"]] == ["All"]
    assert (node["ftl"], node["lotNotices"]["nodes"]) == ({"ftlCategories": ["HERBS"]}, [])
    assert node["safetyNotices"]["totalCount"] == 1


async def test_the_report_is_for_authorities(connection: Connection, database: Database, world: World) -> None:
    linked = await recall(connection, 1, source_id="F-1", title="Linked")
    await recall(connection, source_id="F-2", title="Nothing named")
    unread = await recall(connection, 1, source_id="F-3", title="Badly named", unread_codes=["4122033749"])
    waiting = await recall(connection, 2, source_id="F-4", title="Unknown product", source_system="FSIS")
    await connection.execute("UPDATE recall_products SET product_id = NULL WHERE recall_id = $1", waiting)
    await connection.execute("INSERT INTO recall_feeds (source_system, error) VALUES ('FDA', 'away')")
    query = """query ($id: ID!, $named: Boolean) {
      unlinkedRecalls(organizationId: $id, named: $named) { nodes { sourceId gtins unreadCodes } totalCount }
      recallFeeds(organizationId: $id) { sourceSystem error } }"""
    authority = graph_of(database, world.authority)
    data = await authority.ask(query, id=world.authority.organization_id)
    found = {node["sourceId"]: (node["gtins"], node["unreadCodes"]) for node in data["unlinkedRecalls"]["nodes"]}
    assert found == {"F-2": ([], []), "F-3": ([], ["4122033749"]), "F-4": ([make.make_gtin(2)], [])}
    assert (data["unlinkedRecalls"]["totalCount"], data["recallFeeds"]) == (
        3,
        [{"sourceSystem": "FDA", "error": "away"}],
    )
    data = await authority.ask(query, id=world.authority.organization_id, named=True)
    assert {node["sourceId"] for node in data["unlinkedRecalls"]["nodes"]} == {"F-3", "F-4"}
    assert linked != unread
    owner = graph_of(database, world.owner)
    for id, code in ((world.owner.organization_id, "FORBIDDEN"), (world.authority.organization_id, "NOT_FOUND")):
        data, errors = await owner.both(query, id=id)
        assert (data, {error for _, error in errors}) == ({"unlinkedRecalls": None, "recallFeeds": None}, {code})


async def test_the_flag_of_an_authority(connection: Connection, database: Database, world: World) -> None:
    query = "{ viewer { organizations { id isAuthority } } }"
    graph = graph_of(database, world.owner)
    for wanted in (True, False):
        async with database.transaction() as write:
            assert await report.flag(write, world.owner.organization_id, wanted) == await connection.fetchval(
                "SELECT name FROM organizations WHERE id = $1", world.owner.organization_id
            )
        data = await graph.ask(query)
        assert data["viewer"]["organizations"] == [{"id": world.owner.organization_id, "isAuthority": wanted}]
