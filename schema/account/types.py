"""Types of the account: users, organizations, members, keys, who did what, the caller."""

from datetime import datetime

import strawberry

from closient_gql.core.models import account as models
from closient_gql.core.models.account import KeyKind, KeyRole, MemberRole, MemberStatus, Stance, TraitCategory
from closient_gql.core.models.platform import AuditEntry as AuditEntryRow
from resolvers.account import inputs, queries
from resolvers.account.api_keys import ApiKeyCreated as ApiKeyCreatedValue
from resolvers.account.api_keys import ApiKeyRotated as ApiKeyRotatedValue
from resolvers.account.api_keys import api_key_of, api_keys_by_id, api_keys_of, api_keys_of_viewers
from resolvers.account.auditlog import AuditChange as AuditChangeValue
from resolvers.account.auditlog import actors, audit_log_of, changes_of
from resolvers.account.invitations import InvitationAccepted as InvitationAcceptedValue
from resolvers.account.invitations import invitations_of
from resolvers.account.members import member_of, members_by_id, members_of, role_names
from resolvers.account.preferences import preferences_of
from resolvers.context import QuotaWindow as QuotaWindowValue
from resolvers.viewer import Viewer as ViewerValue
from schema.declare import adopt_enum, adopt_input, column, entity, relation, value
from schema.shared import Connection

adopt_enum(KeyRole, "What a key may do at the most. Its holder's own role counts as well.")
adopt_enum(KeyKind, "Whom a key acts for; the first three letters of the key.")
adopt_enum(MemberRole, "What a member may do in an organization.")
adopt_enum(MemberStatus, "Whether a member has accepted its invitation.")
adopt_enum(TraitCategory, "What kind of trait a preference is about.")
adopt_enum(Stance, "What a preference does to search results.")

adopt_input(inputs.OrganizationInput, "OrganizationInput", "A new organization.")
adopt_input(inputs.OrganizationPatch, "OrganizationPatch", "What is to change of an organization; the rest stays.")
adopt_input(inputs.MemberInviteInput, "MemberInviteInput", "Whom to invite, and as what.")
adopt_input(inputs.MemberRoleInput, "MemberRoleInput", "Another role for a member.")
adopt_input(inputs.InvitationAcceptInput, "InvitationAcceptInput", "The acceptance of an invitation.")
adopt_input(inputs.ApiKeyInput, "APIKeyInput", "A new API key.")
adopt_input(inputs.ApiKeyPatch, "APIKeyPatch", "What is to change of an API key; the rest stays.")
adopt_input(inputs.ApiKeyRotateInput, "APIKeyRotateInput", "How an API key is replaced.")
adopt_input(inputs.TraitPreferenceInput, "TraitPreferenceInput", "What a person thinks of a trait.")
adopt_input(inputs.UserPatch, "UserPatch", "What is to change of the caller's profile; the rest stays.")


@entity(models.User, keys={"id": queries.users_by_id}, says="A person with an account. Visible to itself only.")
class User:
    id: strawberry.ID = column("Id of the user.")
    email: str = column("Address, in lower case.")
    name: str = column("Name as the person gave it.")
    metadata: dict[str, str] = column("The user's own notes.")
    created: datetime = column("When the account was made.")


@entity(models.ApiKey, keys={"id": api_keys_by_id}, says="An API key. Its secret is never shown again.")
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
    replaced_by: strawberry.ID | None = column("Id of the key that was made by its rotation.")
    created: datetime = column("When it was made.")


@value(ApiKeyCreatedValue, says="A new API key.")
class ApiKeyCreated:
    key: str = column("The key itself. It is shown this one time.")
    api_key: ApiKey = column("What is known of it.")


@value(ApiKeyRotatedValue, says="A new API key in the place of another.")
class ApiKeyRotated:
    key: str = column("The key itself. It is shown this one time.")
    api_key: ApiKey = column("What is known of it.")
    replaced: ApiKey = column("Its predecessor, which ends when it says.")


