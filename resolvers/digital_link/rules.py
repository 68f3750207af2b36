"""Rules, compiled: which one decides where a scan goes, and why (contract: digital_link; docs/decisions/0023).

The most specific scope comes first: an item, its batch, the product, its brand, the organization; within a scope the
lowest order index. The first rule of which everything is met decides. What a rule leaves open asks for nothing; only a
link type works both ways: a request that names one is for rules that name it, any other for rules that name none, since
a link type that is asked for has to be answered with a link of that type (GS1-Conformant Resolver 1.2).

Times are those of the rule's zone at the moment of the scan: an hour that daylight-saving time skips never comes, one
that it repeats comes twice.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from functools import lru_cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from closient_gql.core.gs1.digital_link import escape
from closient_gql.core.models.digital_link import DeadUrl, ResolutionRule, RuleDestination, RuleScope
from resolvers.digital_link.visitors import Visitor

PRECEDENCE = (RuleScope.SERIAL, RuleScope.BATCH, RuleScope.PRODUCT, RuleScope.BRAND, RuleScope.ORGANIZATION)
SERIAL, BATCH, PRODUCT, BRAND, ORGANIZATION = (scope.value for scope in PRECEDENCE)
LONG = 16  # rules of one scope from which answers are remembered
MOST_REMEMBERED = 1_000
Place = tuple[str, str]  # scope and what it is: how rules are found


class Visit(NamedTuple):
    """What rules look at. `language`: the one wanted most, in lower case, empty if none is. `link_type`: None where the
    request names none."""

    at: datetime
    visitor: Visitor
    language: str = ""
    link_type: str | None = None


class Subject:
    """What was scanned, as rules know it. `places`: where rules about it stand, the most specific first."""

    __slots__ = ("places",)

    def __init__(self, product_id: str, brand_id: str | None, lot: str | None, serial: str | None) -> None:
        found: list[Place] = []
        if serial is not None:
            found.append((SERIAL, f"{product_id}/21/{escape(serial)}"))
        if lot is not None:
            found.append((BATCH, f"{product_id}/10/{escape(lot)}"))
        found.append((PRODUCT, product_id))
        if brand_id is not None:
            found.append((BRAND, brand_id))
        found.append((ORGANIZATION, ""))
        self.places = tuple(found)


@lru_cache(1024)
def zone_of(name: str | None) -> ZoneInfo:
    return ZoneInfo(name or "UTC")


def local_time(at: datetime, zone: ZoneInfo) -> datetime:
    """What the zone's clock says; at the ends of the calendar, which only a dry run comes to, that of UTC."""
    try:
        return at.astimezone(zone)
    except OverflowError:
        return at


@dataclass(frozen=True, eq=False, slots=True)
class Times:
    """When a rule holds."""

    zone: ZoneInfo
    start_at: datetime | None
    end_at: datetime | None
    first_day: str | None
    last_day: str | None
    weekdays: frozenset[int]
    start: time | None
    end: time | None

    def unmet(self, at: datetime) -> str | None:
        """Which of them it is not."""
        if self.start_at is not None and at < self.start_at:
            return "absolute_start_at"
        if self.end_at is not None and at >= self.end_at:
            return "absolute_end_at"
        local = local_time(at, self.zone)
        if self.first_day is not None and not in_season(f"{local:%m-%d}", self.first_day, self.last_day or ""):
            return "annual_start_mmdd"
        if self.weekdays and local.weekday() not in self.weekdays:
            return "days_of_week"
        if (self.start is not None or self.end is not None) and not in_hours(local.time(), self.start, self.end):
            return "time_of_day_start"
        return None


@dataclass(frozen=True, eq=False, slots=True)
class Rule:
    """One rule, ready to be asked. `url`: None for the hosted page. `times`: None if it holds at any."""

    row: Any
    id: str
    url: str | None
    dead: bool
    skipped_if_dead: bool
    link_type: str | None
    times: Times | None
    countries: frozenset[str]
    regions: frozenset[str]
    cities: frozenset[str]
    languages: tuple[str, ...]
    devices: frozenset[str]

    def unmet(self, visit: Visit) -> str | None:
        """The first thing that it asks for and the visit is not; None if everything is met."""
        if self.link_type != visit.link_type:
            return "link_type"
        visitor = visit.visitor
        if self.countries and visitor.country not in self.countries:
            return "location_countries"
        if self.regions and visitor.region not in self.regions:
            return "location_regions"
        if self.cities and visitor.city.casefold() not in self.cities:
            return "location_cities"
        if self.devices and visitor.device.value not in self.devices:
            return "devices"
        if self.languages and not speaks(visit.language, self.languages):
            return "languages"
        return self.times.unmet(visit.at) if self.times is not None else None


def speaks(language: str, wanted: Sequence[str]) -> bool:
    """Whether a language is one of those, or a narrower one of it: `de-CH` is `de`."""
    return any(language == each or language.startswith(f"{each}-") for each in wanted)


def in_season(day: str, start: str, end: str) -> bool:
    """Whether MM-DD lies in a window of which both ends belong to it; it may go over the turn of the year."""
    return start <= day <= end if start <= end else day >= start or day <= end


