"""Decode in this process, where a test replaces a part of the decoders."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from workers.pipeline import calls
from workers.walls import session


class _Here:
    def __init__(self, path: Path) -> None:
        self._path = path

    def call(self, name: str, order: bytes, progress: session.Progress | None = None) -> Iterator[bytes]:
        return calls.CALLS[name](self._path, order, progress or (lambda _share: None))


def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start no process for a file. What a decoder does elsewhere, it does here."""

    @contextmanager
    def opened(path: Path, _module: str, *, seconds: int) -> Iterator[_Here]:
        yield _Here(path)

    monkeypatch.setattr(session, "opened", opened)
