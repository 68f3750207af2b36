"""Who may do what in an organization: the matrix of the contract as one table (conventions: rbac)."""

from enum import Enum, auto
from typing import Any

from closient_gql.core.errors import Detail, Forbidden, Invalid, NotFound
from closient_gql.core.models.account import KeyKind, KeyRole, MemberRole
from resolvers.context import Context
from resolvers.viewer import Viewer


class May(Enum):
    """One column of the matrix."""

    VIEW = auto()  # the organization's own rows
    MANAGE_ORG = auto()  # name, country, flags
    DELETE_ORG = auto()
    BILLING = auto()
    MEMBERS = auto()  # invite, change roles, remove
    API_KEYS = auto()
    OFFERS = auto()
    LOCATIONS = auto()  # contract: locations_management
    PRODUCTS = auto()  # create, edit, import
    CLAIM = auto()  # brands and products: claim, release, verify
    AUDIT = auto()  # read who changed what


EVERYTHING = frozenset(May)
MATRIX: dict[MemberRole, frozenset[May]] = {
    MemberRole.OWNER: EVERYTHING,
    MemberRole.MANAGER: EVERYTHING - {May.MANAGE_ORG, May.DELETE_ORG, May.AUDIT},
    MemberRole.EDITOR: frozenset({May.VIEW, May.OFFERS, May.PRODUCTS}),
    MemberRole.BILLING: frozenset({May.VIEW, May.BILLING}),
}
CEILINGS: dict[KeyRole, frozenset[May]] = {
    KeyRole.MANAGER: MATRIX[MemberRole.MANAGER],
    KeyRole.EDITOR: MATRIX[MemberRole.EDITOR],
    KeyRole.READONLY: frozenset({May.VIEW}),
}


def allowed(viewer: Viewer, organization_id: str) -> frozenset[May]:
    """What the caller may do in an organization: cell by cell what both the key and its holder's membership allow.

    A `csb` key has its role alone; a `csu` key without a role has no ceiling. Empty: the organization is not the
    caller's, and does not exist for it.
    """
    if not viewer.belongs_to(organization_id):
        return frozenset()
    ceiling = CEILINGS[viewer.key_role] if viewer.key_role else EVERYTHING
    if viewer.kind is KeyKind.BUSINESS:
        return ceiling
    return MATRIX[viewer.memberships[organization_id]] & ceiling


def require(ctx: Context, organization_id: str, what: May) -> None:
    """Raises:
    NotFound: the organization is not the caller's.
    Forbidden: it is, but the caller's role or key is too small.
    """
    cells = allowed(ctx.viewer, organization_id)
    if not cells:
        raise NotFound("There is no such organization.")
    if what not in cells:
        raise Forbidden("Your role, or that of your key, does not allow this.")


def check_own(ctx: Context, row: Any, what: May, missing: str, too_small: str) -> None:
    """Whether a row is the caller's organization's, and the caller may do this. `missing`, `too_small`: what is said.

    Raises:
        NotFound: there is none (None), or it is not theirs. Forbidden: the caller's role or key is too small.
    """
    cells = allowed(ctx.viewer, row.organization_id) if row else frozenset()
    if not cells:
        raise NotFound(missing)
    if what not in cells:
        raise Forbidden(too_small)


def acting(ctx: Context, organization_id: str | None, what: May) -> str:
    """The organization that the caller acts for: the one it names, or the only one in which it may do this.

    Raises:
        NotFound, Forbidden: as `require`.
        Invalid: it belongs to several and named none.
    """
    if organization_id is not None:
        require(ctx, organization_id, what)
        return organization_id
    viewer = ctx.viewer
    own = [viewer.organization_id] if viewer.organization_id else list(viewer.memberships)
    able = [id for id in own if what in allowed(viewer, id)]
    if len(able) > 1:
        raise Invalid([Detail(field="organization_id", message="is required: you belong to several organizations")])
    if not able:
        raise Forbidden("None of your organizations allows you to do this.")
    return able[0]
