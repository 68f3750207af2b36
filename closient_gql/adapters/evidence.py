"""Evidence that people upload: PDFs and pictures, known by their content, which must be what they say they are.

A picture is encoded anew (`images`). A PDF is kept as it is, so it is never shown on a page of ours: it is only given
to be saved.
"""

import re
from dataclasses import dataclass
from pathlib import PurePath

from closient_gql.adapters.images import read_picture

PDF = "application/pdf"
TYPES = {"pdf": PDF, "png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "webp": "image/webp"}
NAMES = {PDF: "a PDF", "image/png": "a PNG", "image/jpeg": "a JPEG", "image/webp": "a WebP"}
NEUTRAL = ("", "application/octet-stream")  # of who does not say
_HEAD = re.compile(rb"%PDF-(1\.[0-7]|2\.0)\s")
_END = 2048  # bytes at the end that must hold the trailer (ISO 32000-2, 7.5.5)
MOST_SIDE = 4096
ALLOWED = "Evidence must be a PDF, PNG, JPEG or WebP."
DAMAGED = "The PDF is damaged: its end is missing. Save it again and send the new file."


@dataclass(frozen=True)
class Evidence:
    data: bytes
    content_type: str


def read_evidence(data: bytes, said_type: str = "", said_name: str = "") -> Evidence:
    """The file as it is kept. CPU work: call it by `asyncio.to_thread`.

    Raises:
        ValueError: it is of no allowed kind, damaged, or not of the kind that its name or its type says.
    """
    if data.startswith(b"%PDF-"):
        tail = data[-_END:]
        if not _HEAD.match(data) or b"startxref" not in tail or b"%%EOF" not in tail:
            raise ValueError(DAMAGED)
        found = Evidence(data, PDF)
    else:
        try:
            picture = read_picture(data, MOST_SIDE)
        except ValueError as error:
            known = data.startswith((b"\x89PNG", b"\xff\xd8\xff")) or data[8:12] == b"WEBP"
            raise ValueError(str(error) if known else ALLOWED) from None
        found = Evidence(picture.data, picture.content_type)
        if data.startswith(b"GIF8"):
            raise ValueError(ALLOWED)
    agree(found.content_type, said_type, said_name)
    return found


def agree(content_type: str, said_type: str, said_name: str) -> None:
    """Raises:
    ValueError: the name's ending or the type says something else.
    """
    said_type = said_type.partition(";")[0].strip().lower()
    ending = PurePath(said_name).suffix.lower().removeprefix(".")
    for said in ([said_type] if said_type not in NEUTRAL else []) + ([TYPES.get(ending, ending)] if ending else []):
        if said != content_type:
            other = NAMES.get(said, f"{said[:40]!r}")
            raise ValueError(f"The file says that it is {other}, but it is {NAMES[content_type]}.")
