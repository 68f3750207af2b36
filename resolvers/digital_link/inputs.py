"""What can be said of links and rules, and of a scan that is only thought of."""

from dataclasses import dataclass
from datetime import datetime, time
from typing import Annotated

from closient_gql.core.absent import ABSENT
from closient_gql.core.bounds import Bounds, Doc, Id
from closient_gql.core.countries import Country
from closient_gql.core.models.digital_link import DeadUrl, RuleDestination, RuleScope
from resolvers.digital_link.visitors import Device
from resolvers.products.inputs import Metadata

DAY_OF_YEAR = "^(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"
LANGUAGE = "^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$"
MOST_WORDS = 100
AnchorText = Annotated[
    str,
    Bounds(min_length=4, max_length=1000),
    Doc("What it is a link of: a Digital Link URI or its path. A qualifier {name} stands for any value, * at the end "
        "of a key of variable length for any rest."),
]  # fmt: skip
TypeName = Annotated[str, Bounds(min_length=1, max_length=200), Doc("A link type of the GS1 Web Vocabulary: gs1:pip.")]
Href = Annotated[
    str,
    Bounds(min_length=9, max_length=2048),
    Doc("Where it leads: https. {name} is the value of that qualifier, {1} the rest of a key that ends with *."),
]
Title = Annotated[str, Bounds(min_length=1, max_length=255, pattern=r"\S"), Doc("Title for people.")]
Language = Annotated[str, Bounds(max_length=35, pattern=LANGUAGE)]
Languages = Annotated[
    list[Language], Bounds(max_length=MOST_WORDS), Doc("Languages of what it leads to: BCP 47; und for no language.")
]
MediaType = Annotated[
    str,
    Bounds(max_length=127, pattern=r"^([a-z0-9][a-z0-9!#$&^_.+-]*/[a-z0-9][a-z0-9!#$&^_.+-]*)?$"),
    Doc("Media type of what it leads to; empty if nothing is said."),
]
Context = Annotated[str, Bounds(min_length=1, max_length=100, pattern=r"^[^\s,&=#]+$")]
Contexts = Annotated[
    list[Context], Bounds(max_length=MOST_WORDS), Doc("Contexts in which it is the right one: ?context= asks for one.")
]
ItemDescription = Annotated[
    str,
    Bounds(max_length=500),
    Doc("What the anchor identifies, for linksets; by default the product's name or the key."),
]
Public = Annotated[bool, Doc("Whether it is resolved and listed. If not, only the organization sees it.")]
Forward = Annotated[bool, Doc("Whether the query of a request goes with it.")]


@dataclass(kw_only=True)
class LinkInput:
    anchor: AnchorText
    link_type: TypeName
    href: Href
    title: Title
    hreflang: Languages | None = None
    media_type: MediaType = ""
    context: Contexts | None = None
    item_description: ItemDescription = ""
    is_public: Public = True
    forward_query: Forward = True
    metadata: Metadata = ABSENT


@dataclass(kw_only=True)
class LinkPatch:
    """Null means: as it is. An empty list or text says that there is none."""

    anchor: AnchorText | None = None
    link_type: TypeName | None = None
    href: Href | None = None
    title: Title | None = None
    hreflang: Languages | None = None
    media_type: MediaType | None = None
    context: Contexts | None = None
    item_description: ItemDescription | None = None
    is_public: Public | None = None
    forward_query: Forward | None = None
    metadata: Metadata = ABSENT


# --- rules

ScopeId = Annotated[
    str,
    Bounds(max_length=255),
    Doc("What it is about: nothing for ORGANIZATION; the id of a brand; the GTIN of a product; {gtin}/10/{lot} for a "
        "batch, {gtin}/21/{serial} for an item, or the lot or serial number alone beside product_id."),
]  # fmt: skip
OrderIndex = Annotated[
    int, Bounds(minimum=0, maximum=1_000_000_000), Doc("Place among the rules of its scope, lowest first.")
]
Enabled = Annotated[bool, Doc("Whether it is heeded.")]
Url = Annotated[str, Bounds(min_length=9, max_length=2048), Doc("Where a CUSTOM_URL leads: https.")]
StartAt = Annotated[datetime, Doc("From this moment on.")]
EndAt = Annotated[datetime, Doc("Until this moment, which does not belong to it.")]
AnnualStart = Annotated[str, Bounds(pattern=DAY_OF_YEAR), Doc("First day in each year: MM-DD.")]
AnnualEnd = Annotated[
    str, Bounds(pattern=DAY_OF_YEAR), Doc("Last day in each year: MM-DD; before the first: over the turn of the year.")
]
Weekday = Annotated[int, Bounds(minimum=0, maximum=6)]
DaysOfWeek = Annotated[list[Weekday], Bounds(max_length=7), Doc("Days of the week: 0 is Monday, 6 is Sunday.")]
TimeStart = Annotated[time, Doc("From this time of day on; null: midnight.")]
TimeEnd = Annotated[
    time, Doc("Until this time of day, which does not belong to it; before the start: over midnight; null: midnight.")
]
Zone = Annotated[
    str,
    Bounds(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_+/-]+$"),
    Doc("Whose clock days and times are read from: a name of the IANA time zone database. UTC by default."),
]
RuleLinkType = Annotated[
    str,
    Bounds(min_length=1, max_length=200),
    Doc("Only for requests that name this link type: gs1:pip; null: only for those that name none."),
]
Region = Annotated[str, Bounds(max_length=6, pattern="^[A-Za-z]{2}-[A-Za-z0-9]{1,3}$")]
City = Annotated[str, Bounds(min_length=1, max_length=100, pattern=r"\S")]
Countries = Annotated[list[Country], Bounds(max_length=300), Doc("Only for scans from these countries.")]
Regions = Annotated[
    list[Region], Bounds(max_length=MOST_WORDS), Doc("Only for scans from these regions: ISO 3166-2, such as US-TX.")
]
Cities = Annotated[
    list[City], Bounds(max_length=MOST_WORDS), Doc("Only for scans from these cities, by their English names.")
]
RuleLanguages = Annotated[
    list[Language],
    Bounds(max_length=MOST_WORDS),
    Doc("Only for visitors who want one of these most: BCP 47; de is for de-CH, too."),
]
Devices = Annotated[list[Device], Bounds(max_length=4), Doc("Only for these classes of devices.")]
ProductId = Annotated[Id, Doc("Id of the product that it is about, instead of its GTIN in scope_id.")]
Dead = Annotated[DeadUrl, Doc("What happens while the custom_url does not answer.")]
Destination = Annotated[RuleDestination, Doc("Where scans go.")]


