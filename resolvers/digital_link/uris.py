"""Digital Link URIs as they are asked for: plain or compressed, with wishes in their query."""

from urllib.parse import unquote

from closient_gql.core import gs1
from closient_gql.core.gs1 import Gs1Error, Options
from closient_gql.core.gs1.digital_link import DigitalLink

STEM = "https://id.gs1.org"
OPTIONS = Options(short_gtins=True)


def parsed(uri: str, compressed: bool) -> tuple[DigitalLink, bool]:
    """The link, and whether it is compressed, as a whole or behind its key.

    Raises:
        Gs1Error: it is no Digital Link URI.
    """
    if compressed:
        return gs1.parse_compressed(uri, OPTIONS), True
    try:
        return gs1.parse_uri(uri, OPTIONS), False
    except Gs1Error as error:
        if error.code != "URI_NO_KEY" or not gs1.is_compressed(uri):
            raise
        try:
            return gs1.parse_compressed(uri, OPTIONS), True
        except Gs1Error:
            raise error from None


def wishes(other: tuple[str, ...]) -> tuple[str | None, str | None]:
    """The link type and the context that a query names: the first of each, however their names are capitalised.

    An empty link type is none: a form sends its field even where nothing was chosen.
    """
    found: dict[str, str] = {}
    for pair in other:
        name, _, value = pair.partition("=")
        found.setdefault(name.lower(), value)
    link_type, context = found.get("linktype"), found.get("context")
    return (
        unquote(link_type.replace("+", " ")) if link_type else None,
        None if context is None else unquote(context.replace("+", " ")),
    )
