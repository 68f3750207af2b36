"""The difference between null and nothing: the default of input fields where it matters (metadata, merges)."""

from typing import Any


class _Absent:
    """Of one value."""

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Any = _Absent()
"""The caller did not say anything of this field. Compare by `is`; it can be the default of a field of any type."""
