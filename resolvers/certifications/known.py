"""What the facts about allergens and diets follow from, for any number of products: three statements."""

import asyncio
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Date, bindparam, exists, func, literal, select, union_all

from closient_gql.core.db import KEYS, Query
from closient_gql.core.models.certifications import (
    Certification,
    CertificationAssignment,
    Claim,
    ClaimAssignment,
    VerificationStatus,
)
from closient_gql.core.models.products import Ingredient, NutritionFacts, Product
from resolvers.certifications import clock, facts
from resolvers.certifications.assignments import active_on
from resolvers.certifications.facts import AllergenFact, DietFact, FactConfidence, Known, LabelLine, Said
from resolvers.context import Context
from resolvers.products.relations import ALL_INGREDIENTS

FOOD_SEGMENT = "50000000"  # GS1 Global Product Classification: food, beverage
KINDS = Query(  # a nutrition panel is on food, or on nothing
    Product,
    select(
        Product.id,
        Product.primary_language,
        Product.product_name,
        Product.labels,
        (
            (Product.gpc_segment_code == FOOD_SEGMENT) | exists().where(NutritionFacts.product_id == Product.id)
        ).label("is_food"),
    ).where(Product.id == func.any(KEYS)),
)  # fmt: skip
TODAY = bindparam("today", type_=Date)
WARNINGS = {  # labels of packages that speak of traces
    "not-suitable-for-nut-allergy-sufferers": LabelLine(
        "not suitable for nut allergy sufferers: nuts, peanuts", may_contain=True
    )
}


def saying(assignment: Any, of: Any, key: Any, verified: Any) -> Any:
    """What active assignments say of diets and allergens; those that say nothing are left out."""
    return (
        select(
            assignment.product_id.label("product_id"), of.code.label("code"), verified.label("verified"),
            of.diets.label("diets"), of.free_from.label("free_from"),
        )
        .join_from(assignment, of, key == of.id)
        .where(
            assignment.product_id == func.any(KEYS),
            active_on(assignment, "today"),
            (func.cardinality(of.diets) > 0) | (func.cardinality(of.free_from) > 0),
        )
    )  # fmt: skip


SAID = Query(
    CertificationAssignment,
    union_all(
        saying(
            CertificationAssignment, Certification, CertificationAssignment.certification_id,
            CertificationAssignment.verification_status == VerificationStatus.VERIFIED.value,
        ),
        saying(ClaimAssignment, Claim, ClaimAssignment.claim_id, literal(False)),
    ).order_by("code"),
)  # fmt: skip


def line_of(line: Ingredient) -> LabelLine:
    return LabelLine(line.name, line.notes, line.may_contain, line.is_major_allergen)


async def known_of(ctx: Context, products: Sequence[Product]) -> list[Known]:
    """Everything that the facts of products follow from."""
    ids = list({p.id for p in products})
    lines, said, kinds = await asyncio.gather(
        ctx.read.by_parent(ALL_INGREDIENTS, "product_id", ids),
        ctx.read.all(SAID, keys=ids, today=clock.today()),
        ctx.read.all(KINDS, keys=ids),
    )
    found: dict[str, dict[str, Any]] = {
        id: {"lines": [line_of(line) for line in each], "said": []} for id, each in zip(ids, lines, strict=True)
    }
    for row in said:
        each: Any = row
        found[row.product_id]["said"].append(Said(each.code, each.verified, each.diets, each.free_from))
    kind: Any
    for kind in kinds:
        found[kind.id]["lines"] += [WARNINGS[label] for label in kind.labels if label in WARNINGS]
        found[kind.id] |= {"language": kind.primary_language, "is_food": kind.is_food, "name": kind.product_name}
    return [Known(**found[p.id]) for p in products]


async def knowing(ctx: Context, products: Sequence[Product]) -> list[Known]:
    """The same; asked for several facts at once, it is read once."""
    return list(await asyncio.gather(*(ctx.load(known_of, product) for product in products)))


async def allergens_of(ctx: Context, products: Sequence[Product]) -> list[list[AllergenFact]]:
    return [facts.allergens_of(known) for known in await knowing(ctx, products)]


async def allergen_confidence_of(ctx: Context, products: Sequence[Product]) -> list[FactConfidence | None]:
    return [facts.confidence_of(facts.allergens_of(known)) for known in await knowing(ctx, products)]


async def diets_of(ctx: Context, products: Sequence[Product]) -> list[list[DietFact]]:
    return [facts.diets_of(known) for known in await knowing(ctx, products)]
