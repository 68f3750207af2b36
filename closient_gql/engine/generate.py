"""The one part that is generated: from parents to dicts with all leaves in their places.

One function for each selection and kind of parent. Source is made of names of the schema alone, and only of those that
are plain identifiers; aliases and everything else are constants that the source names by number.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from keyword import iskeyword
from typing import Any, NamedTuple

from closient_gql.engine.leaves import coercion, condition, list_coercion, names_of
from closient_gql.engine.plan import Field
from closient_gql.engine.sources import Attribute, Default, Typename

ATTRIBUTES, ITEMS, MAPPING, MIXED = "attributes", "items", "mapping", "mixed"


class Stopped(NamedTuple):
    """An object that could not be done: which one, where in the source, what was read by then, and why."""

    place: int
    line: int
    values: tuple[Any, ...]
    error: Exception


@dataclass(frozen=True)
class Fill:
    """`function`: parents to objects of the answer, and those that could not be done; they are None.

    `reads` and `coercions`: the line of the source at which each field that is read off is read, or coerced.
    """

    function: Callable[[Sequence[Any]], tuple[list[Any], list[Stopped]]]
    source: str
    reads: dict[int, int]
    coercions: dict[int, int]

    def values(self, stopped: Stopped) -> list[Any]:
        """What was read of the object, so that nothing is read twice; an exception stands for itself."""
        if (field := self.reads.get(stopped.line)) is not None:
            return [*stopped.values[:field], stopped.error]
        return list(stopped.values[: self.coercions[stopped.line] + 1])


def identifier(name: str) -> bool:
    return name.isascii() and name.isidentifier() and not iskeyword(name)


def default_value(parent: Any, name: str) -> Any:
    """What a field without a resolver finds, before anything is called."""
    return parent.get(name) if isinstance(parent, Mapping) else getattr(parent, name, None)


def kind_of(parents: Sequence[Any], fields: Sequence[Field]) -> tuple[type, str]:
    """A class and how the fields are read of parents of it. Parents of several classes are MIXED, of class `object`."""
    classes = set(map(type, parents))
    if len(classes) > 1:
        return object, MIXED
    (kind,) = classes
    if issubclass(kind, Mapping):
        return kind, MAPPING
    names = [field.source.name for field in fields if isinstance(field.source, Attribute)]
    items = getattr(kind, "attributes_are_items", False) and not any(hasattr(kind, name) for name in names)
    return kind, ITEMS if items else ATTRIBUTES


class Generator:
    """Writes the function of one selection for one kind of parents."""

    def __init__(self, fields: Sequence[Field], kind: str) -> None:
        self.fields, self.kind = fields, kind
        self.constants: dict[str, Any] = {}

    def constant(self, value: Any) -> str:
        name = f"c{len(self.constants)}"
        self.constants[name] = value
        return name

    def fill(self) -> Fill:
        """The function."""
        values = [f"v{number}" for number in range(sum(field.reads for field in self.fields))]
        lines = ["def fill(parents):", " out, odd = [], []", " add = out.append"]
        lines += [f" {' = '.join(values)} = None"] if values else []
        lines += [" for o in parents:", "  try:"]
        parts, reads, coercions = list[str](), dict[int, int](), dict[int, int]()
        for field in self.fields:
            shown = "None"
            if isinstance(field.source, Typename):
                shown = self.constant(field.parent.name)
            elif field.reads:
                number = len(reads)
                lines.append(f"   v{number} = {self.access(field)}")
                reads[len(lines)] = number
                shown, statement = self.leaf(field, f"v{number}", f"w{number}")
                lines.append("   " + statement)
                coercions[len(lines)] = number
            parts.append(f"{self.key(field)}: {shown}")
        lines.append(f"   add({{{', '.join(parts)}}})")
        given = f"({', '.join(values)}{',' * (len(values) == 1)})"
        stopped = self.constant(Stopped)
        lines.append("  except Exception as error:")
        lines.append(f"   odd.append({stopped}(len(out), error.__traceback__.tb_lineno, {given}, error))")
        lines += ["   add(None)", " return out, odd"]
        source = "\n".join(lines)
        namespace = dict(self.constants)
        exec(compile(source, "<operation>", "exec"), namespace)  # see above: no text of a caller's is in it
        return Fill(namespace["fill"], source, reads, coercions)

    def key(self, field: Field) -> str:
        """Its key in the answer: a name of the schema, or an alias."""
        return repr(field.name) if field.key == field.name and identifier(field.name) else self.constant(field.key)

    def access(self, field: Field) -> str:
        source = field.source
        assert isinstance(source, Attribute | Default)
        name = source.name
        shown = repr(name) if identifier(name) else self.constant(name)
        if isinstance(source, Attribute):
            if self.kind == ITEMS:
                return f"o[{shown}]"
            return f"o.{name}" if identifier(name) and not name.startswith("__") else f"getattr(o, {shown})"
        if self.kind == MAPPING:
            return f"o.get({shown})"
        if self.kind == MIXED:
            return f"{self.constant(default_value)}(o, {shown})"
        return f"getattr(o, {shown}, None)"

    def leaf(self, field: Field, value: str, made: str) -> tuple[str, str]:
        """Where the coerced value is, and the statement that puts it there, or raises.

        What is read stays as it is, unless its coercion is one of graphql-core's own: those can be done twice.
        """
        one, null = coercion(field.leaf_type), field.nullable[0]
        if field.lists:
            one = list_coercion(one, field.nullable[1])
        elif (plain := condition(field.leaf_type)) is not None:
            or_null = f" and {value} is not None" if null else ""
            return value, f"if not ({plain.format(v=value)}){or_null}: {value} = {self.constant(one)}({value})"
        names = None if field.lists else names_of(field.leaf_type)
        made_of = f"{self.constant(names)}[{value}]" if names else f"{self.constant(one)}({value})"
        return made, f"{made} = None if {value} is None else {made_of}" if null else f"{made} = {made_of}"
