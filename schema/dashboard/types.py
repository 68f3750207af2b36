"""What a brand sees of its products."""

from datetime import date as Date

import strawberry

from closient_gql.core.gs1.gtin import Gtin
from resolvers.dashboard import scans
from schema.declare import column, value
from schema.scalars import Counts

COUNTRIES = "Scans by country, ISO 3166-1 alpha-2; ZZ for those of which it is not known."


@value(scans.Period, says="Days, both ends included, in UTC.")
class Period:
    since: Date = column("The first day.")
    until: Date = column("The last day.")


@value(scans.ProductScans, says="Scans of one product.")
class ProductScans:
    gtin: Gtin = column("The product's GTIN, as 14 digits.")
    product_name: str = column("Its name; empty if unknown.")
    brand: str | None = column("Name of its brand; null if unknown.")
    scans: int = column("All scans, those of programs included.")
    billable_scans: int = column("Scans by people.")
    by_country: Counts = column(COUNTRIES)
    by_device: Counts = column("Scans by class of device: mobile, tablet, desktop, bot.")


@value(scans.DayScans, says="Scans of one day.")
class DayScans:
    date: Date = column("The day, in UTC.")
    scans: int = column("All scans, those of programs included.")


@value(scans.ScanSummary, says="Scans of an organization's Digital Links within some days.")
class ScanSummary:
    organization_id: strawberry.ID = column("Id of the organization.")
    window: Period = column("The days that are counted.")
    total_scans: int = column("All scans: those by people and those by programs.")
    billable_scans: int = column("Scans by people.")
    bot_scans: int = column("Scans by programs, which are not billed.")
    top_products: list[ProductScans] = column("The products that were scanned most, most first.")
    by_country: Counts = column(COUNTRIES)
    by_day: list[DayScans] = column("Days that have scans, first to last.")
