"""Imports of places: created, or changed where the organization has them already, with a report of every row.

A file is one transaction: a crash leaves nothing of it, and the file can be sent again, which changes nothing more.
Rows that are wrong are reported and left out. A place is found again by its reference, else by its GLN, else by its
name and address.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

import orjson
from sqlalchemy import ARRAY, Text, bindparam, func, select

from closient_gql.core.bounds import Bounds, Doc, Id
from closient_gql.core.db import Query, Writer, conflicts
from closient_gql.core.ids import new_id
from closient_gql.core.models.locations import COLUMNS, Location, PositionSource
from resolvers import access
from resolvers.account.changing import changing
from resolvers.context import Context
from resolvers.locations import import_rows, rules
from resolvers.locations.commands import TAKEN, WRITTEN, Values
from resolvers.locations.hours import zone_at
from resolvers.locations.import_rows import Row, RowError
from resolvers.locations.queries import POSTAL_CODES
from resolvers.roles import May, require

MOST_CHARACTERS = 10 * 2**20
SEPARATOR = "\x1f"
ADDRESS = func.lower(func.concat_ws(SEPARATOR, Location.name, Location.street_address, Location.postal_code))
EXISTING = Query(
    Location,
    select(*COLUMNS)
    .where(
        Location.organization_id == bindparam("organization"),
        (Location.reference == func.any(bindparam("references", type_=ARRAY(Text))))
        | (Location.gln == func.any(bindparam("glns", type_=ARRAY(Text))))
        | ADDRESS.in_(select(func.lower(func.unnest(bindparam("addresses", type_=ARRAY(Text)))))),
    )
    .order_by(Location.id)
    .with_for_update(),
)
NAMES = ", ".join(WRITTEN)
INSERT = f"""
INSERT INTO locations (id, organization_id, {NAMES}) SELECT id, $2, {NAMES}
FROM json_populate_recordset(NULL::locations, $1::text::json)
"""  # noqa: S608  names of our own
UPDATE = f"""
UPDATE locations SET modified = clock_timestamp(), {", ".join(f"{name} = new.{name}" for name in WRITTEN)}
FROM json_populate_recordset(NULL::locations, $1::text::json) AS new WHERE locations.id = new.id
"""  # noqa: S608
EVENTS = """
INSERT INTO events (type, entity, entity_id, organization_id, data)
SELECT $1, 'location', id, $3, '{}' FROM unnest($2::text[]) AS id ORDER BY id
"""
DEFAULTS: Values = {
    "street_address": "", "city": "", "region": "", "postal_code": "", "phone": "", "website": "", "kind": "store",
    "opening_hours": None, "gln": None, "reference": None, "services": [], "categories": [], "is_active": True,
    "metadata": {}, "position_source": PositionSource.GIVEN.value,
}  # fmt: skip


@dataclass(frozen=True)
class LocationImport:
    """What an import came to. Every row with content counts once:
    `created + updated + unchanged + error_count == total_rows`."""

    total_rows: int
    created: int
    updated: int
    unchanged: int
    errors: Sequence[RowError]

    @property
    def error_count(self) -> int:
        return len(self.errors)


@access.user
async def import_text(
    ctx: Context,
    organization_id: Annotated[Id, Doc("The organization that the places belong to.")],
    content: Annotated[str, Bounds(max_length=MOST_CHARACTERS), Doc("The file's text: CSV with a header, or GeoJSON.")],
) -> LocationImport:
    """As `import_file`, for a text."""
    return await import_file(ctx, organization_id, content.encode())


@access.user
async def check_importer(ctx: Context, organization_id: str) -> None:
    """Whether the caller may import, before anything is read.

    Raises:
        NotFound, Forbidden: resolvers.roles.require.
    """
    require(ctx, organization_id, May.LOCATIONS)


async def import_file(ctx: Context, organization_id: str, data: bytes) -> LocationImport:
    """Imports a file of places for an organization of the caller's. Owners and managers may.

    Raises:
        NotFound, Forbidden: resolvers.roles.require.
        Invalid, BadRequest: the file cannot be read (`import_rows.read`).
        Conflict: while it was read, a place got a reference or GLN that the file gives another one.
    """
    await check_importer(ctx, organization_id)
    sheet = await asyncio.to_thread(import_rows.read, data)
    async with changing(ctx, organization_id, May.LOCATIONS) as change:  # imports of one organization queue up here
        work = Import(change.write, organization_id, list(sheet.errors))
        done = await work.run(sheet.rows)
        counts = {
            name: getattr(done, name) for name in ("total_rows", "created", "updated", "unchanged", "error_count")
        }
        await change.note("locations.imported", ("import", new_id()), counts)
    return done


@dataclass
class Import:
    """One file's transaction."""

    write: Writer
    organization: str
    errors: list[RowError]
    created: list[Values] = field(default_factory=list)
    updated: list[Values] = field(default_factory=list)
    unchanged: int = 0

    async def run(self, rows: Sequence[Row]) -> LocationImport:
        total = len(rows) + len(self.errors)
        known = Known.of(await self.existing(rows))
        await asyncio.to_thread(self.decide, rows, known)  # seconds, for the largest
        run = self.write.connection.execute
        with conflicts(TAKEN):  # somebody gave a reference to another place meanwhile
            await run(INSERT, orjson.dumps(self.created).decode(), self.organization)
            await run(UPDATE, orjson.dumps(self.updated).decode())
        for event, places in (("location.created", self.created), ("location.updated", self.updated)):
            await run(EVENTS, event, [place["id"] for place in places], self.organization)
        errors = sorted(self.errors, key=lambda error: error.row)
        return LocationImport(total, len(self.created), len(self.updated), self.unchanged, errors)

    async def existing(self, rows: Sequence[Row]) -> Sequence[Location]:
        keys = {
            "references": [key for row in rows if (key := row.values.get("reference"))],
            "glns": [key for row in rows if (key := row.values.get("gln"))],
            "addresses": [address_of(row.values) for row in rows],
        }
        return await self.write.all(EXISTING, organization=self.organization, **keys)

    def decide(self, rows: Sequence[Row], known: "Known") -> None:
        """What becomes of each row."""
        for row in rows:
            try:
                place = known.find(row.values)
                if place is None:
                    place = Place(new_id(), new_place(row.values))
                    self.created.append({"id": place.id} | place.values)
                elif (after := changed_place(place.values, row.values)) == place.values:
                    self.unchanged += 1
                else:
                    place.values = after
                    self.updated.append({"id": place.id} | after)
            except ValueError as error:
                self.errors.append(RowError(row.row, str(error)))
                continue
            place.row = row.row
            known.add(place)


