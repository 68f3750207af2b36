"""What callers write to the account."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from closient_gql.core.absent import ABSENT
from closient_gql.core.bounds import Bounds, Doc
from closient_gql.core.countries import Country
from closient_gql.core.models.account import KeyKind, KeyRole, MemberRole, Stance, TraitCategory

Name = Annotated[str, Bounds(min_length=1, max_length=255, pattern=r"\S")]
Text = Annotated[str, Bounds(max_length=255)]
Email = Annotated[str, Bounds(min_length=3, max_length=254)]
Metadata = Annotated[
    dict[str, str] | None,
    Doc("Merged: keys that are not named stay, an empty value removes its key, {} or null clears all."),
]
Slug = Annotated[str, Bounds(max_length=64, pattern="^[a-z][a-z0-9]*(_[a-z0-9]+)*$")]
MONTH = 30 * 24 * 3600


@dataclass(kw_only=True)
class OrganizationInput:
    name: Annotated[Name, Doc("Name of the organization.")]
    country: Annotated[Country, Doc("Country of its seat: ISO 3166-1 alpha-2.")]
    is_brand: Annotated[bool, Doc("Whether it speaks for product content.")] = False
    metadata: Annotated[dict[str, str] | None, Doc("Notes of the organization's own.")] = None


@dataclass(kw_only=True)
class OrganizationPatch:
    name: Annotated[Name | None, Doc("A new name; null leaves it as it is.")] = None
    country: Annotated[Country | None, Doc("Another country; null leaves it as it is.")] = None
    is_brand: Annotated[bool | None, Doc("Whether it has authority over product content; null leaves it as it is.")] = (
        None
    )
    metadata: Metadata = ABSENT


@dataclass(kw_only=True)
class MemberInviteInput:
    email: Annotated[Email, Doc("Address of the person; the invitation is good for this address only.")]
    role: Annotated[MemberRole | None, Doc("The role that the person will have; editor by default.")] = None


@dataclass(kw_only=True)
class MemberRoleInput:
    role: Annotated[MemberRole, Doc("The new role.")]


@dataclass(kw_only=True)
class InvitationAcceptInput:
    token: Annotated[str, Bounds(min_length=1, max_length=200), Doc("The token in the invitation's mail.")]
    name: Annotated[Text | None, Doc("Name of the person, for an account that is made now.")] = None
    email: Annotated[
        Email | None, Doc("Address of whoever accepts. It may be left out; another than the invited one is refused.")
    ] = None


@dataclass(kw_only=True)
class ApiKeyInput:
    name: Annotated[Name, Doc("What to call it.")]
    description: Annotated[Text, Doc("What it is for.")] = ""
    kind: Annotated[
        KeyKind | None, Doc("csb by default; a csu key is the caller's own, and acts in all of its organizations.")
    ] = None
    role: Annotated[
        KeyRole | None, Doc("What it may do at the most, never more than its maker; readonly by default.")
    ] = None
    metadata: Annotated[dict[str, str] | None, Doc("Notes of the organization's own.")] = None
    rate_limit_per_minute: Annotated[
        int, Bounds(minimum=0, maximum=1_000_000), Doc("Requests in a minute; 0 stands for the platform's default.")
    ] = 0
    rate_limit_per_day: Annotated[
        int, Bounds(minimum=0, maximum=100_000_000), Doc("Requests in a day; 0 stands for the platform's default.")
    ] = 0
    expires_at: Annotated[datetime | None, Doc("When it ends by itself; never by default.")] = None


@dataclass(kw_only=True)
class ApiKeyPatch:
    name: Annotated[Name | None, Doc("A new name; null leaves it as it is.")] = None
    description: Annotated[Text | None, Doc("A new description; null leaves it as it is.")] = None
    metadata: Metadata = ABSENT


@dataclass(kw_only=True)
class ApiKeyRotateInput:
    overlap_seconds: Annotated[
        int, Bounds(minimum=0, maximum=MONTH), Doc("How long the old key goes on working; 0 ends it at once.")
    ]
    expires_at: Annotated[
        datetime | None, Doc("When the new key ends by itself, null for never; without: as the old one would have.")
    ] = ABSENT


@dataclass(kw_only=True)
class TraitPreferenceInput:
    trait: Annotated[Slug, Doc("The trait as a slug in lower_snake_case, such as tree_nuts.")]
    trait_label: Annotated[Text | None, Doc("The trait for people; made from the slug by default.")] = None
    category: Annotated[TraitCategory, Doc("What kind of trait it is.")]
    stance: Annotated[Stance, Doc("What it does to search results.")]


@dataclass(kw_only=True)
class UserPatch:
    name: Annotated[Text | None, Doc("A new name; null leaves it as it is.")] = None
    metadata: Metadata = ABSENT
