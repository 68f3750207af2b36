"""GS1 company prefixes that are recorded for organizations, by the operator or by a registry."""

import re
from collections.abc import Sequence

from sqlalchemy import Text, bindparam, delete, func, select, update

from closient_gql.core.db import Query, Writer
from closient_gql.core.errors import Conflict, Detail, Invalid, NotFound
from closient_gql.core.ids import new_id
from closient_gql.core.models.brands import CompanyPrefix, VerificationMethod
from closient_gql.core.models.products import Product
from resolvers.account.commands import organization_by_id
from resolvers.brands.rules import covered, subject_of

COLUMNS = CompanyPrefix.__table__.c
ALL = Query(CompanyPrefix, select(*COLUMNS).order_by(CompanyPrefix.organization_id, CompanyPrefix.prefix))
OF_ORGANIZATION = Query(CompanyPrefix, select(*COLUMNS).where(CompanyPrefix.organization_id == bindparam("id")))
OVERLAPPING = Query(
    CompanyPrefix,
    select(*COLUMNS).where(
        func.starts_with(CompanyPrefix.prefix, bindparam("prefix"))
        | func.starts_with(bindparam("prefix"), CompanyPrefix.prefix)
    ),
)
GTINS = Query(Product, select(Product.gtin).where(Product.brand_id == bindparam("brand")))
FORGET = Query(
    CompanyPrefix, delete(CompanyPrefix).where(CompanyPrefix.prefix == bindparam("prefix")).returning(*COLUMNS)
)
HAND_ON = Query(
    CompanyPrefix,
    update(CompanyPrefix)
    .where(CompanyPrefix.prefix == bindparam("prefix_"))
    .values({COLUMNS.resolver_url: bindparam("resolver", type_=Text)})
    .returning(*COLUMNS),
)
RECORD = "INSERT INTO company_prefixes (id, organization_id, prefix, source) VALUES ($1, $2, $3, $4)"
ONE_AT_A_TIME = "LOCK TABLE company_prefixes IN SHARE ROW EXCLUSIVE MODE"


async def add(write: Writer, organization_id: str, text: str, source: str) -> str:
    """Records a prefix for an organization; gives it in its one form.

    Raises:
        Invalid: it is no prefix. NotFound: there is no such organization. Conflict: as `record`.
    """
    prefix = parse(text)
    organization = await organization_by_id(write, organization_id)
    await record(write, organization.id, prefix, source)
    return prefix


async def remove(write: Writer, text: str) -> CompanyPrefix:
    """Takes back what was recorded. What was verified by it stays so.

    Raises:
        Invalid: it is no prefix. NotFound: it is recorded for nobody.
    """
    found = await write.one(FORGET, prefix=parse(text))
    if found is None:
        raise NotFound("This prefix is recorded for nobody. `closient brand prefix list` shows those that are.")
    return found


async def hand_on(write: Writer, text: str, resolver: str) -> CompanyPrefix:
    """Scans of keys below a prefix go to another resolver from now on; to this one, if none is said.

    Raises:
        Invalid: it is no prefix, or no address. NotFound: it is recorded for nobody.
    """
    if resolver and not re.fullmatch(r"https://[A-Za-z0-9.-]+(:[0-9]+)?(/[A-Za-z0-9._~/-]*)?", resolver):
        raise Invalid([Detail(field="resolver", message="must be an address that begins with https://")])
    found = await write.one(HAND_ON, prefix_=parse(text), resolver=resolver or None)
    if found is None:
        raise NotFound("This prefix is recorded for nobody. `closient brand prefix list` shows those that are.")
    return found


def parse(text: str) -> str:
    """Raises:
    Invalid: it is no prefix.
    """
    try:
        return subject_of(VerificationMethod.GS1_PREFIX, text)
    except ValueError as error:
        raise Invalid([Detail(field="prefix", message=str(error))]) from None


async def record(write: Writer, organization_id: str, prefix: str, source: str) -> None:
    """Records a prefix; nothing happens if it is this organization's already.

    Raises:
        Conflict: it is, or overlaps with, another organization's: GS1 issues no prefix inside of another.
    """
    await write.connection.execute(ONE_AT_A_TIME)
    found = await write.all(OVERLAPPING, prefix=prefix)
    for other in found:
        if other.organization_id != organization_id:
            raise Conflict(f"The prefix {other.prefix} is recorded for the organization {other.organization_id}.")
    if prefix not in [other.prefix for other in found]:
        await write.connection.execute(RECORD, new_id(), organization_id, prefix, source)


async def recorded(write: Writer) -> Sequence[CompanyPrefix]:
    """Every prefix, by organization."""
    return await write.all(ALL)


async def of_organization(write: Writer, organization_id: str) -> list[str]:
    return [row.prefix for row in await write.all(OF_ORGANIZATION, id=organization_id)]


async def cover(write: Writer, brand_id: str, prefixes: Sequence[str]) -> bool:
    """Whether every product of a brand has a GTIN of one of these prefixes; true for a brand without products."""
    return all(covered(row.gtin, prefixes) for row in await write.all(GTINS, brand=brand_id))
