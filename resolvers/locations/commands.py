"""How locations are made, changed and removed. Each function is one transaction."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from sqlalchemy import bindparam, delete, func, insert, select, update

from closient_gql.adapters.geocoding import Address, geocoder_of
from closient_gql.core.absent import ABSENT
from closient_gql.core.bounds import Doc, Id
from closient_gql.core.db import Query, Writer, conflicts
from closient_gql.core.errors import Detail, Forbidden, Invalid, NotFound
from closient_gql.core.ids import new_id
from closient_gql.core.models.locations import COLUMNS, Location, PositionSource
from closient_gql.core.settings import settings
from resolvers import access
from resolvers.account.changing import living, merged
from resolvers.context import Context
from resolvers.locations import rules
from resolvers.locations.hours import stored, zone_at
from resolvers.locations.inputs import LocationInput, LocationPatch
from resolvers.locations.queries import POSTAL_CODES
from resolvers.outbox import audit, emit
from resolvers.roles import May, allowed, require

TEXTS = ("name", "street_address", "city", "postal_code", "phone", "website")
CODES = ("country", "region")  # in capitals
ADDRESS = ("street_address", "city", "region", "postal_code", "country")
CLEARED = ("opening_hours", "gln", "reference")  # null says that there is none
WRITTEN = (*TEXTS, *CODES, *CLEARED, "kind", "latitude", "longitude", "position_source", "time_zone", "services",
           "categories", "is_active", "metadata")  # fmt: skip
TYPES = Location.__table__.c
NEW = {name: bindparam(f"new_{name}", type_=TYPES[name].type) for name in WRITTEN}
INSERT = Query(
    Location,
    insert(Location.__table__)  # type: ignore[arg-type]
    .values(id=bindparam("new_id"), organization_id=bindparam("organization"), **NEW)
    .returning(*COLUMNS),
)
SAVE = Query(
    Location,
    update(Location.__table__)  # type: ignore[arg-type]
    .where(Location.id == bindparam("location"))
    .values(NEW | {"modified": func.clock_timestamp()})
    .returning(*COLUMNS),
)
LOCK = Query(Location, select(*COLUMNS).where(Location.id == bindparam("id")).with_for_update())
DELETE = Query(Location, delete(Location).where(Location.id == bindparam("location")).returning(*COLUMNS))
NO_LOCATION = "There is no such location among those of your organizations."
NOBODYS = "This location is known from open data and belongs to no organization, so nobody can change it here."
TOO_SMALL = "Your role in the organization that this location belongs to, or that of your key, does not allow this."
NO_POSITION = "is required: no position was found for this address. Give latitude and longitude"
TAKEN = {
    "uq_locations_reference": "The organization has a location with this reference already.",
    "uq_locations_gln": "The organization has a location with this GLN already.",
}
Organization = Annotated[Id, Doc("The organization that it is to belong to.")]
Values = dict[str, Any]


@access.user
async def create_location(
    ctx: Context, organization_id: Organization, input: Annotated[LocationInput, Doc("The location.")]
) -> Location:
    """A new location of an organization of the caller's. Owners and managers may.

    Raises:
        NotFound, Forbidden: resolvers.roles.require.
        Invalid: a value does not fit its field, or no position is given and none can be found.
        Unavailable: the geocoder is asked, and does not answer.
        Conflict: the organization has a location with this reference or GLN.
    """
    require(ctx, organization_id, May.LOCATIONS)
    problems: list[Detail] = []
    values = said(input, problems)
    if input.latitude is None and input.longitude is None and not problems:
        values |= await positioned(values)
    values = completed(values, input.metadata, problems)
    async with ctx.transaction() as write:
        await living(write, organization_id)
        with conflicts(TAKEN):
            made = await write.one(INSERT, new_id=new_id(), organization=organization_id, **new(values))
        assert made
        await audit(write, ctx.viewer, organization_id, "location.created", ("location", made.id), {"name": made.name})
        await emit(write, "location.created", made.id, organization_id, name=made.name)
    return made


@access.user
async def update_location(
    ctx: Context,
    id: Annotated[Id, Doc("Id of a location of the caller's organization.")],
    input: Annotated[LocationPatch, Doc("What is to change.")],
) -> Location:
    """Changes what is given. Owners and managers may. A place that was found by its address moves with it; what moves
    gets the clock of where it is now.

    Raises:
        NotFound, Forbidden: `owned`. Invalid, Unavailable, Conflict: as `create_location`.
    """
    problems: list[Detail] = []
    given = said(input, problems)
    async with ctx.transaction() as write:
        location = await owned(ctx, write, id)
        if moved := {"latitude", "longitude"} & given.keys():
            given["position_source"] = PositionSource.GIVEN.value
        if input.metadata is not ABSENT:
            given["metadata"] = merged(location.metadata, input.metadata)  # type: ignore[arg-type]  # the row's column
        values = {name: given.get(name, getattr(location, name)) for name in WRITTEN}
        found_by_address = location.position_source != PositionSource.GIVEN.value
        if not moved and found_by_address and any(values[name] != getattr(location, name) for name in ADDRESS):
            values |= await positioned(values)
            moved = {"latitude", "longitude"}
        if moved and "time_zone" not in given:
            values["time_zone"] = zone_at(values["latitude"], values["longitude"])
        problems += wrong(values, given)
        if problems:
            raise Invalid(problems)
        changes = {name: value for name, value in values.items() if getattr(location, name) != value}
        return await save(ctx, write, location, changes)


async def save(ctx: Context, write: Writer, location: Location, changes: Values) -> Location:
    """Writes the changes of a locked location, and that they were made; nothing if there are none."""
    if not changes:
        return location
    values = {name: changes.get(name, getattr(location, name)) for name in WRITTEN}
    with conflicts(TAKEN):
        found = await write.one(SAVE, location=location.id, **new(values))
    assert found
    assert location.organization_id
    told = {name: {"old": getattr(location, name), "new": value} for name, value in changes.items()}
    await audit(write, ctx.viewer, location.organization_id, "location.updated", ("location", location.id), told)
    await emit(write, "location.updated", location.id, location.organization_id, fields=sorted(changes))
    return found


@access.user
async def delete_location(
    ctx: Context, id: Annotated[Id, Doc("Id of a location of the caller's organization.")]
) -> bool:
    """Removes a location for good, and with it the stores that stand there and their offers. Owners and managers may.

    Raises:
        NotFound, Forbidden: `owned`.
    """
    async with ctx.transaction() as write:
        location = await owned(ctx, write, id)
        await write.one(DELETE, location=id)
        organization = str(location.organization_id)
        await audit(write, ctx.viewer, organization, "location.deleted", ("location", id), {"name": location.name})
        await emit(write, "location.deleted", id, organization, name=location.name)
    return True


async def owned(ctx: Context, write: Writer, id: str) -> Location:
    """The location, locked until the end of the transaction, if the caller may change it.

    Raises:
        NotFound: there is none, or it is another organization's.
        Forbidden: it is nobody's, or the caller's role is too small.
    """
    location = await write.one(LOCK, id=id)
    if location is None or (location.organization_id is None and not location.is_active):
        raise NotFound(NO_LOCATION)
    if location.organization_id is None:
        raise Forbidden(NOBODYS)
    cells = allowed(ctx.viewer, location.organization_id)
    if not cells:
        raise NotFound(NO_LOCATION)
    if May.LOCATIONS not in cells:
        raise Forbidden(TOO_SMALL)
    return location


# --- from inputs to columns


def said(input: LocationInput | LocationPatch, problems: list[Detail]) -> Values:
    """What an input says, as the columns hold it; what is wrong with it is added to the problems."""
    found: Values = {}
    for name in WRITTEN:
        value: Any = getattr(input, name, None)
        if value is ABSENT or name == "metadata" or (value is None and name not in CLEARED):
            continue
        if name in TEXTS or (name == "reference" and value):
            value = value.strip()
        elif name in CODES:
            value = value.upper()
        elif name == "kind":
            value = value.value
        elif name in ("services", "categories"):
            value = rules.words(value)
        elif name == "opening_hours" and value is not None:
            value = stored(rules.hours_of(value, problems))
        found[name] = value
    return found


def completed(values: Values, metadata: Any, problems: list[Detail]) -> Values:
    """All columns of a new location.

    Raises:
        Invalid: something is wrong with them.
    """
    for name, other in (("latitude", "longitude"), ("longitude", "latitude")):
        if name not in values and other in values:
            problems.append(Detail(field=name, message=f"is required with {other}"))
    if {"latitude", "longitude"} <= values.keys():
        values.setdefault("time_zone", zone_at(values["latitude"], values["longitude"]))
        problems += wrong(values, values)
    if problems:
        raise Invalid(problems)
    defaults = {"position_source": PositionSource.GIVEN.value, "services": [], "categories": []}
    return defaults | values | {"metadata": merged({}, {} if metadata is ABSENT else metadata)}


def wrong(values: Values, given: Mapping[str, Any]) -> Iterator[Detail]:
    """What does not fit together, as far as it was given now."""
    country = values["country"]
    divided = values["region"] and given.keys() & {"region", "country"}
    if divided and (message := rules.region_problem(values["region"], country)):
        yield Detail(field="region", message=message)
    if "time_zone" in given and (message := rules.zone_problem(values["time_zone"])):
        yield Detail(field="time_zone", message=message)
    placed = given.keys() & {"latitude", "longitude", "country"}
    if placed and (message := rules.swapped(values["latitude"], values["longitude"], country)):
        yield Detail(field="latitude", message=message)


async def positioned(values: Values) -> Values:
    """The position of an address: a geocoder's if there is one, else that of the postal code.

    Raises:
        Invalid: it is not known. Unavailable: the geocoder does not answer.
    """
    country, code = values["country"], values["postal_code"]
    found = None
    if values["street_address"] or values["city"]:
        address = Address(country, code, values["street_address"], values["city"], values["region"])
        found = await geocoder_of(settings()).find(address)
    found = found or POSTAL_CODES.find(country, code)
    if found is None:
        raise Invalid([Detail(field="latitude", message=NO_POSITION)])
    place = {"latitude": found.latitude, "longitude": found.longitude, "position_source": found.source.value}
    return place | {name: getattr(found, name) for name in ("city", "region") if not values[name]}


def new(values: Values) -> Values:
    return {f"new_{name}": values[name] for name in WRITTEN}