@entity(
    models.Member,
    keys={"id": members_by_id},
    says="Somebody who belongs to an organization, or is invited to. Visible to its members only.",
)
class Member:
    id: strawberry.ID = column("Id of the membership; an invited member keeps it when it accepts.")
    email: str = column("Address of the person, in lower case.")
    name: str = column("Name as the person gave it; empty while it is invited.")
    metadata: dict[str, str] = column("The user's own notes; empty while it is invited.")
    role: MemberRole = column("What it may do in the organization.")
    role_display: str = relation(role_names, "The role as people read it.")
    status: MemberStatus = column("Whether it has accepted its invitation.")
    created: datetime = column("When it joined, or was invited.")


@value(models.Invitation, says="An open invitation to an organization.")
class Invitation:
    id: strawberry.ID = column("Id of the invitation, and of the membership that it becomes.")
    email: str = column("The only address that it is good for.")
    role: MemberRole = column("The role that the person will have.")
    created: datetime = column("When the person was invited, for the last time.")
    expires_at: datetime = column("When it is over.")


@value(AuditChangeValue, says="One thing that was written.")
class AuditChange:
    field: str = column("What it is, such as role.")
    value: str = column("What was written: texts as they are, everything else as JSON.")


@value(AuditEntryRow, says="Somebody changed something in an organization.")
class AuditEntry:
    id: strawberry.ID = column("Id of the entry.")
    created: datetime = column("When it happened.")
    action: str = column("What was done, such as member.invited.")
    user_id: strawberry.ID | None = column("Who did it; null: the platform itself, or its operator's command line.")
    user_email: str | None = relation(actors, "Address of who did it; null if there is no such user any more.")
    key_id: strawberry.ID | None = column("The API key that it was done with.")
    target_type: str = column("To what kind of thing, such as member.")
    target_id: str = column("Id of the thing.")
    changes: list[AuditChange] = relation(changes_of, "What was written.", size=5)


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
    members: Connection[Member] | None = relation(
        members_of, "Who belongs to it and who is invited, by e-mail address."
    )
    member: Member | None = relation(member_of, "The member with this id.")
    invitations: Connection[Invitation] | None = relation(
        invitations_of, "Invitations that are open, oldest first. Only for those who may manage members."
    )
    api_keys: Connection[ApiKey] | None = relation(
        api_keys_of, "Its API keys, newest first. Only for those who may manage them."
    )
    api_key: ApiKey | None = relation(api_key_of, "The API key with this id. Only for those who may manage them.")
    audit_log: Connection[AuditEntry] | None = relation(
        audit_log_of, "Who changed what, newest first. Only for owners."
    )


@value(models.TraitPreference, says="What a person thinks of a trait of products.")
class TraitPreference:
    trait: str = column("The trait as a slug in lower_snake_case: usable as a constraint of a search.")
    trait_label: str = column("The trait for people.")
    category: TraitCategory = column("What kind of trait it is.")
    stance: Stance = column("What it does to search results.")


@value(ViewerValue, says="The caller: who is asking, by which key.")
class Viewer:
    user: User | None = relation(queries.viewer_users, "The user that the key acts for, or who holds it.")
    organizations: list[Organization] = relation(
        queries.viewer_organizations, "The organizations that the key acts for, by name."
    )
    api_key: ApiKey | None = relation(queries.viewer_keys, "The key in use.")
    api_keys: Connection[ApiKey] | None = relation(
        api_keys_of_viewers, "The user's own keys (csu), newest first. Only with one of them."
    )
    preferences: list[TraitPreference] | None = relation(
        preferences_of, "The user's trait preferences, in its own order. Only with a user key.", size=25
    )


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


@value(InvitationAcceptedValue, says="What became of an invitation.")
class InvitationAccepted:
    key: str = column("A user key (csu) without a ceiling. It is shown this one time.")
    api_key: ApiKey = column("What is known of the key.")
    user: User = column("The user, who may be new.")
    organization: Organization = column("The organization that it belongs to now.")
    role: MemberRole = column("Its role there.")
