"""Root fields of the account."""

from resolvers.account import queries
from schema.account.types import Quota, Viewer
from schema.declare import Query, extend, root


@extend(Query)
class AccountQueries:
    viewer: Viewer | None = root(queries.viewer, "Who is calling.")
    quota: Quota | None = root(queries.quota, "What the rate limits say of the caller.")
