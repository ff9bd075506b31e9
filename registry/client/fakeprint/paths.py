"""Local files, and the errors for files that cannot be read."""

from __future__ import annotations

import errno
import json
import os
import stat
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO, Final

from fakeprint.failures import FileError

type FilePath = str | os.PathLike[str]
"""A path, as text or a path object."""
type Medium = FilePath | Mapping[str, Any]
"""A file, or its fingerprint document."""

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
    """Return the path of a regular file. Raises `FileError`, or `TypeError` for another type."""
    file = Path(path)
    try:
        mode = file.stat().st_mode
    except (OSError, ValueError) as error:  # ValueError: a null character in it
        raise of_os_error(file, error) from error
    if stat.S_ISDIR(mode):
        raise of_os_error(file, IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR)))
    if not stat.S_ISREG(mode):
        raise failed(file, "not_media", "It is a pipe or a device, not a file.")
    return file


def opened(path: FilePath) -> BinaryIO:
    """Open a file for reading. Raises `FileError`."""
    file = local(path)
    try:
        return file.open("rb")
    except OSError as error:
        raise of_os_error(file, error) from error


def document(medium: Medium) -> Mapping[str, Any]:
    """Return a fingerprint document; a path is read. Raises `FileError`."""
    if isinstance(medium, Mapping):
        return medium
    try:
        with opened(medium) as file:
            content = json.load(file)
    except ValueError as error:
        raise failed(Path(medium), "bad_json", "It does not hold one JSON document.") from error
    if not isinstance(content, dict):
        raise failed(Path(medium), "bad_json", "It does not hold a JSON object.")
    return content


def several(media: Medium | Sequence[Medium]) -> list[Medium]:
    """Return a list of files or documents; a single one needs no list."""
    if isinstance(media, str | os.PathLike | Mapping):
        return [media]
    return list(media)


def of_os_error(path: Path, error: OSError | ValueError) -> FileError:
    """Return the error that says why a file cannot be read."""
    if isinstance(error, ValueError):
        return failed(path, "missing_path", "There is no file at that path.")
    code, message = _BY_ERRNO.get(
        error.errno or 0, ("unreadable", f"It cannot be read: {error.strerror or error}.")
    )
    return failed(path, code, message)


def failed(path: Path, code: str, message: str, next_step: str | None = None) -> FileError:
    """Return an error about a file, by default with the next step of its code."""
    return FileError(str(path), code, message, next_step or NEXT_STEPS.get(code))
