"""The form of API keys: `<prefix>_<body>_<checksum>` (contract: conventions, api_key).

The body is 32 random letters and digits; the checksum is the body's CRC-32 in 8 lowercase hex digits, so that a
mistyped key is refused without asking the database. Only the SHA-256 of the whole key is ever stored.
"""

import hashlib
import re
import secrets
import string
import zlib

from closient_gql.core.models.account import KeyKind

_FORM = re.compile(r"(csb|csu|cpk)_([A-Za-z0-9]{32})_([0-9a-f]{8})")
_LETTERS = string.ascii_letters + string.digits


def checksum(body: str) -> str:
    """The last part of a key with this body."""
    return f"{zlib.crc32(body.encode()):08x}"


def new_key(kind: str) -> str:
    """A raw key of this kind (`csb`, `csu`, `cpk`), to be shown once."""
    body = "".join(secrets.choice(_LETTERS) for _ in range(32))
    return f"{kind}_{body}_{checksum(body)}"


def key_kind(raw: str) -> KeyKind | None:
    """The kind that the text claims to be, or None if it has not the form of a key."""
    found = _FORM.fullmatch(raw)
    return KeyKind(found[1]) if found and checksum(found[2]) == found[3] else None  # type: ignore[call-arg]


def hash_key(raw: str) -> bytes:
    """What is stored of a key: 32 bytes."""
    return hashlib.sha256(raw.encode()).digest()
