"""Where the product is to be had: a form for a ZIP code, stores around it with distance and stock, offers online."""

from typing import Any

from closient_gql.server.pages import Html
from closient_gql.server.product_page.linked_data import store_name
from closient_gql.server.product_page.markup import NOTHING, el, joined, outward
from closient_gql.server.product_page.visit import Visit

Json = dict[str, Any]
AROUND_KM = 50
MILES = 0.621371  # in a kilometre
FEW = 3
"""So many pieces are few (as `resolvers.retailers.availability` has it)."""


def stores(product: Json, visit: Visit) -> Html:
    words = visit.words
    return el(
        "section",
        el("h2", words("buy"), id="buy"),
        search(visit),
        nearby(product, visit),
        online(product, visit),
        class_="card",
        aria_labelledby="buy",
    )


def search(visit: Visit) -> Html:
    """A plain form; what the code said stays in the address."""
    words = visit.words
    hidden = [("lot", visit.lot), ("serial", visit.serial), ("lang", words.language)]
    failed = visit.zip and visit.place is None
    return joined(
        [
            el(
                "form",
                el("div",
                    el("label", words("zip"), for_="zip"),
                    el("input", id="zip", name="zip", value=visit.zip, inputmode="numeric", maxlength=10, required=True,
                       autocomplete="postal-code", aria_describedby="zip-problem" if failed else None)),
                [el("input", type="hidden", name=name, value=value) for name, value in hidden if value],
                el("button", words("find"), type="submit"),
                method="get", action=f"{visit.path}#buy", role="search",
            ),
            el("p", words("zip_unknown", zip=visit.zip), id="zip-problem") if failed else None,
        ]
    )  # fmt: skip


def nearby(product: Json, visit: Visit) -> Html:
    if visit.place is None:
        return NOTHING
    words, offers = visit.words, (product.get("near") or {"nodes": []})["nodes"]
    if not offers:
        return el("p", words("no_stores", km=AROUND_KM, place=visit.place.name))
    return joined([
        el("h3", words("near", place=visit.place.name)),
        el("ul", [el("li", in_store(each, visit)) for each in offers], class_="plain"),
    ])  # fmt: skip


def in_store(offer: Json, visit: Visit) -> Html:
    words, store = visit.words, offer["physicalStore"] or {"name": "", "location": None}
    place = store["location"] or {}
    km = place.get("distanceKm")
    far = "" if km is None else words("distance", km=words.number(f"{km:.1f}"), miles=words.number(f"{km * MILES:.1f}"))
    is_open = place.get("isOpen")
    opened = None if is_open is None else words("open_now" if is_open else "closed_now")
    return joined([
        el("div", el("strong", store_name(store), dir="auto"), el("span", far), class_="row"),
        el("div", el("span", in_stock(offer, visit)), el("span", price(offer, visit)), class_="row"),
        el("div", place["address"], class_="quiet", dir="auto") if "," in place.get("address", "") else None,
        el("div", opened, class_="quiet") if opened else None,
    ])  # fmt: skip


def in_stock(offer: Json, visit: Visit) -> str:
    words, quantity = visit.words, offer["quantityOnHand"]
    if offer["status"] != "ACTIVE" or quantity == 0:
        return words("out_of_stock")
    if quantity is None:
        return words("stock_unknown")
    return words("in_stock") if quantity > FEW else words("few_left", count=quantity)


def price(offer: Json, visit: Visit) -> str:
    cost = offer["effectivePrice"]
    if cost is None:
        return visit.words("no_price")
    return f"{visit.words.number(cost['amount'])} {cost['currency']}"


LEVELS = {"IN_STOCK": "in_stock", "LOW_STOCK": "in_stock", "OUT_OF_STOCK": "out_of_stock"}


def online(product: Json, visit: Visit) -> Html:
    words = visit.words
    offers = [each for each in (product["online"] or {"nodes": []})["nodes"] if each["status"] == "ACTIVE"]
    if not offers:
        return NOTHING
    rows = [
        el("li", el("div", outward(each["url"], shop(each)), el("span", price(each, visit)), class_="row"),
           el("div", words(LEVELS.get(each["stockLevel"], "stock_unknown")), class_="quiet"))
        for each in offers
    ]  # fmt: skip
    return joined([el("h3", words("online")), el("ul", rows, class_="plain")])


def shop(offer: Json) -> str:
    store = offer["onlineStore"] or {"name": "", "domain": ""}
    return str(store["name"] or store["domain"])
