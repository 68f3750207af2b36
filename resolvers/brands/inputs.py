"""What can be said of a brand when it is made or changed."""

from dataclasses import dataclass
from typing import Annotated

from closient_gql.core.absent import ABSENT
from closient_gql.core.bounds import Bounds, Doc, Id
from closient_gql.core.models.brands import VerificationMethod

Name = Annotated[str, Bounds(min_length=1, max_length=255, pattern=r"\S"), Doc("Name as it stands on products.")]
Website = Annotated[
    str, Bounds(max_length=2048, pattern=r"^(https?://[^\s<>]+)?$"), Doc("Address of its site; empty if unknown.")
]
Text = Annotated[str, Bounds(max_length=5000), Doc("What it stands for; empty if unknown.")]
Link = Annotated[
    str,
    Bounds(max_length=255, pattern=r"^(https?://[^\s<>]+|[^\s:<>]*)$"),
    Doc("Account or address of its page there; empty if it has none."),
]
Metadata = Annotated[
    dict[str, str] | None,
    Doc("Merged: keys that are not named stay, an empty value removes its key, {} or null clears all."),
]


@dataclass(kw_only=True)
class BrandInput:
    organization_id: Annotated[Id, Doc("The organization that the brand is to belong to. It cannot be changed.")]
    name: Name
    website: Website = ""
    description: Text = ""
    metadata: Metadata = ABSENT


@dataclass(kw_only=True)
class BrandPatch:
    """Null means: as it is."""

    name: Name | None = None
    website: Website | None = None
    description: Text | None = None
    instagram: Link | None = None
    facebook: Link | None = None
    twitter: Link | None = None
    linkedin: Link | None = None
    youtube: Link | None = None
    tiktok: Link | None = None
    pinterest: Link | None = None
    threads: Link | None = None
    metadata: Metadata = ABSENT


@dataclass(kw_only=True)
class BrandVerificationInput:
    method: Annotated[VerificationMethod, Doc("How ownership is to be shown.")]
    subject: Annotated[
        str,
        Bounds(min_length=1, max_length=1000, pattern=r"\S"),
        Doc(
            "What is to be checked: a GS1 company prefix of 4 to 12 digits, a domain such as example.org, or for a "
            "review by people a remark that says what shows your ownership."
        ),
    ]
