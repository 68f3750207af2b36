"""Distances on the spheroid, as parts of SQL: for lists of locations, and for whatever stands at one.

The index finds candidates within the radius (`ST_DWithin`); they are sorted by their distance on the spheroid. PostGIS
takes both across the antimeridian and the poles. A statement made of these takes the values of `here`.
"""

from typing import Any

from sqlalchemy import ColumnElement, Double, Numeric, bindparam, cast, func

from closient_gql.core.models.locations import Geography, Location
from resolvers.locations.inputs import EVERYWHERE_KM, NearInput

POINT: ColumnElement[Any] = cast(
    func.ST_MakePoint(bindparam("near_longitude", type_=Double), bindparam("near_latitude", type_=Double)), Geography
)
METRES: ColumnElement[float] = func.ST_Distance(Location.point, POINT, type_=Double)
"""From here to the location: sort by this, then by an id."""
DISTANCE_KM: ColumnElement[float] = cast(func.round(cast(METRES / 1000, Numeric), 2), Double)
"""The same, as it is shown: kilometres to two decimals."""
WITHIN: ColumnElement[bool] = func.ST_DWithin(Location.point, POINT, bindparam("near_metres", type_=Double))
"""Whether the location is within the radius. Leave it out if `here` gives no `near_metres`: that is everywhere."""


def here(near: NearInput, default_km: float) -> dict[str, float]:
    """The values of these parts: where to measure from, and the radius in metres if it is not everywhere."""
    radius = default_km if near.radius_km is None else near.radius_km
    found = {"near_latitude": near.latitude, "near_longitude": near.longitude}
    return found | {"near_metres": radius * 1000} if radius < EVERYWHERE_KM else found
