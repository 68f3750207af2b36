"""GS1 Global Product Classification: reads a release of it from a file.

GS1 publishes releases as JSON and XML; a table in depth-first order (code, title, definition ending in "(GPC brick)"
and so on, tab-separated) is read as well. Attributes of bricks are left out. The content is GS1's: bring a file.
"""

import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

LEVELS = ("segment", "family", "class", "brick")


class GpcNode(NamedTuple):
    """A node of the classification. `parent` is the code of the node above it; segments have none."""

    code: str
    level: str
    title: str
    definition: str
    parent: str | None


class GpcError(ValueError):
    """The file is no release of the classification."""


def read_gpc(path: Path) -> list[GpcNode]:
    """All nodes of a release, every parent before its children.

    Raises:
        GpcError: the file cannot be read, is of no known form, or contradicts itself.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise GpcError(f"{path} cannot be read: {error}") from None
    try:
        return _checked(_nodes(text.lstrip()))
    except (ValueError, KeyError, TypeError, AttributeError, ET.ParseError) as error:
        raise GpcError(f"{path} is no release of the GPC: {error}") from None


def _nodes(text: str) -> Iterator[GpcNode]:
    if text.startswith("{"):
        return _from_json(json.loads(text)["Schema"], None)
    if text.startswith("<"):
        if "<!DOCTYPE" in text or "<!ENTITY" in text:
            raise GpcError("it declares a document type")
        return _from_xml(ET.fromstring(text), None)
    return _from_table(text.splitlines())


def _from_json(found: Iterable[dict[str, Any]], parent: str | None) -> Iterator[GpcNode]:
    for each in found:
        if each["Level"] <= len(LEVELS) and each.get("Active", True):
            code = f"{each['Code']:08}" if isinstance(each["Code"], int) else each["Code"]
            words = (each.get("Definition"), each.get("DefinitionExcludes"))
            yield _node(code, LEVELS[each["Level"] - 1], each["Title"], *words, parent=parent)
            yield from _from_json(each.get("Childs") or (), code)


def _from_xml(element: ET.Element, parent: str | None) -> Iterator[GpcNode]:
    for child in element:
        level = child.tag.rpartition("}")[2]
        if level in LEVELS:
            words = (child.get("definition"), child.get("definitionExcludes"))
            yield _node(child.attrib["code"], level, child.attrib["text"], *words, parent=parent)
        if level not in ("attType", "attValue"):
            yield from _from_xml(child, child.get("code") if level in LEVELS else parent)


def _from_table(lines: Iterable[str]) -> Iterator[GpcNode]:
    above: list[str] = []
    for number, line in enumerate(filter(None, lines), 1):
        parts = line.split("\t")
        found = re.fullmatch(rf"(.*)\(GPC ({'|'.join(LEVELS)})\)\s*", parts[-1], re.DOTALL)
        if len(parts) != 3 or not found:
            raise GpcError(f"line {number} is not: code, title, definition and (GPC level)")
        depth = LEVELS.index(found[2])
        if depth > len(above):
            raise GpcError(f"line {number}: a {found[2]} without a {LEVELS[depth - 1]} above it")
        above[depth:] = [parts[0]]
        yield _node(parts[0], found[2], parts[1], found[1], parent=above[depth - 1] if depth else None)


def _node(code: str, level: str, title: str, *definition: str | None, parent: str | None) -> GpcNode:
    words = " ".join(part.strip() for part in definition if part and part.strip())
    return GpcNode(code, level, title.strip(), words, parent)


def _checked(nodes: Iterator[GpcNode]) -> list[GpcNode]:
    """Codes of eight digits, once each, each level below the one above it."""
    found: dict[str, GpcNode] = {}
    for node in nodes:
        if not re.fullmatch("[0-9]{8}", node.code):
            raise GpcError(f"{node.code!r} is no code of eight digits")
        if node.code in found:
            raise GpcError(f"the code {node.code} occurs twice")
        above = found[node.parent].level if node.parent else None
        if LEVELS.index(node.level) != (LEVELS.index(above) + 1 if above else 0):
            raise GpcError(f"the {node.level} {node.code} stands below {f'a {above}' if above else 'nothing'}")
        found[node.code] = node
    if not found:
        raise GpcError("it has no segments")
    return list(found.values())
