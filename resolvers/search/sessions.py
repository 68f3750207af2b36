"""Sessions: a search that is refined by what people say next (docs/decisions/0021).

A text is read before anything is locked; what it comes to is decided in one short transaction that holds the session's
row, so that of two texts at once the second refines what the first has made. What is found is searched afterwards.
"""

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from sqlalchemy import Interval, Text, bindparam, func, insert, literal, select, update

from closient_gql.core.bounds import Bounds, Doc
from closient_gql.core.db import Database, Query, Writer
from closient_gql.core.errors import Detail, Invalid, NotFound
from closient_gql.core.models.search_sessions import SearchSession
from closient_gql.core.settings import settings
from resolvers import access
from resolvers.context import Context
from resolvers.search import threads
from resolvers.search.constraints.model import LISTS, PRICES, ConstraintKey, Constraints, Reading
from resolvers.search.constraints.reading import read
from resolvers.search.constraints.refinement import Seen, State, Step, begin, difference, follow, words_for
from resolvers.search.inputs import MOST
from resolvers.search.origins import Place, place_of
from resolvers.search.preferences import stored_constraints, user_of
from resolvers.search.session_inputs import Given, SearchSessionInput, SessionQueryInput, SessionRefineInput, given
from resolvers.search.shown import remember
from resolvers.search.understanding import understood

IDLE = timedelta(minutes=30)
MINUTE = 60
MOST_TEXTS = 200
"""So many texts of a session are kept; the first ones go."""
NO_SESSION = (
    "There is no such session: it never was, or was not used for 30 minutes, or is another user's. Open a new one."
)
SessionId = Annotated[str, Bounds(min_length=1, max_length=200, pattern="^[^/]+$"), Doc("Id of the session.")]
TABLE = SearchSession.__table__
FRESH = func.now() + literal(IDLE, Interval)
WRITTEN = ("base_query", "gtin", "constraints", "currency", "latitude", "longitude", "place", "history", "query",
           "is_refinement", "added", "explanation")  # fmt: skip
FIRST = (*WRITTEN, "id", "user_id", "home_latitude", "home_longitude", "radius_km")


def new(names: Sequence[str]) -> dict[str, Any]:
    return {name: bindparam(f"new_{name}", type_=TABLE.c[name].type) for name in names}


OPEN = Query(
    SearchSession,
    insert(TABLE).values(**new(FIRST), expires_at=FRESH).returning(*TABLE.c),  # type: ignore[arg-type]
)
_mine = SearchSession.user_id.is_(None) | (SearchSession.user_id == bindparam("user_id", type_=Text))
ALIVE = select(*TABLE.c).where(SearchSession.id == bindparam("id"), SearchSession.expires_at > func.now(), _mine)
FIND = Query(SearchSession, ALIVE)
LOCK = Query(SearchSession, ALIVE.with_for_update())
SAVE = Query(
    SearchSession,
    update(TABLE)  # type: ignore[arg-type]
    .where(SearchSession.id == bindparam("session"))
    .values(**new(WRITTEN), expires_at=FRESH)
    .returning(*TABLE.c),
)
FORGET = "DELETE FROM search_sessions WHERE expires_at < now()"


# --- root fields


@access.public
async def open_session(
    ctx: Context, input: Annotated[SearchSessionInput, Doc("Where somebody is, and what is looked for.")]
) -> SearchSession:
    """Opens a session. A signed-in user's begins with its stored preferences, and is kept as a thread.

    Raises:
        Invalid: the text names a GTIN that is none; an allergen is not known. RateLimited: callers without a key may
            open so many in a minute (contract: rate_limits).
    """
    if ctx.viewer.anonymous:
        await ctx.quota.spend("search session", ((MINUTE, settings().rate_search_sessions_per_minute),))
    said = given(input.constraints, input.in_stock)
    reading = await understood(read(input.query), input.query, State())
    check(reading)
    place, note = await origin(ctx, reading)
    step = begin(reading, await stored_constraints(ctx))
    state = State(step.state.base_query, bounded(said.onto(step.state.constraints)), step.state.currency)
    where = place or Place("", input.latitude, input.longitude)
    values = written(state, reading.gtin, where, [input.query], step, difference({}, state.constraints), note)
    home = {"home_latitude": input.latitude, "home_longitude": input.longitude, "radius_km": input.radius_km}
    values |= home | {"id": secrets.token_urlsafe(24), "user_id": user_of(ctx)}
    async with ctx.transaction() as write:
        session = await write.one(OPEN, **{f"new_{name}": value for name, value in values.items()})
        assert session is not None
        await threads.begun(write, session, input.query)
    await remember(ctx, session)
    return session


@access.public
async def query_session(
    ctx: Context, session_id: SessionId, input: Annotated[SessionQueryInput, Doc("What is said next.")]
) -> SearchSession:
    """Goes on with a session: the text refines the search, or begins a new one in the same session.

    Raises:
        NotFound: there is no such session, or it is another user's. Invalid: it names a GTIN that is none.
    """
    return await go_on(ctx, session_id, input.query, given(input.constraints, input.in_stock))


@access.public
async def refine_session(
    ctx: Context, session_id: SessionId, input: Annotated[SessionRefineInput, Doc("What is said next.")]
) -> SearchSession:
    """The same, and without a text if constraints change.

    Raises:
        NotFound, Invalid: as `query_session`; Invalid: nothing is said.
    """
    said = given(input.constraints, input.in_stock)
    if input.query is None and not said.add and not said.drop:
        raise Invalid([Detail(field="query", message="is required, unless constraints are given")])
    return await go_on(ctx, session_id, input.query, said)


