"""Forms of pages: fields and files, within bounds, read as browsers send them."""

from __future__ import annotations

import asyncio

import httpx2
import pytest
from starlette.requests import Request
from starlette.types import Message

from registry.console.sending import receive
from registry.console.view import Sent
from registry.core.errors import BadInput, TooLarge

MOST, FILES = 10_000, 100_000


def _sent(body: bytes, kind: str, *, announced: bool = True, files: int = FILES) -> Sent:
    headers = [(b"content-type", kind.encode())]
    headers += [(b"content-length", str(len(body)).encode())] if announced else []
    parts = [body[at : at + 1000] for at in range(0, len(body), 1000)] or [b""]

    async def come() -> Message:
        chunk = parts.pop(0)
        return {"type": "http.request", "body": chunk, "more_body": bool(parts)}

    request = Request({"type": "http", "method": "POST", "headers": headers}, come)
    return asyncio.run(receive(request, most=MOST, most_files=files))


def _form(**fields: object) -> tuple[bytes, str]:
    made = httpx2.Request("POST", "http://x", **fields)  # type: ignore[arg-type]
    return made.read(), made.headers["content-type"]


def test_fields_come_as_they_were_typed() -> None:
    typed = _sent(*_form(data={"a": "Ñandú\r\n«x»\0", "b": ["1", "2"], "c": ""})).typed
    assert typed.text("a") == "Ñandú\n«x»"
    assert (typed.all("b"), typed.text("b"), typed.given("c")) == (["1", "2"], "2", False)


def test_files_come_with_their_names_and_those_not_chosen_do_not() -> None:
    body, kind = _form(
        data={"csrf": "word"},
        files=[
            ("fake", ("../../ñ\n.mp4", b"first")),
            ("fake", ("b.mp4", b"s" * 50_000)),
            ("original", ("", b"")),
        ],
    )
    sent = _sent(body, kind)
    assert sent.typed.text("csrf") == "word"
    assert [(file.field, file.size) for file in sent.files] == [("fake", 5), ("fake", 50_000)]
    assert "/" not in sent.files[0].filename
    with sent.files[1].open() as stream:
        assert stream.read() == b"s" * 50_000
    sent.close()


@pytest.mark.parametrize("announced", [True, False])
def test_too_large_bodies_are_refused(announced: bool) -> None:
    with pytest.raises(TooLarge):
        _sent(*_form(data={"a": "x" * MOST}), announced=announced)
    with pytest.raises(TooLarge):
        _sent(*_form(files={"f": ("f", b"x" * (MOST + FILES))}), announced=announced)


def test_other_content_types_are_refused() -> None:
    body, kind = _form(files={"f": ("f", b"x" * 100)})
    for raw, said, files in (
        (b"{}", "application/json", FILES),
        (body, kind, 0),
        (body, "multipart/form-data", FILES),
        (b"a=%ff", "application/x-www-form-urlencoded", FILES),
        (b"\xff", "application/x-www-form-urlencoded", FILES),
        (b"&".join([b"a"] * 3000), "application/x-www-form-urlencoded", FILES),
    ):
        with pytest.raises(BadInput):
            _sent(raw, said, files=files)
    with pytest.raises(BadInput):
        _sent(*_form(data={"a": "x" * (MOST + 1)}, files={"f": ("f", b"x")}))
