"""Fingerprint documents computed on this machine, by the extra `workers`."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import entry_points
from typing import Any, Final

from fakeprint.failures import NotInstalled
from fakeprint.paths import FilePath, failed, local

GROUP: Final = "fakeprint.fingerprinters"
NAME: Final = "document"
type Maker = Callable[..., dict[str, Any]]


def fingerprint(path: FilePath, *, faces: bool = False) -> dict[str, Any]:
    """Return the fingerprint document of an image or a video, for `look_up_document` or `register`.

    A document holds hashes, embeddings, an audio fingerprint, and no picture finer than 24 x 24 grey cells.
    `faces` adds face vectors, which are biometric data. Without them, a copy of a face swap is decided only
    if its original is registered; else it is `related`, with `next_step` `send_faces`. Raises `FileError` if
    the file cannot be read or decoded, `NotInstalled` without the extra `workers`.
    """
    file = local(path)
    make = _maker()
    try:
        return make(file, faces=faces)
    except ModuleNotFoundError as error:
        raise _lacking(error.name) from error
    except Exception as error:
        code, message = getattr(error, "code", None), getattr(error, "message", None)
        if not isinstance(code, str) or not isinstance(message, str):
            raise
        raise failed(file, code, message, getattr(error, "next_step", None)) from error


def _maker() -> Maker:
    """Return the function that computes documents. Raises `NotInstalled`."""
    for point in entry_points(group=GROUP, name=NAME):
        try:
            maker: Maker = point.load()
        except ModuleNotFoundError as error:
            raise _lacking(error.name) from error
        return maker
    raise _lacking("the package workers")


def _lacking(package: str | None) -> NotInstalled:
    return NotInstalled(
        f"Fingerprinting on this machine needs {package}, which is not installed.",
        "Install it with: pip install 'fakeprint[workers,sscd]', or send the file with look_up_file.",
    )
