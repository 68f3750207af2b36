"""All tables, one module a domain. Importing this package makes `Base.metadata` complete."""

from closient_gql.core.models import (
    account,
    brands,
    certifications,
    compliance,
    locations,
    offer_feeds,
    platform,
    products,
    retailers,
)
from closient_gql.core.models.base import Base

__all__ = [
    "Base",
    "account",
    "brands",
    "certifications",
    "compliance",
    "locations",
    "offer_feeds",
    "platform",
    "products",
    "retailers",
]
