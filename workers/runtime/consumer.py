"""Celery's consumer, with two things mended.

It is alive while it waits for its broker. Its event loop stands still meanwhile, and nobody would touch the
file by which a worker says that it lives: whoever looks at it would end workers in the middle of long tasks,
again and again, for the broker is away.

And it survives a message that is no task. Celery's asks whether the body can be decoded, and ends of one
that holds something else, or of a header that makes no sense; whoever takes its place gets the same message.
Here it is refused, as a task that nobody knows.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, override

from celery.worker import consumer
from kombu import Message

from workers.runtime.heartbeat import touch, worker_file


class Consumer(consumer.Consumer):  # type: ignore[misc]  # Celery has no types
    """Celery's own."""

    @override
    def ensure_connected(self, conn: Any) -> Any:
        file, usual = worker_file(self.hostname), conn.ensure_connection
        touch(file)  # what comes after the connection may fail again and again

        def ensure(*given: Any, callback: Callable[[], None], **named: Any) -> Any:
            def each_second() -> None:
                touch(file)
                callback()

            return usual(*given, callback=each_second, **named)

        conn.ensure_connection = ensure
        try:
            return super().ensure_connected(conn)
        finally:
            del conn.ensure_connection

    @override
    def create_task_handler(self, *given: Any, **named: Any) -> Callable[[Message], Any]:
        usual = super().create_task_handler(*given, **named)

        def take(message: Message) -> Any:
            try:
                require_task(message)
            except ValueError as error:
                return self.on_invalid_task(None, message, error)
            return usual(message)

        return take


def require_task(message: Message) -> None:
    """Raises `ValueError` where a message is no task of Celery's second protocol, which is all that is spoken
    here (https://docs.celeryq.dev/en/stable/internals/protocol.html)."""
    headers = message.headers if isinstance(message.headers, dict) else {}
    try:
        body = message.payload
    except MemoryError:
        raise
    except Exception as error:  # kombu's, the decoders' and those of properties that make no sense
        raise ValueError(f"its body cannot be read ({type(error).__name__})") from error
    match headers.get("task"), headers.get("id"), body:
        case str(), str(), [list(), dict(), dict() | None]:
            pass
        case _:
            raise ValueError("its headers or its body are not those of a task")
    # Celery reads these when the message has taken its place in the pool, and would not give that back.
    for name in ("expires", "eta", "shadow"):
        if not (headers.get(name) is None or (isinstance(headers[name], str) and headers[name])):
            raise ValueError(f"its header `{name}` is not text")
    match headers.get("timelimit"), headers.get("stamped_headers"):
        case None | [int() | float() | None, int() | float() | None], None | []:
            return
    raise ValueError("its headers `timelimit` or `stamped_headers` make no sense here")
