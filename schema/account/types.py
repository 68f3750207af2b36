"""Types of the account: users, organizations, keys, the caller."""

from datetime import datetime

import strawberry

from closient_gql.core.models import account as models
from closient_gql.core.models.account import KeyKind, KeyRole
from resolvers.account import queries
from resolvers.context import QuotaWindow as QuotaWindowValue
from resolvers.viewer import Viewer as ViewerValue
from schema.declare import adopt_enum, column, entity, relation, value

adopt_enum(KeyRole, "What a key may do at the most. Its holder's own role counts as well.")
adopt_enum(KeyKind, "Whom a key acts for; the first three letters of the key.")


@entity(models.User, keys={"id": queries.users_by_id}, says="A person with an account. Visible to itself only.")
class User:
    id: strawberry.ID = column("Id of the user.")
    email: str = column("Address, in lower case.")
    name: str = column("Name as the person gave it.")
    metadata: dict[str, str] = column("The user's own notes.")
    created: datetime = column("When the account was made.")


@entity(
    models.Organization,
    keys={"id": queries.organizations_by_id},
    says="A company or other body that owns brands, products and keys. Visible to its members only.",
)
class Organization:
    id: strawberry.ID = column("Id of the organization.")
    name: str = column("Name of the organization.")
    country: str = column("Country of its seat: ISO 3166-1 alpha-2; empty if unknown.")
    is_brand: bool = column("Whether it speaks for product content: a brand, not only a retailer.")
    metadata: dict[str, str] = column("The organization's own notes.")
    created: datetime = column("When it was made.")


@entity(models.ApiKey, keys={"id": queries.api_keys_by_id}, says="An API key. Its secret is never shown again.")
class ApiKey:
    id: strawberry.ID = column("Id of the key; not the key itself.")
    kind: KeyKind = column("Whom the key acts for.")
    name: str = column("Name as its maker gave it.")
    description: str = column("What it is for.")
    role: KeyRole = relation(queries.key_roles, "What it may do at the most.")
    is_active: bool = column("False once it is revoked.")
    expires_at: datetime | None = column("When it ends by itself.")
    last_used: datetime | None = column("When it was last used; up to a minute late.")
    rate_limit_per_minute: int = column("Requests in a minute; 0 stands for the platform's default.")
    rate_limit_per_day: int = column("Requests in a day; 0 stands for the platform's default.")
    metadata: dict[str, str] = column("The organization's own notes.")
    created: datetime = column("When it was made.")


@value(ViewerValue, says="The caller: who is asking, by which key.")
class Viewer:
    user: User | None = relation(queries.viewer_users, "The user that the key acts for, or who holds it.")
    organizations: list[Organization] = relation(
        queries.viewer_organizations, "The organizations that the key acts for, by name."
    )
    api_key: ApiKey | None = relation(queries.viewer_keys, "The key in use.")


@value(QuotaWindowValue, says="One fixed window of a rate limit.")
class QuotaWindow:
    seconds: int = column("Length of the window: 60 or 86400 seconds.")
    quota: int = column("Requests that it allows.")
    used: int = column("Requests that were counted in it, this one included. Refused ones do not count.")
    remaining: int = column("Requests that are left in it.")
    reset: int = column("Seconds until it starts anew.")


@value(queries.QuotaState, says="The caller's rate limits.")
class Quota:
    windows: list[QuotaWindow] = column("Every window that applies to the caller.")
