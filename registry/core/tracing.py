"""Distributed traces: from a request through its SQL, jobs and messages to the tasks.

Tracing is off, and costs nothing, unless FAKEPRINT_OTLP_URL is set. Spans hold names, ids, durations and SQL
text without values, never data of callers. A job carries its trace in its row (`job.traceparent`), because
messages hold only ids.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, Literal

from registry import __version__
from registry.core.errors import NotInstalled
from registry.core.settings import Settings

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.sdk.trace import TracerProvider

Kind = Literal["internal", "server", "client", "producer", "consumer"]

SEND_EVERY_MS: Final = 1000
_LONGEST: Final = 64
"""Longest `traceparent` that is parsed, in characters; the format has 55."""

_url: str = ""
_providers: Final[dict[int, TracerProvider]] = {}


def configure(settings: Settings) -> None:
    """Enable spans in this process and its forks, if an OTLP address is set. Raises `NotInstalled` without
    the extra."""
    global _url  # noqa: PLW0603 - once a process, as logs are
    _url = settings.otlp_url.rstrip("/")
    if _url:
        _provider()


def on() -> bool:
    """Whether tracing is enabled."""
    return bool(_url)


@contextmanager
def span(
    name: str,
    *,
    kind: Kind = "internal",
    parent: str | None = None,
    attributes: Mapping[str, Any] | None = None,
) -> Iterator[Any]:
    """Open a span for the block and yield OpenTelemetry's span, or None if tracing is off. `parent`:
    `traceparent` of a span in another process; default: the current span. Of an exception, only the class is
    recorded."""
    if not _url:
        yield None
        return
    from opentelemetry.trace import SpanKind, Status, StatusCode  # noqa: PLC0415 - an extra

    tracer = _provider().get_tracer("fakeprint", __version__)
    with tracer.start_as_current_span(
        name,
        context=_context(parent),
        kind=SpanKind[kind.upper()],
        attributes=dict(attributes or {}),
        record_exception=False,
        set_status_on_exception=False,
    ) as opened:
        try:
            yield opened
        except BaseException as error:
            opened.set_status(Status(StatusCode.ERROR, type(error).__name__))
            raise


def traceparent() -> str | None:
    """Return the current span as a W3C Trace Context header; None outside a recorded span."""
    if not _url:
        return None
    from opentelemetry.trace.propagation import tracecontext  # noqa: PLC0415 - an extra

    carrier: dict[str, str] = {}
    tracecontext.TraceContextTextMapPropagator().inject(carrier)
    return carrier.get("traceparent")


def flush() -> None:
    """Send the spans that were not sent yet."""
    if (provider := _providers.get(os.getpid())) is not None:
        provider.force_flush(2000)


def _context(parent: str | None) -> Context | None:
    if not parent or len(parent) > _LONGEST:
        return None
    from opentelemetry.trace.propagation import tracecontext  # noqa: PLC0415 - an extra

    return tracecontext.TraceContextTextMapPropagator().extract({"traceparent": parent})


def _provider() -> TracerProvider:
    """Return the provider of this process. Each process needs its own: the provider sends from a thread, and
    threads do not survive a fork."""
    pid = os.getpid()
    if pid not in _providers:
        try:
            from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415
            from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
            from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
            from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415
        except ImportError as error:
            raise NotInstalled(
                "OpenTelemetry is not installed.",
                next_step="Install fakeprint[otel], or unset FAKEPRINT_OTLP_URL.",
            ) from error
        attributes = {"service.name": "fakeprint", "service.version": __version__}
        resource = Resource.create(attributes | {"service.instance.id": f"{socket.gethostname()}:{pid}"})
        provider = TracerProvider(resource=resource)
        exporter = OTLPSpanExporter(endpoint=f"{_url}/v1/traces", timeout=5)
        provider.add_span_processor(BatchSpanProcessor(exporter, schedule_delay_millis=SEND_EVERY_MS))
        _providers[pid] = provider
    return _providers[pid]
