"""What became of an organization's codes: how often they were scanned, where, with what (contract: brand-analytics).

Days are added up by a job; what came since its last run is added as it is read, in the same statement. So the sums are
true at any time, up to the second that scans take to be written.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Any

from sqlalchemy import text

from closient_gql.core.bounds import Bounds, Doc, Id
from closient_gql.core.db import Query
from closient_gql.core.errors import Detail, Invalid, NotFound
from closient_gql.core.models.digital_link import ScanDay
from resolvers import access
from resolvers.brands.queries import brands_by_id
from resolvers.certifications.clock import today
from resolvers.context import Context
from resolvers.products.inputs import Organization
from resolvers.roles import May, acting

DAYS = 30
UNKNOWN = "ZZ"  # of a country: CLDR's code for what is not known

SUMMARY: Query[Any] = Query(
    ScanDay,
    text("""
WITH found AS MATERIALIZED (
    SELECT d.* FROM (
        SELECT day, ai, value, product_id, device, country, is_bot, scans FROM scan_days
        WHERE organization_id = :organization AND day BETWEEN :since AND :until
        UNION ALL
        SELECT (at AT TIME ZONE 'UTC')::date, ai, value, coalesce(product_id, ''), device, country, is_bot, count
        FROM scans WHERE NOT rolled_up AND organization_id = :organization
            AND (at AT TIME ZONE 'UTC')::date BETWEEN :since AND :until
    ) AS d
    WHERE CAST(:brand AS text) IS NULL OR product_id IN (SELECT id FROM products WHERE brand_id = :brand)
), top AS (
    SELECT value, product_id, sum(scans)::bigint AS scans,
        coalesce(sum(scans) FILTER (WHERE NOT is_bot), 0)::bigint AS billable
    FROM found WHERE ai = '01' GROUP BY value, product_id ORDER BY scans DESC, value LIMIT :top
)
SELECT
    (SELECT coalesce(sum(scans), 0)::bigint FROM found) AS total,
    (SELECT coalesce(sum(scans), 0)::bigint FROM found WHERE is_bot) AS bots,
    (SELECT coalesce(jsonb_object_agg(country, n ORDER BY n DESC), '{}') FROM (
        SELECT coalesce(nullif(country, ''), :unknown) AS country, sum(scans)::bigint AS n FROM found GROUP BY 1
    ) AS c) AS by_country,
    (SELECT coalesce(jsonb_agg(jsonb_build_array(day, n) ORDER BY day), '[]') FROM (
        SELECT day, sum(scans)::bigint AS n FROM found GROUP BY day
    ) AS c) AS by_day,
    (SELECT coalesce(jsonb_agg(jsonb_build_array(
        top.value, coalesce(p.product_name, ''), b.name, top.scans, top.billable,
        (SELECT jsonb_object_agg(country, n) FROM (
            SELECT coalesce(nullif(country, ''), :unknown) AS country, sum(scans)::bigint AS n FROM found f
            WHERE f.ai = '01' AND f.value = top.value AND f.product_id = top.product_id GROUP BY 1) AS c),
        (SELECT jsonb_object_agg(device, n) FROM (
            SELECT device, sum(scans)::bigint AS n FROM found f
            WHERE f.ai = '01' AND f.value = top.value AND f.product_id = top.product_id GROUP BY 1) AS c)
    ) ORDER BY top.scans DESC, top.value), '[]')
    FROM top LEFT JOIN products p ON p.id = top.product_id LEFT JOIN brands b ON b.id = p.brand_id) AS top
"""),
)  # fmt: skip

BrandId = Annotated[Id | None, Doc("Id of a brand; all of the organization's if it is left out.")]
Since = Annotated[date | None, Doc("The first day, UTC; 30 days before the last if it is left out.")]
Until = Annotated[date | None, Doc("The last day, UTC; today if it is left out.")]
Top = Annotated[int, Bounds(minimum=1, maximum=100), Doc("How many products are listed.")]
Counts = dict[str, int]


@dataclass(frozen=True)
class Period:
    since: date
    until: date


@dataclass(frozen=True)
class ProductScans:
    gtin: str
    product_name: str
    brand: str | None
    scans: int
    billable_scans: int
    by_country: Counts
    by_device: Counts


@dataclass(frozen=True)
class DayScans:
    date: date
    scans: int


@dataclass(frozen=True)
class ScanSummary:
    """Scans of an organization within some days. Those of programs are counted and not billed."""

    organization_id: str
    window: Period
    total_scans: int
    bot_scans: int
    top_products: list[ProductScans]
    by_country: Counts
    by_day: list[DayScans]

    @property
    def billable_scans(self) -> int:
        return self.total_scans - self.bot_scans


@access.user
async def brand_scan_summary(
    ctx: Context,
    organization_id: Organization = None,
    brand_id: BrandId = None,
    since: Since = None,
    until: Until = None,
    top: Top = 20,
) -> ScanSummary | None:
    """Scans of one organization's codes, or of one of its brands'.

    Raises:
        NotFound, Forbidden: of `acting`; NotFound also for a brand that is not the organization's.
        Invalid: the days are in the wrong order.
    """
    organization = acting(ctx, organization_id, May.VIEW)
    last = until or today()
    first = since or (last - timedelta(days=DAYS) if last > date.min + timedelta(days=DAYS) else date.min)
    if first > last:
        raise Invalid([Detail(field="since", message=f"must not be after the last day, {last}")])
    if brand_id is not None:
        brand = await ctx.find(brands_by_id, brand_id)
        if brand is None or brand.organization_id != organization:
            raise NotFound("The organization has no such brand.")
    row = await ctx.read.one(
        SUMMARY, organization=organization, since=first, until=last, brand=brand_id, top=top, unknown=UNKNOWN
    )
    return summary_of(organization, Period(first, last), row)


def summary_of(organization: str, window: Period, row: Any) -> ScanSummary:
    return ScanSummary(
        organization, window, row["total"], row["bots"],
        top_products=[ProductScans(*each) for each in row["top"]],
        by_country=row["by_country"],
        by_day=[DayScans(date.fromisoformat(day), scans) for day, scans in row["by_day"]],
    )  # fmt: skip
