"""Conversations that a signed-in user keeps: threads and their transcripts. They outlive their sessions."""

from collections.abc import Sequence
from typing import Annotated, Any

from sqlalchemy import bindparam, func, select

from closient_gql.core.bounds import Doc, Id
from closient_gql.core.db import KEYS, Query, Writer
from closient_gql.core.ids import new_id
from closient_gql.core.models.search_sessions import MessageRole, SearchMessage, SearchSession, SearchThread
from resolvers import access
from resolvers.account.changing import person
from resolvers.context import Context

MOST = 200
"""So many threads are listed, the newest."""
LONGEST_TITLE = 80
INSERT = """
INSERT INTO search_threads (id, user_id, session_id, title, last_user_message) VALUES ($1, $2, $3, $4, $5)
"""
# the row is held from here on, so that the lines of a transcript are numbered one after another
TOUCH = """
UPDATE search_threads SET modified = clock_timestamp(), last_user_message = coalesce($2, last_user_message)
WHERE session_id = $1 RETURNING id
"""
SAY = """
INSERT INTO search_messages (thread_id, position, role, text, data)
SELECT $1::varchar, coalesce(max(position) + 1, 0), $2, $3, $4 FROM search_messages WHERE thread_id = $1::varchar
"""
ALIVE = (
    select(SearchSession.id)
    .where(SearchSession.id == SearchThread.session_id, SearchSession.expires_at > func.now())
    .scalar_subquery()
)
_mine = select(
    *(column for column in SearchThread.__table__.c if column.name != "session_id"), ALIVE.label("session_id")
).where(SearchThread.user_id == bindparam("user_id"))
THREADS = Query(SearchThread, _mine.order_by(SearchThread.modified.desc(), SearchThread.id).limit(MOST))
THREAD = Query(SearchThread, _mine.where(SearchThread.id == bindparam("id")))
MESSAGES = Query(
    SearchMessage,
    select(*SearchMessage.__table__.c)
    .where(SearchMessage.thread_id == func.any(KEYS))
    .order_by(SearchMessage.thread_id, SearchMessage.position),
)


@access.user
async def search_threads(ctx: Context) -> Sequence[SearchThread]:
    """The caller's threads, the latest first.

    Raises:
        Forbidden: the key acts for an organization.
    """
    return await ctx.read.all(THREADS, user_id=person(ctx, writing=False))


@access.user
async def search_thread(ctx: Context, id: Annotated[Id, Doc("Id of the thread.")]) -> SearchThread | None:
    """One of the caller's threads.

    Raises:
        Forbidden: the key acts for an organization.
    """
    return await ctx.read.one(THREAD, id=id, user_id=person(ctx, writing=False))


async def messages_of(ctx: Context, threads: Sequence[SearchThread]) -> list[list[SearchMessage]]:
    """Transcripts, in their order."""
    return await ctx.read.by_parent(MESSAGES, "thread_id", [thread.id for thread in threads])


async def gtins_of(ctx: Context, messages: Sequence[SearchMessage]) -> list[list[str]]:
    return [message.data.get("gtins", []) for message in messages]


async def totals_of(ctx: Context, messages: Sequence[SearchMessage]) -> list[int | None]:
    return [message.data.get("total_count") for message in messages]


async def constraints_of(ctx: Context, messages: Sequence[SearchMessage]) -> list[dict[str, Any]]:
    return [message.data.get("active_constraints", {}) for message in messages]


async def begun(write: Writer, session: SearchSession, text: str) -> None:
    """A thread for a user's new session; other sessions have none."""
    if session.user_id:
        id, title = new_id(), text if len(text) <= LONGEST_TITLE else text[: LONGEST_TITLE - 1] + "\u2026"
        await write.connection.execute(INSERT, id, session.user_id, session.id, title, text)
        await say(write, id, MessageRole.USER, text)


async def went_on(write: Writer, session: SearchSession, text: str | None) -> None:
    """What the user said next; None: it changed constraints without words."""
    if session.user_id and text is not None and (id := await write.connection.fetchval(TOUCH, session.id, text)):
        await say(write, id, MessageRole.USER, text)


async def answered(write: Writer, session: SearchSession, data: dict[str, Any]) -> None:
    """What the session answered."""
    if id := await write.connection.fetchval(TOUCH, session.id, None):
        await say(write, id, MessageRole.ASSISTANT, session.explanation, data)


async def say(write: Writer, thread_id: str, role: MessageRole, text: str, data: dict[str, Any] | None = None) -> None:
    await write.connection.execute(SAY, thread_id, role.value, text, data or {})
