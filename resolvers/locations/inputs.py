"""What can be said of a place."""

from dataclasses import dataclass
from typing import Annotated

from closient_gql.core.bounds import Bounds, Doc
from closient_gql.core.errors import Detail, Invalid

Latitude = Annotated[float, Bounds(minimum=-90, maximum=90), Doc("Decimal degrees north, WGS 84.")]
Longitude = Annotated[float, Bounds(minimum=-180, maximum=180), Doc("Decimal degrees east, WGS 84.")]
RadiusKm = Annotated[float, Doc("Kilometres, more than 0. More than half the earth's circumference means everywhere.")]
EVERYWHERE_KM = 20_004.0
"""Nothing is further: half of a meridian of WGS 84, the longest shortest way, has 20,003.93 km."""


@dataclass(kw_only=True)
class NearInput:
    """A place to measure from."""

    latitude: Latitude
    longitude: Longitude
    radius_km: RadiusKm | None = None


def radius_of(radius_km: float | None, default: float, field: str = "near.radiusKm") -> float | None:
    """The radius in kilometres; None: everywhere.

    Raises:
        Invalid: it is zero, negative or no number (contract README: radius).
    """
    radius = default if radius_km is None else radius_km
    if not radius > 0:  # NaN, too
        raise Invalid([Detail(field=field, message="must be more than 0 (kilometres)")])
    return radius if radius < EVERYWHERE_KM else None
