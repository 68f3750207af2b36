"""Recalls and public health alerts of the USDA's Food Safety and Inspection Service:
https://www.fsis.usda.gov/science-data/developer-resources/recall-api

One JSON array of everything, English and Spanish: `[{"field_recall_number": "001-2024", "field_title",
"field_recall_type": "Active Recall" | "Closed Recall" | "Public Health Alert", "field_active_notice": "True",
"field_archive_recall": "False", "field_recall_classification": "Class I", "field_risk_level", "field_recall_date",
"field_last_modified_date", "field_closed_date", "field_product_items", "field_labels", "field_summary" (HTML),
"field_recall_reason", "field_establishment", "field_states", "field_recall_url", "langcode": "English"}]`.
"""

from datetime import date

from closient_gql.adapters.recalls.record import (
    Notice,
    Page,
    address,
    day,
    document,
    line,
    ok,
    plain,
    severity,
    states,
    take,
    with_lots,
)

NAME = "The recall API of FSIS"


class FsisFeed:
    source = "FSIS"
    max_bytes = 64 * 2**20

    def first(self, since: date | None) -> str:
        return "https://www.fsis.usda.gov/fsis/api/recall/v/1"  # it knows no "since"

    def read(self, url: str, status: int, body: bytes, today: date) -> Page:
        ok(status, NAME)
        return take(document(body, list, NAME), Page(), lambda item, problems: notice(item, problems, today))


def notice(item: dict[str, object], problems: list[str], today: date) -> Notice | None:
    if line(item.get("langcode")).lower() in ("spanish", "es"):
        return None  # the same recall once more
    number = line(item.get("field_recall_number"))
    items, summary = plain(item.get("field_product_items")), plain(item.get("field_summary"))
    kind = line(item.get("field_recall_type"))
    day_of = day(item.get("field_recall_date"), today, problems, f"{number}: field_recall_date")
    changed = day(item.get("field_last_modified_date"), today, problems, f"{number}: field_last_modified_date")
    level = severity(item.get("field_recall_classification"))
    return Notice(
        number=number,
        title=line(item.get("field_title"), 255),
        status=status_of(kind, line(item.get("field_active_notice")), line(item.get("field_archive_recall"))),
        severity=level if level != "UNKNOWN" else severity(item.get("field_risk_level")),
        description=items or summary,
        hazard=plain(item.get("field_recall_reason")),
        remedy=sentences(summary, ("should be thrown away", "urged not to", "return")),
        public_url=address(item.get("field_recall_url")),
        company_name=line(item.get("field_establishment")),
        recall_date=day_of,
        jurisdictions=states(item.get("field_states")),
        codes=f"{items}\n{plain(item.get('field_labels'))}\n{summary}",
        lots=with_lots(f"{items}\n{summary}"),
        changed=changed or day_of,
    )


def status_of(kind: str, active: str, archived: str) -> str:
    """What became of it. Alerts are never closed: they are active, or in the archive."""
    if "closed" in kind.lower():
        return "TERMINATED"
    if "active" in kind.lower() or active.lower() == "true":
        return "ONGOING"
    return "COMPLETED" if archived.lower() == "true" or active.lower() == "false" else "UNKNOWN"


def sentences(text: str, words: tuple[str, ...]) -> str:
    """The sentences that say what to do."""
    found = (part.strip() for part in text.replace("\n", " ").split(". "))
    chosen = [part.rstrip(".") for part in found if any(word in part.lower() for word in words)]
    return ". ".join(chosen) + "." * bool(chosen)
