"""The GPC: releases in three forms, looked up by code. The nodes here are made up: the classification is GS1's."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from closient_gql.core.db import Connection
from closient_gql.core.gs1.gpc import GpcError, GpcNode, read_gpc
from closient_gql.core.settings import settings
from closient_gql.server.commands.gpc import gpc
from tests import make
from tests.conftest import Client

NODES = [
    GpcNode("90000000", "segment", "Toys of Test", "", None),
    GpcNode("90010000", "family", "Kites", "Things that fly on a string.", "90000000"),
    GpcNode("90010100", "class", "Box Kites", "", "90010000"),
    GpcNode("19000001", "brick", "Red Box Kites", "Red ones. Not blue ones.", "90010100"),
    GpcNode("19000002", "brick", "Blue Box Kites", "", "90010100"),
]
TABLE = "\n".join(f"{n.code}\t{n.title}\t{n.definition} (GPC {n.level})" for n in NODES)


def as_json() -> str:
    found: dict[str, Any] = {
        n.code: {"Level": level_of(n), "Code": int(n.code), "Title": n.title, "Definition": n.definition or None,
                 "DefinitionExcludes": None, "Active": True, "Childs": []}
        for n in NODES
    }  # fmt: skip
    found["19000001"] |= {"Definition": "Red ones.", "DefinitionExcludes": "Not blue ones."}
    for node in NODES[1:]:
        found[node.parent or ""]["Childs"].append(found[node.code])
    found["19000002"]["Childs"] = [{"Level": 5, "Code": 29000000, "Title": "Hue", "Active": True, "Childs": []}]
    found["90010100"]["Childs"].append({"Level": 4, "Code": 19000003, "Title": "Gone", "Active": False})
    return json.dumps({"LanguageCode": "EN", "Schema": [found["90000000"]]})


def level_of(node: GpcNode) -> int:
    return ("segment", "family", "class", "brick").index(node.level) + 1


XML = """<?xml version="1.0"?><schema xmlns="urn:x"><segment code="90000000" text="Toys of Test" definition="">
<family code="90010000" text="Kites" definition="Things that fly on a string."><class code="90010100" text="Box Kites">
<brick code="19000001" text="Red Box Kites" definition="Red ones." definitionExcludes="Not blue ones.">
<attType code="29000000" text="Hue"><attValue code="39000000" text="RED"/></attType></brick>
<brick code="19000002" text="Blue Box Kites"/></class></family></segment></schema>"""


def written(folder: Path, text: str) -> Path:
    (folder / "release").write_text(text, encoding="utf-8")
    return folder / "release"


@pytest.mark.parametrize("text", [TABLE, as_json(), "\ufeff" + as_json(), XML], ids=["table", "json", "bom", "xml"])
def test_a_release_in_every_form(tmp_path: Path, text: str) -> None:
    assert read_gpc(written(tmp_path, text)) == NODES


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "no segments"),
        ("{", "no release"),
        ('{"Schema": [{"Level": 1}]}', "no release"),
        ("[1]", "line 1"),
        ("<a", "no release"),
        ("<!DOCTYPE a><schema/>", "document type"),
        ("90000000\tToys\t (GPC segment)\n90010100\tKites\t (GPC class)", "without a family above it"),
        ("9000000\tToys\t (GPC segment)", "no code of eight digits"),
        (f"{TABLE}\n{TABLE}", "occurs twice"),
        ('<schema><family code="90010000" text="Kites"/></schema>', "stands below nothing"),
    ],
)
def test_what_is_no_release(tmp_path: Path, text: str, why: str) -> None:
    with pytest.raises(GpcError, match=why):
        read_gpc(written(tmp_path, text))
    with pytest.raises(GpcError, match="cannot be read"):
        read_gpc(tmp_path / "nowhere")


async def test_loaded_and_looked_up(
    api: Client, connection: Connection, database_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    settings.cache_clear()
    me = await make.account(connection)
    await make.product(connection, 1, gpc_brick_code="19000001")
    await make.product(connection, 2)
    headers = {"X-API-Key": me.key}
    query = """{ gpcSegments { code children { title level } }
      gpcCategory(code: "19000001") {
        title definition level parent { title parent { code parent { parent { code } } } } }
      products { nodes { gpcBrick { title } } } }"""

    async def ask() -> Any:
        return (await api.post("/graphql", json={"query": query}, headers=headers)).json()["data"]

    async def run(*arguments: str) -> tuple[str, str]:
        found = await asyncio.to_thread(CliRunner().invoke, gpc, list(arguments))
        return found.output, str(found.exception or "")

    none = {"gpcBrick": None}
    assert await ask() == {"gpcSegments": [], "gpcCategory": None, "products": {"nodes": [none, none]}}
    assert (await run("show", "19000001"))[1].startswith("There is no GPC code 19000001. Is a release loaded")
    for _ in range(2):  # again is the same
        assert await run("load", str(written(tmp_path, XML))) == ("loaded 5 nodes of release\n", "")
    assert await ask() == {
        "gpcSegments": [{"code": "90000000", "children": [{"title": "Kites", "level": "FAMILY"}]}],
        "gpcCategory": {
            "title": "Red Box Kites", "definition": "Red ones. Not blue ones.", "level": "BRICK",
            "parent": {"title": "Box Kites", "parent": {"code": "90010000", "parent": {"parent": None}}},
        },
        "products": {"nodes": [{"gpcBrick": {"title": "Red Box Kites"}}, none]},
    }  # fmt: skip
    assert (await run("show", "90010000"))[0] == (
        "90000000  segment  Toys of Test\n90010000  family   Kites\nThings that fly on a string.\n"
    )
    assert (await run("load", str(written(tmp_path, "{"))))[1].endswith("line 1 column 2 (char 1)")
    assert (await ask())["gpcSegments"] != [], "a file that cannot be read changes nothing"
    settings.cache_clear()
