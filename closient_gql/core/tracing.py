"""Spans of what takes time. Off, and free, until `server/tracing.py` turns it on."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

from opentelemetry import trace
from opentelemetry.context import Context

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
    return recorded(_tracer, name, attributes={k.replace("__", "."): v for k, v in attributes.items()})


@contextmanager
def recorded(
    tracer: trace.Tracer, name: str, parent: Context | None = None, kind: trace.SpanKind = trace.SpanKind.INTERNAL,
    attributes: Mapping[str, str | int] | None = None,
) -> Iterator[trace.Span]:  # fmt: skip
    """A span that says of an exception only of which kind it is: its message may hold values (`Key (email)=(…)`)."""
    with tracer.start_as_current_span(
        name, parent, kind, attributes, record_exception=False, set_status_on_exception=False
    ) as span:
        try:
            yield span
        except BaseException as error:
            span.set_status(trace.StatusCode.ERROR, type(error).__name__)
            raise
