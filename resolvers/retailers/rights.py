"""Who may do what with retailers, stores and offers. Whatever the caller may not do, or may not know of, is not there:
404, never 403 (contract: retailers, rules)."""

from closient_gql.core.errors import NotFound
from resolvers.context import Context
from resolvers.roles import May, allowed

NO_ORGANIZATION = "There is no such organization."


def may(ctx: Context, organization_id: str | None, what: May) -> bool:
    """Whether the caller may do this with what belongs to an organization; with what is nobody's, nobody may."""
    return organization_id is not None and what in allowed(ctx.viewer, organization_id)


def require(ctx: Context, organization_id: str, what: May) -> None:
    """Raises:
    NotFound: the organization is not the caller's, or its role or key is too small.
    """
    if not may(ctx, organization_id, what):
        raise NotFound(NO_ORGANIZATION)


def no_such(thing: str) -> NotFound:
    """The error for what is not there, or not for this caller."""
    return NotFound(f"There is no such {thing}.")
