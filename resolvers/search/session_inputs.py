"""What can be said to a session besides its text."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any

from closient_gql.core.absent import ABSENT
from closient_gql.core.bounds import Bounds as Limits
from closient_gql.core.bounds import Doc
from closient_gql.core.errors import Detail, Invalid
from resolvers.locations.inputs import Latitude, Longitude
from resolvers.search.constraints.model import LISTS, MOST_KM, MOST_SLUGS, PRICES, Availability, Scope
from resolvers.search.constraints.model import Constraints as Values
from resolvers.search.constraints.numbers import number
from resolvers.search.inputs import Slug, allergens_of
from resolvers.search.local import Bounds
from resolvers.search.substances import slug_of

AROUND_KM = 10.0  # contract: guides, local-product-search
SessionText = Annotated[
    str,
    Limits(min_length=1, max_length=500, pattern=r"\S"),
    Doc("What the person says: `gluten free cookies near 21201`, `but cheaper`, `gtin:` and the digits of a GTIN."),
]
Kilometres = Annotated[float, Limits(minimum=0.001, maximum=MOST_KM), Doc("Kilometres.")]
Amount = Annotated[Decimal, Limits(minimum=0, maximum=10**12 - 1, decimals=4)]
Slugs = Annotated[list[Slug], Limits(max_length=MOST_SLUGS)]
InStock = Annotated[bool | None, Doc("Only what is known to be there; false takes that back.")]


@dataclass(kw_only=True)
class SearchConstraints:
    """Constraints without words. Null takes one back; what is left out stays."""

    color: Annotated[
        str | None,
        Limits(min_length=1, max_length=50, pattern=r"^[A-Za-z][A-Za-z -]*$"),
        Doc("Such as red, or not red."),
    ] = ABSENT
    price_max: Annotated[Amount | None, Doc("The most that it may cost now, in the currency of the store.")] = ABSENT
    price_min: Annotated[Amount | None, Doc("The least that it may cost now.")] = ABSENT
    distance_km: Annotated[Kilometres | None, Doc("How far it may be.")] = ABSENT
    availability: Annotated[Availability | None, Doc("Whether it must be there, or its store open.")] = ABSENT
    scope: Annotated[Scope | None, Doc("Stores at places, or on the web, alone.")] = ABSENT
    exclude_allergens: Annotated[Slugs | None, Doc("Allergens that must not be in it, such as milk.")] = ABSENT
    require_certifications: Annotated[Slugs | None, Doc("Diets, certifications, claims: vegan, usda_organic.")] = ABSENT
    avoid_substances: Annotated[Slugs | None, Doc("Substances that it must not name, such as palm-oil.")] = ABSENT


@dataclass(kw_only=True)
class SearchSessionInput:
    """Where somebody is, and what is looked for."""

    query: SessionText
    latitude: Latitude
    longitude: Longitude
    radius_km: Annotated[
        Kilometres, Doc("How far to look, unless the text or a constraint says it. 10 by default.")
    ] = AROUND_KM
    in_stock: InStock = None
    constraints: Annotated[SearchConstraints | None, Doc("Constraints that need no words.")] = None


@dataclass(kw_only=True)
class SessionQueryInput:
    """What is said next."""

    query: SessionText
    in_stock: InStock = None
    constraints: Annotated[SearchConstraints | None, Doc("Constraints that need no words.")] = None


@dataclass(kw_only=True)
class SessionRefineInput:
    """What is said next, or which constraints change without words."""

    query: Annotated[SessionText | None, Doc("What is said next; it may be left out beside constraints.")] = None
    in_stock: InStock = None
    constraints: Annotated[SearchConstraints | None, Doc("Constraints that need no words.")] = None


@dataclass(frozen=True)
class Given:
    """What inputs say of constraints: what they set, and what they take back."""

    add: Values
    drop: Mapping[str, None]

    def onto(self, active: Values) -> Values:
        """Lists grow, scalars are replaced; a price that contradicts one of these goes."""
        found = {key: value for key, value in active.items() if key not in self.drop}
        for key, value in self.add.items():
            found[key] = list(dict.fromkeys([*found.get(key, []), *value])) if key in LISTS else value
        low, high = (found.get(key) for key in PRICES)
        if low is not None and high is not None and low > high:
            del found["price_max" if "price_min" in self.add else "price_min"]
        return found


def given(constraints: SearchConstraints | None, in_stock: bool | None) -> Given:
    """Raises:
    Invalid: an allergen that is not known here; or a least price above the most.
    """
    said = {f.name: getattr(constraints, f.name) for f in fields(constraints)} if constraints else {}
    said = {key: value for key, value in said.items() if value is not ABSENT}
    if in_stock is not None and "availability" not in said:
        said["availability"] = Availability.IN_STOCK if in_stock else None
    drop: dict[str, None] = {key: None for key, value in said.items() if value is None or value == []}
    add = {key: plain(key, value) for key, value in said.items() if key not in drop}
    low, high = (add.get(key) for key in PRICES)
    if low is not None and high is not None and low > high:
        raise Invalid([Detail(field="constraints.price_min", message="is more than price_max")])
    return Given(add, drop)


def plain(key: str, value: Any) -> Any:
    """As constraints are kept."""
    if isinstance(value, Enum):
        return value.value
    if key == "color":
        return " ".join(value.lower().split())
    if key == "exclude_allergens":
        return list(allergens_of(value, "constraints.exclude_allergens"))
    if key == "require_certifications":
        return distinct(trait(slug) for slug in value)
    if key == "avoid_substances":
        return distinct(slug_of(slug) for slug in value)
    return number(float(value))


def trait(slug: str) -> str:
    """Diets, certifications and claims in lower_snake_case, however they are spelled."""
    return slug_of(slug).replace("-", "_")


def distinct(values: Any) -> Sequence[str]:
    return list(dict.fromkeys(values))


@dataclass(kw_only=True)
class MapBounds:
    """A part of a map. Where `west` is more than `east` it goes across the antimeridian."""

    south: Latitude
    west: Longitude
    north: Latitude
    east: Longitude


def box(given: MapBounds | None) -> Bounds | None:
    """Raises:
    Invalid: it has no inside.
    """
    if given is None:
        return None
    if given.south > given.north:
        raise Invalid([Detail(field="bounds.south", message="is north of north")])
    return Bounds(south=given.south, west=given.west, north=given.north, east=given.east)
