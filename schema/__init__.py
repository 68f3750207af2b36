"""The one graph, put together from the domains in order."""

from collections.abc import Iterable
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from schema.projection import Projection

DOMAINS = (
    "account", "brands", "products", "locations", "retailers", "compliance", "certifications", "sustainability",
    "content", "digital_link", "search", "dashboard",
)  # fmt: skip
"""In this order: a domain's types may name types of the domains before it, and of no others."""


def check_domains(domains: Iterable[str]) -> None:
    """Raises:
    ValueError: there is no such domain.
    """
    if unknown := set(domains) - set(DOMAINS):
        raise ValueError(f"There is no domain {', '.join(sorted(unknown))}. There are: {', '.join(DOMAINS)}.")


@cache
def graph(*domains: str, detached: bool = False) -> Projection:
    """The whole graph, or the subgraph of the domains named.

    Raises:
        ValueError: there is no such domain.
    """
    check_domains(domains)
    for domain in DOMAINS:
        package = import_module(f"schema.{domain}")
        import_module(f"schema.{domain}.types")  # first: the others name them
        for module in iter_modules(package.__path__):
            import_module(f"schema.{domain}.{module.name}")
    return Projection(domains or DOMAINS, detached=detached)
