"""Links of identified things: how they are listed, written and removed."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from sqlalchemy import bindparam, delete, func, insert, select, update

from closient_gql.core.absent import ABSENT
from closient_gql.core.bounds import Doc, Id
from closient_gql.core.db import KEYS, Query, Writer, conflicts
from closient_gql.core.errors import Conflict, Detail, Forbidden, Invalid
from closient_gql.core.gs1 import Element
from closient_gql.core.ids import new_id
from closient_gql.core.models.brands import CompanyPrefix
from closient_gql.core.models.digital_link import Link
from closient_gql.core.models.locations import Location
from closient_gql.core.models.products import Product
from closient_gql.core.paging import Listing, Slice, Window
from resolvers import access
from resolvers.account.changing import living, merged
from resolvers.context import Context
from resolvers.digital_link import linktypes
from resolvers.digital_link.anchors import ANY, Anchor, AnchorError, asked, parse_anchor, unfolded
from resolvers.digital_link.destinations import check
from resolvers.digital_link.inputs import LinkInput, LinkPatch, TypeName
from resolvers.digital_link.linktypes import LinkType, link_types, parse_link_type
from resolvers.digital_link.prefixes import belongs
from resolvers.outbox import audit, emit
from resolvers.products.inputs import PlainGtin
from resolvers.roles import May, check_own, require

LINK = Link.__table__
WRITTEN = ("anchor", "gtin", "variables", "item_description", "link_type", "href", "title", "hreflang", "media_type",
           "context", "is_public", "forward_query", "metadata")  # fmt: skip
NEW = {LINK.c[name]: bindparam(f"new_{name}", type_=LINK.c[name].type) for name in WRITTEN}
BY_ID = Query(Link, select(*LINK.c).where(Link.id == func.any(KEYS)))
LOCK = Query(Link, select(*LINK.c).where(Link.id == bindparam("id")).with_for_update())
INSERT = Query(
    Link,
    insert(LINK)  # type: ignore[arg-type]
    .values({LINK.c.id: bindparam("new_id"), LINK.c.organization_id: bindparam("organization"), **NEW})
    .returning(*LINK.c),
)
SAVE = Query(
    Link,
    update(LINK)  # type: ignore[arg-type]
    .where(Link.id == bindparam("link"))
    .values(NEW | {LINK.c.modified: func.clock_timestamp()})
    .returning(*LINK.c),
)
DELETE = Query(Link, delete(Link).where(Link.id == bindparam("link")).returning(*LINK.c))
LINKS = Listing(
    "links",
    Link,
    select(*LINK.c),
    orders={"created": Link.created.expression},
    filters={
        "organization_id": Link.organization_id == bindparam("organization_id"),
        "gtin": Link.gtin == bindparam("gtin"),
        "link_type": Link.link_type == bindparam("link_type"),
    },
)
# of the owner of today only, as resolution has it
OF_PRODUCTS = Query(
    Link,
    select(*LINK.c, Product.id.label("product_id"))
    .join_from(Link, Product, (Product.gtin == Link.gtin) & (Product.owner_id == Link.organization_id))
    .where(
        Link.is_public,
        Product.resolver_enabled,
        Link.anchor == "/01/" + Product.gtin,
        Product.id == func.any(KEYS),
    )
    .order_by(Link.created, Link.id),
)
OWNER = Query(Product, select(Product.owner_id).where(Product.gtin == bindparam("gtin")))
PREFIXES = Query(
    CompanyPrefix, select(CompanyPrefix.prefix).where(CompanyPrefix.organization_id == bindparam("organization"))
)
PLACE = Query(
    Location,
    select(Location.id).where(Location.gln == bindparam("gln"), Location.organization_id == bindparam("organization")),
)
MOST = 2_000  # links of one key
COUNT = "SELECT count(*) FROM links WHERE anchor = $1 OR starts_with(anchor, $1 || '/')"
NO_LINK = "There is no such link among those of your organizations."
TOO_SMALL = "Your role in the organization that this link belongs to, or that of your key, does not allow this."
NOT_YOURS = (
    "It is not known that this key is yours. Links can be given to products that your organization has claimed, to "
    "places of yours by their GLN, and to every key below a GS1 company prefix that the operator has recorded for your "
    "organization (closient brand prefix add)."
)
ANOTHER = "The product with this GTIN belongs to another organization, and only its owner can give it links."
NO_TYPE = "is no link type of the GS1 Web Vocabulary: write it as gs1:pip or https://ref.gs1.org/voc/pip"
TAKEN = {
    "uq_links_default": "There is a default link of this anchor already. "
    "Change that, or make this a gs1:defaultLinkMulti.",
}
GLNS = ("414", "417")
Values = dict[str, Any]


# --- fields


async def links_by_id(ctx: Context, ids: Sequence[str]) -> list[Link | None]:
    """Links of the caller's organizations; others do not exist."""
    found = await ctx.read.by_key(BY_ID, "id", ids)
    return [row if row and ctx.viewer.belongs_to(row.organization_id) else None for row in found]


