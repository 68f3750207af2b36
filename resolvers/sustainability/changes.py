"""What the owner of a product states of what becomes of it: packaging, parts, disposal, impacts, circularity.

A thing is written whole: what a replacement leaves out is unknown from then on.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import Enum
from typing import Annotated, Any, Generic, TypeVar

from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from closient_gql.core.bounds import Doc, Id
from closient_gql.core.db import Query, Writer
from closient_gql.core.errors import Conflict, Detail, Invalid, NotFound
from closient_gql.core.ids import new_id
from closient_gql.core.models.products import Product
from closient_gql.core.models.sustainability import (
    Circularity,
    Component,
    EndOfLife,
    EnvironmentalImpact,
    Packaging,
    Recyclability,
)
from closient_gql.core.units import units
from resolvers import access
from resolvers.context import Context
from resolvers.outbox import audit, emit
from resolvers.products.claims import owned
from resolvers.products.inputs import PlainGtin
from resolvers.roles import May
from resolvers.sustainability.codes import MATERIALS
from resolvers.sustainability.inputs import (
    CircularityInput,
    ComponentInput,
    EndOfLifeInput,
    ImpactInput,
    PackagingInput,
    RecyclabilityInput,
)

M = TypeVar("M")
MOST = 100
"""Things of one kind that one product can have."""
ItemId = Annotated[Id, Doc("Its id.")]


def placed(table: Any, names: list[str]) -> dict[Any, Any]:
    return {table.c[name]: bindparam(f"new_{name}", type_=table.c[name].type) for name in names}


class Kind(Generic[M]):
    """A kind of thing that a product has several of: its table, and what an input says of it."""

    def __init__(self, model: type[M], input: type, called: str) -> None:
        table: Any = model.__table__  # type: ignore[attr-defined]
        self.called, self.names = called, [field.name for field in fields(input) if field.name in table.c]
        where = (table.c.id == bindparam("item"), table.c.product_id == bindparam("product"))
        self.count = Query(model, select(func.count().label("n")).where(table.c.product_id == bindparam("product")))
        self.insert = Query(
            model, insert(table).values(placed(table, ["id", "product_id", *self.names])).returning(*table.c)
        )
        replaced = placed(table, self.names) | ({table.c.data_source: "claimed"} if "data_source" in table.c else {})
        self.update = Query(model, update(table).where(*where).values(replaced).returning(*table.c))
        self.delete = Query(model, delete(table).where(*where).returning(*table.c))


PACKAGING = Kind(Packaging, PackagingInput, "piece of packaging")
COMPONENTS = Kind(Component, ComponentInput, "component")
END_OF_LIFE = Kind(EndOfLife, EndOfLifeInput, "instruction")
IMPACTS = Kind(EnvironmentalImpact, ImpactInput, "environmental impact")

ASSESSMENT = Recyclability.__table__
ASSESSED = [field.name for field in fields(RecyclabilityInput)]
SAVE_ASSESSMENT = Query(
    Recyclability,
    insert(Recyclability)
    .values(placed(ASSESSMENT, ["packaging_id", *ASSESSED]))
    .on_conflict_do_update(index_elements=["packaging_id"], set_=placed(ASSESSMENT, ASSESSED))
    .returning(*ASSESSMENT.c),
)
DROP_ASSESSMENT = Query(
    Recyclability, delete(Recyclability).where(Recyclability.packaging_id == bindparam("item")).returning(*ASSESSMENT.c)
)
SCORES = [field.name for field in fields(CircularityInput)]
SAVE_CIRCULARITY = Query(
    Circularity,
    insert(Circularity)
    .values(placed(Circularity.__table__, ["product_id", *SCORES]))
    .on_conflict_do_update(index_elements=["product_id"], set_=placed(Circularity.__table__, SCORES))
    .returning(*Circularity.__table__.c),
)
DROP_CIRCULARITY = Query(
    Circularity,
    delete(Circularity).where(Circularity.product_id == bindparam("product")).returning(*Circularity.__table__.c),
)


# --- what is valid beyond its bounds


def regions(text: str) -> str:
    return ", ".join(part.strip() for part in text.split(",") if part.strip())


def values(input: Any, names: list[str]) -> dict[str, Any]:
    """What an input says of these columns, as it is stored and bound."""
    found = {name: getattr(input, name) for name in names}
    if "valid_regions" in found:
        found["valid_regions"] = regions(found["valid_regions"])
    return {f"new_{name}": stored(value) for name, value in found.items()}


def stored(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    return value.strip() if isinstance(value, str) else value


def check_packaging(input: PackagingInput) -> None:
    """Raises:
    Invalid: there is no such material, or an assessment ends before it begins.
    """
    problems = []
    if input.material and input.material not in MATERIALS:
        problems.append(Detail(field="material", message="must be a code of GS1 PackagingMaterialTypeCode"))
    found = input.recyclability
    if found and found.valid_until and found.assessment_date and found.valid_until < found.assessment_date:
        problems.append(Detail(field="recyclability.valid_until", message="must not be before the assessment_date"))
    if problems:
        raise Invalid(problems)


def check_impact(input: ImpactInput) -> None:
    """Raises:
    Invalid: there is no such unit.
    """
    if input.unit not in units():
        message = "must be a code of UN/ECE Recommendation 20, such as KGM for kilograms"
        raise Invalid([Detail(field="unit", message=message)])


# --- all kinds


@dataclass(frozen=True)
class Change:
    """One write of the product's owner, under way."""

    ctx: Context
    write: Writer
    product: Product
    owner: str

    async def note(self, what: str, about: Mapping[str, Any]) -> None:
        """Leaves traces: for the organization's owners, and for consumers of events."""
        target = ("product", self.product.id)
        await audit(self.write, self.ctx.viewer, self.owner, f"product.sustainability_{what}", target, about)
        await emit(self.write, "product.sustainability_changed", self.product.id, self.owner, gtin=self.product.gtin)

    async def add(self, kind: Kind[M], input: Any) -> M:
        """Raises:
        Conflict: the product has as many as it can have.
        """
        counted: Any = await self.write.one(kind.count, product=self.product.id)
        if counted.n >= MOST:
            raise Conflict(f"A product can have {MOST} of a kind. Delete one before you add another {kind.called}.")
        made = await self.write.one(
            kind.insert, new_id=new_id(), new_product_id=self.product.id, **values(input, kind.names)
        )
        assert made
        await self.note("added", {"what": kind.called, "id": made.id})  # type: ignore[attr-defined]
        return made

    async def replace(self, kind: Kind[M], id: str, input: Any) -> M:
        """Raises:
        NotFound: the product has none with this id.
        """
        made = await self.write.one(kind.update, item=id, product=self.product.id, **values(input, kind.names))
        if made is None:
            raise NotFound(f"The product has no such {kind.called}.")
        await self.note("replaced", {"what": kind.called, "id": id})
        return made

    async def remove(self, kind: Kind[Any], id: str) -> bool:
        """Raises:
        NotFound: the product has none with this id.
        """
        if await self.write.one(kind.delete, item=id, product=self.product.id) is None:
            raise NotFound(f"The product has no such {kind.called}.")
        await self.note("removed", {"what": kind.called, "id": id})
        return True

    async def assess(self, id: str, input: RecyclabilityInput | None) -> None:
        if input is None:
            await self.write.one(DROP_ASSESSMENT, item=id)
        else:
            await self.write.one(SAVE_ASSESSMENT, new_packaging_id=id, **values(input, ASSESSED))


