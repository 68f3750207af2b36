"""The one part that is generated: from parents to dicts with all leaves in their places.

One function for each selection and kind of parent. Source is made of names of the schema alone, and only of those that
are plain identifiers; aliases and everything else are constants that the source names by number.
"""

from collections.abc import Callable, Mapping, Sequence
from keyword import iskeyword
from typing import Any

from closient_gql.engine.leaves import coercion, condition, list_coercion, names_of
from closient_gql.engine.plan import Field
from closient_gql.engine.sources import Attribute, Default, Typename

Fill = Callable[[Sequence[Any]], tuple[list[Any], list[int]]]
"""Parents to objects of the answer, and the places of those that could not be done: they are None."""
ATTRIBUTES, ITEMS, MAPPING, MIXED = "attributes", "items", "mapping", "mixed"
HEAD = """def fill(parents):
    out, odd = [], []
    add = out.append
    for o in parents:
        try:
"""
TAIL = """
        except Exception:
            odd.append(len(out))
            add(None)
    return out, odd
"""


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

    def source(self) -> str:
        lines, parts = [], []
        for number, field in enumerate(self.fields):
            value = "None"
            if isinstance(field.source, Typename):
                value = self.constant(field.parent.name)
            elif field.inline:
                value = f"v{number}"
                lines.append(f"{value} = {self.access(field)}")
                lines += self.leaf(field, value)
            parts.append(f"{self.key(field)}: {value}")
        lines.append(f"add({{{', '.join(parts)}}})")
        return HEAD + "\n".join(" " * 12 + line for line in lines) + TAIL

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

    def leaf(self, field: Field, value: str) -> list[str]:
        """Statements that coerce the value, or raise."""
        one = self.constant(coercion(field.leaf_type))
        guard = f"if {value} is not None: " if field.nullable[0] else ""
        if field.lists:
            return [f"{guard}{value} = {self.constant(list_coercion(self.constants[one], field.nullable[1]))}({value})"]
        plain = condition(field.leaf_type)
        if plain is not None:
            null = f" and {value} is not None" if guard else ""
            return [f"if not ({plain.format(v=value)}){null}: {value} = {one}({value})"]
        names = names_of(field.leaf_type)
        return [f"{guard}{value} = {self.constant(names)}[{value}]" if names else f"{guard}{value} = {one}({value})"]

    def function(self) -> Fill:
        namespace = dict(self.constants)
        exec(compile(self.source(), "<operation>", "exec"), namespace)  # noqa: S102  see above: no text of a caller's
        made: Fill = namespace["fill"]
        return made
