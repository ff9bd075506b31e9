"""The requests of both clients: one function for each route."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx

from fakeprint import paths
from fakeprint.paths import FilePath, Medium, opened, several

MOST_LINES: Final = 1000
MOST_BYTES: Final = 4 << 20
"""Limits of one batch request. The service accepts 10,000 lines and reads 16 MiB ahead of its answers."""
NDJSON: Final = "application/x-ndjson"

Body = Mapping[str, Any]
"""Arguments of `httpx.Client.request`: `json`, `content`, or `files` with `data`."""


@dataclass(frozen=True, slots=True)
class Call:
    """One request. `open` creates the body for each attempt and closes its files afterwards. `once`: the
    request must not be repeated if it may have arrived."""

    method: str
    path: str
    params: Mapping[str, str] | None = None
    headers: Mapping[str, str] | None = None
    open: Callable[[], AbstractContextManager[Body]] | None = None
    once: bool = False


class PlainBody(AbstractContextManager[Body]):
    """A body without open files."""

    def __init__(self, body: Body) -> None:
        self._body = body

    def __enter__(self) -> Body:
        return self._body

    def __exit__(self, *_: object) -> None:
        return


class Form(AbstractContextManager[Body]):
    """A multipart body: files, open while it is sent, and texts. Raises `FileError` on entering."""

    def __init__(self, files: Sequence[tuple[str, FilePath]], texts: Mapping[str, str]) -> None:
        self._files = files
        self._texts = texts
        self._open = ExitStack()

    def __enter__(self) -> Body:
        with ExitStack() as opening:
            files = [
                (field, (Path(path).name, opening.enter_context(opened(path)))) for field, path in self._files
            ]
            self._open = opening.pop_all()
        return {"files": files, "data": dict(self._texts)}

    def __exit__(self, *_: object) -> None:
        self._open.close()


def get(path: str, params: Mapping[str, str] | None = None) -> Call:
    """Return a GET request."""
    return Call("GET", path, params)


def send(method: str, path: str, body: Mapping[str, Any]) -> Call:
    """Return a request with a JSON object as its body."""
    return Call(method, path, open=lambda: PlainBody({"json": body}))


def question(question: Mapping[str, Any], bank: str | None) -> Call:
    """Return `POST /v1/lookups` with a query in the format of the API."""
    return send("POST", "/v1/lookups", with_bank(question, bank))


def document_question(document: Medium, bank: str | None) -> Call:
    """Return `POST /v1/lookups` with a fingerprint document, or the file that holds one. Raises
    `FileError`."""
    return question({"type": "document", "document": paths.document(document)}, bank)


def file_question(path: FilePath, bank: str | None, wait: float) -> Call:
    """Return `POST /v1/lookups` with a file. `wait`: seconds that the service may take to answer, at most
    60."""
    texts = {"bank": bank} if bank else {}
    return Call(
        "POST",
        "/v1/lookups",
        headers={"Prefer": f"wait={min(60, max(0, int(wait)))}"},
        open=lambda: Form([("file", path)], texts),
    )


def registration(
    fakes: Medium | Sequence[Medium], originals: Medium | Sequence[Medium], values: Mapping[str, Any]
) -> Call:
    """Return `POST /v1/entries` with files or with fingerprint documents. Raises `TypeError` for a
    mixture."""
    media = [("fake", given) for given in several(fakes)]
    media += [("original", given) for given in several(originals)]
    fields = {name: value for name, value in values.items() if value}
    documents = [(role, given) for role, given in media if isinstance(given, Mapping)]
    files = [(role, given) for role, given in media if not isinstance(given, Mapping)]
    if documents and files:
        raise TypeError("An entry is registered with files or with fingerprint documents, not with both.")
    if not files:
        given = {f"{role}s": [one for at, one in documents if at == role] for role in ("fake", "original")}
        return send("POST", "/v1/entries", {**fields, **given})
    texts = {name: value if isinstance(value, str) else json.dumps(value) for name, value in fields.items()}
    return Call("POST", "/v1/entries", open=lambda: Form(files, texts))


def with_bank(question: Mapping[str, Any], bank: str | None) -> Mapping[str, Any]:
    """Return the query, limited to a bank if one is named."""
    return {**question, "bank": bank} if bank else question


def batch_request(
    http: httpx.Client | httpx.AsyncClient, lines: Sequence[bytes], bank: str | None
) -> httpx.Request:
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
