"""The one graph, put together from the domains in order."""

from functools import cache
from importlib import import_module
from importlib.util import find_spec

from schema.projection import Projection

DOMAINS = ("account", "brands", "products")
"""In this order: a domain's types may name types of the domains before it, and of no others."""
MODULES = ("types", "extends")  # each domain may have each of these


@cache
def graph(*domains: str, detached: bool = False) -> Projection:
    """The whole graph, or the subgraph of the domains named.

    Raises:
        ValueError: there is no such domain.
    """
    if unknown := set(domains) - set(DOMAINS):
        raise ValueError(f"There is no domain {', '.join(sorted(unknown))}. There are: {', '.join(DOMAINS)}.")
    for domain in DOMAINS:
        for module in MODULES:
            if find_spec(f"schema.{domain}.{module}"):
                import_module(f"schema.{domain}.{module}")
    return Projection(domains or DOMAINS, detached=detached)
