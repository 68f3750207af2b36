"""How rows of this domain are written: from an input to columns, by statements that are made once for each table."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from decimal import Decimal
from enum import Enum
from typing import Any, Generic, TypeVar

import asyncpg
from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from closient_gql.core.absent import ABSENT
from closient_gql.core.db import Query, Writer
from closient_gql.core.errors import Invalid
from closient_gql.core.ids import new_id
from resolvers.account.changing import merged
from resolvers.context import Context
from resolvers.outbox import audit, emit
from resolvers.retailers.rights import may, no_such
from resolvers.roles import May

M = TypeVar("M")


class Table(Generic[M]):
    """One table as it is written. `kind` is what audit entries call its rows, `event` what events do.

    `written`: the columns that writes say; all others have defaults.
    """

    def __init__(self, model: Any, kind: str, event: str, written: Sequence[str]) -> None:
        self.columns, self.kind, self.event, self.written = model.__table__.c, kind, event, tuple(written)
        table, all_columns = model.__table__, [c for c in model.__table__.c if c.name != "point"]
        new = {self.columns[name]: bindparam(f"new_{name}", type_=self.columns[name].type) for name in written}
        one = self.columns.id == bindparam("id")
        self.lock: Query[M] = Query(model, select(*all_columns).where(one).with_for_update())
        self.hold: Query[M] = Query(model, select(*all_columns).where(one).with_for_update(read=True))
        self.insert: Query[M] = Query(
            model,
            insert(table).values({self.columns.id: bindparam("new_id"), **new}).on_conflict_do_nothing().returning(
                *all_columns
            ),
        )  # fmt: skip
        self.update: Query[M] = Query(
            model,
            update(table)
            .where(self.columns.id == bindparam("key"))
            .values(new | {self.columns.modified: func.now()})
            .returning(*all_columns),
        )
        self.delete: Query[M] = Query(
            model, delete(table).where(self.columns.id == bindparam("key")).returning(*all_columns)
        )

    def given(self, input: Any, row: Any = None) -> dict[str, Any]:
        """What an input says of columns: of a new row, or of one that is there already.

        What is absent is left out; null is left out as well where a column always has a value. Metadata is merged.

        Raises:
            Invalid: the metadata would have too many keys.
        """
        found = {}
        for name in (f.name for f in fields(input) if f.name in self.columns):
            value = getattr(input, name)
            if name == "metadata":
                old = row.metadata if row is not None else {}
                value = old if value is ABSENT else merged(old, value)
            elif value is ABSENT or (value is None and not self.columns[name].nullable):
                continue
            found[name] = value.value if isinstance(value, Enum) else value.strip() if isinstance(value, str) else value
        return found

    @property
    def thing(self) -> str:
        """What people call a row."""
        return self.kind.replace("_", " ")

    async def owned(self, ctx: Context, write: Writer, id: str) -> Any:
        """The row, locked until the end of the transaction, if the caller may change it.

        Raises:
            NotFound: there is none, it is nobody's or another organization's, or the role is too small.
        """
        row: Any = await write.one(self.lock, id=id)
        if row is None or not may(ctx, row.organization_id, May.OFFERS):
            raise no_such(self.thing)
        return row

    async def create(self, write: Writer, values: Mapping[str, Any]) -> M | None:
        """A new row, of which every column that cannot be null is said; None if there is one with its natural key."""
        said = dict.fromkeys(self.written) | dict(values)
        return await write.one(self.insert, new_id=new_id(), **{f"new_{name}": value for name, value in said.items()})

    async def save(self, write: Writer, row: Any, values: Mapping[str, Any], taken: Invalid | None = None) -> None:
        """Writes a locked row anew, with these values.

        Raises:
            Invalid: `taken`, if there is another one with its natural key.
        """
        said = {name: getattr(row, name) for name in self.written} | dict(values)
        try:
            await write.one(self.update, key=row.id, **{f"new_{name}": value for name, value in said.items()})
        except asyncpg.UniqueViolationError:
            if taken is None:
                raise
            raise taken from None

    async def note(
        self, ctx: Context, write: Writer, what: str, row: Any, organization_id: str, told: Mapping[str, Any],
        **data: Any,
    ) -> None:  # fmt: skip
        """Leaves an audit entry, which holds what is `told`, and an event with `data`: `what` is created, updated or
        deleted."""
        changes = {name: plain(value) for name, value in told.items()}
        await audit(write, ctx.viewer, organization_id, f"{self.kind}.{what}", (self.kind, row.id), changes)
        await emit(write, f"{self.event}.{what}", row.id, organization_id, kind=self.kind, **data)


def changed(row: Any, values: Mapping[str, Any]) -> dict[str, Any]:
    """Those of the values that differ from the row's."""
    return {name: value for name, value in values.items() if getattr(row, name) != value}


def differences(row: Any, values: Mapping[str, Any]) -> dict[str, Any]:
    """The same for the audit log: old and new."""
    return {
        name: {"old": plain(getattr(row, name)), "new": plain(value)} for name, value in changed(row, values).items()
    }


def plain(value: Any) -> Any:
    """A value as JSON holds it; of an amount no zeros that only its column has."""
    return f"{value.normalize():f}" if isinstance(value, Decimal) else value
