"""The search page in headless Chromium, with the network cut off: by keyboard, on a phone, without scripts."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.conftest import Served, serving
from tests.search import conftest

pytestmark = pytest.mark.browser
market_url = conftest.market_url  # of stores around a ZIP code


@pytest.fixture(scope="module")
def served(market_url: str) -> Iterator[Served]:
    yield from serving(market_url)


def names(page: Page) -> list[str]:
    return page.locator(".hit h3").all_inner_texts()


def test_a_search_from_the_box_to_a_removed_chip(page: Page) -> None:
    page.goto("/search")
    page.get_by_label("What are you looking for?").fill("gluten free cookies near 21201")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("3 products")
    page.get_by_label("Refine, or search for something else").fill("but cheaper")
    page.keyboard.press("Enter")
    chip = page.get_by_role("button", name=re.compile("Remove: at most"))
    expect(chip).to_be_visible()
    expect(page.locator(".price").first).to_have_text("$4.00")
    chip.focus()
    page.keyboard.press("Enter")
    expect(chip).to_have_count(0)
    assert names(page) == ["Vegan Cookies", "Gluten Free Rice Cookies", "Certified Rice Cookies"]


def test_the_map_leads_to_hits_by_keyboard(page: Page) -> None:
    page.goto("/search?q=cookies&where=21201")
    mark = page.get_by_role("link", name=re.compile("^Hit 1"))
    mark.focus()
    expect(page.locator("#hit-1")).to_have_class(re.compile("looked-at"))
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("#hit-1$"))
    page.locator("body").press("/")
    expect(page.locator("#q")).to_be_focused()


def test_the_position_of_the_browser(page: Page) -> None:
    page.context.grant_permissions(["geolocation"])
    page.context.set_geolocation({"latitude": 39.29, "longitude": -76.61})
    page.goto("/search")
    page.get_by_label("What are you looking for?").fill("red widget")
    page.get_by_role("button", name="Use my position").click()
    expect(page.locator(".distance")).to_have_text("5.55 km")


def test_it_fits_a_phone_and_needs_no_scripts(browser: Browser, served: Served) -> None:
    context = browser.new_context(
        base_url=served.url, viewport={"width": 360, "height": 740}, java_script_enabled=False, has_touch=True
    )
    page = context.new_page()
    page.goto("/search?q=cookies&where=21201")
    assert len(names(page)) == 5
    page.get_by_label("Refine, or search for something else").fill("in stock")
    page.get_by_role("button", name="Go").click()
    expect(page.get_by_role("button", name="Remove: in stock")).to_be_visible()
    widths = [box["x"] + box["width"] for each in page.locator("main *").all()[:60] if (box := each.bounding_box())]
    assert max(widths) <= 360
    context.close()
