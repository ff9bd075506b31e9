"""Files on this machine: paths as callers give them, and errors that say why one cannot be read."""

from __future__ import annotations

import errno
import json
import os
import stat
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO, Final

from registry.client.failures import FileError

type FilePath = str | os.PathLike[str]
"""A path, as a text or as any object that stands for one."""
type Medium = FilePath | Mapping[str, Any]
"""A file, or the fingerprint document of one."""

NEXT_STEPS: Final[Mapping[str, str]] = {
    "missing_path": "Check the path; a relative one begins at the current directory.",
    "is_a_directory": "Name a file in it.",
    "no_permission": "Give this user the right to read it.",
    "not_media": "Give a regular file that holds an image or a video.",
    "unreadable": "Copy it to a local disk and try again.",
    "bad_json": "Give the JSON that `fakeprint hash` prints for one file.",
}
_BY_ERRNO: Final = {
    errno.ENOENT: ("missing_path", "There is no file at that path."),
    errno.ENOTDIR: ("missing_path", "There is no file at that path."),
    errno.ENAMETOOLONG: ("missing_path", "There is no file at that path."),
    errno.EISDIR: ("is_a_directory", "It is a folder, not a file."),
    errno.EACCES: ("no_permission", "This user may not read it."),
    errno.EPERM: ("no_permission", "This user may not read it."),
}


def local(path: FilePath) -> Path:
    """The path of a regular file. Raises `FileError`, and `TypeError` for what is no path."""
    found = Path(path)
    try:
        mode = found.stat().st_mode
    except (OSError, ValueError) as error:  # ValueError: a null character in it
        raise of_os_error(found, error) from error
    if stat.S_ISDIR(mode):
        raise of_os_error(found, IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR)))
    if not stat.S_ISREG(mode):
        raise failed(found, "not_media", "It is a pipe or a device, not a file.")
    return found


def opened(path: FilePath) -> BinaryIO:
    """The file, opened to be read. Raises `FileError`."""
    found = local(path)
    try:
        return found.open("rb")
    except OSError as error:
        raise of_os_error(found, error) from error


def document(given: Medium) -> Mapping[str, Any]:
    """A fingerprint document, read where its file is given. Raises `FileError`."""
    if isinstance(given, Mapping):
        return given
    try:
        with opened(given) as file:
            found = json.load(file)
    except ValueError as error:
        raise failed(Path(given), "bad_json", "It does not hold one JSON document.") from error
    if not isinstance(found, dict):
        raise failed(Path(given), "bad_json", "It does not hold a JSON object.")
    return found


def several(given: Medium | Sequence[Medium]) -> list[Medium]:
    """Files or documents, of which one may be given alone."""
    if isinstance(given, str | os.PathLike | Mapping):
        return [given]
    return list(given)


def of_os_error(path: Path, error: OSError | ValueError) -> FileError:
    """The error that says why a file cannot be read."""
    if isinstance(error, ValueError):
        return failed(path, "missing_path", "There is no file at that path.")
    code, message = _BY_ERRNO.get(
        error.errno or 0, ("unreadable", f"It cannot be read: {error.strerror or error}.")
    )
    return failed(path, code, message)


def failed(path: Path, code: str, message: str, next_step: str | None = None) -> FileError:
    """An error about a file, with what helps where that is known of the code."""
    return FileError(str(path), code, message, next_step or NEXT_STEPS.get(code))
