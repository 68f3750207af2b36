"""All tables, one module a domain. Importing this package makes `Base.metadata` complete."""

from importlib import import_module
from pkgutil import iter_modules

from closient_gql.core.models.base import Base

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")

__all__ = ["Base"]
