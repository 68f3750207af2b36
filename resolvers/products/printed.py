"""What is printed on a product besides its fields: ingredients and nutrition, as values that sources state.

A list of ingredients is a list of objects, a panel one object, both in the form in which they are stored as facts. Pure
rules, no I/O; `content` writes them to their tables.
"""

import math
from collections.abc import Mapping
from typing import Any

from closient_gql.core.bounds import unstorable
from closient_gql.core.models.products import LabelFormat, NutrientUnit

UNITS = {unit.value for unit in NutrientUnit}
FORMATS = {format.value for format in LabelFormat}
MOST_INGREDIENTS, MOST_NUTRIENTS = 500, 100


def list_of_ingredients(value: Any) -> list[dict[str, Any]]:
    """Raises:
    ValueError: it is no list of ingredients.
    """
    if not isinstance(value, list | tuple) or not all(isinstance(line, Mapping) for line in value):
        raise ValueError("must be a list of objects")
    if len(value) > MOST_INGREDIENTS:
        raise ValueError(f"must have at most {MOST_INGREDIENTS} items")
    return [ingredient(line) for line in value]


def ingredient(line: Mapping[str, Any]) -> dict[str, Any]:
    share = amount(line.get("percentage"), "percentage")
    if share is not None and share > 100:
        raise ValueError("must have percentages of at most 100")
    return {
        "name": words(line.get("name"), "name", needed=True),
        "is_major_allergen": line.get("is_major_allergen") is True,
        "may_contain": line.get("may_contain") is True,
        "notes": words(line.get("notes", ""), "notes"),
        "percentage": share,
        "origin": words(line.get("origin", ""), "origin"),
    }


def panel(value: Any) -> dict[str, Any]:
    """Raises:
    ValueError: it is no nutrition panel.
    """
    if not isinstance(value, Mapping) or not isinstance(value.get("nutrients"), list | tuple):
        raise ValueError("must be an object with nutrients")
    if value.get("label_format") not in FORMATS:
        raise ValueError(f"must have a label_format, one of {', '.join(sorted(FORMATS))}")
    if len(value["nutrients"]) > MOST_NUTRIENTS:
        raise ValueError(f"must have at most {MOST_NUTRIENTS} nutrients")
    return {
        "serving_size": words(value.get("serving_size", ""), "serving_size"),
        "label_format": value["label_format"],
        "serving_size_g": amount(value.get("serving_size_g"), "serving_size_g"),
        "servings_per_container": amount(value.get("servings_per_container"), "servings_per_container"),
        "nutrients": [nutrient(line) for line in value["nutrients"]],
    }


def nutrient(line: Mapping[str, Any]) -> dict[str, Any]:
    found = amount(line.get("amount"), "amount")
    if found is None or line.get("unit") not in UNITS:
        raise ValueError("must have nutrients with an amount and a unit")
    return {
        "name": words(line.get("name"), "name", needed=True),
        "amount": found,
        "unit": line["unit"],
        "daily_value_pct": amount(line.get("daily_value_pct"), "daily_value_pct"),
    }


def words(value: Any, name: str, needed: bool = False) -> str:
    if not isinstance(value, str) or len(value) > 255 or unstorable(value) or (needed and not value.strip()):
        raise ValueError(f"must have a {name} of at most 255 characters")
    return value.strip()


def amount(value: Any, name: str) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or value < 0:
        raise ValueError(f"must have as {name} a number, 0 or more")
    return float(value)


# --- for people


def ingredients_as_text(lines: list[dict[str, Any]]) -> str:
    """`Sugar, milk 20%. May contain: nuts`."""
    named = [
        line["name"] + (f" {line['percentage']:.15g}%" if line["percentage"] is not None else "") for line in lines
    ]
    parts = [", ".join(n for n, line in zip(named, lines, strict=True) if line["may_contain"] is traces)
             for traces in (False, True)]  # fmt: skip
    return ". ".join(filter(None, [parts[0], parts[1] and f"May contain: {parts[1]}"]))


def panel_as_text(value: dict[str, Any]) -> str:
    """`EU, 30 g: Energy 120 kcal, Fat 3.5 g`."""
    lines = ", ".join(f"{line['name']} {line['amount']:.15g} {line['unit']}" for line in value["nutrients"])
    return f"{', '.join(filter(None, [value['label_format'], value['serving_size']]))}: {lines}"
