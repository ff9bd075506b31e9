"""Traces: from a request over its SQL, its jobs and their messages to the tasks and theirs.

Off, and at no cost, unless FAKEPRINT_OTLP_URL says where they are sent. A span holds names, ids, durations
and the text of SQL, in which values never stand: nothing of what callers send. A job carries its trace in its
row (`job.traceparent`), since messages hold ids alone.
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
"""Characters of a `traceparent` that are looked at: the format has 55."""

_url: str = ""
_providers: Final[dict[int, TracerProvider]] = {}


def configure(settings: Settings) -> None:
    """Make spans from now on, in this process and those it forks. Raises `NotInstalled` without the extra."""
    global _url  # noqa: PLW0603 - once a process, as logs are
    _url = settings.otlp_url.rstrip("/")
    if _url:
        _provider()


def on() -> bool:
    """Whether spans are made."""
    return bool(_url)


@contextmanager
def span(
    name: str,
    *,
    kind: Kind = "internal",
    parent: str | None = None,
    attributes: Mapping[str, Any] | None = None,
) -> Iterator[Any]:
    """A span while the block lasts: OpenTelemetry's, or None where none are made. `parent`: the `traceparent`
    of one in another process, else the one in which this code runs. Of an exception the class is told."""
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
    ) as made:
        try:
            yield made
        except BaseException as error:
            made.set_status(Status(StatusCode.ERROR, type(error).__name__))
            raise


def traceparent() -> str | None:
    """Where this code runs, as W3C Trace Context writes it; None outside of any span that is kept."""
    if not _url:
        return None
    from opentelemetry.trace.propagation import tracecontext  # noqa: PLC0415 - an extra

    carrier: dict[str, str] = {}
    tracecontext.TraceContextTextMapPropagator().inject(carrier)
    return carrier.get("traceparent")


def flush() -> None:
    """Send what was not sent yet."""
    if (provider := _providers.get(os.getpid())) is not None:
        provider.force_flush(2000)


def _context(parent: str | None) -> Context | None:
    if not parent or len(parent) > _LONGEST:
        return None
    from opentelemetry.trace.propagation import tracecontext  # noqa: PLC0415 - an extra

    return tracecontext.TraceContextTextMapPropagator().extract({"traceparent": parent})


def _provider() -> TracerProvider:
    """This process's: what it sends by is a thread, and no thread outlives a fork."""
    pid = os.getpid()
    if pid not in _providers:
        try:
            from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415
            from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
            from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
            from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415
        except ImportError as error:
            raise NotInstalled(
                "What sends traces is not installed.",
                next_step="Install fakeprint[otel], or unset FAKEPRINT_OTLP_URL.",
            ) from error
        said = {"service.name": "fakeprint", "service.version": __version__}
        resource = Resource.create(said | {"service.instance.id": f"{socket.gethostname()}:{pid}"})
        provider = TracerProvider(resource=resource)
        exporter = OTLPSpanExporter(endpoint=f"{_url}/v1/traces", timeout=5)
        provider.add_span_processor(BatchSpanProcessor(exporter, schedule_delay_millis=SEND_EVERY_MS))
        _providers[pid] = provider
    return _providers[pid]
