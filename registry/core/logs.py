"""Logs: one line an event, JSON or text, with the ids that tie it to a request or a task.

`configure(settings)` is called once a process. `bind(request_id=…)` adds fields to every later line of
the same request or task; `bound(…)` does so for a block. Context variables carry them, also into the
threads that run endpoints. Keys, file names and what callers send are never bound or logged at INFO. JSON,
which is what is collected, tells of an exception where it came from and its kind, and not what it says: that
may hold anything, as the values of a row do.
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
"""What a record carries anyway; everything else came in through `extra`."""

_CHATTY: Final = (
    "httpx",
    "httpcore",
    "asyncio",
    "psycopg.pool",
    "amqp",
    "kombu",
    "multipart",
    "python_multipart",
)
"""Libraries heard from WARNING on: at INFO some of them write addresses and queries."""


def bind(**fields: Any) -> None:
    """Add fields to all later lines of this request or task; None takes one away."""
    merged = {**_fields.get(), **fields}
    _fields.set({name: value for name, value in merged.items() if value is not None})


@contextmanager
def bound(**fields: Any) -> Iterator[None]:
    """Add fields for a block, and forget what was bound inside it."""
    token = _fields.set(_fields.get())
    bind(**fields)
    try:
        yield
    finally:
        _fields.reset(token)


def fields() -> dict[str, Any]:
    """What is bound now."""
    return dict(_fields.get())


def configure(settings: Settings, *, stream: TextIO | None = None) -> None:
    """Send everything from `settings.log_level` on to `stream` (standard error), and nothing elsewhere.

    Handlers that libraries have put up are taken down, so that each event is one line, once.
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
    # One line a request is written by the edge, with its ids; uvicorn's has neither.
    logging.getLogger("uvicorn.access").disabled = True
    logging.captureWarnings(capture=True)


_CELERYS: Final = "celery.app.trace"
"""Writes what an exception says into message and fields."""


class JsonLines(logging.Formatter):
    """`{"time", "level", "logger", "message", …bound and extra fields, "exception"}` on one line."""

    def formatException(self, ei: Any) -> str:  # noqa: N802 - logging's name
        return _where(ei[1])

    def format(self, record: logging.LogRecord) -> str:
        line = _event(self, record)
        if record.name == _CELERYS and isinstance(said := line.pop("data", None), Mapping):
            line["message"] = f"task {said.get('name')} {said.get('description')}"
        try:
            return orjson.dumps(line, default=str, option=orjson.OPT_NON_STR_KEYS).decode()
        except TypeError:
            # A path with bytes that are no UTF-8, or a number wider than 64 bits.
            return json.dumps(line, default=str)


class TextLines(logging.Formatter):
    """`time LEVEL logger message field=value …` for a terminal; a traceback follows on its own lines."""

    def format(self, record: logging.LogRecord) -> str:
        line = _event(self, record)
        head = " ".join(str(line.pop(name)) for name in ("time", "level", "logger"))
        message, exception = line.pop("message"), line.pop("exception", None)
        tail = "".join(f" {name}={value}" for name, value in line.items())
        # Whoever can write a line break into a message could forge a line.
        text = "".join(mark if mark.isprintable() else repr(mark)[1:-1] for mark in f"{head} {message}{tail}")
        return f"{text}\n{exception}" if exception else text


def _where(error: BaseException | None) -> str:
    """A traceback without what the exception says, unless it is one of ours."""
    if error is None:
        return ""
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    said = f"{_where(before)}\nthen:\n" if before is not None else ""
    kind = f"{type(error).__module__}.{type(error).__qualname__}"
    told = [error.message if isinstance(error, FakeprintError) else "", getattr(error, "sqlstate", "") or ""]
    return said + "".join(traceback.format_tb(error.__traceback__)) + " ".join([kind, *filter(None, told)])


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
