"""Placeholder until wip/ranking's is merged."""

from typing import Any


def calibration_of(name: str, version: str) -> dict[str, Any]:
    return {}
