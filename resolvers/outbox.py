"""What a write leaves behind in its own transaction: events, jobs, audit entries, receipts."""

from collections.abc import Mapping
from typing import Any

import orjson
from pgqueuer.adapters.persistence.queries import Queries
from pgqueuer.db import AsyncpgDriver

from closient_gql.core.db import Writer
from closient_gql.core.ids import new_id
from resolvers.viewer import Viewer

EVENT = """
INSERT INTO events (type, entity, entity_id, organization_id, data) VALUES ($1, $2, $3, $4, $5)
"""
AUDIT = """
INSERT INTO audit_entries (id, organization_id, user_id, key_id, action, target_type, target_id, changes)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
"""
RECEIPT = "INSERT INTO receipts (consumer, key) VALUES ($1, $2) ON CONFLICT DO NOTHING"


async def emit(write: Writer, type: str, entity_id: str, organization_id: str | None = None, **data: Any) -> None:
    """Records that something happened: `product.updated` of the entity `product`. Consumers follow from the outbox."""
    entity = type.split(".")[0]
    await write.connection.execute(EVENT, type, entity, entity_id, organization_id, data)


async def enqueue(write: Writer, job: str, **payload: Any) -> None:
    """A follow-up job, which exists if and only if the transaction is committed. It runs at least once.

    `write` is inside a transaction already (a raw connection outside of one would commit the job by itself).
    """
    assert write.connection.is_in_transaction()
    await Queries(AsyncpgDriver(write.connection)).enqueue(job, orjson.dumps(payload))


async def audit(
    write: Writer,
    viewer: Viewer,
    organization_id: str,
    action: str,
    target: tuple[str, str],
    changes: Mapping[str, Any] | None = None,
) -> None:
    """Records who did what to what: `("member", id)`. Never secrets: what is in `changes` can be read by owners."""
    await write.connection.execute(
        AUDIT, new_id(), organization_id, viewer.user_id, viewer.key_id, action, *target, dict(changes or {})
    )


async def first_time(write: Writer, consumer: str, key: str) -> bool:
    """Whether this effect has not happened yet; from now on it has, if the transaction is committed."""
    return bool((await write.connection.execute(RECEIPT, consumer, key)).endswith(" 1"))
