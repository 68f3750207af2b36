"""The demo places: shops of OpenStreetMap around Baltimore, Harrisburg, Liechtenstein, Singapore and New York, and the
Walmarts of the United States as of 2006. They are real and belong to no organization."""

from closient_gql.core.db import Connection
from closient_gql.server.demo_rows import Progress, Row, demo_id, insert_all, lines_of
from resolvers.locations import osm_hours
from resolvers.locations.hours import stored


def place_id(reference: str) -> str:
    """The id of the place with this reference: `node/2123366892`, `walmart/1`."""
    return demo_id("location", reference)


async def places(connection: Connection, progress: Progress) -> None:
    records = [record for name in ("osm-shops", "walmart") for record in lines_of(f"{name}.jsonl.gz")]
    await insert_all(connection, {"locations": [_location(record) for record in records]}, progress)


def _location(record: Row) -> Row:
    hours = record.get("hours")
    return {
        "id": place_id(record["ref"]),
        "reference": record["ref"],
        "name": record["name"],
        "latitude": record["lat"],
        "longitude": record["lon"],
        # the Walmarts' positions are those of their postal codes
        "position_source": "postal_code" if record["ref"].startswith("walmart/") else "given",
        "street_address": record.get("street", ""),
        "city": record.get("city", ""),
        "region": record.get("region", ""),
        "postal_code": record.get("postal_code", ""),
        "country": record["country"],
        "phone": record.get("phone", ""),
        "website": record.get("website", ""),
        "time_zone": record["time_zone"],
        "opening_hours": stored(osm_hours.read(hours)) if hours else None,
        "categories": record.get("categories", []),
        "services": record.get("services", []),
    }