@dataclass
class Place:
    """A place that is there or will be. `row`: which row of this file spoke of it."""

    id: str
    values: Values
    row: int | None = None


@dataclass
class Known:
    """Places by what they are found by."""

    references: dict[str, Place] = field(default_factory=dict)
    glns: dict[str, Place] = field(default_factory=dict)
    addresses: dict[str, Place] = field(default_factory=dict)

    @classmethod
    def of(cls, locations: Sequence[Location]) -> "Known":
        known = cls()
        for location in locations:
            known.add(Place(location.id, {name: getattr(location, name) for name in WRITTEN}))
        return known

    def add(self, place: Place) -> None:
        if reference := place.values["reference"]:
            self.references[reference] = place
        if gln := place.values["gln"]:
            self.glns[gln] = place
        self.addresses.setdefault(address_of(place.values).lower(), place)

    def find(self, values: Mapping[str, Any]) -> Place | None:
        """The place that a row speaks of; None if it is a new one.

        Raises:
            ValueError: an earlier row spoke of it, or its reference and its GLN are those of two places.
        """
        reference, gln = values.get("reference"), values.get("gln")
        found, by_gln = self.references.get(reference or ""), self.glns.get(gln or "")
        if not reference and not gln:
            found = self.addresses.get(address_of(values).lower())
        elif found is None and by_gln and not (reference and by_gln.values["reference"]):
            found = by_gln
        if found and found.row is not None:
            raise ValueError(f"is the same place as row {found.row}")
        if by_gln and by_gln is not found:
            raise ValueError(f"has the GLN of another place, {by_gln.values['name']} ({by_gln.id})")
        return found


def address_of(values: Mapping[str, Any]) -> str:
    """Name and address, as `EXISTING` joins them. Each side makes small letters of both by itself: PostgreSQL's are not
    always Python's (Σ, İ)."""
    return SEPARATOR.join(values.get(name, "") for name in ("name", "street_address", "postal_code"))


def new_place(given: Mapping[str, Any]) -> Values:
    """All columns of a place that was not there.

    Raises:
        ValueError: something is missing.
    """
    values = DEFAULTS | dict(given)
    if "latitude" not in values:
        values |= by_postal_code(values)
    if lost := [name for name in ("name", "country") if name not in values]:
        raise ValueError(f"has no {lost[0]}")
    values.setdefault("time_zone", zone_at(values["latitude"], values["longitude"]))
    return values


def by_postal_code(values: Mapping[str, Any]) -> Values:
    """Where a place is by its postal code.

    Raises:
        ValueError: that is not known.
    """
    found = POSTAL_CODES.find(values["country"], values["postal_code"]) if "country" in values else None
    if found is None:
        raise ValueError("has no latitude and longitude, and its postal code is not known")
    place = {"latitude": found.latitude, "longitude": found.longitude, "position_source": found.source.value}
    return place | {name: getattr(found, name) for name in ("city", "region") if not values[name]}


def changed_place(before: Values, given: Mapping[str, Any]) -> Values:
    """All columns of a place, with what a row says of it.

    Raises:
        ValueError: that does not fit to what is there.
    """
    after = before | dict(given)
    found_by_address = before["position_source"] != PositionSource.GIVEN.value and "latitude" not in given
    if found_by_address and any(after[name] != before[name] for name in ("country", "postal_code")):
        after |= by_postal_code(after)
    elif any(after[name] != before[name] for name in ("latitude", "longitude")):
        after |= {"position_source": PositionSource.GIVEN.value}
    if any(after[name] != before[name] for name in ("latitude", "longitude")) and "time_zone" not in given:
        after |= {"time_zone": zone_at(after["latitude"], after["longitude"])}
    if after["region"] and (problem := rules.region_problem(after["region"], after["country"])):
        raise ValueError(f"region {problem}")
    return after
