"""Who asks: what a key, its holder and the holder's memberships come to."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from closient_gql.core.models.account import KeyKind, KeyRole, MemberRole


@dataclass(frozen=True)
class Viewer:
    """One caller. `memberships` maps organization ids to the caller's role in each; empty for anonymous callers.

    A `csu` key acts for its holder in every organization; `csb` and `cpk` keys act for one organization, and a `cpk`
    key has no user at all.
    """

    kind: KeyKind | None = None
    key_id: str | None = None
    key_role: KeyRole | None = None  # None: no ceiling
    user_id: str | None = None
    organization_id: str | None = None
    memberships: Mapping[str, MemberRole] = field(default_factory=dict)
    expires_at: datetime | None = None
    per_minute: int = 0  # 0: the default
    per_day: int = 0

    @property
    def anonymous(self) -> bool:
        return self.kind is None

    def belongs_to(self, organization_id: str | None) -> bool:
        """Whether the organization's own rows are visible to the caller."""
        if organization_id is None or self.kind is KeyKind.PUBLISHABLE:
            return False
        return organization_id == self.organization_id or organization_id in self.memberships


ANONYMOUS = Viewer()
CATALOGUE = Viewer(kind=KeyKind.PUBLISHABLE)
"""Whoever looks at a page of ours: reads what everybody with a publishable key reads, without one (contract: decisions,
GraphQL access)."""
