"""All tables, one module a domain. Importing this package makes `Base.metadata` complete."""

from closient_gql.core.models import (
    account,
    brands,
    compliance,
    content,
    locations,
    offer_feeds,
    platform,
    products,
    retailers,
    sustainability,
)
from closient_gql.core.models.base import Base

__all__ = [
    "Base",
    "account",
    "brands",
    "compliance",
    "content",
    "locations",
    "offer_feeds",
    "platform",
    "products",
    "retailers",
    "sustainability",
]