async def go_on(ctx: Context, session_id: str, query: str | None, said: Given) -> SearchSession:
    before = await session_of(ctx, session_id)
    reading = Reading()
    if query is not None:
        reading = await understood(read(query), query, State(before.base_query, before.constraints))
    check(reading)
    place, note = await origin(ctx, reading)
    kept = await stored_constraints(ctx) if query else {}
    async with ctx.transaction() as write:
        session = await locked(write, ctx, session_id)
        saved = await advanced(write, session, query, reading, said, place, note, kept)
        await threads.went_on(write, saved, query)
    await remember(ctx, saved)
    return saved


@access.public
async def remove_constraint(
    ctx: Context, session_id: SessionId, key: Annotated[ConstraintKey, Doc("Which constraint to drop.")]
) -> SearchSession:
    """Drops one constraint of a session.

    Raises:
        NotFound: there is no such session, or no such constraint in it.
    """
    async with ctx.transaction() as write:
        session = await locked(write, ctx, session_id)
        if key.value not in session.constraints:
            raise NotFound(f"The session has no constraint {key.value}.")
        gone = words_for(key.value, session.constraints[key.value], session.currency)
        left = {name: value for name, value in session.constraints.items() if name != key.value}
        state = State(session.base_query, left, session.currency if any(name in left for name in PRICES) else "")
        step = Step(state, True, {}, f"Removed: {gone}.")
        where = Place(session.place, session.latitude, session.longitude)
        values = written(state, session.gtin, where, session.history, step, {}, "") | {"query": session.query}
        saved = await save(write, session_id, values)
    await remember(ctx, saved)
    return saved


@access.public
async def search_session(ctx: Context, session_id: SessionId) -> SearchSession:
    """A session as it stands. Looking at it does not keep it alive.

    Raises:
        NotFound: there is no such session, or it is another user's.
    """
    return await session_of(ctx, session_id)


async def expired_of(ctx: Context, sessions: Sequence[SearchSession]) -> list[bool]:
    """Those that are shown have not, unless it was just now."""
    now = datetime.now(UTC)
    return [session.expires_at <= now for session in sessions]


# --- steps


async def session_of(ctx: Context, id: str) -> SearchSession:
    found = await ctx.read.one(FIND, id=id, user_id=user_of(ctx))
    if found is None:
        raise NotFound(NO_SESSION)
    return found


async def locked(write: Writer, ctx: Context, id: str) -> SearchSession:
    """The session's row, which nobody else changes meanwhile."""
    found = await write.one(LOCK, id=id, user_id=user_of(ctx))
    if found is None:
        raise NotFound(NO_SESSION)
    return found


async def advanced(
    write: Writer, session: SearchSession, query: str | None, reading: Reading, said: Given, place: Place | None,
    note: str, kept: Constraints,
) -> SearchSession:  # fmt: skip
    """The session after one more text."""
    before = State(session.base_query, session.constraints, session.currency)
    if query is None:
        step = Step(before, True, {}, "Constraints were changed.")
    else:
        step = follow(before, reading, seen_of(session), kept)
    constraints = bounded(said.onto(step.state.constraints))
    currency = step.state.currency if any(key in constraints for key in PRICES) else ""
    state = State(step.state.base_query, constraints, currency)
    added = difference(before.constraints if step.is_refinement else {}, constraints)
    where = place or Place(session.place, session.latitude, session.longitude)
    if reading.here and place is None:
        where = Place("", session.home_latitude, session.home_longitude)
    gtin = reading.gtin or (session.gtin if step.is_refinement and not reading.words else "")
    history = [*session.history, query][-MOST_TEXTS:] if query else session.history
    values = written(state, gtin, where, history, step, added, note)
    return await save(write, session.id, values if query else values | {"query": session.query})


def written(
    state: State, gtin: str, where: Place, history: Sequence[str], step: Step, added: Constraints, note: str
) -> dict[str, Any]:
    """The columns of a session."""
    return {
        "base_query": state.base_query, "gtin": gtin, "constraints": state.constraints, "currency": state.currency,
        "latitude": where.latitude, "longitude": where.longitude, "place": where.name, "history": list(history),
        "query": history[-1] if history else "", "is_refinement": step.is_refinement, "added": added,
        "explanation": f"{step.explanation} {note}".strip(),
    }  # fmt: skip


async def save(write: Writer, id: str, values: dict[str, Any]) -> SearchSession:
    saved = await write.one(SAVE, session=id, **{f"new_{name}": value for name, value in values.items()})
    assert saved is not None
    return saved


def seen_of(session: SearchSession) -> Seen:
    return Seen(**session.seen) if session.seen else Seen()


def bounded(constraints: Constraints) -> Constraints:
    """Raises:
    Invalid: they have grown without end.
    """
    for key in LISTS:
        if len(constraints.get(key, ())) > MOST:
            raise Invalid([Detail(field=f"constraints.{key}", message=f"has more than {MOST} values together")])
    return constraints


def check(reading: Reading) -> None:
    """Raises:
    Invalid: the text cannot be searched for.
    """
    if reading.problem:
        raise Invalid([Detail(field="query", message=reading.problem)])


async def origin(ctx: Context, reading: Reading) -> tuple[Place | None, str]:
    """Where the text wants to be measured from, and what people should know of it."""
    if not reading.place:
        return None, ""
    if found := await place_of(ctx, reading.place):
        return found, f"Measured from {found.name}."
    return None, f"No place \u201c{reading.place}\u201d is known here, so distances are measured from where they were."


# --- what becomes of them


async def forget_sessions(database: Database) -> str:
    """Deletes sessions that have expired. Gives what PostgreSQL says of it."""
    async with database.acquire() as connection:
        return await connection.execute(FORGET)
