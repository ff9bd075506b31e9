"""Requests: what an operation sends, and how its answer is read."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import httpx2

from fakeprint.paths import FilePath, opened

MOST_LINES: Final = 1000
MOST_BYTES: Final = 4 << 20
"""Limits of one batch request. The service accepts 10,000 lines and reads 16 MiB ahead of its answers."""
NDJSON: Final = "application/x-ndjson"

Body = Mapping[str, Any]
"""Arguments of `httpx2.Client.request`: `json`, `content`, or `files` with `data`."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request. `open` creates the body for each attempt and closes its files afterwards. `once`: the
    request must not be repeated if it may have arrived. `plain`: the answer is not always a JSON object."""

    method: str
    path: str
    params: Mapping[str, str] | None = None
    headers: Mapping[str, str] | None = None
    open: Callable[[], AbstractContextManager[Body]] | None = None
    once: bool = False
    plain: bool = False


class Call(Request):
    """A request of your own, whose answer is a JSON object."""

    __slots__ = ()


class Operation[T](Request):
    """A request of `fakeprint.operations`, whose answer has the type `T`."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Content:
    """A body that is not JSON, such as a table or a letter. `media_type`: one that the operation accepts."""

    data: bytes
    media_type: str


@dataclass(frozen=True, slots=True)
class Form:
    """A multipart body: pairs of a field and a path, and texts. The files are opened for each attempt."""

    files: Sequence[tuple[str, FilePath]]
    texts: Mapping[str, str]


class PlainBody(AbstractContextManager[Body]):
    """A body without open files."""

    def __init__(self, body: Body) -> None:
        self._body = body

    def __enter__(self) -> Body:
        return self._body

    def __exit__(self, *_: object) -> None:
        return


class FormBody(AbstractContextManager[Body]):
    """A form whose files are open while it is sent. Raises `FileError` on entering."""

    def __init__(self, form: Form) -> None:
        self._form = form
        self._open = ExitStack()

    def __enter__(self) -> Body:
        with ExitStack() as opening:
            files = [
                (field, (Path(path).name, opening.enter_context(opened(path))))
                for field, path in self._form.files
            ]
            self._open = opening.pop_all()
        return {"files": files, "data": dict(self._form.texts)}

    def __exit__(self, *_: object) -> None:
        self._open.close()


def operation(  # noqa: PLR0913 - the parts of a request
    method: str,
    path: str,
    *,
    params: Mapping[str, object] | None = None,
    headers: Mapping[str, str | None] | None = None,
    body: object = None,
    once: bool = False,
    plain: bool = False,
) -> Operation[Any]:
    """Return a request. Parameters and headers that are None are left out. A body is JSON, `Form` or
    `Content`."""
    sent = {name: value for name, value in (headers or {}).items() if value is not None}
    if isinstance(body, Content):
        sent["Content-Type"] = body.media_type
    query = {name: _text(value) for name, value in (params or {}).items() if value is not None}
    return Operation(method, path, query or None, sent or None, _opening(body), once, plain)


def _opening(body: object) -> Callable[[], AbstractContextManager[Body]] | None:
    match body:
        case None:
            return None
        case Form():
            return lambda: FormBody(body)
        case Content():
            return lambda: PlainBody({"content": body.data})
    return lambda: PlainBody({"json": body})


def url(path: str, *values: object) -> str:
    """Return a path with its values, percent-encoded."""
    return path.format(*(quote(str(value), safe="") for value in values))


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def batch_request(
    http: httpx2.Client | httpx2.AsyncClient, lines: Sequence[bytes], bank: str | None
) -> httpx2.Request:
    """Return `POST /v1/lookups:batch`, for a streamed answer."""
    return http.build_request(
        "POST",
        "/v1/lookups:batch",
        params={"bank": bank} if bank else None,
        headers={"Content-Type": NDJSON},
        content=b"\n".join(lines) + b"\n",
        timeout=120.0,
    )


def batches(questions: Iterable[Mapping[str, Any]]) -> Iterator[list[bytes]]:
    """Yield the queries as lines, as many together as fit into one request."""
    lines: list[bytes] = []
    size = 0
    for question in questions:
        line = json.dumps(question, separators=(",", ":")).encode()
        if lines and (len(lines) >= MOST_LINES or size + len(line) > MOST_BYTES):
            yield lines
            lines, size = [], 0
        lines.append(line)
        size += len(line) + 1
    if lines:
        yield lines
