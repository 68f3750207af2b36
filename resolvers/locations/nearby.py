"""What is near: distances on the spheroid as parts of SQL, and places by distance.

The index finds candidates within the radius (`ST_DWithin`); they are sorted by their distance on the spheroid. PostGIS
takes both across the antimeridian and the poles. A statement made of these parts takes the values of `here`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any

from sqlalchemy import ARRAY, BigInteger, ColumnElement, Double, Numeric, bindparam, cast, func, select, true

from closient_gql.core.bounds import Doc
from closient_gql.core.db import KEYS, Query
from closient_gql.core.errors import Unauthorized
from closient_gql.core.models.account import Organization
from closient_gql.core.models.locations import COLUMNS, Location, LocationKind, point
from resolvers import access
from resolvers.context import Context
from resolvers.locations.inputs import EVERYWHERE_KM, CategoryFilter, Limit, NearInput, ServiceFilter
from resolvers.locations.queries import has_word

NEARBY_KM, LOCATOR_KM = 2.0, 50.0  # contract: nearby, find_nearby_locations
LATITUDE, LONGITUDE = bindparam("near_latitude", type_=Double), bindparam("near_longitude", type_=Double)
POINT: ColumnElement[Any] = select(cast(func.ST_MakePoint(LONGITUDE, LATITUDE), point())).scalar_subquery()
"""Where it is measured from. A subquery, so that it is made once for a statement, and not for every row."""
METRES: ColumnElement[float] = func.ST_Distance(Location.point, POINT, type_=Double)
"""From here to the location: sort by this, then by an id."""
DISTANCE_KM: ColumnElement[float] = cast(func.round(cast(METRES / 1000, Numeric), 2), Double)
"""The same, as it is shown: kilometres to two decimals."""
RADIUS = bindparam("near_metres", type_=Double)
WITHIN: ColumnElement[bool] = func.ST_DWithin(Location.point, POINT, RADIUS)
"""Whether the location is within the radius. Leave it out if `here` gives no `near_metres`: that is everywhere."""
WIDE_KM = 100.0
"""Beyond this radius places are looked for in rings, each twice as wide as the one before, until there are enough.

