"""Who may do what at every endpoint: the contract's matrix, written out, and what each domain says of its endpoints.

Each domain has `tests/<domain>/permissions.py` with `ROWS`: operationId -> one `Row`, or several.
`tests/server/test_permissions.py` asks each endpoint in the name of every caller, and fails for one without a row.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from closient_gql.core.db import Connection
from closient_gql.core.keys import hash_key, new_key
from tests import make

VIEW, ORG, DELETE, BILLING, MEMBERS, KEYS, OFFERS, LOCATIONS, PRODUCTS, CLAIM, AUDIT = CELLS = (
    "VIEW", "MANAGE_ORG", "DELETE_ORG", "BILLING", "MEMBERS", "API_KEYS", "OFFERS", "LOCATIONS", "PRODUCTS", "CLAIM",
    "AUDIT",
)  # fmt: skip
PUBLIC, KEY, USER = "everybody", "any key", "any key but a publishable one"
PERSON = "a user's own key"
_manager = {VIEW, BILLING, MEMBERS, KEYS, OFFERS, LOCATIONS, PRODUCTS, CLAIM}
_editor = {VIEW, OFFERS, PRODUCTS}

# who: kind of key, role in the organization, role of the key, what it may do there (contract: rbac, decisions)
CALLERS: dict[str, tuple[str, str, str | None, set[str]]] = {
    "owner": ("csu", "owner", None, set(CELLS)),
    "manager": ("csu", "manager", None, _manager),
    "editor": ("csu", "editor", None, _editor),
    "billing": ("csu", "billing", None, {VIEW, BILLING}),
    "owner, key for managers": ("csu", "owner", "manager", _manager),
    "owner, key for editors": ("csu", "owner", "editor", _editor),
    "owner, key for readers": ("csu", "owner", "readonly", {VIEW}),
    "billing, key for editors": ("csu", "billing", "editor", {VIEW}),
    "business key for managers": ("csb", "editor", "manager", _manager),
    "business key for editors": ("csb", "owner", "editor", _editor),
    "business key for readers": ("csb", "owner", "readonly", {VIEW}),
    "publishable key": ("cpk", "owner", "readonly", set()),
}
STRANGERS = {"stranger": ("csu", None), "business key of a stranger": ("csb", "manager")}
NOBODY = "nobody"


@dataclass
class World:
    """An organization with a caller of each kind, and another organization with two. `n` is new each time."""

    connection: Connection
    organization: str = ""
    keys: dict[str, str | None] = field(default_factory=dict)
    last: int = 0

    @property
    def n(self) -> int:
        self.last += 1
        return self.last

    async def fill(self) -> "World":
        self.organization = await make.insert(
            self.connection, "organizations", name="Ours", country="DE", is_brand=True
        )
        for who, (kind, role, key_role, _) in CALLERS.items():
            self.keys[who] = await self.key(self.organization, kind, role, key_role)
        for who, (kind, key_role) in STRANGERS.items():
            theirs = await make.insert(self.connection, "organizations", name="Other", country="FR", is_brand=True)
            self.keys[who] = await self.key(theirs, kind, "owner", key_role)
        self.keys[NOBODY] = None
        return self

    async def key(self, organization: str, kind: str, role: str, key_role: str | None) -> str:
        user = await make.insert(self.connection, "users", email=f"u{self.n}@example.net")
        await make.insert(self.connection, "memberships", user_id=user, organization_id=organization, role=role)
        raw = new_key(kind)
        await make.insert(
            self.connection, "api_keys", kind=kind, hash=hash_key(raw), name="Key", user_id=user, role=key_role,
            organization_id=None if kind == "csu" else organization,
        )  # fmt: skip
        return raw


Target = Callable[[World], Awaitable[Mapping[str, Any]]]


async def nothing(world: World) -> Mapping[str, Any]:
    return {}


@dataclass(frozen=True)
class Row:
    """What is expected of one endpoint.

    `need`: PUBLIC, KEY, USER, PERSON, or the cell of the matrix. `target` makes what the request is about, new for
    every caller who may do it, and gives the values of the path and of `{names}` in `query` and `body`. `own`: there is
    no target, so that strangers do it in their own organization. `stranger`: what they are answered otherwise.
    `refused`: what those are answered whose role or key is too small. `granted`: what those who may are answered, if it
    is not a success.
    """

    need: str
    target: Target = nothing
    query: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    files: Mapping[str, Any] | None = None
    own: bool = False
    stranger: int = 404
    refused: int = 403
    granted: int | None = None

    def expected(self, who: str, success: int) -> int:
        """The status that this caller gets."""
        success = self.granted or success
        if self.need == PUBLIC:
            return success
        if who == NOBODY:
            return 401
        if self.need == KEY:
            return success
        if who == "publishable key":
            return self.refused
        if self.need == USER:
            return success
        if self.need == PERSON:
            kind = STRANGERS[who][0] if who in STRANGERS else CALLERS[who][0]
            return success if kind == "csu" else self.refused
        if who in STRANGERS:
            return success if self.own else self.stranger
        return success if self.need in CALLERS[who][3] else self.refused


def filled(value: Any, given: Mapping[str, Any]) -> Any:
    """`{names}` in texts are replaced by what is given; a text that is nothing but a name, by the value itself."""
    if isinstance(value, str):
        whole = value[1:-1] if value[:1] == "{" and value[-1:] == "}" else ""
        return given[whole] if whole in given else value.format(**given)
    if isinstance(value, Mapping):
        return {name: filled(item, given) for name, item in value.items()}
    return [filled(item, given) for item in value] if isinstance(value, list) else value
