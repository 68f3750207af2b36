"""Users, organizations, who belongs to which, and API keys."""

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    func,
    literal_column,
    null,
    select,
    text,
    union_all,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from closient_gql.core.enums import Described
from closient_gql.core.models.base import Annotatable, Base, Identified


class MemberRole(Described):
    OWNER = "owner", "Everything, deletion of the organization included."
    MANAGER = "manager", "Everything but managing and deleting the organization."
    BILLING = "billing", "Plans, invoices and payment only."
    EDITOR = "editor", "Products, offers and brands, but neither members nor keys."


class KeyRole(Described):
    MANAGER = "manager", "May do what its holder may, at most what a manager may."
    EDITOR = "editor", "May do what its holder may, at most what an editor may."
    READONLY = "readonly", "May read what its holder may read."


class KeyKind(Described):
    BUSINESS = "csb", "Acts for one organization, with the role of the key."
    USER = "csu", "Acts for its holder, in all organizations that the holder belongs to."
    PUBLISHABLE = "cpk", "For pages in the open: reads what the public reads, in the name of one organization."


class User(Identified, Annotatable, Base):
    __tablename__ = "users"
    email: Mapped[str] = mapped_column(unique=True)  # lower case
    name: Mapped[str] = mapped_column(server_default="")


class Organization(Identified, Annotatable, Base):
    __tablename__ = "organizations"
    name: Mapped[str]
    country: Mapped[str] = mapped_column(server_default="")
    is_brand: Mapped[bool] = mapped_column(server_default=text("false"))
    is_authority: Mapped[bool] = mapped_column(server_default=text("false"))  # writes recalls of any product; CLI only
    deleted_at: Mapped[datetime | None]  # a tombstone: restorable for 90 days, invisible meanwhile


class Membership(Identified, Base):
    __tablename__ = "memberships"
    __table_args__ = (UniqueConstraint("organization_id", "user_id"),)
    organization_id: Mapped[str] = mapped_column(String(12), ForeignKey("organizations.id", ondelete="CASCADE"))
    user_id: Mapped[str] = mapped_column(String(12), ForeignKey("users.id", ondelete="CASCADE"), index=True)
    role: Mapped[str]


class ApiKey(Identified, Annotatable, Base):
    """Only the SHA-256 of the whole raw key is stored. A role of null is no ceiling: the holder's own roles count."""

    __tablename__ = "api_keys"
    __table_args__ = (
        CheckConstraint("kind = 'csu' OR organization_id IS NOT NULL", name="organization"),
        CheckConstraint("kind <> 'csu' OR user_id IS NOT NULL", name="holder"),
        Index("ix_api_keys_expires_at", "expires_at", postgresql_where=text("is_active AND expires_at IS NOT NULL")),
    )
    kind: Mapped[str]
    hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    name: Mapped[str]
    description: Mapped[str] = mapped_column(server_default="")
    role: Mapped[str | None]
    organization_id: Mapped[str | None] = mapped_column(
        String(12), ForeignKey("organizations.id", ondelete="CASCADE"), index=True
    )
    user_id: Mapped[str | None] = mapped_column(String(12), ForeignKey("users.id", ondelete="CASCADE"), index=True)
    is_active: Mapped[bool] = mapped_column(server_default=text("true"))
    expires_at: Mapped[datetime | None]
    last_used: Mapped[datetime | None]
    rate_limit_per_minute: Mapped[int] = mapped_column(server_default="0")
    rate_limit_per_day: Mapped[int] = mapped_column(server_default="0")
    replaced_by: Mapped[str | None] = mapped_column(String(12))  # the key that was made by its rotation


class Invitation(Identified, Base):
    """Its id becomes the id of the membership when it is accepted. Only the SHA-256 of the token is stored; there is
    none until the mail is written."""

    __tablename__ = "invitations"
    __table_args__ = (
        Index(
            "ix_invitations_open", "organization_id", "email", unique=True,
            postgresql_where=text("accepted_at IS NULL AND revoked_at IS NULL"),
        ),
    )  # fmt: skip
    organization_id: Mapped[str] = mapped_column(
        String(12), ForeignKey("organizations.id", ondelete="CASCADE"), index=True
    )
    email: Mapped[str]
    role: Mapped[str]
    token_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32), unique=True)
    invited_by: Mapped[str | None] = mapped_column(String(12), ForeignKey("users.id", ondelete="SET NULL"))
    expires_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class MemberStatus(Described):
    ACTIVE = "active", "Belongs to the organization."
    INVITED = "invited", "Has been invited, and has not accepted yet. Nothing is open to it so far."


def constant(value: str) -> ColumnElement[str]:
    return literal_column(f"'{value}'", Text)


_members = union_all(
    select(
        Membership.id, Membership.created, Membership.organization_id, Membership.user_id, Membership.role,
        User.email, User.name, User.__table__.c.metadata, constant("active").label("status"),
    ).join(User, User.id == Membership.user_id),
    select(
        Invitation.id, Invitation.created, Invitation.organization_id, null(), Invitation.role,
        Invitation.email, constant(""), literal_column("'{}'", JSONB), constant("invited"),
    ).where(Invitation.accepted_at.is_(None), Invitation.revoked_at.is_(None), Invitation.expires_at > func.now()),
).subquery("members")  # fmt: skip


class Member(Base):
    """Who belongs to an organization, and who is invited to: memberships with their users, and open invitations. Not
    a table. `id` is that of the membership, or the one that the membership will have."""

    __table__ = _members
    __mapper_args__ = {"primary_key": [_members.c.id]}  # noqa: RUF012
    if TYPE_CHECKING:
        id: Mapped[str]
        created: Mapped[datetime]
        organization_id: Mapped[str]
        user_id: Mapped[str | None]
        role: Mapped[str]
        email: Mapped[str]
        name: Mapped[str]
        status: Mapped[str]


class TraitCategory(Described):
    ALLERGEN = "ALLERGEN", "An allergen."
    DIETARY = "DIETARY", "A way of eating, such as vegan."
    RELIGIOUS = "RELIGIOUS", "A rule of a religion, such as halal."
    SOURCING = "SOURCING", "Where or how it was made, such as fair trade."
    OTHER = "OTHER", "Anything else."


class Stance(Described):
    AVOID = "AVOID", "Products with it are left out."
    REQUIRE = "REQUIRE", "Only products with it are shown."
    PREFER = "PREFER", "Products with it come first."
    NEUTRAL = "NEUTRAL", "It does not matter."


class TraitPreference(Base):
    """`position` is the place in the user's own list, from 0."""

    __tablename__ = "trait_preferences"
    user_id: Mapped[str] = mapped_column(String(12), ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    trait: Mapped[str] = mapped_column(primary_key=True)
    trait_label: Mapped[str]
    category: Mapped[str]
    stance: Mapped[str]
    position: Mapped[int]
