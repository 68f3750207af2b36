"""What is near: distances on the spheroid as parts of SQL, and places by distance.

The index finds candidates within the radius (`ST_DWithin`); they are sorted by their distance on the spheroid. PostGIS
takes both across the antimeridian and the poles. A statement made of these parts takes the values of `here`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any

from sqlalchemy import BigInteger, ColumnElement, Double, Numeric, Text, bindparam, cast, func, select

from closient_gql.core.bounds import Bounds, Doc
from closient_gql.core.db import KEYS, Query
from closient_gql.core.errors import Unauthorized
from closient_gql.core.models.account import Organization
from closient_gql.core.models.locations import COLUMNS, Geography, Location, LocationKind
from resolvers import access
from resolvers.context import Context
from resolvers.locations.inputs import EVERYWHERE_KM, Limit, NearInput

NEARBY_KM, LOCATOR_KM = 2.0, 50.0  # contract: nearby, find_nearby_locations
LATITUDE, LONGITUDE = bindparam("near_latitude", type_=Double), bindparam("near_longitude", type_=Double)
POINT: ColumnElement[Any] = cast(func.ST_MakePoint(LONGITUDE, LATITUDE), Geography)
METRES: ColumnElement[float] = func.ST_Distance(Location.point, POINT, type_=Double)
"""From here to the location: sort by this, then by an id."""
DISTANCE_KM: ColumnElement[float] = cast(func.round(cast(METRES / 1000, Numeric), 2), Double)
"""The same, as it is shown: kilometres to two decimals."""
RADIUS = bindparam("near_metres", type_=Double)
WITHIN: ColumnElement[bool] = func.ST_DWithin(Location.point, POINT, RADIUS)
"""Whether the location is within the radius. Leave it out if `here` gives no `near_metres`: that is everywhere."""
WIDE_KM = 100.0  # from here on most of what is within the radius is not among the nearest
SPHERE = 1.01
"""Distances on the sphere, by which an index of nearest neighbours sorts, are off by less than 0.6 percent."""
FILTERS: dict[str, ColumnElement[bool]] = {
    "organization_id": Location.organization_id == bindparam("organization_id"),
    "kind": Location.kind == bindparam("kind"),
    "category": bindparam("category", type_=Text) == func.any(Location.categories),
    "service": bindparam("service", type_=Text) == func.any(Location.services),
}
DISTANCES = Query(Location, select(Location.id, DISTANCE_KM.label("distance_km")).where(Location.id == func.any(KEYS)))
ORGANIZATION = Query(
    Organization,
    select(*Organization.__table__.c).where(Organization.id == bindparam("id"), Organization.deleted_at.is_(None)),
)
NO_ORGANIZATION = "A key that acts for one organization is needed, such as its publishable key: its places are shown."


def here(near: NearInput, default_km: float) -> dict[str, float]:
    """The values of these parts: where to measure from, and the radius in metres if it is not everywhere."""
    radius = default_km if near.radius_km is None else near.radius_km
    found = {"near_latitude": near.latitude, "near_longitude": near.longitude}
    return found | {"near_metres": radius * 1000} if radius < EVERYWHERE_KM else found


@cache
def by_distance(filters: frozenset[str], everywhere: bool, wide: bool) -> Query[Location]:
    """Open places within the radius, nearest first; rows say their distance, and from where.

    Where the radius is wide, it is first cut down to what holds enough of the nearest: an index of nearest neighbours
    finds those on the sphere, and none of the nearest on the spheroid is much further away.
    """
    limit = bindparam("limit_", type_=BigInteger)
    where = [Location.is_active, *(FILTERS[name] for name in sorted(filters))]
    shown = select(
        *COLUMNS, DISTANCE_KM.label("distance_km"), LATITUDE.label("from_latitude"), LONGITUDE.label("from_longitude")
    )
    if wide:
        sphere: ColumnElement[float] = Location.point.op("<->", return_type=Double())(POINT)
        furthest = select(sphere).where(*where).order_by(sphere).offset(limit - 1).limit(1).scalar_subquery()
        reach = func.least(furthest * SPHERE + 1, EVERYWHERE_KM * 1000 if everywhere else RADIUS)
        where.append(func.ST_DWithin(Location.point, POINT, reach))
    elif not everywhere:
        where.append(WITHIN)
    return Query(Location, shown.where(*where).order_by(METRES, Location.id).limit(limit))


async def nearest(
    ctx: Context, near: NearInput, default_km: float, limit: int, given: Mapping[str, Any]
) -> Sequence[Location]:
    """Open places by distance. Filters that are None do not filter."""
    filters = {name: value for name, value in given.items() if value is not None}
    values = here(near, default_km)
    everywhere = "near_metres" not in values
    wide = not filters and (everywhere or values["near_metres"] > WIDE_KM * 1000)
    query = by_distance(frozenset(filters), everywhere, wide)
    return await ctx.read.all(query, **values, **filters, limit_=limit)


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
    category: Annotated[str | None, Bounds(max_length=100), Doc("Only places of this category.")] = None,
    service: Annotated[str | None, Bounds(max_length=100), Doc("Only places with this service.")] = None,
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
    """The places of the organization that the key acts for.

    Raises:
        Unauthorized: the key acts for a user, or the organization is gone.
    """
    organization = await ctx.read.one(ORGANIZATION, id=ctx.viewer.organization_id or "")
    if organization is None:
        raise Unauthorized(NO_ORGANIZATION)
    return StoreLocator(organization, near, limit)


async def places_of(ctx: Context, locators: Sequence[StoreLocator]) -> list[Sequence[Location]]:
    """Open places, nearest first. There is one locator in a request, or a few."""
    return [
        await nearest(ctx, each.near, LOCATOR_KM, each.limit, {"organization_id": each.organization.id})
        for each in locators
    ]
