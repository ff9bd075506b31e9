"""One event is one line, tied to its request or task."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context

import psycopg
import pytest

from registry.core import logs
from registry.core.settings import Settings

LOGGER = logging.getLogger("registry.tests")


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    bound = logs._fields.set({})  # another test may have done a worker's task in this process
    yield
    logs._fields.reset(bound)
    root.handlers[:] = before
    root.setLevel(level)
    logging.captureWarnings(capture=False)
    logging.getLogger("uvicorn.access").disabled = False


def _configured(log_format: str = "json", log_level: str = "INFO") -> io.StringIO:
    stream = io.StringIO()
    logs.configure(Settings.model_validate({"log_format": log_format, "log_level": log_level}), stream=stream)
    return stream


def test_a_log_line_is_a_json_object_with_bound_fields() -> None:
    stream = _configured()
    with logs.bound(request_id="r1", caller_id=None):
        logs.bind(task_id="t1")
        LOGGER.info("%s entries", 3, extra={"ms": 1.5})
    line = json.loads(stream.getvalue())
    assert line.pop("time").endswith("+00:00")
    assert line == {
        "level": "INFO",
        "logger": "registry.tests",
        "message": "3 entries",
        "request_id": "r1",
        "task_id": "t1",
        "ms": 1.5,
    }
    assert logs.fields() == {}


def test_bound_fields_reach_the_threads_of_a_request() -> None:
    with logs.bound(request_id="r2"), ThreadPoolExecutor(1) as pool:
        assert pool.submit(copy_context().run, logs.fields).result() == {"request_id": "r2"}
        assert pool.submit(logs.fields).result() == {}


def test_an_exception_is_one_line_with_its_traceback() -> None:
    stream = _configured()
    try:
        int("spoilt\nmilk")
    except ValueError:
        LOGGER.exception("failed")
    (line,) = stream.getvalue().splitlines()
    traceback = json.loads(line)["exception"]
    assert traceback.endswith("builtins.ValueError")
    assert "test_logs.py" in traceback


def test_exception_messages_are_not_collected() -> None:
    """PostgreSQL's name the values of a row, and any may hold what somebody sent."""
    stream = _configured()
    name = "Eileen Ibáñez"
    try:
        try:
            raise psycopg.errors.UniqueViolation(f"DETAIL: Key (name)=({name}) already exists.")
        except psycopg.Error as error:
            raise RuntimeError(name) from error
    except RuntimeError:
        LOGGER.exception("failed")
        context = {"name": "fakeprint.relay", "id": "1", "description": "raised unexpected", "exc": name}
        logging.getLogger("celery.app.trace").error(
            "Task %(name)s[%(id)s] %(description)s: %(exc)s", context, exc_info=True, extra={"data": context}
        )
    text = stream.getvalue()
    first, second = (json.loads(line) for line in text.splitlines())
    assert (name in text, "Ib\\u00e1" in text) == (False, False)
    assert "psycopg.errors.UniqueViolation 23505\nthen:\n" in first["exception"]
    assert second["message"] == "task fakeprint.relay raised unexpected"


@pytest.mark.parametrize("log_format", ["json", "text"])
def test_nobody_forges_a_line(log_format: str) -> None:
    stream = _configured(log_format)
    LOGGER.info("name %s", "a\n2026-01-01 INFO registry all is well\x1b[2J\u2028")
    assert stream.getvalue().count("\n") == 1
    assert "\x1b" not in stream.getvalue()


def test_undecodable_names_and_wide_numbers_are_logged_all_the_same() -> None:
    stream = _configured()
    LOGGER.warning("path", extra={"path": b"a\xff".decode(errors="surrogateescape"), "wide": 1 << 80})
    assert json.loads(stream.getvalue())["wide"] == 1 << 80


def test_text_lines_show_the_fields_and_the_traceback() -> None:
    stream = _configured("text")
    with logs.bound(request_id="r3"):
        try:
            int("spoilt")
        except ValueError:
            LOGGER.exception("failed")
    head, *rest = stream.getvalue().splitlines()
    assert head.endswith("ERROR registry.tests failed request_id=r3")
    assert rest[-1].startswith("ValueError: invalid literal")


def test_the_level_is_the_setting_and_libraries_are_quieter() -> None:
    stream = _configured(log_level="INFO")
    LOGGER.debug("too small")
    logging.getLogger("httpx2").info("GET http://…?key=secret")
    logging.getLogger("uvicorn.access").info("GET /")
    assert stream.getvalue() == ""