def in_hours(now: time, start: time | None, end: time | None) -> bool:
    """Whether a time of day lies in a window, the end of which does not belong to it; it may go over midnight."""
    start = start or time.min
    if end is None:
        return now >= start
    return start <= now < end if start < end else now >= start or now < end


TIMES = ("absolute_start_at", "absolute_end_at", "annual_start_mmdd", "annual_end_mmdd", "days_of_week",
         "time_of_day_start", "time_of_day_end")  # fmt: skip


def compiled(row: Any) -> Rule:
    """A rule of a row that knows whether its address is dead (`is_dead`)."""
    start_at, end_at, first_day, last_day, weekdays, start, end = found = [row[name] for name in TIMES]
    times = Times(
        zone_of(row["timezone"]), start_at, end_at, first_day, last_day, frozenset(weekdays or ()), start, end
    )
    custom = row["destination_type"] == RuleDestination.CUSTOM_URL.value
    return Rule(
        row=row,
        id=row["id"],
        url=row["custom_url"] if custom else None,
        dead=bool(custom and row["is_dead"]),
        skipped_if_dead=row["on_custom_url_dead"] == DeadUrl.SKIP_RULE.value,
        link_type=row["link_type"],
        times=times if any(each is not None for each in found) else None,
        countries=frozenset(row["location_countries"] or ()),
        regions=frozenset(row["location_regions"] or ()),
        cities=frozenset(city.casefold() for city in row["location_cities"] or ()),
        languages=tuple(tag.lower() for tag in row["languages"] or ()),
        devices=frozenset(row["devices"] or ()),
    )


# --- deciding


class Verdict(NamedTuple):
    """The rule that decides and the address that it leads to; None for the hosted page."""

    rule: Rule
    url: str | None


class Step(NamedTuple):
    """One rule that was asked. `outcome`: DECIDES, NOT_MET (`criterion` says what), URL_DEAD (skipped) or DISABLED."""

    row: Any
    outcome: str
    criterion: str | None = None


def verdict(rule: Rule) -> Verdict | None:
    """What a rule of which everything is met decides; None: it is skipped, because its address is dead."""
    if not rule.dead:
        return Verdict(rule, rule.url)
    return None if rule.skipped_if_dead else Verdict(rule, None)


@dataclass(eq=False)
class RuleSet:
    """The rules of one organization that are enabled, by where they stand, each in its order.

    Where there are many, what was answered is remembered for visits that look alike within one second: a scan storm
    does not ask ten thousand rules anew each time.
    """

    places: Mapping[Place, Sequence[Rule]]
    size: int = 0
    timed: frozenset[Place] = frozenset()  # those of which a rule looks at the clock
    _remembered: dict[Any, Verdict | None] = field(default_factory=dict)

    def decide(self, subject: Subject, visit: Visit) -> Verdict | None:
        """Where the rules send a visit; None: none of them says anything."""
        for place in subject.places:
            rules = self.places.get(place)
            if rules and (found := self._first(place, rules, visit)) is not None:
                return found
        return None

    def looks_at_the_clock(self, subject: Subject) -> bool:
        """Whether where a visit of this goes can depend on when it is."""
        return not self.timed.isdisjoint(subject.places)

    def _first(self, place: Place, rules: Sequence[Rule], visit: Visit) -> Verdict | None:
        if len(rules) < LONG:
            return first(rules, visit)
        key = (place, int(visit.at.timestamp()), visit.visitor, visit.language, visit.link_type)
        found = self._remembered.get(key, ...)
        if found is ...:
            if len(self._remembered) >= MOST_REMEMBERED:
                self._remembered.clear()
            found = self._remembered[key] = first(rules, visit)
        return found


def first(rules: Iterable[Rule], visit: Visit) -> Verdict | None:
    for rule in rules:
        if rule.unmet(visit) is None and (found := verdict(rule)) is not None:
            return found
    return None


def explain(rules: Iterable[Rule], visit: Visit) -> Iterator[Step]:
    """What each rule says in turn, up to the one that decides."""
    for rule in rules:
        if not rule.row.enabled:
            yield Step(rule.row, "DISABLED")
        elif (criterion := rule.unmet(visit)) is not None:
            yield Step(rule.row, "NOT_MET", criterion)
        elif verdict(rule) is None:
            yield Step(rule.row, "URL_DEAD")
        else:
            yield Step(rule.row, "DECIDES")
            return


def place_of(row: ResolutionRule) -> Place:
    """Where a rule stands: by the product's id, which stays when its GTIN changes."""
    if row.scope_type in (BATCH, SERIAL):
        return row.scope_type, f"{row.product_id}{str(row.scope_id)[14:]}"
    if row.scope_type == PRODUCT:
        return row.scope_type, str(row.product_id)
    return row.scope_type, row.scope_id or ""


def rule_set(rows: Iterable[Any]) -> RuleSet:
    """Of rows in the order of their index."""
    places: dict[Place, list[Rule]] = {}
    size = 0
    for row in rows:
        places.setdefault(place_of(row), []).append(compiled(row))
        size += 1
    timed = frozenset(place for place, rules in places.items() if any(rule.times is not None for rule in rules))
    return RuleSet({place: tuple(rules) for place, rules in places.items()}, size, timed)


def now() -> datetime:
    """The moment of a scan; tests put another in its place."""
    return datetime.now(UTC)
