"""The hosted page on a phone, in headless Chromium: it works without JavaScript, and everybody can use it."""

import json
import pathlib
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, Route, expect

from tests.conftest import Served

pytestmark = [pytest.mark.browser, pytest.mark.node]

SPREAD, RECALLED = "00009800895007", "00009300000383"
AXE = pathlib.Path(__file__).parents[1] / "node/node_modules/axe-core/axe.min.js"
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d4944415478da63fccfc0500f000585028065"
    "9be5b70000000049454e44ae426082"
)
Open = Callable[..., Page]


@pytest.fixture
def phone(browser: Browser, served: Served) -> Iterator[Open]:
    """A tab of a phone's size. Pictures of elsewhere are one dot; asking for anything else, or complaining, fails."""
    complaints: list[str] = []
    contexts: list[BrowserContext] = []

    def gate(route: Route, request: Request) -> None:
        if urlsplit(request.url).netloc == urlsplit(served.url).netloc:
            route.continue_()
        elif request.resource_type == "image":
            route.fulfill(body=PIXEL, content_type="image/png")
        else:
            complaints.append(f"asked for {request.url}")
            route.abort()

    def opened(path: str, width: int = 390, **options: Any) -> Page:
        context = browser.new_context(
            base_url=served.url, viewport={"width": width, "height": 844}, locale="en-US", is_mobile=True, **options
        )
        contexts.append(context)
        context.route("**/*", gate)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        if (answer := page.goto(path)) and answer.status == 404:
            complaints.clear()  # that it is not found is told there as well
        return page

    yield opened
    for context in contexts:
        context.unroute_all(behavior="wait")
        context.close()
    assert complaints == []


def test_a_phone_without_javascript_finds_stores(phone: Open) -> None:
    page = phone(f"/p/{SPREAD}?lot=A1", java_script_enabled=False)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.get_by_label("ZIP code").fill("21201")
    page.get_by_role("button", name="Find stores").click()
    expect(page.get_by_role("heading", name="Near Baltimore 21201")).to_be_visible()
    assert urlsplit(page.url).query == "zip=21201&lot=A1&lang=en"
    assert page.locator("section", has=page.locator("#buy")).get_by_role("listitem").count() >= 1
    page.get_by_role("link", name="Deutsch").click()
    expect(page.get_by_role("heading", name="In der Nähe von Baltimore 21201")).to_be_visible()


def test_a_recall_of_the_scanned_batch_is_the_first_thing_seen(phone: Open) -> None:
    page = phone(f"/p/{RECALLED}?lot=L117")
    heading = page.get_by_role("heading", name="Your batch L117 is being recalled")
    box = heading.bounding_box()
    assert box
    assert box["y"] + box["height"] < 300
    first = page.get_by_role("main").get_by_role("heading").first
    expect(first).to_have_text("Your batch L117 is being recalled")


@pytest.mark.parametrize(
    ("path", "scheme"),
    [(f"/p/{SPREAD}?zip=21201&lot=A", "light"), (f"/p/{RECALLED}?lot=L117", "dark"), ("/p/4006381333931", "light")],
)
def test_everybody_can_use_it(phone: Open, path: str, scheme: str) -> None:
    """Landmarks, names, labels, contrast, languages: axe-core's rules for WCAG 2.2 AA; and nothing is cut at 320 px."""
    if not AXE.exists():
        pytest.fail("axe-core is missing: scripts/test installs it, with the other packages of tests/node")
    page = phone(path, 320, color_scheme=scheme)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate("axe.run()")
    problems = [
        {"rule": each["id"], "where": [node["html"][:200] for node in each["nodes"]]}
        for kind in ("violations", "incomplete")
        for each in found[kind]
    ]
    assert problems == [], json.dumps(problems, indent=1)
    assert len(found["passes"]) > 20
