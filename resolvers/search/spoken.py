"""What the text of a search says of allergens, diets and substances, as filters (contract: dietary-filter-search).

"gluten free cookies" looks for cookies among what is known to be gluten free: what people say in words is promised as
what they set as a filter. What stands in quotes is looked for as it stands. Pure rules, no I/O.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from resolvers.search.asked import Asked
from resolvers.search.constraints.model import ConstraintKey
from resolvers.search.constraints.reading import what_is_left
from resolvers.search.constraints.text import Text
from resolvers.search.constraints.traits import traits
from resolvers.search.inputs import codes_and_diets
from resolvers.search.substances import slug_of

KEYS = (ConstraintKey.EXCLUDE_ALLERGENS, ConstraintKey.REQUIRE_CERTIFICATIONS, ConstraintKey.AVOID_SUBSTANCES)


@dataclass(frozen=True)
class Spoken:
    """One filter that a text names: its key, and the slugs that it came to."""

    key: ConstraintKey
    slugs: Sequence[str]


def spoken(asked: Asked) -> tuple[Asked, list[Spoken]]:
    """The search without what its text says of traits, with that as filters; and which those are."""
    text = Text(asked.query)
    if '"' in text.left:
        return asked, []
    traits(text, any_substance=False)
    found = {key: list(text.add.get(key.value, ())) for key in KEYS}
    avoided = [slug_of(slug.replace("_", " ")) for slug in found[ConstraintKey.AVOID_SUBSTANCES]]
    found[ConstraintKey.AVOID_SUBSTANCES] = avoided
    if not any(found.values()):
        return asked, []
    unwanted: list[str] = text.found.get("unwanted", [])
    words = " ".join([what_is_left(text.left), *unwanted]).strip()
    codes, diets = codes_and_diets(found[ConstraintKey.REQUIRE_CERTIFICATIONS])
    given = asked.filters
    filters = replace(
        given,
        exclude_allergens=both(given.exclude_allergens, found[ConstraintKey.EXCLUDE_ALLERGENS]),
        certifications=both(given.certifications, codes),
        diets=both(given.diets, diets),
        avoid_substances=both(given.avoid_substances, avoided),
    )
    meant = replace(asked, query=words or asked.query, filters=filters)
    return meant, [Spoken(key, slugs) for key, slugs in found.items() if slugs]


def both(given: Sequence[str], added: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys([*given, *added]))
