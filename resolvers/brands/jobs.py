"""What is done for brands in the background. Jobs run at least once: what is decided already stays as it is."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import bindparam, update

from closient_gql.adapters.dns import Dns, DnsError, SystemDns
from closient_gql.adapters.http import Fetched, FetchError, fetch
from closient_gql.core.db import Database, Query, Reader, Writer
from closient_gql.core.models.brands import Brand, BrandVerification, VerificationMethod, VerificationState
from resolvers.account.changing import LIVING
from resolvers.brands import commands, rules
from resolvers.brands.moderation import BY_ID
from resolvers.brands.verifications import COLUMNS, JOB, LOCK, PLATFORM, verify

MOST_BYTES = 4096  # of the file
PATIENCE = 10.0  # seconds until it must be here
NOTE = Query(
    BrandVerification,
    update(BrandVerification)
    .where(BrandVerification.id == bindparam("verification"))
    .values(reason=bindparam("new_reason"), needs_review=bindparam("new_review"))
    .returning(*COLUMNS),
)
WEBSITE_BEFORE = """
SELECT changes #>> '{website,old}' FROM audit_entries
WHERE organization_id = $1 AND action = 'brand.updated' AND target_id = $2 AND changes ? 'website'
    AND created >= coalesce($3::timestamptz, '-infinity')
ORDER BY created LIMIT 1
"""
RELEASED = "SELECT EXISTS (SELECT FROM events WHERE entity = 'brand' AND entity_id = $1 AND type = 'brand.released')"
Get = Callable[[str], Awaitable[Fetched]]


async def get(url: str) -> Fetched:
    return await fetch(url, max_bytes=MOST_BYTES, timeout=PATIENCE)


async def check_domain(
    database: Database, payload: Mapping[str, Any], *, dns: Dns | None = None, get: Get = get
) -> None:
    """Looks whether a domain shows the token of the verification `payload["id"]`, and says what it found."""
    found = await Reader(database).one(BY_ID, id=payload["id"])
    if found is None or not waits(found):
        return
    shown, reason = await look(found.subject, found.token, dns or SystemDns(), get)
    async with database.transaction() as write:
        await write.one(LIVING, id=found.organization_id)
        brand = await write.one(commands.LOCK, id=found.brand_id)
        found = await write.one(LOCK, id=found.id)
        if brand is None or found is None or not waits(found) or brand.organization_id != found.organization_id:
            return  # decided or released meanwhile
        website = await website_of(write, brand)
        if shown and rules.is_site(website, found.subject):  # anybody can prove a domain of their own
            await verify(write, found, reason, PLATFORM)
        else:
            await write.one(NOTE, verification=found.id, new_reason=next_step(website, shown, reason), new_review=shown)


def waits(found: BrandVerification) -> bool:
    by_domain = found.method == VerificationMethod.DOMAIN.value
    return by_domain and found.state == VerificationState.PENDING.value and not found.needs_review


async def website_of(write: Writer, brand: Brand) -> str:
    """The brand's website as far as it shows whose the brand is: that of an organization's own brand, but that of a
    claimed one as it was before the claim. What a claimant made it proves nothing; so it is empty for a brand that was
    claimed before, by whomever."""
    if await write.connection.fetchval(RELEASED, brand.id):
        return ""
    if brand.claimed_at == brand.created:  # made by the organization
        return brand.website
    before = await write.connection.fetchval(WEBSITE_BEFORE, brand.organization_id, brand.id, brand.claimed_at)
    return brand.website if before is None else str(before)


def next_step(website: str, shown: bool, reason: str) -> str:
    if not shown:
        return (
            f"{reason} Last checked at {datetime.now(UTC):%Y-%m-%d %H:%M} UTC; ask for another check when it is there."
        )
    site = f"another one ({website})" if website else "not known"
    return f"{reason} But the brand's website, where no claimant has set it, is {site}: so a person looks at it."


async def look(domain: str, token: str, dns: Dns, get: Get) -> tuple[bool, str]:
    """Whether the domain shows the token, and words about it."""
    try:
        if rules.proved(await dns.txt(domain), token):
            return True, f"{domain} has the DNS record."
        record = f"{domain} has no such DNS record."
    except DnsError as error:
        record = str(error)
    try:
        answer = await get(rules.file_of(domain))
    except FetchError as error:
        return False, f"{record} The file: {error}"
    if answer.status != 200:
        return False, f"{record} The file: {domain} answers {answer.status}."
    if not rules.within(answer.host, domain):  # an open redirect proves nothing
        return False, f"{record} The file: {domain} redirects to another domain."
    if rules.proved(answer.body.decode("utf-8", "replace").splitlines(), token):
        return True, f"{domain} has the file."
    return False, f"{record} The file is there, but has another text."


JOBS = {JOB: check_domain}
"""Name of a job: what does it, `(database, payload)`."""
