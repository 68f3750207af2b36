"""What changed between two versions of an item, value by value. Pure but for the root."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from closient_gql.core.bounds import Bounds, Doc, Id
from closient_gql.core.errors import Detail, Invalid
from resolvers import access
from resolvers.content.items import items_by_id, versions_by_key
from resolvers.context import Context

FIELDS = ("title", "description", "images", "sections")


@dataclass(frozen=True)
class ContentChange:
    """One value that differs; None: it is not there."""

    field: str
    old: str | None
    new: str | None


@dataclass(frozen=True)
class ContentDiff:
    from_version: int
    to_version: int
    changes: list[ContentChange]


def flat(value: Any, path: str) -> dict[str, str]:
    """Values by dotted path: `sections.0.body`."""
    if isinstance(value, Mapping):
        parts = [(f"{path}.{name}", each) for name, each in value.items()]
    elif isinstance(value, list):
        parts = [(f"{path}.{place}", each) for place, each in enumerate(value)]
    else:
        return {path: str(value)}
    return {key: text for name, each in parts for key, text in flat(each, name).items()}


def values_of(version: Any) -> dict[str, str]:
    return {key: text for name in FIELDS for key, text in flat(getattr(version, name), name).items()}


def differences(old: Any, new: Any) -> list[ContentChange]:
    before, after = values_of(old), values_of(new)
    paths = list(dict.fromkeys((*before, *after)))
    return [
        ContentChange(path, before.get(path), after.get(path)) for path in paths if before.get(path) != after.get(path)
    ]


Number = Annotated[int, Bounds(minimum=1)]


@access.user
async def content_diff(
    ctx: Context,
    id: Annotated[Id, Doc("Id of the item.")],
    from_version: Annotated[Number, Doc("The older version.")],
    to_version: Annotated[Number, Doc("The newer version.")],
) -> ContentDiff | None:
    """What changed from one version to another; None if the item is not the caller's.

    Raises:
        Invalid: there is no such version.
    """
    if await ctx.find(items_by_id, id) is None:
        return None
    old, new = await versions_by_key(ctx, [f"{id}:{from_version}", f"{id}:{to_version}"])
    problems = [
        Detail(field=name, message="there is no such version")
        for name, found in (("from_version", old), ("to_version", new))
        if found is None
    ]
    if problems:
        raise Invalid(problems)
    return ContentDiff(from_version, to_version, differences(old, new))
