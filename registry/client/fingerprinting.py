"""Fingerprint documents made on this machine, by the workers' package where it is installed."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import entry_points
from typing import Any, Final

from registry.client.failures import NotInstalled
from registry.client.paths import FilePath, failed, local

GROUP: Final = "fakeprint.fingerprinters"
NAME: Final = "document"
type Maker = Callable[..., dict[str, Any]]


def fingerprint(path: FilePath, *, faces: bool = False) -> dict[str, Any]:
    """The fingerprint document of an image or a video, to be given to `look_up_document` or `register`.

    A document holds hashes, embeddings and the sound's fingerprint, and no pixels. `faces` adds face vectors.
    They are biometric data, so that is your choice: without them a copy of a face swap is found as `related`,
    and the answer's `next_step` is `send_faces`. Raises `FileError` for a file that cannot be read or
    decoded, and `NotInstalled` where the extra `workers` is not installed.
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
    """What makes documents here. Raises `NotInstalled`."""
    for point in entry_points(group=GROUP, name=NAME):
        try:
            found: Maker = point.load()
        except ModuleNotFoundError as error:
            raise _lacking(error.name) from error
        return found
    raise _lacking("the package workers")


def _lacking(what: str | None) -> NotInstalled:
    return NotInstalled(
        f"Fingerprinting on this machine needs {what}, which is not installed.",
        "Install it with: pip install 'fakeprint[workers,sscd]', or send the file with look_up_file.",
    )
