"""Spans of what takes time. Off, and free, until `server/tracing.py` turns it on."""

from contextlib import AbstractContextManager, nullcontext
from typing import Any

from opentelemetry import trace

_tracer: trace.Tracer | None = None
_off: AbstractContextManager[Any] = nullcontext()


def turn_on(tracer: trace.Tracer | None) -> None:
    """From now on spans are recorded by this tracer; None turns it off."""
    global _tracer
    _tracer = tracer


def span(name: str, **attributes: str | int) -> AbstractContextManager[Any]:
    """A span around a block, below the one that is open. Attributes never hold values of the caller's."""
    if _tracer is None:
        return _off
    return _tracer.start_as_current_span(name, attributes={k.replace("__", "."): v for k, v in attributes.items()})
