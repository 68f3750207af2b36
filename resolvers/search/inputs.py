"""What can be asked of a search."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, TypeVar

from closient_gql.core.bounds import Bounds, Doc, Id
from closient_gql.core.countries import Country, Currency
from closient_gql.core.errors import Detail, Invalid
from resolvers.certifications.facts import Allergen, DietType
from resolvers.search.asked import Filters, SearchKind
from resolvers.search.substances import LONGEST, slug_of

T = TypeVar("T")
MOST = 100
"""Values of one filter."""
LONGEST_QUERY = 500
Query = Annotated[
    str,
    Bounds(min_length=1, max_length=LONGEST_QUERY, pattern=r"\S"),
    Doc('What is looked for: words, "quoted phrases", -word, OR; or a GTIN or a GS1 Digital Link, which finds itself.'),
]
Kinds = Annotated[list[SearchKind] | None, Bounds(max_length=MOST), Doc("Only these; all if nothing is said.")]
_LETTERS = "A-Za-z0-9À-ÿ '._-"
Slug = Annotated[str, Bounds(min_length=1, max_length=LONGEST, pattern=f"^[{_LETTERS}]*[A-Za-z0-9][{_LETTERS}]*$")]
Code = Annotated[str, Bounds(min_length=1, max_length=50, pattern=r"^[A-Za-z0-9_. -]*[A-Za-z0-9][A-Za-z0-9_. -]*$")]
GpcCode = Annotated[str, Bounds(pattern="^[0-9]{8}$")]
Amount = Annotated[Decimal, Bounds(minimum=0, maximum=10**12, decimals=4)]


@dataclass(kw_only=True)
class PriceRange:
    currency: Annotated[Currency, Doc("The currency of both. Prices in others are not compared.")]
    min: Annotated[Amount | None, Doc("At least so much.")] = None
    max: Annotated[Amount | None, Doc("At most so much.")] = None


@dataclass(kw_only=True)
class SearchFilters:
    """All of them together: each hit passes every one. Values of one list are alternatives, unless it says: all."""

    brand_ids: Annotated[list[Id] | None, Bounds(max_length=MOST), Doc("Products of one of these brands.")] = None
    category_ids: Annotated[
        list[Id] | None, Bounds(max_length=MOST), Doc("Products whose most exact category is one of these.")
    ] = None
    gpc_codes: Annotated[
        list[GpcCode] | None, Bounds(max_length=MOST), Doc("Products of one of these GPC segments, families, ….")
    ] = None
    countries_of_origin: Annotated[
        list[Country] | None, Bounds(max_length=MOST), Doc("Products made in one of these.")
    ] = None
    exclude_allergens: Annotated[
        list[Allergen] | None,
        Bounds(max_length=MOST),
        Doc("Products known not to contain any of these, nor traces of them. What is unknown does not pass."),
    ] = None
    diets: Annotated[
        list[DietType] | None, Bounds(max_length=MOST), Doc("Products known to suit all of these diets.")
    ] = None
    certifications: Annotated[
        list[Code] | None,
        Bounds(max_length=MOST),
        Doc("Products that carry all of these certifications or claims today, by code such as usda_organic or vegan."),
    ] = None
    avoid_substances: Annotated[
        list[Slug] | None,
        Bounds(max_length=MOST),
        Doc("Products known to be made without any of these, such as palm-oil. What is unknown does not pass."),
    ] = None
    is_claimed: Annotated[bool | None, Doc("Only products that an organization has claimed, or only others.")] = None
    is_recalled: Annotated[bool | None, Doc("Only products with an open recall, or only those without.")] = None
    price: Annotated[PriceRange | None, Doc("Products that can be bought at such a price, promotions counted.")] = None


def filters_of(given: SearchFilters | None, kinds: list[SearchKind] | None) -> Filters:
    """Raises:
    Invalid: the price has neither end.
    """
    if given is None:
        return Filters(kinds=distinct(kinds))
    price = given.price
    if price and price.min is None and price.max is None:
        raise Invalid([Detail(field="filters.price", message="needs min or max")])
    codes, diets = codes_and_diets(given.certifications or [])
    return Filters(
        kinds=distinct(kinds),
        brand_ids=distinct(given.brand_ids),
        category_ids=distinct(given.category_ids),
        gpc_codes=distinct(given.gpc_codes),
        countries=distinct(given.countries_of_origin),
        exclude_allergens=distinct([each.value for each in given.exclude_allergens or ()]),
        diets=distinct([*(each.value for each in given.diets or ()), *diets]),
        certifications=codes,
        avoid_substances=distinct([slug_of(each) for each in given.avoid_substances or ()]),
        is_claimed=given.is_claimed,
        recalled=given.is_recalled,
        price_min=price.min if price else None,
        price_max=price.max if price else None,
        currency=price.currency if price else None,
    )


def distinct(values: Iterable[T] | None) -> tuple[T, ...]:
    """Without what stands there twice."""
    return tuple(dict.fromkeys(values or ()))


def codes_and_diets(slugs: list[str]) -> tuple[tuple[str, ...], list[str]]:
    """Certifications and claims by code, and the diets among them: whatever suits a diet carries it."""
    codes, diets = list[str](), list[str]()
    known = {diet.value for diet in DietType}
    for slug in slugs:
        name = slug.strip().replace("-", "_").replace(" ", "_").lower()
        if name in known:
            diets.append(name)
        else:
            codes.append(name.upper())
    return tuple(dict.fromkeys(codes)), diets


ALLERGEN_NAMES = {
    "dairy": (Allergen.MILK,),
    "lactose": (Allergen.MILK,),
    "egg": (Allergen.EGGS,),
    "shellfish": (Allergen.CRUSTACEANS, Allergen.MOLLUSCS),
    "crustacean": (Allergen.CRUSTACEANS,),
    "crustacean-shellfish": (Allergen.CRUSTACEANS,),
    "mollusc": (Allergen.MOLLUSCS,),
    "mollusk": (Allergen.MOLLUSCS,),
    "mollusks": (Allergen.MOLLUSCS,),
    "tree-nut": (Allergen.NUTS,),
    "tree-nuts": (Allergen.NUTS,),
    "nut": (Allergen.NUTS,),
    "wheat": (Allergen.GLUTEN,),
    "peanut": (Allergen.PEANUTS,),
    "soy": (Allergen.SOYBEANS,),
    "soya": (Allergen.SOYBEANS,),
    "soybean": (Allergen.SOYBEANS,),
    "sesame": (Allergen.SESAME,),
    "sulphites": (Allergen.SULPHITES,),
    "sulfites": (Allergen.SULPHITES,),
    "lupine": (Allergen.LUPIN,),
}
"""What people call them, beside their slugs."""


def allergens_of(slugs: list[str], field: str) -> tuple[str, ...]:
    """Slugs of allergens, from whatever names them.

    Raises:
        Invalid: one is none: what is not known cannot be promised.
    """
    known = {each.value: (each,) for each in Allergen} | ALLERGEN_NAMES
    slugs = [slug_of(slug) for slug in slugs]
    message = f"is no allergen that is known here; there are {', '.join(each.value for each in Allergen)}"
    wrong = [Detail(field=f"{field}.{n}", message=message) for n, slug in enumerate(slugs) if slug not in known]
    if wrong:
        raise Invalid(wrong)
    return tuple(dict.fromkeys(each.value for slug in slugs for each in known[slug]))
