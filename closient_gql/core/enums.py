"""Stored enums whose members say what they mean."""

from enum import Enum


class Described(Enum):
    """An enum of `NAME = "stored_value", "What it means."`. The stored value is also its REST form."""

    description: str
    __hash__ = object.__hash__  # there is one object of each member; Enum's own hashes its name, written in Python

    def __new__(cls, value: str, description: str) -> "Described":
        member = object.__new__(cls)
        member._value_ = value
        member.description = description
        return member
