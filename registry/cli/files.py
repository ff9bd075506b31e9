"""The files that PATH... names: folders opened where asked, each file checked before any work."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from registry.errors import MEDIA_CODES, BadMedia, FakeprintError

_BY_ERRNO = {
    errno.ENOENT: "missing_path",
    errno.ENOTDIR: "missing_path",
    errno.ENAMETOOLONG: "missing_path",
    errno.EISDIR: "is_a_directory",
    errno.EACCES: "no_permission",
    errno.EPERM: "no_permission",
}


@dataclass(frozen=True, slots=True)
class Named:
    """A path as it was given or found, and why it cannot be used, where it cannot."""

    path: str
    error: FakeprintError | None = None


def named(paths: Sequence[str], *, recursive: bool) -> list[Named]:
    """Every file of `paths`, in their order. With `recursive`, a folder stands for the files below it,
    sorted, hidden ones left out."""
    found: list[Named] = []
    for path in paths:
        if recursive and path and Path(path).is_dir():
            below = list(_below(path))
            empty = BadMedia("The folder holds no files.", code="missing_path")
            found += below or [Named(path, empty)]
        else:
            found.append(checked(path))
    return found


def checked(path: str) -> Named:
    """The path, with the error that reading it would meet. Reads one byte."""
    try:
        size_of(path, recursive=True)
    except FakeprintError as error:
        return Named(path, error)
    return Named(path)


def size_of(path: str, *, recursive: bool = False) -> int:
    """Bytes of a readable regular file. `recursive`: the command has that option for folders.

    Raises `BadMedia`: `missing_path`, `is_a_directory`, `no_permission`, `empty_file`, `not_media` (a pipe
    or a device).
    """
    if not path:
        raise BadMedia(MEDIA_CODES["missing_path"], code="missing_path")
    try:
        found = Path(path).stat()
        if stat.S_ISDIR(found.st_mode):
            raise BadMedia(
                MEDIA_CODES["is_a_directory"],
                code="is_a_directory",
                next_step="Give --recursive to take the files in it." if recursive else "Name a file in it.",
            )
        if not stat.S_ISREG(found.st_mode):
            raise BadMedia("A pipe or a device is not a media file.", code="not_media")
        if found.st_size == 0:
            raise BadMedia(MEDIA_CODES["empty_file"], code="empty_file")
        with Path(path).open("rb") as file:
            file.read(1)
    except OSError as error:
        raise of_os_error(error) from error
    return found.st_size


def of_os_error(error: OSError) -> BadMedia:
    """The error of ours that says why a file cannot be read."""
    code = _BY_ERRNO.get(error.errno or 0)
    if code is None:
        return BadMedia(f"The file cannot be read: {error.strerror}.", code="unreadable")
    return BadMedia(MEDIA_CODES[code], code=code)


def label(path: str) -> str:
    """The file's own name, for a label that travels."""
    return os.path.basename(path.rstrip(os.sep)) or path  # noqa: PTH119 - Path would lose `.` and `//`


def _below(folder: str) -> Iterator[Named]:
    unreadable: list[OSError] = []
    for root, folders, names in os.walk(folder, onerror=unreadable.append):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if not name.startswith("."):
                yield checked(os.path.join(root, name))  # noqa: PTH118 - keeps the path as it was given
    for error in unreadable:
        yield Named(os.fsdecode(error.filename or folder), of_os_error(error))
