"""Celery's consumer with two fixes.

It stays alive while it waits for its broker. The event loop stands still meanwhile, and nothing would touch
the heartbeat file. A supervisor would then kill workers in the middle of long tasks, again and again, because
the broker is down.

It survives a message that is not a task. Celery only checks whether the body can be decoded, and crashes on
other content or on malformed headers. Its replacement then gets the same message. Here such a message is
refused like an unknown task.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, override

from celery.worker import consumer
from kombu import Message

from workers.runtime.heartbeat import touch, worker_file


class Consumer(consumer.Consumer):  # type: ignore[misc]  # Celery has no types
    """Celery's consumer."""

    @override
    def ensure_connected(self, conn: Any) -> Any:
        file, usual = worker_file(self.hostname), conn.ensure_connection
        touch(file)  # what comes after the connection may fail again and again

        def ensure(*arguments: Any, callback: Callable[[], None], **keywords: Any) -> Any:
            def each_second() -> None:
                touch(file)
                callback()

            return usual(*arguments, callback=each_second, **keywords)

        conn.ensure_connection = ensure
        try:
            return super().ensure_connected(conn)
        finally:
            del conn.ensure_connection

    @override
    def create_task_handler(self, *arguments: Any, **keywords: Any) -> Callable[[Message], Any]:
        usual = super().create_task_handler(*arguments, **keywords)

        def take(message: Message) -> Any:
            try:
                require_task(message)
            except ValueError as error:
                return self.on_invalid_task(None, message, error)
            return usual(message)

        return take


def require_task(message: Message) -> None:
    """Raise `ValueError` if a message is not a task of Celery's second protocol, the only one supported here.

    See https://docs.celeryq.dev/en/stable/internals/protocol.html.
    """
    headers = message.headers if isinstance(message.headers, dict) else {}
    try:
        body = message.payload
    except MemoryError:
        raise
    except Exception as error:  # errors of kombu, of the decoders, and of malformed properties
        raise ValueError(f"its body cannot be read ({type(error).__name__})") from error
    match headers.get("task"), headers.get("id"), body:
        case str(), str(), [list(), dict(), dict() | None]:
            pass
        case _:
            raise ValueError("its headers or its body are not those of a task")
    # Celery reads these after the message has taken a place in the pool, and would not free that place.
    for name in ("expires", "eta", "shadow"):
        if not (headers.get(name) is None or (isinstance(headers[name], str) and headers[name])):
            raise ValueError(f"its header `{name}` is not text")
    match headers.get("timelimit"), headers.get("stamped_headers"):
        case None | [int() | float() | None, int() | float() | None], None | []:
            return
    raise ValueError("its headers `timelimit` or `stamped_headers` make no sense here")
