"""Places."""

from datetime import datetime

import strawberry

from closient_gql.core.gs1.gln import Gln
from closient_gql.core.models import locations as models
from closient_gql.core.models.locations import LocationKind, PositionSource
from resolvers.locations import inputs, queries
from schema.account.types import Organization
from schema.declare import adopt_enum, adopt_input, column, entity, relation

adopt_enum(LocationKind, "What a place is for.")
adopt_enum(PositionSource, "How it is known where a place is.")
adopt_input(inputs.NearInput, "NearInput", "A place to measure from, and how far.")


@entity(models.Location, keys={"id": queries.locations_by_id}, says="A place: a store, or another point of service.")
class Location:
    id: strawberry.ID = column("Id of the location.")
    organization_id: strawberry.ID | None = column(
        "Id of the organization that it belongs to; null: nobody's, known from open data."
    )
    organization: Organization | None = relation(
        queries.organizations_of, "The organization that it belongs to, for its members only."
    )
    reference: str | None = column("Its owner's own number of it, by which imports find it again.")
    name: str = column("Name as it stands over the door.")
    kind: LocationKind = column("What it is for.")
    latitude: float = column("Decimal degrees north, WGS 84.")
    longitude: float = column("Decimal degrees east, WGS 84.")
    position_source: PositionSource = column("How it is known where it is.")
    street_address: str = column("Street and number; empty if unknown.")
    city: str = column("City or place; empty if unknown.")
    region: str = column("State or province: ISO 3166-2, such as US-MD; empty if unknown.")
    postal_code: str = column("Postal code; empty if unknown.")
    country: str = column("Country: ISO 3166-1 alpha-2.")
    phone: str = column("Phone number; empty if unknown.")
    website: str = column("Address of its own page; empty if unknown.")
    time_zone: str = column("Its clock: a name of the IANA time zone database, such as America/New_York.")
    services: list[str] = column("What is done there: pharmacy, parking, …")
    categories: list[str] = column("What kind of shop it is: supermarket, bakery, …")
    gln: Gln | None = column("Its GS1 Global Location Number.")
    last_inventory_sync: datetime | None = column("When its stock was last heard of.")
    is_active: bool = column("Whether it is open to the public at all; others are seen by their owners only.")
    metadata: dict[str, str] = column("The owner's own notes.")
    created: datetime = column("When it was first known.")
    modified: datetime = column("When it was last changed.")