async def begin(ctx: Context, write: Writer, gtin: Any) -> Change:
    """The product, locked, for its owner, managers and editors.

    Raises:
        NotFound, Forbidden: resolvers.products.claims.check_owner.
    """
    product, owner = await owned(ctx, write, gtin, May.PRODUCTS)
    return Change(ctx, write, product, owner)


async def added(ctx: Context, gtin: Any, kind: Kind[M], input: Any) -> M:
    async with ctx.transaction() as write:
        return await (await begin(ctx, write, gtin)).add(kind, input)


async def replaced(ctx: Context, gtin: Any, kind: Kind[M], id: str, input: Any) -> M:
    async with ctx.transaction() as write:
        return await (await begin(ctx, write, gtin)).replace(kind, id, input)


async def removed(ctx: Context, gtin: Any, kind: Kind[Any], id: str) -> bool:
    async with ctx.transaction() as write:
        return await (await begin(ctx, write, gtin)).remove(kind, id)


# --- roots


@access.user
async def create_packaging(
    ctx: Context, gtin: PlainGtin, input: Annotated[PackagingInput, Doc("The packaging.")]
) -> Packaging:
    """Raises: Invalid: check_packaging. NotFound, Forbidden: begin. Conflict: Change.add."""
    check_packaging(input)
    async with ctx.transaction() as write:
        change = await begin(ctx, write, gtin)
        made = await change.add(PACKAGING, input)
        await change.assess(made.id, input.recyclability)
    return made


