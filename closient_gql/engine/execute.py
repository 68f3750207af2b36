"""Execution, breadth first: a selection over all parents of a level at once, its fields together.

The quick way is for values as they should be: known classes, lists that are lists, no null where none may be. Whatever
is different, of that field alone, is completed anew from the same values by complete.py. No resolver runs twice.
"""

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any

from closient_gql.engine.arguments import shareable
from closient_gql.engine.complete import Completion, waits
from closient_gql.engine.generate import Fill, Generator, Stopped, default_value, kind_of
from closient_gql.engine.leaves import known
from closient_gql.engine.plan import Field, Selection
from closient_gql.engine.run import Anywhere, Below, Frame, Run, Top
from closient_gql.engine.sources import Attribute, Default, Each, Many, Typename

Objects = list[dict[str, Any]]
MOST_FUNCTIONS = 16  # of one selection, for different classes of parents


async def execute(run: Run) -> dict[str, Any]:
    """The answer as it is before errors make parts of it null (Run.finish)."""
    selection, parents, top = run.plan.root, [run.root], Top()
    out = await fill(selection, parents, run, top)
    if run.plan.serial:
        for field in selection.later:
            if not run.dead:
                await one(field, parents, out, run, top)
        return out[0]
    same = [field for field in selection.later if field.same]
    for field in same:
        if field in run.known:
            out[0][field.key] = run.known[field]
    await rest([field for field in selection.later if field not in run.known], parents, out, run, top)
    if same and not run.failures:
        for field in same:
            run.remember(field, out[0][field.key])
    return out[0]


async def select(selection: Selection, parents: Sequence[Any], run: Run, frame: Frame) -> Objects:
    """The objects of the answer for these parents, in order."""
    if not parents:
        return []
    out = await fill(selection, parents, run, frame)
    if selection.later:
        await rest(selection.later, parents, out, run, frame)
    return out


async def fill(selection: Selection, parents: Sequence[Any], run: Run, frame: Frame) -> Objects:
    """Objects with all that is read off their parents; the other keys are there, and null."""
    first = type(parents[0])
    function = selection.functions.get(first)
    if function is None or (len(parents) > 1 and {*map(type, parents)} != {first}):
        function = _function(selection, parents)
    out, odd = function.function(parents)
    if odd:
        for each in odd:
            out[each.place] = {field.key: None for field in selection.fields}
        await together([_slowly(selection, parents, out, each, function, run, frame) for each in odd])
    return out


def _function(selection: Selection, parents: Sequence[Any]) -> Fill:
    fields = [field for field in selection.fields if field.reads]
    kind, access = kind_of(parents, fields)
    if kind not in selection.functions:
        if len(selection.functions) >= MOST_FUNCTIONS:
            selection.functions.clear()
        selection.functions[kind] = Generator(selection.fields, access).fill()
    found: Fill = selection.functions[kind]
    return found


async def _slowly(
    selection: Selection, parents: Sequence[Any], out: Objects, stopped: Stopped, fill: Fill, run: Run, frame: Frame
) -> None:
    """Reads off one parent what was not, and completes field by field."""
    parent, target, here = parents[stopped.place], out[stopped.place], Anyone(frame, stopped.place)
    values = fill.values(stopped)
    for number, field in enumerate(field for field in selection.fields if field.reads):
        value = values[number] if number < len(values) else _tried(_look, field.source, parent)
        if isinstance(field.source, Default) and callable(value):
            value = _call(field, value, run, here)
        await Completion(run, here, field).values([value], [target])
    for field in selection.fields:
        if isinstance(field.source, Typename):
            target[field.key] = field.parent.name


def _look(source: Attribute | Default, parent: Any) -> Any:
    return getattr(parent, source.name) if isinstance(source, Attribute) else default_value(parent, source.name)


def _call(field: Field, value: Any, run: Run, frame: Frame) -> Any:
    """What a function says that is an attribute, where no resolver is. It was read: not a second time."""
    called = Each(lambda _, info, **arguments: value(info, **arguments))
    return each(field, called, [None], run, frame)[0]


class Anyone:
    """One parent of many, as if it were the only one."""

    def __init__(self, frame: Frame, place: int) -> None:
        self.frame, self.place = frame, place

    def steps(self, place: int) -> Any:
        return self.frame.steps(self.place)


# --- fields that are not read off


async def rest(fields: Sequence[Field], parents: Sequence[Any], out: Objects, run: Run, frame: Frame) -> None:
    """Fields that are not read off; what has to be waited for is waited for together."""
    jobs: list[Coroutine[Any, Any, None]] = []
    for field in fields:
        if isinstance(field.source, Many):
            jobs.append(one(field, parents, out, run, frame))
            continue
        values = read(field, parents, run, frame)
        if field.waits and (_below_waits(field) or any(map(waits, values))):
            jobs.append(place(field, values, out, run, frame))
        else:
            await place(field, values, out, run, frame)
    if len(jobs) == 1:
        await jobs[0]
    elif jobs:
        await together(jobs)


def _below_waits(field: Field) -> bool:
    return any(field.selection(kind).waits for kind in field.possible)