PostGIS has an index of nearest neighbours, too (`<->`), but it measures on a sphere, and fails for some places far away
("index returned tuples in wrong order").
"""
FILTERS: dict[str, ColumnElement[bool]] = {
    "organization_id": Location.organization_id == bindparam("organization_id"),
    "kind": Location.kind == bindparam("kind"),
    "category": has_word(Location.categories, "category"),
    "service": has_word(Location.services, "service"),
}
DISTANCES = Query(Location, select(Location.id, DISTANCE_KM.label("distance_km")).where(Location.id == func.any(KEYS)))
ORGANIZATION = Query(
    Organization,
    select(*Organization.__table__.c).where(Organization.id == bindparam("id"), Organization.deleted_at.is_(None)),
)
NO_ORGANIZATION = "A key of one organization is needed, such as its publishable key (cpk): its places are shown."


def here(near: NearInput, default_km: float) -> dict[str, float]:
    """The values of these parts: where to measure from, and the radius in metres if it is not everywhere."""
    radius = default_km if near.radius_km is None else near.radius_km
    found = {"near_latitude": near.latitude, "near_longitude": near.longitude}
    return found | {"near_metres": radius * 1000} if radius < EVERYWHERE_KM else found


FROM = (LATITUDE.label("from_latitude"), LONGITUDE.label("from_longitude"))
SHOWN = (*COLUMNS, DISTANCE_KM.label("distance_km"), METRES.label("metres_"), *FROM)
LIMIT = bindparam("limit_", type_=BigInteger)


def conditions(filters: frozenset[str]) -> list[ColumnElement[bool]]:
    return [Location.is_active.expression, *(FILTERS[name] for name in sorted(filters))]


@cache
def by_distance(filters: frozenset[str], everywhere: bool) -> Query[Location]:
    """Active places within the radius, nearest first; rows say their distance, and from where. What is sorted is
    narrow: whole rows are read of those that are shown."""
    where = conditions(filters) + ([] if everywhere else [WITHIN])
    sorted_ = select(Location.id, METRES.label("metres")).where(*where).order_by(METRES, Location.id).limit(LIMIT)
    found = sorted_.subquery("found")
    kilometres = cast(func.round(cast(found.c.metres / 1000, Numeric), 2), Double)
    shown = (*COLUMNS, kilometres.label("distance_km"), *FROM)
    rows = select(*shown).join(found, Location.id == found.c.id)
    return Query(Location, rows.order_by(found.c.metres, found.c.id))


@cache
def by_rings(filters: frozenset[str]) -> Query[Location]:
    """As `by_distance`, for wide radii: the work grows with what is found, not with what is within the radius."""
    bounds = [bindparam(name, type_=ARRAY(Double)) for name in ("rings_from", "rings_to")]
    rings = func.unnest(*bounds).table_valued("begin", "end").render_derived("rings")
    inside = (func.ST_DWithin(Location.point, POINT, rings.c.end), rings.c.begin < METRES, rings.c.end >= METRES)
    places = select(*SHOWN).where(*conditions(filters), *inside).order_by(METRES, Location.id).limit(LIMIT)
    each = places.lateral("each")
    first = select(each).select_from(rings.join(each, true())).limit(LIMIT).subquery()  # in the order of the rings
    return Query(Location, select(first).order_by(first.c.metres_, first.c.id))


def rings_of(metres: float) -> dict[str, list[float]]:
    """From the inside out, up to a radius."""
    ends = [min(WIDE_KM * 1000, metres)]
    while ends[-1] < metres:
        ends.append(min(ends[-1] * 2, metres))
    return {"rings_from": [-1.0, *ends[:-1]], "rings_to": ends}


async def nearest(
    ctx: Context, near: NearInput, default_km: float, limit: int, given: Mapping[str, Any]
) -> Sequence[Location]:
    """Active places by distance. Filters that are None do not filter."""
    filters = {name: value for name, value in given.items() if value is not None}
    values: dict[str, Any] = here(near, default_km) | filters | {"limit_": limit}
    metres = values.get("near_metres", EVERYWHERE_KM * 1000)
    if metres > WIDE_KM * 1000 and "organization_id" not in filters:  # of one there are not so many
        return await ctx.read.all(by_rings(frozenset(filters)), **values, **rings_of(metres))
    return await ctx.read.all(by_distance(frozenset(filters), "near_metres" not in values), **values)


async def distances_of(
    ctx: Context,
    locations: Sequence[Location],
    *,
    near: Annotated[NearInput, Doc("Where to measure from; the radius does not count.")],
) -> list[float | None]:
    """Kilometres on the spheroid, to two decimals. Rows that were found by their distance from there say it."""
    found: dict[str, float] = {}
    for each in locations:
        if (getattr(each, "from_latitude", None), getattr(each, "from_longitude", None)) == (
            near.latitude,
            near.longitude,
        ):
            found[each.id] = each.distance_km  # type: ignore[attr-defined]  # of by_distance
    if others := [each.id for each in locations if each.id not in found]:
        rows: Sequence[Any] = await ctx.read.all(DISTANCES, keys=others, **here(near, NEARBY_KM))
        found |= {row.id: row.distance_km for row in rows}
    return [found.get(each.id) for each in locations]


@access.key
async def locations_near(
    ctx: Context,
    near: Annotated[NearInput, Doc("Where; within 2 km if nothing is said.")],
    limit: Limit = 20,
    kind: Annotated[LocationKind | None, Doc("Only places of this kind.")] = None,
    category: CategoryFilter = None,
    service: ServiceFilter = None,
) -> Sequence[Location]:
    """Places of every organization around a point, nearest first."""
    given = {"kind": kind.value if kind else None, "category": category, "service": service}
    return await nearest(ctx, near, NEARBY_KM, limit, given)


@dataclass(frozen=True)
class StoreLocator:
    """What an organization's store locator shows."""

    organization: Organization
    near: NearInput
    limit: int


@access.key
async def store_locator(
    ctx: Context,
    near: Annotated[NearInput, Doc("Where; within 50 km if nothing is said.")],
    limit: Limit = 20,
) -> StoreLocator:
    """The places of the organization that the key acts for; a user's key acts for the only one that the user is in.

    Raises:
        Unauthorized: there is no such organization.
    """
    only = next(iter(ctx.viewer.memberships), "") if len(ctx.viewer.memberships) == 1 else ""
    organization = await ctx.read.one(ORGANIZATION, id=ctx.viewer.organization_id or only)
    if organization is None:
        raise Unauthorized(NO_ORGANIZATION)
    return StoreLocator(organization, near, limit)


async def places_of(ctx: Context, locators: Sequence[StoreLocator]) -> list[Sequence[Location]]:
    """Open places, nearest first. There is one locator in a request, or a few."""
    return [
        await nearest(ctx, each.near, LOCATOR_KM, each.limit, {"organization_id": each.organization.id})
        for each in locators
    ]