@dataclass(kw_only=True)
class RuleInput:
    scope_type: Annotated[RuleScope, Doc("What it is about.")]
    scope_id: ScopeId | None = None
    product_id: ProductId | None = None
    order_index: Annotated[OrderIndex | None, Doc("Its place; null: behind the others of its scope.")] = None
    enabled: Enabled = True
    destination_type: Destination = RuleDestination.HOSTED_PAGE
    custom_url: Url | None = None
    on_custom_url_dead: Dead = DeadUrl.FALLBACK_TO_HOSTED
    absolute_start_at: StartAt | None = None
    absolute_end_at: EndAt | None = None
    annual_start_mmdd: AnnualStart | None = None
    annual_end_mmdd: AnnualEnd | None = None
    days_of_week: DaysOfWeek | None = None
    time_of_day_start: TimeStart | None = None
    time_of_day_end: TimeEnd | None = None
    timezone: Zone | None = None
    link_type: RuleLinkType | None = None
    location_countries: Countries | None = None
    location_regions: Regions | None = None
    location_cities: Cities | None = None
    languages: RuleLanguages | None = None
    devices: Devices | None = None
    metadata: Metadata = ABSENT


@dataclass(kw_only=True)
class RulePatch:
    """What is not given stays; null clears a criterion, and leaves as it is what a rule cannot be without."""

    scope_type: Annotated[RuleScope | None, Doc("What it is about.")] = None
    scope_id: ScopeId | None = ABSENT
    product_id: ProductId | None = ABSENT
    order_index: OrderIndex | None = None
    enabled: Enabled | None = None
    destination_type: Destination | None = None
    custom_url: Url | None = ABSENT
    on_custom_url_dead: Dead | None = None
    absolute_start_at: StartAt | None = ABSENT
    absolute_end_at: EndAt | None = ABSENT
    annual_start_mmdd: AnnualStart | None = ABSENT
    annual_end_mmdd: AnnualEnd | None = ABSENT
    days_of_week: DaysOfWeek | None = ABSENT
    time_of_day_start: TimeStart | None = ABSENT
    time_of_day_end: TimeEnd | None = ABSENT
    timezone: Zone | None = ABSENT
    link_type: RuleLinkType | None = ABSENT
    location_countries: Countries | None = ABSENT
    location_regions: Regions | None = ABSENT
    location_cities: Cities | None = ABSENT
    languages: RuleLanguages | None = ABSENT
    devices: Devices | None = ABSENT
    metadata: Metadata = ABSENT


@dataclass(kw_only=True)
class RulePlace:
    id: Annotated[Id, Doc("Id of a rule of the organization.")]
    order_index: OrderIndex


Places = Annotated[list[RulePlace], Bounds(min_length=1, max_length=10_000), Doc("Rules and their new places.")]


@dataclass(kw_only=True)
class RuleOrder:
    rules: Places


@dataclass(kw_only=True)
class DryRunInput:
    digital_link: Annotated[
        str,
        Bounds(min_length=4, max_length=4096),
        Doc("The code that is scanned: a Digital Link URI or its path; linkType and context in its query count."),
    ]
    at: Annotated[datetime | None, Doc("When; now by default.")] = None
    accept_language: Annotated[str, Bounds(max_length=1000), Doc("The Accept-Language header of the visitor.")] = ""
    device: Annotated[Device, Doc("The visitor's class of device.")] = Device.MOBILE
    country: Annotated[Country | None, Doc("Country of the visitor; null: unknown.")] = None
    region: Annotated[Region | None, Doc("Region of the visitor: ISO 3166-2; null: unknown.")] = None
    city: Annotated[City | None, Doc("City of the visitor, by its English name; null: unknown.")] = None
    link_type: Annotated[
        RuleLinkType | None, Doc("The link type that the request names; null: what the code's query says.")
    ] = None
