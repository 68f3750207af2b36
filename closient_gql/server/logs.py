"""Logs as data: one line an event, on standard error; secrets are cut out wherever they appear."""

import logging
import re
import sys
from contextvars import ContextVar
from typing import Any

import structlog
from structlog.typing import EventDict, Processor

from closient_gql.core.settings import Settings

SECRET = re.compile(r"(cs[bu]|cpk)_[A-Za-z0-9]{4,}(_[0-9a-f]*)?|(?<=://)([^:/@\s]+):[^@/\s]+(?=@)", re.IGNORECASE)


REQUEST_ID: ContextVar[str | None] = ContextVar("request_id", default=None)
"""The id of the request that is being answered."""


def with_request_id(_: Any, __: str, event: EventDict) -> EventDict:
    if request_id := REQUEST_ID.get():
        event["request_id"] = request_id
    return event


def without_secrets(_: Any, __: str, event: EventDict) -> EventDict:
    """API keys and passwords in URLs become `…`, also where somebody logs them by mistake."""
    return {key: SECRET.sub("…", value) if isinstance(value, str) else value for key, value in event.items()}


def configure(settings: Settings) -> None:
    """Ours and the libraries' logs take the same way."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        with_request_id,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        without_secrets,
    ]
    plain = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    json = structlog.processors.JSONRenderer(ensure_ascii=False)
    render: Processor = json if settings.log_format == "json" else plain
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, render],
        )
    )
    logging.basicConfig(handlers=[handler], level=settings.log_level.upper(), force=True)
    for noisy in ("uvicorn", "uvicorn.error", "uvicorn.access", "pgqueuer"):
        logging.getLogger(noisy).handlers.clear()
        logging.getLogger(noisy).propagate = True
        logging.getLogger(noisy).setLevel(max(logging.WARNING, logging.getLogger().level))
