"""The pages in headless Chromium, with the network cut off: everything they need comes from this server."""

import pathlib
import re

import pytest
from playwright.sync_api import Page, Request, expect

from tests.conftest import Served

pytestmark = pytest.mark.browser

EXAMPLES = pathlib.Path(__file__).parents[2] / "closient_gql/server/explorer/examples.graphql"
GTIN = re.findall(r'gtin: "(\d+)"', EXAMPLES.read_text("utf-8"))[0]
NAMES = re.findall(r"^query (\w+)", EXAMPLES.read_text("utf-8"), re.MULTILINE)


def execute(page: Page) -> Request:
    """Press play; the request that follows."""
    with page.expect_request(lambda request: request.method == "POST") as sent:
        page.get_by_role("button", name="Execute query").click()
    return sent.value


def test_explorer_runs_an_example_with_the_demo_key(page: Page, served: Served) -> None:
    page.goto("/graphql")
    expect(page.get_by_label("API key")).to_have_value(served.key)
    request = execute(page)
    assert request.headers["x-api-key"] == served.key
    result = page.locator(".result-window")
    expect(result).to_contain_text('"productName"')
    expect(result).not_to_contain_text('"errors"')
    assert served.key not in page.url


@pytest.mark.parametrize("name", NAMES)
def test_every_example_works(page: Page, name: str) -> None:
    page.goto("/graphql")
    page.get_by_role("tablist").get_by_role("button", name=name, exact=True).click()
    page.wait_for_function("name => localStorage.getItem('graphiql:operationName') === name", arg=name)
    execute(page)
    result = page.locator(".result-window")
    expect(result).to_contain_text('"data"')
    expect(result).not_to_contain_text('"errors"')
    expect(result).not_to_contain_text(re.compile(r'"data":\s*\{\s*"\w+": null'))


def test_explorer_documents_the_graph(page: Page) -> None:
    page.goto("/graphql")
    page.get_by_role("button", name="Show Documentation Explorer").click()
    docs = page.locator(".graphiql-doc-explorer")
    docs.get_by_role("link", name="Query", exact=True).click()
    expect(docs.get_by_role("link", name="productsByGtin", exact=True)).to_be_visible()


def test_explorer_builds_queries_by_clicks_and_opens_its_dialogs(page: Page) -> None:
    page.goto("/graphql")
    page.get_by_role("button", name="Show GraphiQL Explorer").click()
    expect(page.locator(".graphiql-explorer-root")).to_contain_text("productsByGtin")
    page.get_by_role("button", name="Open settings dialog").click()
    expect(page.get_by_role("dialog")).to_contain_text("Theme")


def test_a_key_that_is_typed_is_used_and_stays_in_its_tab(page: Page, served: Served) -> None:
    page.goto("/graphql")
    expect(page.get_by_role("button", name="Execute query")).to_be_visible()
    with page.expect_request(lambda request: request.method == "POST") as introspection:
        page.get_by_label("API key").fill("")
        page.get_by_label("API key").blur()
    assert "x-api-key" not in introspection.value.headers
    page.reload()
    expect(page.get_by_label("API key")).to_have_value("")
    execute(page)
    expect(page.locator(".result-window")).to_contain_text('"data"')
    assert served.key not in page.evaluate("JSON.stringify(localStorage)")


def test_headers_can_be_edited(page: Page) -> None:
    page.goto("/graphql")
    page.get_by_role("button", name="Headers", exact=True).click()
    page.locator("[aria-label=Headers] .graphiql-editor:not(.hidden) .CodeMirror").click()
    page.keyboard.insert_text('{"X-GraphQL-Cost": "1"}')
    assert execute(page).headers["x-graphql-cost"] == "1"


def test_examples_can_be_restored(page: Page) -> None:
    page.goto("/graphql")
    tabs = page.get_by_role("tab")
    expect(tabs).to_have_count(len(NAMES))
    page.get_by_role("button", name="New tab").click()
    expect(tabs).to_have_count(len(NAMES) + 1)
    page.get_by_role("button", name="Restore examples").click()
    expect(tabs).to_have_count(len(NAMES))


def test_playground_lists_operations_and_runs_one(page: Page, served: Served) -> None:
    page.goto("/products/api/v1/docs")
    expect(page.get_by_label("API key")).to_have_value(served.key)
    path = page.locator(".opblock-summary-path", has_text=re.compile(r"/products/\{gtin\}$"))
    operation = page.locator(".opblock-get", has=path)
    operation.locator(".opblock-summary-control").click()
    operation.get_by_placeholder("gtin").fill(GTIN)
    with page.expect_response(re.compile(f"/products/api/v1/products/{GTIN}")) as answer:
        operation.get_by_role("button", name="Execute").click()
    assert answer.value.status == 200
    assert answer.value.request.headers["x-api-key"] == served.key


def test_index_leads_everywhere(page: Page, served: Served) -> None:
    page.goto("/")
    expect(page.locator("#first")).to_contain_text(f"X-API-Key: {served.key}")
    links = page.eval_on_selector_all("a[href^='/']", "links => links.map(link => link.getAttribute('href'))")
    assert "/products/api/v1/docs" in links
    statuses = {link: page.request.get(link, headers={"accept": "text/html"}).status for link in links}
    assert statuses == dict.fromkeys(links, 200)


def test_index_fits_a_phone(page: Page) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto("/")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
