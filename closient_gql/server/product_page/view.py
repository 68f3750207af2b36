"""The page: its frame, and the order of what is shown."""

import base64
import hashlib
import pathlib
from typing import Any

from closient_gql.server.pages import Html
from closient_gql.server.product_page import facts
from closient_gql.server.product_page.alerts import alerts, no_recalls
from closient_gql.server.product_page.linked_data import linked_data
from closient_gql.server.product_page.markup import NOTHING, Child, el, joined, web_address
from closient_gql.server.product_page.stores import stores
from closient_gql.server.product_page.visit import Visit
from closient_gql.server.product_page.words import LANGUAGES, direction, words_of

Json = dict[str, Any]
STYLE = Html((pathlib.Path(__file__).parent / "page.css").read_text("utf-8"))
STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
POLICY = (
    f"default-src 'none'; style-src 'sha256-{STYLE_HASH}'; img-src 'self' https: data:; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
MOST_DESCRIPTION = 300  # characters, for search engines


def product_page(product: Json, visit: Visit) -> Html:
    """The page of one product, as `page.graphql` gives it."""
    words, told = visit.words, Told(product, visit)
    brand = product["brand"]
    title = f"{told.name} | {brand['name']}" if brand else told.name
    head = [
        el("meta", name="description", content=" ".join(told.description.split())[:MOST_DESCRIPTION])
        if told.description else None,
        el("link", rel="canonical", href=f"{visit.base}/p/{product['gtin']}"),
        linked_data(product, told.name, told.description, told.image, visit.base),
    ]  # fmt: skip
    main = [
        el(
            "article",
            el("header",
                el("p", words("by", brand=brand["name"]), class_="brand", dir="auto") if brand else None,
                el("h1", told.name, **told.attributes),
                el("p", product["netContent"], class_="net", dir="auto") if product["netContent"] else None),
            told.picture(),
            facts.card("about", words("description"), paragraphs(told.description, told.attributes))
            if told.description else None,
            facts.allergens(product, visit),
            facts.ingredients(product, visit),
            facts.nutrition(product, visit),
            facts.certifications(product, visit),
            stores(product, visit),
            facts.card("usage", words("usage"), paragraphs(product["usageInstructions"], facts.spoken(product)))
            if product["usageInstructions"] else None,
            told.sections(),
            facts.details(product, visit),
            no_recalls(product, visit),
            facts.links(product, visit),
            class_="product",
        ),
    ]  # fmt: skip
    return frame(title, visit, head, alerts(product, visit), main)


class Told:
    """What the brand has published in the visitor's language, else what the product shows."""

    def __init__(self, product: Json, visit: Visit) -> None:
        self.content: Json | None = product["content"]
        self.attributes = facts.spoken(product)
        self.name = product["productName"] or visit.words("no_name", gtin=product["gtin"])
        self.description: str = product["description"]
        self.visit = visit
        shown = [(each["imageUrl"], each["description"], each["width"], each["height"])
                 for each in product["allImages"]]  # fmt: skip
        images = shown or [(product["imageUrl"], "", None, None)]
        if self.content:
            self.attributes = {"lang": self.content["language"], "dir": direction(self.content["language"])}
            self.name = self.content["title"]
            self.description = self.content["description"] or self.description
            images = [(each["url"], each["alt"], None, None) for each in self.content["images"]] or images
        url, self.alt, self.width, self.height = images[0]
        self.image = web_address(url)

    def picture(self) -> Html:
        words = self.visit.words
        if self.image is None:
            return el("p", words("no_image"), class_="blank")
        return el(
            "img", src=self.image, alt=self.alt or words("image_of", name=self.name), class_="photo",
            width=self.width, height=self.height, fetchpriority="high", referrerpolicy="no-referrer",
        )  # fmt: skip

    def sections(self) -> Html:
        """The rich sections of published content. Their texts are plain."""
        return joined([self.section(each) for each in (self.content or {"sections": []})["sections"]])

    def section(self, each: Json) -> Html:
        image, body = web_address(each["imageUrl"]), each["body"]
        told: Child = paragraphs(body, {})
        if each["kind"] == "LIST":
            told = el("ul", [el("li", line) for line in body.splitlines() if line.strip()])
        if not (each["heading"] or body.strip() or image):
            return NOTHING
        return el(
            "section",
            el("h2", each["heading"]) if each["heading"] else None,
            el("img", src=image, alt=each["heading"] or self.name, loading="lazy", referrerpolicy="no-referrer")
            if image else None,
            told, class_="card section", **self.attributes,
        )  # fmt: skip


def paragraphs(text: str, attributes: dict[str, str | None]) -> Html:
    return joined([el("p", line, **attributes) for line in text.splitlines() if line.strip()])


def message_page(title: str, text: str, visit: Visit, above: Html = NOTHING) -> Html:
    """A page that says that there is nothing to show, and why; `above`: what it warns of."""
    head = [el("meta", name="robots", content="noindex")]
    return frame(title, visit, head, above, [el("h1", title), el("p", text)])


def frame(title: str, visit: Visit, head: Child, above: Html, main: Child) -> Html:
    words = visit.words
    languages = [
        el("li", el("span", words_of(each)("name"), aria_current="true") if each == words.language
           else el("a", words_of(each)("name"), href=visit.address(lang=each), hreflang=each, lang=each))
        for each in LANGUAGES
    ]  # fmt: skip
    page = el(
        "html",
        el("head", el("meta", charset="utf-8"),
            el("meta", name="viewport", content="width=device-width, initial-scale=1"),
            el("title", title), el("link", rel="icon", href="/static/own/favicon.svg", type="image/svg+xml"),
            head, el("style", STYLE)),
        el("body",
            el("a", words("skip"), href="#product", class_="skip"),
            el("main", above, main, id="product"),
            el("footer", el("p", words("footer")), el("nav", el("ul", languages), aria_label=words("languages")))),
        lang=words.language, dir="ltr",
    )  # fmt: skip
    return Html(f"<!doctype html>{page}")
