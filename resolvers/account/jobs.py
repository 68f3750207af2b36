"""What happens to the account by itself: mails, keys that end, organizations whose 90 days are over."""

from typing import Any

from closient_gql.adapters.mail import Mail, mailer_of
from closient_gql.core.db import Database
from closient_gql.core.settings import settings
from resolvers.account.invitations import LIFETIME, issue_token
from resolvers.account.organizations import purge
from resolvers.account.release import release
from resolvers.outbox import first_time
from resolvers.viewer import ANONYMOUS

RETIRE = """
WITH locked AS (
    SELECT id FROM api_keys WHERE is_active AND expires_at <= now() ORDER BY id FOR NO KEY UPDATE
)
UPDATE api_keys SET is_active = false FROM locked WHERE api_keys.id = locked.id
"""
SENDING = "account.send_invitation"
SENT = "SELECT EXISTS (SELECT FROM receipts WHERE consumer = $1 AND key = $2)"
STILL_DELETED = "SELECT id FROM organizations WHERE id = $1 AND deleted_at IS NOT NULL FOR SHARE"
KEEPING = """
SELECT id FROM organizations WHERE deleted_at IS NOT NULL AND (
    EXISTS (SELECT FROM brands WHERE organization_id = organizations.id)
    OR EXISTS (SELECT FROM products WHERE owner_id = organizations.id)
) ORDER BY deleted_at
"""
TEXT = """\
You are invited to {organization} on Closient, as {role}.

To accept, send this token within {days} days of the invitation:

    {token}

    curl {url}/account/api/v1/invitations/accept \\
      -H 'Content-Type: application/json' -d '{{"token": "{token}"}}'

The answer holds an API key of your own, shown that one time. The token works once, for {email} only.
If you did not expect this mail, ignore it: nothing happens.
"""


async def retire_expired_keys(database: Database) -> int:
    """Marks keys whose time is over as inactive, so that lists say so; they are refused from their last second on
    anyway. Gives how many there were."""
    async with database.acquire() as connection:
        done = await connection.execute(RETIRE)
    return int(done.split()[-1])


async def send_invitation(database: Database, payload: dict[str, Any]) -> None:
    """Makes the token of an invitation and mails it. `payload`: `invitation_id`, and `sending`, which is new for each
    mail that is wanted.

    The token is stored before the mail goes out, so it works when the mail arrives. A mail that may have gone out or
    not is sent again with another token, and the newest counts; one that has gone out is not.

    Raises:
        Unavailable: the mail could not be handed over.
    """
    async with database.transaction() as write:
        if await write.connection.fetchval(SENT, SENDING, payload["sending"]):
            return
        issued = await issue_token(write, payload["invitation_id"])
    if issued is None:
        return  # accepted, withdrawn or expired in the meantime
    invitation, token = issued
    given = settings()
    name = "".join(c if c.isprintable() else " " for c in invitation.organization_name)  # it may be read in a terminal
    organization = " ".join(name.split())
    text = TEXT.format(
        organization=organization, role=invitation.role, token=token, email=invitation.email,
        url=(given.public_url or given.listens_at or "http://localhost:8000").rstrip("/"), days=LIFETIME.days,
    )  # fmt: skip
    await mailer_of(given).send(Mail(invitation.email, f"Invitation to {organization}", text))
    async with database.transaction() as write:
        await first_time(write, SENDING, payload["sending"])


async def release_organization(database: Database, payload: dict[str, Any]) -> None:
    """Gives free what was claimed for an organization while it was being deleted. `payload`: `organization_id`."""
    async with database.transaction() as write:
        if await write.connection.fetchval(STILL_DELETED, payload["organization_id"]):
            await release(write, ANONYMOUS, payload["organization_id"])


async def release_deleted(database: Database) -> int:
    """Gives free whatever deleted organizations still have, and gives how many had anything.

    A request that began before the deletion may give the organization something after the job for that has run.
    """
    async with database.acquire() as connection:
        ids = [row["id"] for row in await connection.fetch(KEEPING)]
    for id in ids:
        await release_organization(database, {"organization_id": id})
    return len(ids)


JOBS = {SENDING: send_invitation, "account.release_organization": release_organization}
"""Handlers by the name of the job."""
SCHEDULES = {
    "retire_expired_keys": ("*/5 * * * *", retire_expired_keys),
    "release_deleted": ("*/5 * * * *", release_deleted),
    "purge_organizations": ("41 2 * * *", purge),
}
"""Name, when (as in crontab, UTC) and what."""
