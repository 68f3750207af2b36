"""What owners say of their products."""

from collections.abc import Iterable, Mapping
from typing import Any

from closient_gql.core.db import Writer
from closient_gql.core.errors import Detail, Invalid
from closient_gql.core.models.products import DataSource
from resolvers.context import Context
from resolvers.products.facts import OWNER_CONFIDENCE, Statement, state
from resolvers.products.fields import FIELDS


async def say(ctx: Context, write: Writer, product_id: str, owner: str, said: Mapping[str, Any]) -> set[str]:
    """States values as the owner.

    Raises:
        Invalid: values do not fit their fields; all of them are named.
    """
    if problems := list(misfits(said.items())):
        raise Invalid(problems)
    statements = [Statement(product_id, name, value) for name, value in said.items()]
    return await state(
        write, ctx.viewer, statements,
        source=DataSource.CLAIMED, confidence=OWNER_CONFIDENCE, organization_id=owner,
    )  # fmt: skip


def misfits(said: Iterable[tuple[str, Any]]) -> Iterable[Detail]:
    """What is wrong with values, by the REST names of their fields."""
    for name, value in said:
        try:
            FIELDS[name].read(value)
        except ValueError as error:
            yield Detail(field=FIELDS[name].rest_name, message=str(error))
