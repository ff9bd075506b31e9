"""Logs: one line an event, JSON or text, with the ids of its request or task.

Call `configure(settings)` once a process. `bind(request_id=…)` adds fields to all later lines of the same
request or task; `bound(…)` does so for a block. Context variables carry the fields, also into threads that
run endpoints.

Keys, file names and caller data are never bound or logged at INFO. JSON lines are the ones that are
collected. They show an exception's class and traceback but not its message, which may hold anything, such as
values of a row.
"""

from __future__ import annotations

import json
import logging
import sys
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, Final, TextIO

import orjson

from registry.core.errors import FakeprintError
from registry.core.settings import Settings

_fields: ContextVar[Mapping[str, Any]] = ContextVar("fakeprint_log_fields", default={})  # noqa: B039 - never mutated

_STANDARD: Final = frozenset(
    vars(logging.LogRecord("", 0, "", 0, "", None, None))
    | {"message": "", "asctime": "", "color_message": ""}
)
"""Standard attributes of a log record. All other attributes came in through `extra`."""

_CHATTY: Final = (
    "httpx",
    "httpcore",
    "httpx2",
    "httpcore2",
    "telegram",
    "asyncio",
    "psycopg.pool",
    "amqp",
    "kombu",
    "multipart",
    "python_multipart",
)
"""Libraries logged from WARNING on: at INFO some write addresses and queries."""


def bind(**fields: Any) -> None:
    """Add fields to all later lines of this request or task. None removes a field."""
    merged = {**_fields.get(), **fields}
    _fields.set({name: value for name, value in merged.items() if value is not None})


@contextmanager
def bound(**fields: Any) -> Iterator[None]:
    """Add fields for a block. Fields bound inside the block are removed at its end."""
    token = _fields.set(_fields.get())
    bind(**fields)
    try:
        yield
    finally:
        _fields.reset(token)


def fields() -> dict[str, Any]:
    """Return the bound fields."""
    return dict(_fields.get())


def configure(settings: Settings, *, stream: TextIO | None = None) -> None:
    """Log everything from `settings.log_level` on to `stream` (default: standard error).

    Handlers that libraries installed are removed, so each event is logged once, on one line.
    """
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLines() if settings.log_format == "json" else TextLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.log_level)
    for name, logger in list(logging.root.manager.loggerDict.items()):
        if isinstance(logger, logging.Logger) and name.split(".")[0] in {"uvicorn", "celery", "kombu"}:
            logger.handlers.clear()
            logger.propagate = True
    for name in _CHATTY:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))
    # The middleware logs each request with its ids; uvicorn's access log has neither.
    logging.getLogger("uvicorn.access").disabled = True
    logging.captureWarnings(capture=True)


_CELERYS: Final = "celery.app.trace"
"""Celery's logger that writes exception messages into its message and fields."""


class JsonLines(logging.Formatter):
    """`{"time", "level", "logger", "message", …bound and extra fields, "exception"}` on one line."""

    def formatException(self, ei: Any) -> str:  # noqa: N802 - logging's name
        return _where(ei[1])

    def format(self, record: logging.LogRecord) -> str:
        line = _event(self, record)
        if record.name == _CELERYS and isinstance(details := line.pop("data", None), Mapping):
            line["message"] = f"task {details.get('name')} {details.get('description')}"
        try:
            return orjson.dumps(line, default=str, option=orjson.OPT_NON_STR_KEYS).decode()
        except TypeError:
            # A path with bytes that are not UTF-8, or a number wider than 64 bits.
            return json.dumps(line, default=str)


class TextLines(logging.Formatter):
    """`time LEVEL logger message field=value …` for a terminal; a traceback follows on its own lines."""

    def format(self, record: logging.LogRecord) -> str:
        line = _event(self, record)
        head = " ".join(str(line.pop(name)) for name in ("time", "level", "logger"))
        message, exception = line.pop("message"), line.pop("exception", None)
        tail = "".join(f" {name}={value}" for name, value in line.items())
        # Escape line breaks: otherwise a message could forge a log line.
        text = "".join(mark if mark.isprintable() else repr(mark)[1:-1] for mark in f"{head} {message}{tail}")
        return f"{text}\n{exception}" if exception else text


def _where(error: BaseException | None) -> str:
    """Return the traceback without the exception's message. Messages of `FakeprintError` are safe and are
    kept."""
    if error is None:
        return ""
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    earlier = f"{_where(before)}\nthen:\n" if before is not None else ""
    kind = f"{type(error).__module__}.{type(error).__qualname__}"
    texts = [error.message if isinstance(error, FakeprintError) else "", getattr(error, "sqlstate", "") or ""]
    return (
        earlier + "".join(traceback.format_tb(error.__traceback__)) + " ".join([kind, *filter(None, texts)])
    )


def _event(formatter: logging.Formatter, record: logging.LogRecord) -> dict[str, Any]:
    line: dict[str, Any] = {
        "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
        "level": record.levelname,
        "logger": record.name,
        "message": record.getMessage(),
    }
    line |= _fields.get()
    line |= {name: value for name, value in vars(record).items() if name not in _STANDARD}
    if record.exc_info and record.exc_info[0] is not None:
        line["exception"] = formatter.formatException(record.exc_info)
    if record.stack_info:
        line["stack"] = record.stack_info
    return line
