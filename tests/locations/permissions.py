"""Who may do what at the endpoints of the Locations API."""

from collections.abc import Mapping
from typing import Any

from tests.locations.conftest import place
from tests.permissions import KEY, LOCATIONS, PUBLIC, VIEW, Row, World

HERE = {"lat": "39.29", "lon": "-76.61"}


async def ours(world: World) -> Mapping[str, Any]:
    return {"organization_id": world.organization}


async def location(world: World) -> Mapping[str, Any]:
    id = await place(world.connection, 39, -76, organization_id=world.organization)
    return {"id": id, "organization_id": world.organization}


ROWS = {
    "list_nearby_locations": Row(KEY, query=HERE),
    "find_nearby_locations": Row(KEY, query=HERE),  # each sees the places of its own organization
    "lookup_postal_code": Row(KEY, query={"postal_code": "21201"}),
    "list_locations": Row(VIEW, location),
    "create_location": Row(LOCATIONS, ours, body={"name": "A", "country": "US", "latitude": 39, "longitude": -76}),
    "get_location": Row(KEY, location),  # active ones are part of the catalogue
    "update_location": Row(LOCATIONS, location, body={"name": "New"}),
    "delete_location": Row(LOCATIONS, location),
    "get_location_hours": Row(KEY, location),
    "download_location_import_template": Row(PUBLIC),
    "import_locations": Row(LOCATIONS, ours, files={"file": ("places.csv", b"name,lat,lon\nA,39,-76")}),
    "track_widget_analytics_events": Row(PUBLIC, body={}),
}
