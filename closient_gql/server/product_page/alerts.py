"""What a page warns of, above everything else: recalls of the scanned batch and of the product, safety notices.

A recall that does not name the batch may still concern it (it may name none, or write it otherwise), so such recalls
are shown as well, in other words; nothing ever says that a product is safe.
"""

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from closient_gql.core.models.compliance import NoticeSeverity, RecallSeverity, RecallSource
from closient_gql.server.pages import Html
from closient_gql.server.product_page.markup import NOTHING, el, joined, outward, web_address
from closient_gql.server.product_page.visit import Visit
from closient_gql.server.product_page.words import direction

Json = dict[str, Any]
AUTHORITIES = {source.name: source.value for source in RecallSource}
WARN = ("CAUTION", "NOTICE")
RECALLS = [severity.name for severity in RecallSeverity]
NOTICES = [severity.name for severity in NoticeSeverity]


def alerts(product: Json, visit: Visit) -> Html:
    """Every warning, the gravest first."""
    named = nodes(product.get("ofLot"))
    ids = {each["id"] for each in named}
    others = [each for each in nodes(product["recalls"]) if each["id"] not in ids]
    words, found = visit.words, list[Html]()
    if named:
        found.append(recalls(words("recall_lot", lot=visit.lot), named, visit, "alarm"))
    if others:
        key = "recall_others" if visit.lot else "recall_product"
        found.append(recalls(words(key, lot=visit.lot), others, visit, "warn" if visit.lot else "alarm"))
    for gtin, former in groupby(product["formerRecalls"], lambda each: each["gtin"]):
        found.append(recalls(words("recall_former", gtin=gtin), [each["recall"] for each in former], visit, "alarm"))
    notices = [notice(each, visit) for each in gravest(nodes(product["safetyNotices"]), NOTICES)]
    return joined([el("div", found, id="recalls") if found else None, notices])


def recalled(found: list[Json], visit: Visit) -> Html:
    """The warning of a GTIN of which nothing else is known."""
    return el("div", recalls(visit.words("recall_product"), found, visit, "alarm"), id="recalls") if found else NOTHING


def no_recalls(product: Json, visit: Visit) -> Html:
    """What stands where somebody looks for recalls, and there are none."""
    if nodes(product["recalls"]) or product["formerRecalls"]:
        return NOTHING
    words = visit.words
    return el(
        "section",
        el("h2", words("no_recall"), id="recalls"),
        el("p", words("no_recall_text")),
        class_="card",
        aria_labelledby="recalls",
    )


def nodes(connection: Json | None) -> list[Json]:
    return connection["nodes"] if connection else []


def gravest(found: list[Json], order: Sequence[str]) -> list[Json]:
    """The gravest first, of those the newest."""
    return sorted(found, key=lambda each: order.index(each["severity"]))


def recalls(title: str, found: list[Json], visit: Visit, kind: str) -> Html:
    words = visit.words
    return el(
        "section",
        el("p", words("recall"), class_="label"),
        el("h2", title),
        el("p", words("recall_check")),
        [recall(each, visit) for each in gravest(found, RECALLS)],
        class_=f"alert {kind}",
        aria_label=words("recall"),
    )


def recall(each: Json, visit: Visit) -> Html:
    words = visit.words
    source = words(
        "recall_by", source=AUTHORITIES[each["sourceSystem"]].replace("_", " "), date=each["recallDate"] or ""
    )
    return joined(
        [
            el("h3", each["title"], dir="auto"),
            el("p", source.strip(", "), class_="quiet"),
            told(words("recall_hazard"), each["hazard"]),
            told(words("recall_do"), each["remedy"]),
            el("p", outward(each["publicUrl"], words("recall_more"))) if web_address(each["publicUrl"]) else None,
        ]
    )


def told(title: str, text: str) -> Html:
    return el("p", el("strong", f"{title}: "), el("span", text, dir="auto")) if text else NOTHING


def notice(each: Json, visit: Visit) -> Html:
    words, text, severity = visit.words, each["text"], each["severity"]
    label = words("notice") if severity == "NOTICE" else words(severity.lower())
    said = {"lang": text["language"] or None, "dir": direction(text["language"])}
    return el(
        "section",
        el("p", label, class_="label"),
        el("h2", text["title"], **said),
        [el("p", text[part], **said) for part in ("message", "instructions") if text[part]],
        el("p", outward(each["url"], words("notice_more"))) if web_address(each["url"]) else None,
        class_=f"alert {'warn' if severity in WARN else 'alarm'}",
        aria_label=words("notice"),
    )
