"""What resolution looks up, remembered by each process until it hears of a change (docs/decisions/0023).

Triggers announce what changes on the channel `closient_resolver`: a key's links or product, an organization's rules. A
process that does not hear remembers nothing. That a key is unknown is never remembered.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, select

from closient_gql.core.db import Database, Fetch, Query, Reader
from closient_gql.core.gs1 import Element
from closient_gql.core.gs1.digital_link import escape
from closient_gql.core.models.account import Organization
from closient_gql.core.models.brands import CompanyPrefix
from closient_gql.core.models.digital_link import ResolutionRule, UrlHealth
from resolvers.digital_link.found import Found, assembled
from resolvers.digital_link.lookups import Lookups, Path
from resolvers.digital_link.prefixes import handler_of
from resolvers.digital_link.rules import RuleSet, rule_set

MOST_KEYS = 20_000
MOST_PATHS = 64  # of one key
MOST_RULES = 200_000
PREFIXES = Query(
    CompanyPrefix,
    select(CompanyPrefix.prefix, CompanyPrefix.resolver_url).where(CompanyPrefix.resolver_url.is_not(None)),
)
RULES = Query(
    ResolutionRule,
    select(*ResolutionRule.__table__.c, UrlHealth.is_dead)
    .join_from(ResolutionRule, Organization, Organization.id == ResolutionRule.organization_id)
    .outerjoin(UrlHealth, UrlHealth.url == ResolutionRule.custom_url)
    .where(
        ResolutionRule.organization_id == bindparam("organization"),
        ResolutionRule.enabled,
        Organization.deleted_at.is_(None),
    )
    .order_by(ResolutionRule.order_index, ResolutionRule.id),
)
NO_RULES = RuleSet({})


class Directory:
    """What one process knows by heart."""

    channel = "closient_resolver"

    def __init__(self, database: Database) -> None:
        self.database, self.lookups = database, Lookups(database)
        self.hearing = False
        self._heard = 0  # changes; what was looked up across one is not kept
        self._keys: OrderedDict[str, dict[Path, Found]] = OrderedDict()
        self._rules: OrderedDict[str, RuleSet] = OrderedDict()
        self._rules_kept = 0
        self._loading: dict[str, asyncio.Task[RuleSet]] = {}
        self._prefixes: Sequence[Any] | None = None

    # --- what is found

    def known(self, path: Path) -> Found | None:
        """What is remembered of a path."""
        paths = self._keys.get(key_of(path[0])) if self.hearing else None
        return paths.get(path) if paths else None

    async def find(self, path: Path) -> Found | None:
        """Everything about a path; None if nothing is known.

        Raises:
            Unavailable: the database is away.
        """
        return self.known(path) or await self.fetch(path)

    async def fetch(self, path: Path) -> Found | None:
        """The same, of a path that is not remembered."""
        heard = self._heard
        found = await self._look_up(path)
        if found is not None and self.hearing and heard == self._heard and may_be_kept(found):
            self._keep(path, found)
        return found

    def _keep(self, path: Path, found: Found) -> None:
        key = key_of(path[0])
        paths = self._keys.get(key)
        if paths is None:
            self._keys[key] = {path: found}
            if len(self._keys) > MOST_KEYS:
                self._keys.popitem(last=False)
            return
        if len(paths) >= MOST_PATHS:
            paths.clear()
        paths[path] = found
        self._keys.move_to_end(key)

    async def _look_up(self, path: Path) -> Found | None:
        prefixes = self._prefixes if self._prefixes is not None and self.hearing else await self._handed_on()
        handler = handler_of(path[0], prefixes) if prefixes else None
        known, successor = await self.lookups.of(path), None
        linked = known.links and known.product is None  # those of a product that was given up do not count
        if known.successor is not None and not linked:
            successor = known.successor
            known = await self.lookups.of((Element("01", successor), *path[1:]))
        return assembled(path, known.product, known.links, successor, handler)

    async def _handed_on(self) -> Sequence[Any]:
        """Company prefixes that other resolvers handle: few, or none."""
        heard = self._heard
        found = await Reader(self.database).all(PREFIXES)
        if heard == self._heard:
            self._prefixes = found
        return found

    # --- rules

    def known_rules(self, organization_id: str) -> RuleSet | None:
        found = self._rules.get(organization_id) if self.hearing else None
        return found

    async def rules(self, organization_id: str) -> RuleSet:
        """The rules of an organization, compiled.

        Raises:
            Unavailable: the database is away.
        """
        found = self.known_rules(organization_id)
        if found is not None:
            return found
        loading = self._loading.get(organization_id)
        if loading is None:  # one for all who wait: there may be ten thousand rules
            loading = self._loading[organization_id] = asyncio.create_task(self._load_rules(organization_id))
            loading.add_done_callback(lambda done: self._loaded(organization_id, done))
        return await asyncio.shield(loading)

    async def _load_rules(self, organization_id: str) -> RuleSet:
        heard = self._heard
        found = await load_rules(Reader(self.database), organization_id)
        if self.hearing and heard == self._heard:
            self._rules[organization_id] = found
            self._rules_kept += found.size + 1
            while self._rules_kept > MOST_RULES and len(self._rules) > 1:
                self._drop_rules(next(iter(self._rules)))
        return found

    def _loaded(self, organization_id: str, done: "asyncio.Task[RuleSet]") -> None:
        if self._loading.get(organization_id) is done:
            del self._loading[organization_id]

    def _drop_rules(self, organization_id: str) -> None:
        if gone := self._rules.pop(organization_id, None):
            self._rules_kept -= gone.size + 1

    # --- changes

    def listens(self, hearing: bool) -> None:
        """Whether changes reach this process from now on. What it knew is forgotten either way."""
        self.hearing = hearing
        self.forget("*")

    def forget(self, announced: str) -> None:
        """What has changed, as triggers say it: `k:` and a key, `o:` and an organization, `*`: anything."""
        self._heard += 1
        self._loading.clear()  # what is under way may be of before the change
        kind, _, what = announced.partition(":")
        if kind == "k":
            self._keys.pop(what, None)
        elif kind == "o":
            self._drop_rules(what)
        else:
            self._keys.clear()
            self._rules.clear()
            self._rules_kept = 0
            self._prefixes = None


def key_of(key: Element) -> str:
    """How a key is announced."""
    return f"/{key.ai}/{escape(key.value)}"


def may_be_kept(found: Found) -> bool:
    """Not what a change that is not announced could change: a GTIN without a product may get one, and what was found
    in place of a GTIN that was given up is announced under another key."""
    return found.successor is None and (found.product is not None or found.key.ai != "01")


async def load_rules(read: Fetch, organization_id: str) -> RuleSet:
    found = rule_set(await read.all(RULES, organization=organization_id))
    return found if found.size else NO_RULES
