"""Brands."""

from datetime import datetime

import strawberry

from closient_gql.core.models import brands as models
from resolvers.brands import queries
from schema.account.types import Organization
from schema.declare import adopt_enum, column, entity, relation

BrandOrder = adopt_enum(queries.BrandOrder, "How brands are sorted.")


@entity(models.Brand, keys={"id": queries.brands_by_id}, says="A brand, claimed by an organization or not.")
class Brand:
    id: strawberry.ID = column("Id of the brand.")
    name: str = column("Name as it stands on products.")
    website: str = column("Address of its site; empty if unknown.")
    description: str = column("What it stands for, in its own words; empty if unknown.")
    logo_url: str | None = column("Address of its logo.")
    organization_id: strawberry.ID | None = column("Id of the organization that claimed it; null: nobody has.")
    organization: Organization | None = relation(
        queries.organizations_of, "The organization that claimed it, for its members only."
    )
    has_social_links: bool = column("Whether any of the eight social links is set.")
    instagram: str = column("Instagram; empty if unknown.")
    facebook: str = column("Facebook; empty if unknown.")
    twitter: str = column("X, formerly Twitter; empty if unknown.")
    linkedin: str = column("LinkedIn; empty if unknown.")
    youtube: str = column("YouTube; empty if unknown.")
    tiktok: str = column("TikTok; empty if unknown.")
    pinterest: str = column("Pinterest; empty if unknown.")
    threads: str = column("Threads; empty if unknown.")
    metadata: dict[str, str] = column("The owner's own notes.")
    created: datetime = column("When it was first known.")
