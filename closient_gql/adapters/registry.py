"""Registries of GS1 company prefixes: who licenses which (GS1 General Specifications, 1.4.3)."""

from typing import Protocol


class PrefixRegistry(Protocol):
    """Somebody who knows. What it confirms is recorded under its name."""

    name: str

    async def holds(self, organization_id: str, prefix: str) -> bool:
        """Whether this organization is the licensee of this prefix, without any doubt."""


class NoRegistry:
    """The default: nobody is asked; prefixes are recorded by `closient brand prefix add` alone."""

    name = "none"

    async def holds(self, organization_id: str, prefix: str) -> bool:
        return False
