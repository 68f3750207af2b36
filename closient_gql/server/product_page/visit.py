"""What one visitor asked for."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from closient_gql.server.product_page.words import Words


@dataclass(frozen=True)
class Place:
    """Where a visitor looks for stores."""

    latitude: float
    longitude: float
    name: str


@dataclass(frozen=True)
class Visit:
    """The code that was scanned, and what else was asked.

    `base`: the address of this server. `languages`: those wanted, the dearest first. `zip`: as it was typed; `place`:
    where that is, None if nobody knows.
    """

    base: str
    gtin: str
    words: Words
    languages: Sequence[str] = ()
    lot: str = ""
    serial: str = ""
    zip: str = ""
    place: Place | None = None

    @property
    def path(self) -> str:
        return f"/p/{quote(self.gtin, safe='')}"

    def address(self, **changed: str) -> str:
        """The address of this page with other parameters; empty ones are left out."""
        given = {"lot": self.lot, "serial": self.serial, "zip": self.zip} | changed
        query = urlencode({name: value for name, value in given.items() if value})
        return f"{self.path}{'?' if query else ''}{query}"
