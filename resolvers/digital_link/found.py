"""What is known of an identified thing: its product, its links at every level of the tree, who else handles it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple

from closient_gql.core.gs1 import Element
from closient_gql.core.gs1.dictionary import default
from closient_gql.core.gs1.digital_link import escape
from resolvers.digital_link import linktypes
from resolvers.digital_link.anchors import Level, bound, filled, levels
from resolvers.digital_link.destinations import hosted_path
from resolvers.digital_link.negotiation import HTML, JSON_LD, UNDETERMINED, Described
from resolvers.digital_link.rules import Subject
from resolvers.digital_link.scans import Level as ScanLevel


class Product(NamedTuple):
    """What a redirect needs to know of a product."""

    id: str
    gtin: str
    name: str
    owner_id: str | None
    brand_id: str | None
    enabled: bool


@dataclass(frozen=True, slots=True)
class Target:
    """A link as it holds for one thing. `href` is whole, or a path of this server; `ours`: the platform made it."""

    type: str
    href: str
    title: str
    hreflang: tuple[str, ...] = ()
    media_type: str = ""
    context: tuple[str, ...] = ()
    forward: bool = True
    ours: bool = False

    @property
    def described(self) -> Described:
        tags = tuple(tag.lower() for tag in self.hreflang if tag != UNDETERMINED)
        return Described(tags, self.media_type.lower(), self.context)


class Branch(NamedTuple):
    """One level of the tree. `path` is that of its own Digital Link URI; a link type that stands at several levels is
    that of the first."""

    path: str
    description: str
    links: dict[str, list[Target]]


LEVELS = {"22": ScanLevel.VARIANT, "10": ScanLevel.BATCH}


class Found:
    """Everything that a request for this path can be answered with.

    Attributes:
        path: the key and qualifiers of the request.
        address: the path as it is written: that of the Digital Link URI in its one form.
        organization_id: whose links they are, and whose rules.
        rows: links of every anchor that the path can mean (`anchors.levels`), in the order in which they were made.
        successor: the GTIN that stands for the one of the path, which was given up.
        handled_by: the root of the resolver that handles the key.
        subject: for rules; None where there are none: the product has no owner, or its owner gave it up.
        page: where the hosted page of the product is, on this server.
        level: how deep the code goes.
        answers: for whoever remembers what it answered with: gone when anything about this changes.
    """

    def __init__(
        self, path: tuple[Element, ...], product: Product | None, organization_id: str | None, rows: Sequence[Any],
        successor: str | None, handled_by: str | None,
    ) -> None:  # fmt: skip
        self.path, self.key, self.product, self.organization_id = path, path[0], product, organization_id
        self.rows, self.successor, self.handled_by = rows, successor, handled_by
        self.address = "".join([f"/{ai}/{escape(value)}" for ai, value in path])
        self.answers: dict[Any, Any] = {}
        last = path[-1].ai
        self.level = ScanLevel.KEY if len(path) == 1 else LEVELS.get(last, ScanLevel.SERIAL)
        self.subject: Subject | None = None
        self.page: str | None = None
        if product is not None:
            values = dict(path[1:])
            lot, serial = values.get("10"), values.get("21")
            self.page = hosted_path(product.gtin, lot or "", serial or "")
            if product.owner_id is not None and product.enabled:
                self.subject = Subject(product.id, product.brand_id, lot, serial)

    @cached_property
    def branches(self) -> tuple[Branch, ...]:
        """Its links by level, the path's own first, with those that the platform adds."""
        return branches_of(self)

    def of_type(self, name: str) -> Sequence[Target]:
        """The links of a type, of the most granular level that has any."""
        return next((branch.links[name] for branch in self.branches if name in branch.links), ())

    def defaults(self) -> Iterator[tuple[Sequence[Target], Target | None]]:
        """At each level that has any: the defaults that can be told apart, and the default link."""
        return defaults_in(self.branches)


def defaults_in(branches: Sequence[Branch]) -> Iterator[tuple[Sequence[Target], Target | None]]:
    for branch in branches:
        several = branch.links.get(linktypes.MULTI, ())
        one = branch.links.get(linktypes.DEFAULT)
        if several or one:
            yield several, one[0] if one else None


def assembled(
    path: Sequence[Element], product: Product | None, rows: Sequence[Any], successor: str | None = None,
    handled_by: str | None = None,
) -> Found | None:  # fmt: skip
    """What was looked up, put together; None if it comes to nothing. Links count if they are those of the product's
    owner, who has not given it up; where there is no product, or nobody owns it, whoever gave them was the key's."""
    if product is not None:
        ours = product.enabled
        rows = [row for row in rows if ours and product.owner_id in (None, row["organization_id"])] if rows else rows
    elif not rows and handled_by is None:
        return None
    organization = product.owner_id if product else None
    organization = organization or next((row["organization_id"] for row in rows), None)
    return Found(tuple(path), product, organization, rows, successor, handled_by)


