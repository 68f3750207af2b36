"""Writing rules. Each function is one transaction, of which every process has heard before its caller is answered."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Annotated, Any

from sqlalchemy import ARRAY, Integer, Text, bindparam, delete, func, insert, select, update

from closient_gql.core.absent import ABSENT
from closient_gql.core.bounds import Doc, Id
from closient_gql.core.db import KEYS, Query, Writer, conflicts
from closient_gql.core.errors import Conflict, Detail, Forbidden, Invalid, NotFound
from closient_gql.core.ids import new_id
from closient_gql.core.models.brands import Brand
from closient_gql.core.models.digital_link import ResolutionRule, RuleDestination, RuleScope
from closient_gql.core.models.products import Product
from resolvers import access
from resolvers.account.changing import living, merged
from resolvers.context import Context
from resolvers.digital_link.anchors import AnchorError, parse_anchor
from resolvers.digital_link.inputs import RuleInput, RuleOrder, RulePatch
from resolvers.digital_link.rule_values import Values, plain, settle
from resolvers.digital_link.rules import PRECEDENCE
from resolvers.outbox import audit, emit
from resolvers.products.claims import check_owner
from resolvers.roles import May, check_own, require

RULE = ResolutionRule.__table__
CRITERIA = ("absolute_start_at", "absolute_end_at", "annual_start_mmdd", "annual_end_mmdd", "days_of_week",
            "time_of_day_start", "time_of_day_end", "timezone", "link_type", "location_countries", "location_regions",
            "location_cities", "languages", "devices")  # fmt: skip
PLACE = ("scope_type", "scope_id", "product_id")
WRITTEN = (*PLACE, "order_index", "enabled", "destination_type", "custom_url", "on_custom_url_dead", *CRITERIA,
           "metadata")  # fmt: skip
NEW = {RULE.c[name]: bindparam(f"new_{name}", type_=RULE.c[name].type) for name in WRITTEN}
LOCK = Query(ResolutionRule, select(*RULE.c).where(ResolutionRule.id == bindparam("id")).with_for_update())
INSERT = Query(
    ResolutionRule,
    insert(RULE)  # type: ignore[arg-type]
    .values({RULE.c.id: bindparam("new_id"), RULE.c.organization_id: bindparam("organization"), **NEW})
    .returning(*RULE.c),
)
SAVE = Query(
    ResolutionRule,
    update(RULE)  # type: ignore[arg-type]
    .where(ResolutionRule.id == bindparam("rule"))
    .values(NEW | {RULE.c.modified: func.clock_timestamp()})
    .returning(*RULE.c),
)
DELETE = Query(ResolutionRule, delete(ResolutionRule).where(ResolutionRule.id == bindparam("rule")).returning(*RULE.c))
LAST = Query(
    ResolutionRule,
    select(func.max(ResolutionRule.order_index).label("last")).where(
        ResolutionRule.organization_id == bindparam("organization"),
        ResolutionRule.scope_type == bindparam("scope"),
        ResolutionRule.scope_id.is_not_distinct_from(bindparam("about", type_=Text)),
    ),
)
LOCK_THESE = Query(
    ResolutionRule,
    select(*RULE.c)
    .where(ResolutionRule.organization_id == bindparam("organization"), ResolutionRule.id == func.any(KEYS))
    .order_by(ResolutionRule.id)
    .with_for_update(),
)
_given = (
    func.unnest(bindparam("ids", type_=ARRAY(Text)), bindparam("places", type_=ARRAY(Integer)))
    .table_valued("id", "place")
    .render_derived(name="given")
)
REORDER = Query(  # one statement, after which the constraint is looked at: places can be swapped
    ResolutionRule,
    update(RULE)  # type: ignore[arg-type]
    .where(ResolutionRule.id == _given.c.id)
    .values({RULE.c.order_index: _given.c.place, RULE.c.modified: func.clock_timestamp()})
    .returning(*RULE.c),
)
PRODUCT = Query(
    Product,
    select(*Product.__table__.c).where(
        (Product.gtin == bindparam("gtin", type_=Text)) | (Product.id == bindparam("product", type_=Text))
    ),
)
BRAND = Query(Brand, select(Brand.organization_id).where(Brand.id == bindparam("brand")))
ONE_AT_A_TIME = "SELECT FROM organizations WHERE id = $1 FOR NO KEY UPDATE"
MOST = 100_000
COUNT = "SELECT count(*) FROM resolution_rules WHERE organization_id = $1"
NO_RULE = "There is no such rule among those of your organizations."
TOO_SMALL = "Your role in the organization that this rule belongs to, or that of your key, does not allow this."
TAKEN = {
    "uq_resolution_rules_order": "There is a rule at this place (order_index) of the same scope already. "
    "POST …/reorder changes several at once.",
}
NOT_YOUR_BRAND = "Only brands that your organization has claimed can have its rules."
SCOPES = {scope.value: scope for scope in RuleScope}
QUALIFIERS = {RuleScope.BATCH: "10", RuleScope.SERIAL: "21"}
RuleId = Annotated[Id, Doc("Id of the rule.")]


@access.user
async def create_rule(
    ctx: Context,
    organization_id: Annotated[Id, Doc("The organization whose scans it is about.")],
    input: Annotated[RuleInput, Doc("The rule.")],
) -> ResolutionRule:
    """A new rule. Owners, managers and editors may.

    Raises:
        NotFound, Forbidden: resolvers.roles.require; what it is about is not there, or not the organization's.
        Invalid: a value does not fit. Conflict: its place is taken.
    """
    require(ctx, organization_id, May.PRODUCTS)
    values = {each.name: plain(getattr(input, each.name)) for each in fields(input)}
    values["metadata"] = merged({}, None if input.metadata is ABSENT else input.metadata)
    await settle(values, address=input.custom_url)
    async with ctx.transaction(heard=True) as write:
        await living(write, organization_id)
        await write.connection.execute(ONE_AT_A_TIME, organization_id)
        if await write.connection.fetchval(COUNT, organization_id) >= MOST:
            raise Conflict(f"An organization can have {MOST} rules. Delete those that are over.")
        values |= await placed(ctx, write, organization_id, values)
        if values["order_index"] is None:
            values["order_index"] = await behind(write, organization_id, values)
        with conflicts(TAKEN):
            made = await write.one(INSERT, new_id=new_id(), organization=organization_id, **new(values))
        assert made
        await note(ctx, write, made, "created")
    return made


@access.user
async def update_rule(
    ctx: Context, id: RuleId, input: Annotated[RulePatch, Doc("What is to change.")]
) -> ResolutionRule:
    """Changes what is given. Owners, managers and editors may.

    Raises:
        NotFound, Forbidden: own; as `create_rule`. Invalid, Conflict: as `create_rule`.
    """
    async with ctx.transaction(heard=True) as write:
        row = await own(ctx, write, id)
        values = {name: getattr(row, name) for name in WRITTEN}
        given = {each.name: plain(getattr(input, each.name)) for each in fields(input)}
        values |= {name: value for name, value in given.items() if heeded(name, value)}
        if input.destination_type is RuleDestination.HOSTED_PAGE and input.custom_url is ABSENT:
            values["custom_url"] = None
        values["metadata"] = row.metadata if input.metadata is ABSENT else merged(row.metadata, input.metadata)
        await settle(values, address=input.custom_url or None)
        if any(heeded(name, given[name]) for name in PLACE):
            values["product_id"] = given["product_id"] if input.product_id is not ABSENT else None
            values |= await placed(ctx, write, row.organization_id, values, row.product_id)
        if all(getattr(row, name) == value for name, value in values.items()):
            return row  # type: ignore[no-any-return]
        with conflicts(TAKEN):
            saved = await write.one(SAVE, rule=id, **new(values))
        assert saved
        await note(ctx, write, saved, "updated")
    return saved


@access.user
async def delete_rule(ctx: Context, id: RuleId) -> bool:
    """Removes a rule for good. Owners, managers and editors may.

    Raises:
        NotFound, Forbidden: own.
    """
    async with ctx.transaction(heard=True) as write:
        row = await own(ctx, write, id)
        await write.one(DELETE, rule=id)
        await note(ctx, write, row, "deleted")
    return True


@access.user
async def reorder_rules(
    ctx: Context,
    organization_id: Annotated[Id, Doc("The organization that they belong to.")],
    input: Annotated[RuleOrder, Doc("Rules and their new places.")],
) -> list[ResolutionRule]:
    """Gives rules new places, all at once or none; answers them in the order in which they are asked from now on.
    Owners, managers and editors may.

    Raises:
        NotFound, Forbidden: resolvers.roles.require; one is not a rule of this organization.
        Invalid: one is named twice. Conflict: two of one scope would have one place.
    """
    require(ctx, organization_id, May.PRODUCTS)
    rules = input.rules
    ids = [each.id for each in rules]
    if len(set(ids)) < len(ids):
        raise Invalid([Detail(field="rules", message="names a rule twice")])
    async with ctx.transaction(heard=True) as write:
        if len(await write.all(LOCK_THESE, organization=organization_id, keys=ids)) < len(ids):
            raise NotFound("One of these is no rule of this organization. Nothing was changed.")
        with conflicts(TAKEN):
            rows = await write.all(REORDER, ids=ids, places=[each.order_index for each in rules])
        told = {each.id: each.order_index for each in rules}
        await audit(write, ctx.viewer, organization_id, "resolution_rule.reordered", ("organization", organization_id),
                    {"rules": told})  # fmt: skip
        await emit(write, "resolution_rule.reordered", organization_id, organization_id, rules=ids)
    precedence = [scope.value for scope in PRECEDENCE]
    return sorted(rows, key=lambda row: (precedence.index(row.scope_type), row.scope_id or "", row.order_index))


def heeded(name: str, value: Any) -> bool:
    """Whether a patch says something of a field: where null clears, if it is there at all; else if it is not null."""
    clears = name in CRITERIA or name in ("scope_id", "product_id", "custom_url", "metadata")
    return name != "metadata" and (value is not ABSENT if clears else value is not None and value is not ABSENT)


# --- what it is about


async def placed(
    ctx: Context, write: Writer, organization_id: str, values: Mapping[str, Any], before: str | None = None
) -> Values:
    """The scope in its one form: scope_type, scope_id, product_id.

    Args:
        before: the product that the rule was about, where none is said.

    Raises:
        Invalid: it is none. NotFound, Forbidden: what it is about is not there, or not the organization's.
    """
    scope, about = SCOPES[values["scope_type"]], values["scope_id"]
    if scope is RuleScope.ORGANIZATION:
        if about not in (None, "", organization_id):
            raise Invalid([Detail(field="scope_id", message="must be null: the rule is about the whole organization")])
        return {"scope_type": scope.value, "scope_id": None, "product_id": None}
    if scope is RuleScope.BRAND:
        found: Any = await write.one(BRAND, brand=about or "")
        if found is None:
            raise NotFound("There is no brand with the id in scope_id.")
        if found.organization_id != organization_id:
            raise Forbidden(NOT_YOUR_BRAND)
        return {"scope_type": scope.value, "scope_id": about, "product_id": None}
    gtin, tail = taken_apart(scope, about)
    if gtin is None and values["product_id"] is None:
        raise Invalid(
            [Detail(field="scope_id", message="must begin with the GTIN, unless product_id says the product")]
        )
    product = await write.one(PRODUCT, gtin=gtin, product=None if gtin else values["product_id"])
    check_owner(ctx, product, May.PRODUCTS, organization_id)
    assert product is not None
    if gtin and values["product_id"] not in (None, product.id):
        raise Invalid([Detail(field="product_id", message="is another product than the one in scope_id")])
    return {"scope_type": scope.value, "scope_id": product.gtin + tail, "product_id": product.id}


def taken_apart(scope: RuleScope, about: str | None) -> tuple[str | None, str]:
    """The GTIN that a scope_id says, if any, and what follows it: `/10/ABC`.

    Raises:
        Invalid: it is no scope_id of this scope.
    """
    ai, text = QUALIFIERS.get(scope), (about or "").strip()
    if ai is None and not text:
        return None, ""
    bare = ai is not None and "/" not in text  # a lot or a serial number alone
    path = f"/01/00000000000000/{ai}/{text}" if bare else text if text.startswith(("/01/", "http")) else f"/01/{text}"
    try:
        anchor = parse_anchor(path)
    except AnchorError as error:
        raise Invalid([Detail(field="scope_id", message=str(error))]) from None
    tail = anchor.text[len("/01/") + 14 :]
    if anchor.ai != "01" or anchor.variables or tail.split("/")[1::2] != ([ai] if ai else []):
        form = f"{{gtin}}/{ai}/…" if ai else "the GTIN of a product"
        raise Invalid([Detail(field="scope_id", message=f"must be {form} for the scope {scope.value}")])
    return None if bare else anchor.value, tail


async def behind(write: Writer, organization_id: str, values: Mapping[str, Any]) -> int:
    """The place behind all others of the scope."""
    found: Any = await write.one(
        LAST, organization=organization_id, scope=values["scope_type"], about=values["scope_id"]
    )
    return 0 if found is None or found.last is None else found.last + 1


# --- rows


async def own(ctx: Context, write: Writer, id: str) -> Any:
    """The rule, locked.

    Raises:
        NotFound: it is not the caller's. Forbidden: the caller's role is too small.
    """
    found = await write.one(LOCK, id=id)
    check_own(ctx, found, May.PRODUCTS, NO_RULE, TOO_SMALL)
    return found


def new(values: Mapping[str, Any]) -> Values:
    return {f"new_{name}": values[name] for name in WRITTEN}


async def note(ctx: Context, write: Writer, row: ResolutionRule, what: str) -> None:
    told = {"scope_type": row.scope_type, "scope_id": row.scope_id, "order_index": row.order_index,
            "destination_type": row.destination_type, "custom_url": row.custom_url}  # fmt: skip
    await audit(write, ctx.viewer, row.organization_id, f"resolution_rule.{what}", ("resolution_rule", row.id), told)
    await emit(write, f"resolution_rule.{what}", row.id, row.organization_id, **told)
