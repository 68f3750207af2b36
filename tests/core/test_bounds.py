"""Bounds and descriptions, read off annotations."""

from typing import Annotated

import pytest

from closient_gql.core.bounds import NONE, Bounds, CountryCode, Doc, Id, PageSize, bounds_of, doc_of


def test_the_own_one_comes_before_that_of_the_alias() -> None:
    own = Annotated[PageSize | None, Doc("Mine.")]
    assert bounds_of(own) == (Bounds(minimum=1, maximum=100),)
    assert (doc_of(own), doc_of(PageSize), doc_of(int)) == ("Mine.", "Items on one page.", None)


def test_lists_have_bounds_for_each_level() -> None:
    codes = Annotated[list[Annotated[str, Bounds(max_length=9)]] | None, Bounds(max_length=3), Doc("Codes.")]
    assert bounds_of(codes) == (Bounds(max_length=3), Bounds(max_length=9))
    assert bounds_of(list[int]) == (NONE, NONE)
    assert doc_of(codes) == "Codes."


@pytest.mark.parametrize(
    ("bounds", "value", "problem"),
    [
        (Bounds(minimum=1, maximum=100), 0, "must be at least 1"),
        (Bounds(minimum=1, maximum=100), 101, "must be at most 100"),
        (Bounds(minimum=1, maximum=100), 100, None),
        (Bounds(min_length=1), "", "must have at least 1 characters"),
        (Bounds(max_length=2), "abc", "must have at most 2 characters"),
        (Bounds(max_length=2), [1, 2, 3], "must have at most 2 items"),
        (Bounds(pattern="^a$"), "b", "must match ^a$"),
        (Bounds(pattern=r"\S"), " \n", "must not be blank"),
        (NONE, "a\0", "must not contain the null character"),
        (NONE, "\udc80", "must not contain half a surrogate pair"),
        (NONE, True, None),
    ],
)
def test_problems(bounds: Bounds, value: object, problem: str | None) -> None:
    assert bounds.problem(value) == problem


def test_words_and_json_schema() -> None:
    (size,), (country,), (id,) = bounds_of(PageSize), bounds_of(CountryCode), bounds_of(Id)
    assert (size.words(), country.words(), id.words()) == ("1 to 100", "length at most 2", "")
    assert size.json_schema() == {"minimum": 1, "maximum": 100}
    assert id.json_schema() == {"pattern": "^[aceghjkpqrtwxy346789]{12}$"}
