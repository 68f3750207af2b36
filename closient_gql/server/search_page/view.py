"""How the search page looks: plain values in, HTML out. Whatever comes from outside is escaped."""

import pathlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from closient_gql.server.pages import Html, fill
from closient_gql.server.search_page.map import Mark, draw
from resolvers.search.constraints.refinement import words_for

HERE = pathlib.Path(__file__).parent
FORM = """<form role="search" method="$method" action="/search" class="box">
$hidden<label for="q">$label</label>
<div class="line"><input id="q" name="q" type="search" required maxlength="500" autocomplete="off" enterkeyhint="search"
 placeholder="$example" value="$text"$focus><button type="submit">$button</button></div>
$where</form>"""
WHERE = """<div class="line where"><label for="where">Near</label><input id="where" name="where" maxlength="100"
 placeholder="ZIP code or town" value="$where" autocomplete="postal-code"><input type="hidden" name="lat" value="$lat">
<input type="hidden" name="lon" value="$lon">
<button type="button" id="locate" class="second" hidden>Use my position</button></div>"""
CHIP = """<li><form method="post" action="/search"><input type="hidden" name="session" value="$session">
<button class="chip" name="remove" value="$key" aria-label="Remove: $text">$text<span aria-hidden="true"> &times;</span>
</button></form></li>"""
HIT = """<li id="hit-$n" class="hit" tabindex="-1"><span class="number" aria-hidden="true">$n</span><div>
<h3>$name</h3><p class="quiet">$brand</p>
<p class="store"><strong>$store</strong> <span class="quiet">$address</span></p>
<p class="quiet">$others</p></div><div class="facts"><p class="distance">$distance km</p><p class="price">$price</p>
<p class="stock $stock">$stock_text</p><p class="quiet">$checked</p></div></li>"""
STATUS = """<p id="status" role="status"><strong>$n</strong> for \u201c$what\u201d around $where.
<span class="quiet">$why</span></p>"""
ONLINE = """<li class="hit"><div><h3>$name</h3><p class="quiet">$brand</p><p class="store">$store</p></div>
<div class="facts"><p class="price">$price</p><p class="stock $stock">$stock_text</p></div></li>"""
STOCK = {"in_stock": "In stock", "low_stock": "Only a few left", "out_of_stock": "Out of stock",
         "unknown": "Stock unknown"}  # fmt: skip
SIGNS = {"USD": "$", "EUR": "\u20ac", "GBP": "\u00a3", "CAD": "CA$", "AUD": "A$"}
EXAMPLES = (
    "gluten free cookies near 21201",
    "oat milk under $5 in stock",
    "dark chocolate under $5 within 3 km of Baltimore",
)
FIRST = "Try \u201c{}\u201d"


def whole(main: Html, title: str = "Search near you") -> Html:
    return fill((HERE / "page.html").read_text("utf-8"), title=title, main=main)


def start(text: str = "", where: str = "", problem: str = "") -> Html:
    """The page without a session: a box, a place, examples."""
    links = "".join(
        fill('<li><a href="/search?$query">$text</a></li>', query=urlencode({"q": each}), text=each)
        for each in EXAMPLES if " near " in each or " of " in each
    )  # fmt: skip
    examples = fill('<section><h2>For example</h2><ul class="examples">$links</ul></section>', links=Html(links))
    return whole(Html(box(text, where=where) + message(problem) + examples))


def box(text: str, *, session: str = "", where: str = "") -> Html:
    if session:
        hidden = fill('<input type="hidden" name="session" value="$session">', session=session)
        return fill(
            FORM, method="post", hidden=hidden, label="Refine, or search for something else", text="", focus="",
            example="but cheaper, in stock, within 2 km, no nuts \u2026", button="Go", where=Html(),
        )  # fmt: skip
    place = fill(WHERE, where=where, lat="", lon="")
    return fill(
        FORM, method="get", hidden=Html(), label="What are you looking for?", text=text, focus=Html(" autofocus"),
        example=FIRST.format(EXAMPLES[0]), button="Search", where=place,
    )  # fmt: skip


def message(text: str) -> Html:
    return fill('<p class="problem" role="alert">$text</p>', text=text) if text else Html()


def answer(session: Mapping[str, Any], product_page: bool) -> Html:
    """The page of a session."""
    hits = session["hits"]["nodes"]
    page = session["hits"]["pagination"]
    begin = (page["page"] - 1) * 20
    shown = [each for each in hits if each["store"] and each["offer"] and each["product"]]
    listed = Html("".join(hit(n, each, product_page) for n, each in enumerate(shown, begin + 1)))
    what = session["baseQuery"] or "everything"
    where = session["place"] or "you"
    parts = [
        box("", session=session["sessionId"]), chips(session),
        fill(
            STATUS, n=count(page["totalCount"], "product"), what=what, where=where,
            why=session["classificationExplanation"],
        ),
    ]  # fmt: skip
    if shown:
        drawn = draw(session["latitude"], session["longitude"], session["place"], marks(shown, begin))
        parts.append(fill(
            '<div class="found"><ol class="hits" start="$start" aria-label="Nearest first">$hits</ol>'
            '<figure>$map<figcaption class="quiet">Filled: known to be in stock.</figcaption></figure></div>$pages',
            start=str(begin + 1), hits=listed, map=drawn, pages=pages(session["sessionId"], page),
        ))  # fmt: skip
    elif not session["onlineAlternatives"]:
        parts.append(
            fill('<p class="quiet">$text</p>', text="Nothing passes. Remove a constraint, or look further away.")
        )
    if session["onlineAlternatives"]:
        online_hits = Html("".join(online(each, product_page) for each in session["onlineAlternatives"]))
        parts.append(fill('<section><h2>Online instead</h2><ul class="hits">$hits</ul></section>', hits=online_hits))
    parts.append(history(session["searchHistory"]))
    return whole(Html("".join(parts)), f"{what} \u2013 search near {where}")


