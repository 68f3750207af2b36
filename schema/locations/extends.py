"""The root fields of locations."""

from resolvers.locations import commands, nearby, queries
from schema.declare import Mutation, Query, extend, root
from schema.locations.types import GeocodedPlace, Location, StoreLocator
from schema.shared import Connection


@extend(Query)
class LocationQueries:
    location: Location | None = root(queries.location, "The location with this id.")
    locations: Connection[Location] | None = root(queries.locations, "Locations of an organization of the caller's.")
    locations_near: list[Location] | None = root(
        nearby.locations_near, "Places of every organization around a point, nearest first.", size="limit"
    )
    store_locator: StoreLocator | None = root(
        nearby.store_locator, "The places of the organization that the key acts for, around a point."
    )
    geocode: GeocodedPlace | None = root(queries.geocode, "Where a postal code is. So far those of the United States.")


@extend(Mutation)
class LocationMutations:
    location_create: Location | None = root(
        commands.create_location,
        "Makes a location of an organization of the caller's. Without a position it is found by the address.",
    )
    location_update: Location | None = root(
        commands.update_location, "Changes a location of the caller's organization: what is given and not null."
    )
    location_delete: bool | None = root(
        commands.delete_location, "Removes a location, with the stores that stand there. Answers true."
    )
