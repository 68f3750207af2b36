"""`metadata`: a flat map of strings on every resource, stored and never read (contract: metadata)."""

from collections.abc import Mapping

from closient_gql.core.bounds import unstorable

MAX_KEYS, MAX_KEY, MAX_VALUE = 50, 40, 500


def parse_metadata(value: object) -> dict[str, str]:
    """The map, if it is one and keeps to the limits.

    Raises:
        ValueError: it is no flat map of strings, or beyond a limit; the message says which.
    """
    if not isinstance(value, Mapping):
        raise ValueError("must be an object of strings")
    if len(value) > MAX_KEYS:
        raise ValueError(f"must have at most {MAX_KEYS} keys")
    for key, text in value.items():
        if not isinstance(key, str) or not isinstance(text, str):
            raise ValueError(f"must have strings as values, but {key!r} has not")
        if not 1 <= len(key) <= MAX_KEY:
            raise ValueError(f"must have keys of 1 to {MAX_KEY} characters")
        if len(text) > MAX_VALUE:
            raise ValueError(f"must have values of at most {MAX_VALUE} characters, but {key!r} has more")
        if problem := unstorable(key) or unstorable(text):
            raise ValueError(problem)
    return dict(value)


def merge_metadata(old: Mapping[str, str], change: Mapping[str, str] | None) -> dict[str, str]:
    """What a write makes of it: keys that are not named stay, an empty value removes its key, `{}` or null clears all.

    Raises:
        ValueError: the result has more keys than are allowed.
    """
    if not change:
        return {}
    merged = {key: text for key, text in {**old, **change}.items() if text}
    if len(merged) > MAX_KEYS:
        raise ValueError(f"must have at most {MAX_KEYS} keys")
    return merged
