"""OpenTelemetry, when `CLOSIENT_OTLP_ENDPOINT` is set: a span for a request, one for each statement below it."""

from opentelemetry import propagate
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanKind, StatusCode, Tracer
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from closient_gql.core import tracing
from closient_gql.core.settings import Settings


def provider(settings: Settings, processor: SpanProcessor | None = None) -> TracerProvider | None:
    """Turns tracing on, if the settings say where to; gives what is to be shut down in the end."""
    if not settings.otlp_endpoint:
        return None
    made = TracerProvider(resource=Resource.create({"service.name": "closient"}))
    made.add_span_processor(processor or BatchSpanProcessor(OTLPSpanExporter(endpoint=settings.otlp_endpoint)))
    tracing.turn_on(made.get_tracer("closient"))
    return made


class Tracing:
    """Around the application: one span for a request, below the caller's own (W3C traceparent)."""

    def __init__(self, app: ASGIApp, tracer: Tracer) -> None:
        self.app, self.tracer = app, tracer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        parent = propagate.extract(Headers(scope=scope))
        attributes = {"http.request.method": scope["method"], "url.path": scope["path"][:500]}
        with tracing.recorded(self.tracer, f"{scope['method']} request", parent, SpanKind.SERVER, attributes) as span:

            async def sending(message: Message) -> None:
                if message["type"] == "http.response.start":
                    span.set_attribute("http.response.status_code", message["status"])
                    if message["status"] >= 500:
                        span.set_status(StatusCode.ERROR)
                await send(message)

            await self.app(scope, receive, sending)
            if route := scope.get("route"):
                span.update_name(f"{scope['method']} {scope.get('root_path', '')}{getattr(route, 'path', '')}")
