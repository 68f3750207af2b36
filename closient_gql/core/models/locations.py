"""Places: stores and other points where something is sold, handed out or done."""

from datetime import datetime
from typing import Any

from geoalchemy2 import Geography
from sqlalchemy import Boolean, Computed, Float, ForeignKey, Index, String, func, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import Text

from closient_gql.core.enums import Described
from closient_gql.core.models.base import Annotatable, Base, Identified


def point() -> Geography:
    """A point on the spheroid of WGS 84; distances are in metres along its surface. A type of its own for each column,
    because it learns from its column whether it may be null."""
    return Geography("POINT", srid=4326, spatial_index=False)


class LocationKind(Described):
    STORE = "store", "People buy here."
    SERVICE = "service", "Something is done for people here: a pharmacy's counter, a repair shop, a bank."
    WAREHOUSE = "warehouse", "Goods are kept here; not for visitors."
    PICKUP = "pickup", "Orders are handed out here: a locker, a counter."
    OFFICE = "office", "People work here; nothing is sold."


class PositionSource(Described):
    GIVEN = "given", "Whoever entered the place said where it is."
    POSTAL_CODE = "postal_code", "The middle of its postal code's area: some kilometres off."
    GEOCODER = "geocoder", "A geocoder found its address."


class Location(Identified, Annotatable, Base):
    """A place. One without an organization is known from open data and belongs to nobody."""

    __tablename__ = "locations"
    organization_id: Mapped[str | None] = mapped_column(String(12), ForeignKey("organizations.id", ondelete="CASCADE"))
    reference: Mapped[str | None]  # the owner's own number of it, by which imports find it again
    name: Mapped[str]
    kind: Mapped[str] = mapped_column(server_default="store")
    latitude: Mapped[float] = mapped_column(Float(53))
    longitude: Mapped[float] = mapped_column(Float(53))
    point: Mapped[Any] = mapped_column(
        point(), Computed("st_setsrid(st_makepoint(longitude, latitude), 4326)::geography", persisted=True)
    )
    position_source: Mapped[str] = mapped_column(server_default="given")
    street_address: Mapped[str] = mapped_column(server_default="")
    city: Mapped[str] = mapped_column(server_default="")
    region: Mapped[str] = mapped_column(server_default="")  # ISO 3166-2, or empty
    postal_code: Mapped[str] = mapped_column(server_default="")
    country: Mapped[str] = mapped_column(String(2))  # ISO 3166-1 alpha-2
    phone: Mapped[str] = mapped_column(server_default="")
    website: Mapped[str] = mapped_column(server_default="")
    time_zone: Mapped[str] = mapped_column(server_default="UTC")  # IANA
    opening_hours: Mapped[Any | None] = mapped_column(JSONB(none_as_null=True))  # resolvers.locations.hours.stored
    services: Mapped[list[str]] = mapped_column(ARRAY(Text()), server_default="{}")
    categories: Mapped[list[str]] = mapped_column(ARRAY(Text()), server_default="{}")
    gln: Mapped[str | None]
    last_inventory_sync: Mapped[datetime | None]
    is_active: Mapped[bool] = mapped_column(Boolean, server_default=text("true"))
    modified: Mapped[datetime] = mapped_column(server_default=func.now())


COLUMNS = [column for column in Location.__table__.c if column.name != "point"]
"""What rows carry: all but the point, which latitude and longitude say already."""

Index("ix_locations_point", Location.point, postgresql_using="gist", postgresql_where=Location.is_active)
Index("ix_locations_name", Location.organization_id, func.lower(Location.name), Location.id)
Index(
    "uq_locations_reference", Location.organization_id, Location.reference,
    unique=True, postgresql_nulls_not_distinct=True, postgresql_where=Location.reference.is_not(None),
)  # fmt: skip
Index(
    "uq_locations_gln", Location.organization_id, Location.gln,
    unique=True, postgresql_nulls_not_distinct=True, postgresql_where=Location.gln.is_not(None),
)  # fmt: skip
