"""Debian's Chromium, headless. For each module anew: Playwright's loop would stand in the way of other tests."""

import os
import shutil
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Request, Route, sync_playwright

from tests.conftest import Served

SWITCHES = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
SWITCHES += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = shutil.which("chromium") or shutil.which("chromium-browser") or ""
    if not path:
        say = pytest.fail if os.environ.get("CLOSIENT_NO_SKIP") == "1" else pytest.skip
        say("Chromium is missing: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=SWITCHES)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser, served: Served) -> Iterator[Page]:
    """A tab that can reach nothing but the server; asking elsewhere or complaining fails the test."""
    complaints: list[str] = []

    def gate(route: Route, request: Request) -> None:
        if urlsplit(request.url).netloc == urlsplit(served.url).netloc:
            route.continue_()
        else:
            complaints.append(f"asked for {request.url}")
            route.abort()

    context = browser.new_context(base_url=served.url, viewport={"width": 1280, "height": 800})
    context.route("**/*", gate)
    context.expose_function("violation", lambda what: complaints.append(f"policy: {what}"))
    context.add_init_script("addEventListener('securitypolicyviolation', e => violation(e.violatedDirective))")
    page = context.new_page()
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    context.unroute_all(behavior="wait")
    context.close()
    assert complaints == []
