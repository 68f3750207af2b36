"""What is known of the product itself: contents, allergens, nutrition, certificates, details."""

from typing import Any

from closient_gql.core.models.products import LabelFormat, NutrientUnit
from closient_gql.server.pages import Html
from closient_gql.server.product_page.markup import NOTHING, Child, el, joined, outward, web_address
from closient_gql.server.product_page.visit import Visit
from closient_gql.server.product_page.words import direction
from resolvers.certifications.facts import DietType

Json = dict[str, Any]
FOOD = "50000000"  # GPC segment: food, beverage and tobacco
PRESENCES = ("CONTAINS", "MAY_CONTAIN", "FREE_FROM", "NOT_NAMED", "UNKNOWN")
PER_100 = {LabelFormat.EU.name, LabelFormat.UK.name}
UNITS = {unit.name: unit.value for unit in NutrientUnit}
UNITS["MICROGRAM"] = "µg"


def card(id: str, title: str, *children: Child) -> Html:
    """A section of the page with its heading."""
    return el("section", el("h2", title, id=id), *children, class_="card", aria_labelledby=id)


def spoken(product: Json) -> dict[str, str | None]:
    """The attributes that say in which language the product's own texts are."""
    language = product["primaryLanguage"]
    return {"lang": language or None, "dir": direction(language)}


# --- contents


def allergens(product: Json, visit: Visit) -> Html:
    """All fourteen, by what is known; what is not known is said. Left out for what is certainly no food."""
    words, by_presence = visit.words, dict[str, list[str]]()
    for each in product["allergens"]:
        by_presence.setdefault(each["presence"], []).append(words(each["allergen"].lower()))
    if by_presence.keys() == {"UNKNOWN"}:
        if product["gpcSegmentCode"] not in ("", FOOD):
            return NOTHING
        return card("allergens", words("allergens"), el("p", words("allergens_unknown")), note(visit))
    rows = [
        el(
            "div",
            el("dt", words(presence.lower())),
            el("dd", ", ".join(by_presence[presence]), class_=weight(presence)),
        )
        for presence in PRESENCES
        if presence in by_presence
    ]
    less = el("p", words("not_named_note"), class_="quiet") if "NOT_NAMED" in by_presence else None
    return card("allergens", words("allergens"), el("dl", rows), less, note(visit))


def weight(presence: str) -> str | None:
    return "strong" if presence in ("CONTAINS", "MAY_CONTAIN") else None


def note(visit: Visit) -> Html:
    return el("p", visit.words("allergens_note"), class_="quiet")


def ingredients(product: Json, visit: Visit) -> Html:
    words, said = visit.words, spoken(product)
    listed = [each for each in product["allIngredients"] if not each["mayContain"]]
    traces = [each for each in product["allIngredients"] if each["mayContain"]]
    if not listed and not traces:
        return NOTHING
    return card(
        "ingredients", words("ingredients"),
        el("p", joined([ingredient(each, visit) for each in listed], ", "), **said) if listed else None,
        el("p", f"{words('traces')}: ", el("span", joined([ingredient(each, visit) for each in traces], ", "), **said))
        if traces else None,
    )  # fmt: skip


def ingredient(each: Json, visit: Visit) -> Html:
    share = f" {visit.words.number(each['percentage'])} %" if each["percentage"] is not None else ""
    return el("strong" if each["isMajorAllergen"] else "span", f"{each['name']}{share}")


def nutrition(product: Json, visit: Visit) -> Html:
    words, panel = visit.words, product["nutrition"]
    if not panel or not panel["nutrients"]:
        return NOTHING
    daily = any(each["dailyValuePct"] is not None for each in panel["nutrients"])
    heads = [el("th", words(key), scope="col") for key in ("nutrient", "amount", *(("daily_value",) if daily else ()))]
    rows = [nutrient(each, visit, daily) for each in panel["nutrients"]]
    count = panel["servingsPerContainer"]
    return card(
        "nutrition", words("nutrition"),
        el("table", el("caption", amounts_of(panel, visit)), el("thead", el("tr", heads)), el("tbody", rows)),
        el("p", words("servings", count=words.number(count)), class_="quiet") if count is not None else None,
    )  # fmt: skip


def amounts_of(panel: Json, visit: Visit) -> str:
    """What the amounts refer to."""
    if panel["servingSize"]:
        return visit.words("nutrition_for", serving=panel["servingSize"])
    return visit.words("nutrition_per_100" if panel["labelFormat"] in PER_100 else "nutrition_per_serving")


def nutrient(each: Json, visit: Visit, daily: bool) -> Html:
    share = each["dailyValuePct"]
    number = visit.words.number
    return el(
        "tr", el("th", each["name"], scope="row", dir="auto"),
        el("td", f"{number(each['amount'])} {UNITS[each['unit']]}"),
        el("td", f"{number(share)} %" if share is not None else "") if daily else None,
    )  # fmt: skip


# --- certificates


def certifications(product: Json, visit: Visit) -> Html:
    """Those that hold today, and the diets that follow from them and from claims."""
    words = visit.words
    held = [each for each in product["allCertifications"] if each["isActive"]]
    suits = [words(DietType[each["diet"]].value) for each in product["diets"] if each["suitability"] == "SUITABLE"]
    if not held and not suits:
        return NOTHING
    return card(
        "certifications", words("certifications"),
        el("ul", [el("li", certification(each, visit)) for each in held], class_="plain") if held else None,
        [el("h3", words("diets")), el("ul", [el("li", each) for each in suits], class_="tags")] if suits else None,
    )  # fmt: skip


def certification(each: Json, visit: Visit) -> Html:
    words, what = visit.words, each["certification"]
    verified = each["verificationStatus"] == "VERIFIED"
    details = [
        words("verified" if verified else "stated"),
        words("certificate_number", number=each["certificateNumber"]) if each["certificateNumber"] else "",
        words("valid_until", date=each["expirationDate"]) if each["expirationDate"] else "",
    ]
    look_up = web_address(each["verificationUrl"])
    return joined([
        el("strong", outward(what["url"], what["label"]), dir="auto"),
        el("div", " · ".join(filter(None, details)), class_="quiet"),
        el("div", outward(look_up, words("certificate_look_up"))) if look_up else None,
    ])  # fmt: skip


# --- details


def details(product: Json, visit: Visit) -> Html:
    words = visit.words
    origin = product["countryOfOrigin"]
    known = [
        ("gtin", product["gtin"]),
        ("lot", visit.lot),
        ("serial", visit.serial),
        ("brand", product["brand"]["name"] if product["brand"] else ""),
        ("manufacturer", product["manufacturer"]),
        ("net_content", product["netContent"]),
        ("origin", words.country(origin) if origin else ""),
        ("category", product["category"]["name"] if product["category"] else ""),
    ]
    rows = [el("div", el("dt", words(key)), el("dd", text, dir="auto")) for key, text in known if text]
    return card("facts", words("facts"), el("dl", rows))


def links(product: Json, visit: Visit) -> Html:
    words, brand = visit.words, product["brand"]
    passport = f"/sustainability/api/v1/products/{product['gtin']}/passport"
    titles = {each["href"]: each["title"] for each in product["links"]}
    if brand:
        titles.setdefault(brand["website"], words("link_brand", brand=brand["name"]))
    titles.setdefault(product["brandProductPageUrl"], words("link_product"))
    found = [el("li", outward(url, text), dir="auto") for url, text in titles.items() if web_address(url)]
    found.append(el("li", el("a", words("link_passport"), href=passport)))
    return card("links", words("links"), el("ul", found, class_="plain"))