# --- making it


def branches_of(found: Found) -> tuple[Branch, ...]:
    real = list(found.path)
    if found.successor is not None:
        real[0] = Element("01", found.successor)
    by_anchor: dict[str, list[Any]] = {}
    for row in found.rows:
        by_anchor.setdefault(row["anchor"], []).append(row)
    shown, cut = (f"/{key.ai}/{escape(key.value)}" for key in (found.key, real[0]))
    branches: list[Branch] = []
    for level in levels(real):
        links: dict[str, list[Target]] = {}
        said = ""
        for anchor in level.anchors:
            types = set(links)  # those of a more exact anchor
            for row in by_anchor.get(anchor, ()):
                said = said or row["item_description"]
                if row["link_type"] not in types:
                    links.setdefault(row["link_type"], []).append(target(row, real[0], level))
        if links or not branches:
            words = said or describe(found.product, found.key, level)
            branches.append(Branch(shown + level.path[len(cut) :], words, links))
    complete(found, branches)
    return tuple(branches)


def target(row: Any, key: Element, level: Level) -> Target:
    values = bound(row["anchor"], row["variables"], key, level)
    return Target(
        row["link_type"], filled(row["href"], values), row["title"], tuple(row["hreflang"]), row["media_type"],
        tuple(row["context"]), row["forward_query"],
    )  # fmt: skip


def describe(product: Product | None, key: Element, level: Level) -> str:
    """What is identified, in words: the product's name, or the title of the key, with its qualifiers."""
    titles = default().entries
    first = product.name if product and product.name else f"{titles[key.ai].title} {key.value}"
    return ", ".join((first, *(f"{titles[ai].title} {value}" for ai, value in level.qualifiers)))


DEFAULTS = (linktypes.DEFAULT, linktypes.MULTI)


def complete(found: Found, branches: Sequence[Branch]) -> None:
    """Adds what the platform knows of a product, where its owner has no link of that type; and sees to it that there is
    a default link, and that each default is described by another type as well (GS1-Conformant Resolver 1.2)."""
    describe_defaults(branches)
    own = branches[0].links
    types = {name for branch in branches for name in branch.links}
    show_default(branches)
    if found.product is not None:
        for each in platform_links(found, linktypes.PIP if linktypes.PIP not in types else "registryEntry"):
            if each.type not in types:
                own[each.type] = [each]
    elif types and linktypes.DEFAULT not in types:
        first = next(links[0] for branch in branches for links in branch.links.values())
        own[linktypes.DEFAULT] = [Target(linktypes.DEFAULT, first.href, first.title, forward=first.forward, ours=True)]


def show_default(branches: Sequence[Branch]) -> None:
    """A default link beside the walk up the tree (that of an item, where the code has its batch, too) is shown at the
    code's own level: there clients look for it."""
    path = branches[0].path
    with_default = [branch for branch in branches if linktypes.DEFAULT in branch.links]
    if with_default and not any(f"{path}/".startswith(f"{branch.path}/") for branch in with_default):
        shown = with_default[0].links[linktypes.DEFAULT][0]
        branches[0].links[linktypes.DEFAULT] = [replace(shown, ours=True)]


def describe_defaults(branches: Sequence[Branch]) -> None:
    """What is said to be a default and nothing else is the page about the product, if no other is."""
    links = [(name, each) for branch in branches for name, several in branch.links.items() for each in several]
    described = {each.href for name, each in links if name not in DEFAULTS}
    rest = {each.href: replace(each, type=linktypes.PIP) for name, each in links
            if name in DEFAULTS and each.href not in described}  # fmt: skip
    if rest and all(name != linktypes.PIP for name, _ in links):
        branches[0].links[linktypes.PIP] = list(rest.values())


def platform_links(found: Found, kind: str) -> Iterator[Target]:
    """What the platform has about a product: the hosted page, which is of this kind of links and the default, ..."""
    assert found.product is not None
    assert found.page is not None
    gtin, name = found.product.gtin, found.product.name or f"GTIN {found.product.gtin}"
    yield Target(kind, found.page, name, media_type=HTML, ours=True)
    recalls = f"{found.page}#recalls"  # a query behind it would hide the place on the page from who compares addresses
    yield Target("recallStatus", recalls, f"Recalls: {name}", media_type=HTML, forward=False, ours=True)
    passport = f"/sustainability/api/v1/products/{gtin}/passport"
    yield Target("dpp", passport, f"Product passport: {name}", media_type=JSON_LD, ours=True)
    yield Target(linktypes.DEFAULT, found.page, name, ours=True)