async def together(jobs: Sequence[Coroutine[Any, Any, None]]) -> None:
    """All of them. None fails, other than by being cancelled; then no other goes on without us."""
    tasks = [asyncio.ensure_future(job) for job in jobs]
    try:
        await asyncio.gather(*tasks)
    except BaseException:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        raise


async def one(field: Field, parents: Sequence[Any], out: Objects, run: Run, frame: Frame) -> None:
    """One field of all parents, from its values to its place."""
    if isinstance(field.source, Many):
        values = await many(field, field.source, parents, run)
    else:
        values = read(field, parents, run, frame)
    await place(field, values, out, run, frame)


async def many(field: Field, source: Many, parents: Sequence[Any], run: Run) -> Sequence[Any]:
    """What a function says that answers for all parents. What it raises is the error of all."""
    try:
        fixed = field.arguments.fixed
        given = fixed if fixed is not None else field.arguments.coerce(run.variables)
        if source.check is not None:
            source.check(given)
        values = await source.call(run.context, parents, source.convert(given), field.asked)
        if len(values) != len(parents):
            name = f"{field.parent}.{field.name}"
            raise TypeError(f"The function of {name} gave {len(values)} answers for {len(parents)} parents.")
    except Exception as error:
        return [error] * len(parents)
    return values


def read(field: Field, parents: Sequence[Any], run: Run, frame: Frame) -> list[Any]:
    """The values of a field that one asks parents for one by one. An exception stands for itself."""
    source = field.source
    if isinstance(source, Each):
        return each(field, source, parents, run, frame)
    assert isinstance(source, Attribute | Default)
    if field.definition.args and isinstance(wrong := _tried(field.arguments.coerce, run.variables), Exception):
        return [wrong] * len(parents)
    values = [_tried(_look, source, parent) for parent in parents]
    if isinstance(source, Default):
        for place, value in enumerate(values):
            if callable(value):
                values[place] = _call(field, value, run, Anyone(frame, place))
    return values


def _tried(function: Any, *given: Any, **named: Any) -> Any:
    try:
        return function(*given, **named)
    except Exception as error:
        return error


def each(field: Field, source: Each, parents: Sequence[Any], run: Run, frame: Frame) -> list[Any]:
    """What a resolver says to every parent."""
    values: list[Any] = []
    given: dict[str, Any] | None = field.arguments.fixed
    for place, parent in enumerate(parents):
        try:
            arguments = given if given is not None else field.arguments.coerce(run.variables)
            if given is None and all(map(shareable, arguments.values())):
                given = arguments
            values.append(source.resolve(parent, run.info(field, frame.steps(place)), **arguments))
        except Exception as error:
            values.append(error)
    return values


# --- values into their places


async def place(field: Field, values: Sequence[Any], out: Objects, run: Run, frame: Frame) -> None:
    """Completes the values of all parents and puts them into their objects."""
    if field.leaf:
        done = _leaves(field, values, out)
    elif field.simple:
        done = await (_lists if field.lists else _objects)(field, values, out, run, frame)
    else:
        done = False
    if not done:
        await _anything(field, values, out, run, frame)


def _leaves(field: Field, values: Sequence[Any], out: Objects) -> bool:
    if field.lists > 1:
        return False
    try:
        found = [field.coerce(value) for value in values]
    except Exception:  # an error, or nothing that is known: the other way says which
        return False
    key = field.key
    for target, value in zip(out, found, strict=True):
        target[key] = value
    return True


async def _objects(field: Field, values: Sequence[Any], out: Objects, run: Run, frame: Frame) -> bool:
    objects = [value for value in values if value is not None]
    if (len(objects) < len(values) and not field.nullable[0]) or not known(objects):
        return False
    answers = iter(await select(field.selection(field.type), objects, run, Below(frame, field, values)))
    key = field.key
    for target, value in zip(out, values, strict=True):
        if value is not None:
            target[key] = next(answers)
    return True


async def _lists(field: Field, values: Sequence[Any], out: Objects, run: Run, frame: Frame) -> bool:
    objects: list[Any] = []
    for value in values:
        if value.__class__ is list or value.__class__ is tuple:
            objects += value
        elif value is not None or not field.nullable[0]:
            return False
    if not known(objects):
        return False
    ends = [None if value is None else len(value) for value in values]
    answers = await select(field.selection(field.type), objects, run, Below(frame, field, values))
    key, begin = field.key, 0
    for target, length in zip(out, ends, strict=True):
        if length is not None:
            target[key] = answers[begin : begin + length]
            begin += length
    return True


async def _anything(field: Field, values: Sequence[Any], out: Objects, run: Run, frame: Frame) -> None:
    completion = Completion(run, frame, field)
    await completion.values(values, out)
    jobs = [
        _found(field.selection(kind), found, run, Anywhere(frame, field, found.places))
        for kind, found in completion.found.items()
    ]
    if len(jobs) == 1:
        await jobs[0]
    elif jobs:
        await together(jobs)


async def _found(selection: Selection, found: Any, run: Run, frame: Frame) -> None:
    answers = await select(selection, found.objects, run, frame)
    for (box, key), answer in zip(found.boxes, answers, strict=True):
        box[key] = answer
