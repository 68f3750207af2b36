"""What can be said of a place."""

from dataclasses import dataclass
from typing import Annotated

from closient_gql.core.bounds import Bounds, Doc

Latitude = Annotated[float, Bounds(minimum=-90, maximum=90), Doc("Decimal degrees north, WGS 84.")]
Longitude = Annotated[float, Bounds(minimum=-180, maximum=180), Doc("Decimal degrees east, WGS 84.")]
RadiusKm = Annotated[
    float, Bounds(minimum=0.001), Doc("Kilometres. More than half the way round the earth means everywhere.")
]
EVERYWHERE_KM = 20_004.0
"""Nothing is further: half of a meridian of WGS 84, the longest shortest way, has 20,003.93 km."""


@dataclass(kw_only=True)
class NearInput:
    """A place to measure from."""

    latitude: Latitude
    longitude: Longitude
    radius_km: RadiusKm | None = None
