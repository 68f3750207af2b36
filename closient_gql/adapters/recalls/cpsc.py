"""Recalls of the Consumer Product Safety Commission, by SaferProducts.gov's Recall Retrieval Web Services:
https://www.cpsc.gov/Recalls/CPSC-Recalls-Application-Program-Interface-API-Information

A JSON array: `[{"RecallID", "RecallNumber": "24092", "RecallDate": "2023-12-21T00:00:00", "LastPublishDate", "Title",
"Description", "URL", "ConsumerContact", "Products": [{"Name", "Description", "Model", "Type", "NumberOfUnits"}],
"ProductUPCs": [{"UPC"}], "Hazards": [{"Name"}], "Remedies": [{"Name"}], "RemedyOptions": [{"Option"}],
"Manufacturers": [{"Name"}], "Importers", "Distributors", "Retailers", "Inconjunctions": [{"Country"}], …}]`.
`LastPublishDateStart` leaves out what did not change. CPSC has neither classes nor an end of recalls.
"""

from datetime import date

from closient_gql.adapters.recalls.record import (
    Notice,
    Page,
    address,
    day,
    dicts,
    document,
    joined,
    line,
    ok,
    plain,
    take,
    with_lots,
)

NAME = "The recall service of CPSC"
COUNTRIES = {"canada": "CA", "mexico": "MX"}


class CpscFeed:
    source = "CPSC"
    max_bytes = 128 * 2**20

    def first(self, since: date | None) -> str:
        url = "https://www.saferproducts.gov/RestWebServices/Recall?format=json"
        return f"{url}&LastPublishDateStart={since}" if since else url

    def read(self, url: str, status: int, body: bytes, today: date) -> Page:
        ok(status, NAME)
        return take(document(body, list, NAME), Page(), lambda item, problems: notice(item, problems, today))


def notice(item: dict[str, object], problems: list[str], today: date) -> Notice:
    number = line(item.get("RecallNumber")) or line(item.get("RecallID"))
    products, description = item.get("Products"), plain(item.get("Description"))
    firms = (joined(item.get(name), "Name") for name in ("Manufacturers", "Importers", "Distributors"))
    day_of = day(item.get("RecallDate"), today, problems, f"{number}: RecallDate")
    changed = day(item.get("LastPublishDate"), today, problems, f"{number}: LastPublishDate")
    others = {COUNTRIES.get(line(each.get("Country")).lower()) for each in dicts(item.get("Inconjunctions"))}
    text = "\n".join(filter(None, (description, joined(products, "Name", "Description", "Model"))))
    return Notice(
        number=number,
        title=line(item.get("Title") or joined(products, "Name"), 255),
        status="ONGOING",
        severity="UNKNOWN",
        description=description,
        hazard=joined(item.get("Hazards"), "Name"),
        remedy="\n".join(
            filter(None, (joined(item.get("Remedies"), "Name"), joined(item.get("RemedyOptions"), "Option")))
        ),
        public_url=address(item.get("URL")),
        company_name=line(next(filter(None, firms), "")),
        recall_date=day_of,
        jurisdictions=("US", *sorted(filter(None, others))),
        codes=f"{text}\nUPC {upcs(item.get('ProductUPCs'))}",
        lots=with_lots(text),
        changed=changed or day_of,
    )


def upcs(items: object) -> str:
    """The list of UPCs, which has objects or plain texts."""
    texts = [line(each) for each in items if isinstance(each, str)] if isinstance(items, list) else []
    return ", ".join([*texts, *joined(items, "UPC").split("\n")])