async def anchors_of(ctx: Context, links: Sequence[Link]) -> list[str]:
    """Anchors as they were written, with the names of their variables."""
    return [named(link.anchor, link.variables) for link in links]


def named(anchor: str, variables: Sequence[str]) -> str:
    for name in variables:
        anchor = anchor.replace(ANY, f"{{{name}}}", 1)
    return anchor


async def types_of(ctx: Context, links: Sequence[Link]) -> list[str]:
    return [linktypes.PREFIX + link.link_type for link in links]


async def public_links_of(ctx: Context, products: Sequence[Product]) -> list[list[Link]]:
    """What products lead to: the public links of their owners, of every batch and item."""
    return await ctx.read.by_parent(OF_PRODUCTS, "product_id", [product.id for product in products])


# --- roots


@access.public
async def known_link_types(ctx: Context) -> list[LinkType]:
    """The link types that there are, by name."""
    return list(link_types().values())


@access.user
async def link(ctx: Context, id: Annotated[Id, Doc("Id of the link.")]) -> Link | None:
    """The link with this id, if it is one of the caller's organizations."""
    found: Link | None = await ctx.find(links_by_id, id)
    return found


@access.user
async def links(
    ctx: Context,
    organization_id: Annotated[Id, Doc("Id of an organization that the caller belongs to.")],
    window: Window,
    *,
    gtin: Annotated[PlainGtin | None, Doc("Only links of this product, its batches and items.")] = None,
    link_type: Annotated[TypeName | None, Doc("Only links of this type.")] = None,
) -> Slice[Link]:
    """The links of an organization, oldest first, those that are not public included.

    Raises:
        NotFound: the organization is not the caller's. Invalid: there is no such link type.
    """
    require(ctx, organization_id, May.VIEW)
    name = type_named(link_type) if link_type is not None else None
    (found,) = await LINKS.slices(
        ctx.read, window, order="created", organization_id=organization_id, gtin=gtin, link_type=name
    )
    return found


@access.user
async def create_link(
    ctx: Context,
    organization_id: Annotated[Id, Doc("The organization that it is to belong to.")],
    input: Annotated[LinkInput, Doc("The link.")],
) -> Link:
    """A new link of a key that is the organization's. Owners, managers and editors may.

    Raises:
        NotFound, Forbidden: resolvers.roles.require; the key is not the organization's.
        Invalid: a value does not fit its field. Conflict: the anchor has a default link; it has too many links.
    """
    require(ctx, organization_id, May.PRODUCTS)
    values, anchor = await said(input)
    values |= {"metadata": merged({}, None if input.metadata is ABSENT else input.metadata)}
    async with ctx.transaction(heard=True) as write:
        await living(write, organization_id)
        await check_key(write, organization_id, anchor)
        await check_room(write, anchor)
        with conflicts(TAKEN):
            made = await write.one(INSERT, new_id=new_id(), organization=organization_id, **new(values))
        assert made
        await note(ctx, write, made, "created")
    return made


@access.user
async def update_link(
    ctx: Context, id: Annotated[Id, Doc("Id of the link.")], input: Annotated[LinkPatch, Doc("What is to change.")]
) -> Link:
    """Changes what is given. Owners, managers and editors may.

    Raises:
        NotFound, Forbidden: own. Invalid, Conflict: as `create_link`.
    """
    async with ctx.transaction(heard=True) as write:
        row = await own(ctx, write, id)
        whole = LinkInput(
            anchor=or_else(input.anchor, named(row.anchor, row.variables)),
            link_type=or_else(input.link_type, linktypes.PREFIX + row.link_type),
            **{name: or_else(getattr(input, name), getattr(row, name)) for name in ("href", "title", "hreflang",
               "media_type", "context", "item_description", "is_public", "forward_query")},
        )  # fmt: skip
        values, anchor = await said(whole, checked=() if input.href else (row.href,))
        values["metadata"] = row.metadata if input.metadata is ABSENT else merged(row.metadata, input.metadata)
        if anchor.text != row.anchor:
            await check_key(write, row.organization_id, anchor)
            await check_room(write, anchor)
        if all(getattr(row, name) == value for name, value in values.items()):
            return row  # type: ignore[no-any-return]
        with conflicts(TAKEN):
            saved = await write.one(SAVE, link=id, **new(values))
        assert saved
        await note(ctx, write, saved, "updated")
    return saved


