"""Views of rows: a row of which only a part is shown, and from which nothing else can be reached.

    View(Brand, row, kept={"id", "name"})   reads like the row; all other columns are empty
    @sees_views                             a batch function that knows what it may give for a view

For whatever is found by a function that does not know of views they have nothing: null, no items, an empty list. So
what a later domain adds to a type shows nothing in a view, until somebody decides that it may.
"""

import functools
import inspect
from collections.abc import Callable, Collection, Mapping, Sequence
from types import NoneType
from typing import Any, TypeVar, get_args, get_origin

from sqlalchemy import JSON

from closient_gql.core.db import Batch
from closient_gql.core.errors import Conflict
from closient_gql.core.paging import Slice, Window

F = TypeVar("F", bound=Callable[..., Any])
MARK = "_sees_views"
KINDS = (Slice, list, Sequence, NoneType)


class View:
    """Reads like the row that it is made of, with the columns in `kept` (all that it has, if nothing is said) and with
    `values`.

    `says` are names of what of it is shown, for functions that ask.

    Raises:
        TypeError: a column cannot be empty.
    """

    def __init__(
        self,
        model: Any,
        row: Any,
        *,
        kept: Collection[str] | None = None,
        values: Mapping[str, Any] | None = None,
        says: Collection[str] = (),
    ) -> None:
        shown: dict[str, Any] = dict(row) if kept is None else {name: row[name] for name in kept}
        shown.update(values or {})
        if kept is not None:
            shown = {name: make() for name, make in empty_columns(model).items() if name not in shown} | shown
        self.__dict__.update(shown)
        self.says = frozenset(says)


@functools.cache
def empty_columns(model: Any) -> dict[str, Callable[[], Any]]:
    """What makes the empty value of each column."""
    return {c.name: NoneType if c.nullable else python_type(c.type) for c in model.__table__.c}


def python_type(type_: Any) -> Callable[[], Any]:
    found: Callable[[], Any] = dict if isinstance(type_, JSON) else type_.python_type  # all of ours are objects
    return found


def sees_views(batch: F) -> F:
    """Marks a batch function whose parents may be views."""
    setattr(batch, MARK, True)
    return batch


def key_of(parent: Any, column: str) -> Any:
    """The key that a reference follows: none from a view."""
    return None if isinstance(parent, View) else getattr(parent, column)


@functools.cache
def guarded(batch: Batch) -> Batch:
    """The batch function, but for views, which it does not know of, it has nothing."""
    if hasattr(batch, MARK):
        return batch
    answers = inspect.signature(batch, eval_str=True).return_annotation

    @functools.wraps(batch)
    async def call(ctx: Any, parents: Sequence[Any], *window: Window, **arguments: Any) -> Sequence[Any]:
        rows = [parent for parent in parents if not isinstance(parent, View)]
        if len(rows) == len(parents):
            return await batch(ctx, parents, *window, **arguments)
        found = iter(await batch(ctx, rows, *window, **arguments) if rows else ())
        windows = [each for each in (*window, *arguments.values()) if isinstance(each, Window)]
        return [nothing(answers, windows) if isinstance(parent, View) else next(found) for parent in parents]

    return call


def nothing(answers: Any, windows: Sequence[Window]) -> Any:
    """The empty answer of a batch function, by what it says it answers: `list[X | None]`, `list[list[X]]` and so on.

    Raises:
        Conflict: none of its answers is empty.
    """
    kind = empty_kind(answers)
    if kind is Slice:
        return Slice.empty(windows[0])
    if kind is None:
        raise Conflict("This field cannot be asked of an owner's view.")
    return None if kind is NoneType else []


def empty_kind(answers: Any) -> Any:
    """Which of KINDS an answer can be; None if it is none of them."""
    (answer,) = get_args(answers) or (None,)
    origin = get_origin(answer)
    return origin if origin in KINDS else NoneType if NoneType in get_args(answer) else None
