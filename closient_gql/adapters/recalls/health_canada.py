"""Recalls and safety alerts of Health Canada and the Canadian Food Inspection Agency, from the Open Government data set
"Recalls and Safety Alerts": https://recalls-rappels.canada.ca/en/open-data

One JSON array of everything in English, written anew each day: `[{"NID": "74893", "Title", "URL", "Organization":
"CFIA", "Product", "Issue": "Food - Microbial contamination - Listeria", "Category", "What you should do",
"Recall class": "Class 1" | "Type I", "Last updated": "2024-01-05", "Archived": "0"}]`. Dates may be missing. UPCs and
lots are there as far as the texts name them; the tables of the notices' pages are not part of it.
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
    take,
    with_lots,
)

NAME = "The recalls of Health Canada"


class HealthCanadaFeed:
    source = "HEALTH_CANADA"
    max_bytes = 128 * 2**20

    def first(self, since: date | None) -> str:
        return "https://recalls-rappels.canada.ca/sites/default/files/opendata-donneesouvertes/HCRSAMOpenData.json"

    def read(self, url: str, status: int, body: bytes, today: date) -> Page:
        ok(status, NAME)
        return take(document(body, list, NAME), Page(), lambda item, problems: notice(item, problems, today))


def notice(item: dict[str, object], problems: list[str], today: date) -> Notice:
    number = line(item.get("NID"))
    product, advice = plain(item.get("Product")), plain(item.get("What you should do"))
    changed = day(item.get("Last updated"), today, problems, f"{number}: Last updated")
    title = line(item.get("Title"), 255)
    text = "\n".join(filter(None, (title, product, advice)))
    return Notice(
        number=number,
        title=title,
        # what is archived is over for its publisher, who does not say how it ended
        status="COMPLETED" if line(item.get("Archived")) in ("1", "true", "True") else "ONGOING",
        severity=severity(item.get("Recall class")),
        description=product,
        hazard=plain(item.get("Issue")),
        remedy=advice,
        public_url=address(item.get("URL")),
        company_name="",
        recall_date=changed,  # the only date there is
        jurisdictions=("CA",),
        codes=text,
        lots=with_lots(text),
        changed=changed,
    )
