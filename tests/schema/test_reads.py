"""Relations read of their parents what they say that they read, and nothing else: other columns may not be there."""

import inspect
from contextlib import suppress
from typing import Any

import pytest

from closient_gql.core import db
from closient_gql.core.db import Connection, Database, Reader
from closient_gql.core.errors import DomainError
from closient_gql.core.paging import Window
from resolvers.context import Context
from resolvers.locations.inputs import NearInput
from resolvers.views import empty_columns
from schema import graph
from schema.declare import ENTITIES, Entity, definition_of, reads_of

graph()
MODELS = {row: model for model, row in db._rows.items()}
NEAR = NearInput(latitude=39.29, longitude=-76.61)
MAY_BE_THERE = {"from_latitude", "from_longitude"}  # asked of rows that were found by their distance


class Parent:
    """A row that has these columns, and notes what else is asked of it."""

    def __init__(self, entity: Entity, columns: Any) -> None:
        empty = empty_columns(MODELS[entity.row])
        self.__dict__.update({name: empty[name]() if name in empty else "" for name in columns})
        self.__dict__["lacking"] = set()

    def __getattr__(self, name: str) -> Any:
        self.lacking.add(name)
        raise AttributeError(name)


def arguments_of(function: Any) -> dict[str, Any]:
    """What it cannot do without."""
    given: dict[str, Any] = {}
    for name, parameter in list(inspect.signature(function, eval_str=True).parameters.items())[2:]:
        if parameter.annotation is Window:
            given[name] = Window()
        elif name == "near":
            given[name] = NEAR
        elif parameter.default is inspect.Parameter.empty:
            pytest.fail(f"{function}: say what {name} may be")
    return given


async def test_relations_read_no_more_than_they_say(connection: Connection, database_url: str) -> None:
    database, lacking, said = Database(database_url, 2), {}, 0
    for entity in ENTITIES.values():
        for field in definition_of(entity.cls).fields:
            reads = reads_of(field.metadata, entity) if field.metadata.get("kind") == "batch" else None
            if reads is None:
                continue
            said += 1
            function = inspect.unwrap(field.metadata["function"])
            parent = Parent(entity, reads)
            with suppress(DomainError, AttributeError):  # not for everybody; or noted below
                await function(Context(Reader(database)), [parent], **arguments_of(function))
            if found := parent.lacking - MAY_BE_THERE:
                lacking[f"{entity.name}.{field.python_name}"] = found
    await database.close()
    assert lacking == {}
    assert said > 50
