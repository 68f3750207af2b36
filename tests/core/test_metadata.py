"""Metadata: limits, and what a write makes of it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from closient_gql.core.metadata import merge_metadata, parse_metadata

MAPS = st.dictionaries(st.text("abcdef", min_size=1, max_size=3), st.text("xyz", max_size=3), max_size=20)


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ([], "must be an object"),
        ("x", "must be an object"),
        ({"a": 1}, "strings as values"),
        ({"a": None}, "strings as values"),
        ({"a": {"b": "c"}}, "strings as values"),
        ({"": "x"}, "1 to 40 characters"),
        ({"k" * 41: "x"}, "1 to 40 characters"),
        ({"k": "x" * 501}, "at most 500"),
        ({str(n): "x" for n in range(51)}, "at most 50 keys"),
        ({"k": "\0"}, "null character"),
        ({"k": "\ud800"}, "surrogate"),
    ],
)
def test_beyond_the_limits(value: Any, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        parse_metadata(value)


def test_at_the_limits() -> None:
    value = {f"{n:040d}": "x" * 500 for n in range(50)}
    assert parse_metadata(value) == value


@given(MAPS, MAPS)
def test_a_merge_keeps_changes_and_removes(old: dict[str, str], change: dict[str, str]) -> None:
    merged = merge_metadata(old, change)
    if not change:
        assert merged == {}
    else:
        for key in old.keys() | change.keys():
            assert merged.get(key, "") == change.get(key, old.get(key, ""))
        assert all(merged.values())


def test_null_and_an_empty_map_clear() -> None:
    assert merge_metadata({"a": "b"}, None) == merge_metadata({"a": "b"}, {}) == {}


def test_a_merge_cannot_go_over_the_limit() -> None:
    with pytest.raises(ValueError, match="at most 50"):
        merge_metadata({str(n): "x" for n in range(50)}, {"one more": "x"})