@access.user
async def delete_link(ctx: Context, id: Annotated[Id, Doc("Id of the link.")]) -> bool:
    """Removes a link for good. Owners, managers and editors may.

    Raises:
        NotFound, Forbidden: own.
    """
    async with ctx.transaction(heard=True) as write:
        row = await own(ctx, write, id)
        await write.one(DELETE, link=id)
        await note(ctx, write, row, "deleted")
    return True


# --- what is said


async def said(input: LinkInput, checked: Sequence[str] = ()) -> tuple[Values, Anchor]:
    """What an input says, as it is stored, but for metadata.

    Args:
        checked: addresses that were found right before.

    Raises:
        Invalid: with everything that is wrong.
    """
    problems: list[Detail] = []
    anchor, name = None, parse_link_type(input.link_type)
    try:
        anchor = parse_anchor(input.anchor)
    except AnchorError as error:
        problems.append(Detail(field="anchor", message=str(error)))
    if name is None:
        problems.append(Detail(field="link_type", message=NO_TYPE))
    values = {"href": input.href, "title": input.title.strip(), "hreflang": list(dict.fromkeys(input.hreflang or ())),
              "media_type": input.media_type, "context": list(dict.fromkeys(input.context or ())),
              "item_description": input.item_description.strip(), "is_public": input.is_public,
              "forward_query": input.forward_query}  # fmt: skip
    if name == linktypes.DEFAULT:
        problems += [Detail(field=each, message="must be empty for the default link, which is for everybody; "
                            "gs1:defaultLinkMulti is for those that can be told apart")
                     for each in ("hreflang", "media_type", "context") if values[each]]  # fmt: skip
    if input.href not in checked:
        values["href"] = await address(input.href, problems)
    if anchor is not None and (unknown := [each for each in asked(input.href) if each not in anchor.variables]):
        problems.append(Detail(field="href", message=f"names {{{unknown[0]}}}, which the anchor has no variable for"))
    if problems or anchor is None:
        raise Invalid(problems)
    return values | {
        "anchor": anchor.text, "gtin": anchor.gtin, "variables": list(anchor.variables), "link_type": name,
    }, anchor  # fmt: skip


async def address(href: str, problems: list[Detail]) -> str:
    """The address as it is stored: as it was written, but in ASCII. Says what is wrong with it."""
    try:
        found = await check(unfolded(href))
        if href.isascii():
            return href
        if asked(href):
            raise AnchorError("must be ASCII where it has variables: Punycode in its host, percent-encoded behind it")
        return found
    except ValueError as error:
        problems.append(Detail(field="href", message=str(error)))
        return href


def type_named(text: str) -> str:
    """Raises:
    Invalid: there is no such link type.
    """
    name = parse_link_type(text)
    if name is None:
        raise Invalid([Detail(field="linkType", message=NO_TYPE)])
    return name


def or_else(given: Any, kept: Any) -> Any:
    return kept if given is None else given


# --- whose it is


async def check_key(write: Writer, organization_id: str, anchor: Anchor) -> None:
    """Raises:
    Forbidden: it is not known that the key is the organization's.
    """
    if anchor.gtin is not None:
        found: Any = await write.one(OWNER, gtin=anchor.gtin)
        if found is not None and found.owner_id == organization_id:
            return
        if found is not None and found.owner_id is not None:
            raise Forbidden(ANOTHER)
    prefixes = [each.prefix for each in await write.all(PREFIXES, organization=organization_id)]
    if belongs(Element(anchor.ai, anchor.value), prefixes):
        return
    place: Any = await write.one(PLACE, gln=anchor.value, organization=organization_id) if anchor.ai in GLNS else None
    if place is None:
        raise Forbidden(NOT_YOURS)


async def check_room(write: Writer, anchor: Anchor) -> None:
    """Raises:
    Conflict: the key has as many links as it can have.
    """
    key = "/".join(anchor.text.split("/")[:3])
    if await write.connection.fetchval(COUNT, key) >= MOST:
        raise Conflict(f"This key has {MOST} links already, with those of its batches and items. Use variables.")


async def own(ctx: Context, write: Writer, id: str) -> Any:
    """The link, locked.

    Raises:
        NotFound: it is not the caller's. Forbidden: the caller's role is too small.
    """
    found = await write.one(LOCK, id=id)
    check_own(ctx, found, May.PRODUCTS, NO_LINK, TOO_SMALL)
    return found


def new(values: Mapping[str, Any]) -> Values:
    return {f"new_{name}": value for name, value in values.items()}


async def note(ctx: Context, write: Writer, row: Link, what: str) -> None:
    told = {"anchor": row.anchor, "link_type": row.link_type, "href": row.href}
    await audit(write, ctx.viewer, row.organization_id, f"link.{what}", ("link", row.id), told)
    await emit(write, f"link.{what}", row.id, row.organization_id, **told)
