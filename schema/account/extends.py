"""Root fields of the account."""

from resolvers.account import api_keys, invitations, members, organizations, preferences, queries
from schema.account.types import (
    ApiKey,
    ApiKeyCreated,
    ApiKeyRotated,
    InvitationAccepted,
    Member,
    Organization,
    Quota,
    TraitPreference,
    Viewer,
)
from schema.declare import Mutation, Query, extend, root
from schema.shared import Connection


@extend(Query)
class AccountQueries:
    viewer: Viewer | None = root(queries.viewer, "Who is calling.")
    quota: Quota | None = root(queries.quota, "What the rate limits say of the caller.")
    organization: Organization | None = root(organizations.organization, "One organization of the caller's.")
    organizations: Connection[Organization] | None = root(
        organizations.organizations, "Organizations of the caller, by name."
    )


@extend(Mutation)
class AccountMutations:
    organization_create: Organization | None = root(
        organizations.organization_create, "A new organization; the caller becomes its owner."
    )
    organization_update: Organization | None = root(
        organizations.organization_update, "Changes what is known of an organization. Only for owners."
    )
    organization_delete: bool | None = root(
        organizations.organization_delete,
        "Deletes an organization, restorable for 90 days: keys are revoked, brands and products released. Only for "
        "owners.",
    )
    organization_restore: Organization | None = root(
        organizations.organization_restore, "Brings a deleted organization back. Only for those who owned it."
    )
    member_invite: Member | None = root(invitations.member_invite, "Invites a person by mail.")
    member_update_role: Member | None = root(
        members.member_update_role, "Gives a member, or somebody invited, another role."
    )
    member_remove: bool | None = root(members.member_remove, "Ends a membership, or withdraws an invitation.")
    invitation_revoke: bool | None = root(invitations.invitation_revoke, "Withdraws an open invitation.")
    invitation_accept: InvitationAccepted | None = root(
        invitations.invitation_accept, "Accepts an invitation by the token in its mail: once."
    )
    api_key_create: ApiKeyCreated | None = root(api_keys.api_key_create, "A new API key, shown this one time.")
    api_key_update: ApiKey | None = root(
        api_keys.api_key_update, "Changes name, description or metadata of an API key."
    )
    api_key_delete: bool | None = root(
        api_keys.api_key_delete, "Deletes an API key: it is refused from the next request on."
    )
    api_key_rotate: ApiKeyRotated | None = root(
        api_keys.api_key_rotate, "Replaces an API key; the old one goes on for as long as the caller says."
    )
    preferences_replace: list[TraitPreference] | None = root(
        preferences.preferences_replace, "Puts a list in the place of the caller's trait preferences.",
        size="preferences",
    )  # fmt: skip
    user_update: Viewer | None = root(preferences.user_update, "Changes the caller's name or metadata.")
