"""What narrows a search (contract: search, ConstraintKey), and what one text says of it. Plain values, no I/O."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from closient_gql.core.enums import Described


class ConstraintKey(Described):
    COLOR = "color", "The colour that is wanted, such as `red` or `red or blue`; `not red`: any other."
    PRICE_MAX = "price_max", "The most that it may cost now."
    PRICE_MIN = "price_min", "The least that it may cost now."
    DISTANCE_KM = "distance_km", "How far it may be, in kilometres."
    AVAILABILITY = "availability", "`in_stock`, `open_now`, or `in_stock_open_now`."
    SCOPE = "scope", "`local`: stores at places alone; `online`: stores on the web alone."
    EXCLUDE_ALLERGENS = "exclude_allergens", "Allergens that must not be in it, by their slugs."
    REQUIRE_CERTIFICATIONS = "require_certifications", "Diets, certifications and claims that it must have, by slug."
    AVOID_SUBSTANCES = "avoid_substances", "Substances that its ingredients must not name, by their slugs."


class Availability(Described):
    IN_STOCK = "in_stock", "Known to be there."
    OPEN_NOW = "open_now", "At a store that is open now."
    BOTH = "in_stock_open_now", "Known to be there, at a store that is open now."


class Scope(Described):
    LOCAL = "local", "Stores at places alone."
    ONLINE = "online", "Stores on the web alone."


class Relation(Described):
    """Wishes that compare with what was seen before."""

    CHEAPER = "cheaper", "Less than the middle of the prices that were seen."
    CHEAPEST = "cheapest", "As little as the least price that was seen."
    DEARER = "dearer", "More than the middle of the prices that were seen."
    CLOSER = "closer", "Nearer than the middle of the distances that were seen."
    FARTHER = "farther", "Twice as far as until now."


Constraints = dict[str, Any]
"""Active constraints by the value of their key: texts, numbers, and lists of slugs."""
LISTS = frozenset(
    key.value
    for key in (ConstraintKey.EXCLUDE_ALLERGENS, ConstraintKey.REQUIRE_CERTIFICATIONS, ConstraintKey.AVOID_SUBSTANCES)
)
NUMBERS = (ConstraintKey.PRICE_MAX, ConstraintKey.PRICE_MIN, ConstraintKey.DISTANCE_KM)
PRICES = (ConstraintKey.PRICE_MIN.value, ConstraintKey.PRICE_MAX.value)
MOST_KM = 50.0  # contract: README, search session
MOST_PRICE = 10**12 - 1
MOST_SLUGS, LONGEST_SLUG = 50, 100


@dataclass(frozen=True)
class Reading:
    """What one text says.

    `words`: what is left to search for. `add`: constraints it names. `drop`: what it takes back; of a list the slugs,
    or None for the whole key. `currency`: of its prices (ISO 4217, or `$` for any dollar), empty if it names none.
    `place`: where it wants to be measured from; `here`: from the person's own place. `gtin`: the one product that is
    asked for, 14 digits. `resets` and `refines`: whether it says so in words. `problem`: why it
    cannot be searched for at all. `notes`: what people should know.
    """

    words: str = ""
    add: Constraints = field(default_factory=dict)
    drop: Mapping[str, list[str] | None] = field(default_factory=dict)
    currency: str = ""
    place: str = ""
    here: bool = False
    gtin: str = ""
    relations: tuple[Relation, ...] = ()
    resets: bool = False
    refines: bool = False
    problem: str = ""
    notes: tuple[str, ...] = ()

    @property
    def narrows(self) -> bool:
        """Whether it says anything besides words."""
        return bool(self.add or self.drop or self.place or self.here or self.relations)