@access.user
async def replace_packaging(
    ctx: Context, gtin: PlainGtin, id: ItemId, input: Annotated[PackagingInput, Doc("The packaging, whole.")]
) -> Packaging:
    """Raises: Invalid: check_packaging. NotFound, Forbidden: begin, Change.replace."""
    check_packaging(input)
    async with ctx.transaction() as write:
        change = await begin(ctx, write, gtin)
        made = await change.replace(PACKAGING, id, input)
        await change.assess(id, input.recyclability)
    return made


@access.user
async def delete_packaging(ctx: Context, gtin: PlainGtin, id: ItemId) -> bool:
    """Raises: NotFound, Forbidden: begin, Change.remove."""
    return await removed(ctx, gtin, PACKAGING, id)


@access.user
async def create_component(
    ctx: Context, gtin: PlainGtin, input: Annotated[ComponentInput, Doc("The part.")]
) -> Component:
    """Raises: NotFound, Forbidden: begin. Conflict: Change.add."""
    return await added(ctx, gtin, COMPONENTS, input)


@access.user
async def replace_component(
    ctx: Context, gtin: PlainGtin, id: ItemId, input: Annotated[ComponentInput, Doc("The part, whole.")]
) -> Component:
    """Raises: NotFound, Forbidden: begin, Change.replace."""
    return await replaced(ctx, gtin, COMPONENTS, id, input)


@access.user
async def delete_component(ctx: Context, gtin: PlainGtin, id: ItemId) -> bool:
    """Raises: NotFound, Forbidden: begin, Change.remove."""
    return await removed(ctx, gtin, COMPONENTS, id)


@access.user
async def create_end_of_life(
    ctx: Context, gtin: PlainGtin, input: Annotated[EndOfLifeInput, Doc("The instruction.")]
) -> EndOfLife:
    """Raises: NotFound, Forbidden: begin. Conflict: Change.add."""
    return await added(ctx, gtin, END_OF_LIFE, input)


@access.user
async def replace_end_of_life(
    ctx: Context, gtin: PlainGtin, id: ItemId, input: Annotated[EndOfLifeInput, Doc("The instruction, whole.")]
) -> EndOfLife:
    """Raises: NotFound, Forbidden: begin, Change.replace."""
    return await replaced(ctx, gtin, END_OF_LIFE, id, input)


@access.user
async def delete_end_of_life(ctx: Context, gtin: PlainGtin, id: ItemId) -> bool:
    """Raises: NotFound, Forbidden: begin, Change.remove."""
    return await removed(ctx, gtin, END_OF_LIFE, id)


@access.user
async def create_impact(
    ctx: Context, gtin: PlainGtin, input: Annotated[ImpactInput, Doc("The impact.")]
) -> EnvironmentalImpact:
    """Raises: Invalid: check_impact. NotFound, Forbidden: begin. Conflict: Change.add."""
    check_impact(input)
    return await added(ctx, gtin, IMPACTS, input)


@access.user
async def replace_impact(
    ctx: Context, gtin: PlainGtin, id: ItemId, input: Annotated[ImpactInput, Doc("The impact, whole.")]
) -> EnvironmentalImpact:
    """Raises: Invalid: check_impact. NotFound, Forbidden: begin, Change.replace."""
    check_impact(input)
    return await replaced(ctx, gtin, IMPACTS, id, input)


@access.user
async def delete_impact(ctx: Context, gtin: PlainGtin, id: ItemId) -> bool:
    """Raises: NotFound, Forbidden: begin, Change.remove."""
    return await removed(ctx, gtin, IMPACTS, id)


@access.user
async def replace_circularity(
    ctx: Context, gtin: PlainGtin, input: Annotated[CircularityInput, Doc("The assessment, whole.")]
) -> Circularity:
    """Raises: NotFound, Forbidden: begin."""
    async with ctx.transaction() as write:
        change = await begin(ctx, write, gtin)
        made = await write.one(SAVE_CIRCULARITY, new_product_id=change.product.id, **values(input, SCORES))
        await change.note("replaced", {"what": "circularity"})
    assert made
    return made


@access.user
async def delete_circularity(ctx: Context, gtin: PlainGtin) -> bool:
    """Raises: NotFound, Forbidden: begin. NotFound: nothing was stated."""
    async with ctx.transaction() as write:
        change = await begin(ctx, write, gtin)
        if await write.one(DROP_CIRCULARITY, product=change.product.id) is None:
            raise NotFound("Nothing is stated of how circular this product is.")
        await change.note("removed", {"what": "circularity"})
    return True
