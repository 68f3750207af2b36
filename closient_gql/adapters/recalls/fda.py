"""Food enforcement reports of the FDA, by openFDA: https://open.fda.gov/apis/food/enforcement/

`{"meta": {"results": {"skip", "limit", "total"}}, "results": [{"recall_number", "status", "classification",
"report_date": "YYYYMMDD", "product_description", "code_info", "more_code_info", "distribution_pattern", …}]}`; an
empty answer is status 404 with `{"error": {"code": "NOT_FOUND"}}`. Sorted by the day of the report,
1,000 at a time; `skip` goes to 25,000 at the most, so a read of everything goes on from the last day that it saw.
The day of the report stays when a recall ends or its lots are corrected: only who reads the last years again sees that.
"""

import re
from datetime import date, timedelta
from urllib.parse import parse_qs, urlsplit

from closient_gql.adapters.recalls.record import (
    EARLIEST,
    FeedError,
    Notice,
    Page,
    day,
    document,
    line,
    ok,
    plain,
    severity,
    states,
    take,
)

SIZE, MOST_SKIP = 1000, 25_000
AGAIN = timedelta(days=730)
STATUSES = {"ongoing": "ONGOING", "completed": "COMPLETED", "terminated": "TERMINATED"}
NAME = "openFDA"


class FdaFeed:
    source = "FDA"
    max_bytes = 32 * 2**20

    def first(self, since: date | None) -> str:
        return self.url(max(EARLIEST, since - AGAIN) if since else EARLIEST, 0)

    def url(self, since: date, skip: int) -> str:
        return (
            "https://api.fda.gov/food/enforcement.json"
            f"?search=report_date:[{since:%Y%m%d}+TO+29991231]&sort=report_date:asc&limit={SIZE}&skip={skip}"
        )

    def read(self, url: str, status: int, body: bytes, today: date) -> Page:
        if status == 404:
            error = document(body, dict, NAME).get("error")
            if isinstance(error, dict) and error.get("code") == "NOT_FOUND":
                return Page()
        ok(status, NAME)
        results = document(body, dict, NAME).get("results")
        if not isinstance(results, list):
            raise FeedError(f"{NAME} has no list of results.")
        page = take(results, Page(), lambda item, problems: notice(item, problems, today))
        page.following = self.following(url, len(results), page)
        return page

    def following(self, url: str, count: int, page: Page) -> str | None:
        if count < SIZE:
            return None
        query = parse_qs(urlsplit(url).query)
        skip = int(query["skip"][0]) + SIZE
        since = re.search(r"\[(\d{4})(\d\d)(\d\d)", query["search"][0])
        assert since
        begun = date(*map(int, since.groups()))
        last = max((n.changed for n in page.notices if n.changed), default=begun)
        return self.url(last, 0) if skip > MOST_SKIP and last > begun else self.url(begun, skip)


def notice(item: dict[str, object], problems: list[str], today: date) -> Notice:
    number = line(item.get("recall_number"))
    product, lots = plain(item.get("product_description")), plain(item.get("code_info"))
    more = plain(item.get("more_code_info"))
    firm, reason = line(item.get("recalling_firm")), plain(item.get("reason_for_recall"))
    return Notice(
        number=number,
        title=line(f"{firm}: {product}" if firm else product, 255),
        status=STATUSES.get(line(item.get("status")).lower(), "UNKNOWN"),
        severity=severity(item.get("classification")),
        description=product,
        hazard=reason,
        company_name=firm,
        recall_date=day(item.get("recall_initiation_date"), today, problems, f"{number}: recall_initiation_date"),
        jurisdictions=states(item.get("distribution_pattern")),
        codes="\n".join(filter(None, (product, lots, more))),
        lots="\n".join(filter(None, (lots, more))),
        changed=day(item.get("report_date"), today, problems, f"{number}: report_date"),
    )