def count(n: int, what: str) -> str:
    return f"{n} {what}" if n == 1 else f"{n} {what}s"


def chips(session: Mapping[str, Any]) -> Html:
    found = [
        fill(CHIP, session=session["sessionId"], key=key, text=words_for(key, value, session["currency"]))
        for key, value in session["activeConstraints"].items()
    ]
    return (
        fill('<ul class="chips" aria-label="Constraints">$items</ul>', items=Html("".join(found))) if found else Html()
    )


def name_of(product: Mapping[str, Any], product_page: bool) -> Html:
    name = product["productName"] or product["gtin"]
    if product_page:
        return fill('<a href="/p/$gtin">$name</a>', gtin=product["gtin"], name=name)
    return fill("$name", name=name)


def hit(n: int, each: Mapping[str, Any], product_page: bool) -> Html:
    product, store, offer = each["product"], each["store"], each["offer"]
    brand = ", ".join(filter(None, (product["brand"] and product["brand"]["name"], product["netContent"])))
    opened = {True: "open now", False: "closed now", None: ""}[store["isOpen"]]
    others = each["otherStoresCount"]
    return fill(
        HIT, n=str(n), name=name_of(product, product_page), brand=brand, store=store["name"],
        address=", ".join(filter(None, (store["address"] if "," in store["address"] else "", opened))),
        others=f"and {count(others, 'other store')} around" if others else "", distance=f"{store['distanceKm']:.2f}",
        price=price(offer["price"]), stock=offer["stockStatus"].lower(), stock_text=STOCK[offer["stockStatus"].lower()],
        checked=checked(offer["lastCheckedAt"]),
    )  # fmt: skip


def online(each: Mapping[str, Any], product_page: bool) -> Html:
    product, store, offer = each["product"], each["store"], each["offer"]
    if not (product and store and offer):
        return Html()
    address = offer["url"] or store["url"]
    named = fill('<a rel="noopener nofollow" href="$url">$name</a>', url=address, name=store["name"])
    link = named if address.startswith(("https://", "http://")) else fill("$name", name=store["name"])
    brand = product["brand"]["name"] if product["brand"] else ""
    status = offer["stockStatus"].lower()
    return fill(
        ONLINE, name=name_of(product, product_page), brand=brand, store=link, price=price(offer["price"]), stock=status,
        stock_text=STOCK[status],
    )  # fmt: skip


def price(given: Mapping[str, Any] | None) -> str:
    if given is None:
        return "Price unknown"
    sign = SIGNS.get(given["currency"])
    return f"{sign}{given['amount']}" if sign else f"{given['amount']} {given['currency']}"


def checked(at: str | None) -> str:
    """When a source last spoke of the stock, as people say it."""
    if at is None:
        return ""
    minutes = (datetime.now(UTC) - datetime.fromisoformat(at)).total_seconds() / 60
    if minutes < 60:
        return f"checked {max(int(minutes), 1)} min ago"
    hours = minutes / 60
    return f"checked {int(hours)} h ago" if hours < 48 else f"checked {int(hours / 24)} days ago"


def marks(hits: Sequence[Mapping[str, Any]], begin: int) -> list[Mark]:
    """Stores by their first hit."""
    found: dict[tuple[float, float], list[tuple[int, Mapping[str, Any]]]] = {}
    for n, each in enumerate(hits, begin + 1):
        found.setdefault((each["store"]["latitude"], each["store"]["longitude"]), []).append((n, each))
    return [
        Mark(
            some[0][0], len(some), some[0][1]["store"]["name"], *place, some[0][1]["store"]["distanceKm"],
            any(each["offer"]["stockStatus"].lower() in ("in_stock", "low_stock") for _, each in some),
        )
        for place, some in found.items()
    ]  # fmt: skip


def pages(session: str, page: Mapping[str, Any]) -> Html:
    if page["totalPages"] <= 1:
        return Html()
    link = '<a rel="$rel" href="/search?$query">$text</a>'
    found = [
        fill(link, rel=rel, text=text, query=urlencode({"session": session, "page": number}))
        for rel, text, number in (("prev", "Nearer", page["page"] - 1), ("next", "Further", page["page"] + 1))
        if 1 <= number <= page["totalPages"]
    ]
    return fill('<nav class="pages" aria-label="Pages">$links</nav>', links=Html(" ".join(found)))


def history(texts: Sequence[str]) -> Html:
    if len(texts) < 2:
        return Html()
    said = Html("".join(fill("<li>$text</li>", text=text) for text in texts))
    return fill('<details class="history"><summary>What you said</summary><ol>$said</ol></details>', said=said)
