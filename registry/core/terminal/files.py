"""The files named by PATH...: folders are expanded on request, and each file is checked before any work."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import re
import shlex
import stat
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final, override

import click

from registry.core.errors import (
    BadInput,
    BadLabel,
    BadMedia,
    EmptyFile,
    FakeprintError,
    IsADirectory,
    MissingPath,
    NoPermission,
    NotMedia,
    TooLarge,
)
from registry.core.errors.terminal import UnreadableMedia, Unwritable, UrlNotFetched
from registry.core.terminal.options import Later
from registry.core.terminal.text import printable

STDIN: Final = "-"
LONGEST_TEXT: Final = 20_000
"""Characters of a text that an option reads from a file or stdin."""

_URL: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")

_BY_ERRNO: Final[Mapping[int, type[BadMedia]]] = {
    errno.ENOENT: MissingPath,
    errno.ENOTDIR: MissingPath,
    errno.ENAMETOOLONG: MissingPath,
    errno.EISDIR: IsADirectory,
    errno.EACCES: NoPermission,
    errno.EPERM: NoPermission,
}


@dataclass(frozen=True, slots=True)
class Named:
    """A path as given or found, and the error if it cannot be used. `spool`: the file that holds standard
    input."""

    path: str
    error: FakeprintError | None = None
    spool: str | None = None

    @property
    def file(self) -> str:
        """The file to read."""
        return self.spool or self.path


def named(paths: Sequence[str], *, recursive: bool) -> list[Named]:
    """Return every file of `paths`, in order. With `recursive`, a folder means the files below it, sorted,
    without hidden ones."""
    files: list[Named] = []
    for path in paths:
        if recursive and path and Path(path).is_dir():
            below = list(_below(path))
            empty = MissingPath("The folder holds no files.")
            files += below or [Named(path, empty)]
        else:
            files.append(check(path))
    return files


def check(path: str) -> Named:
    """Return the path, with the error if it cannot be read. Reads one byte."""
    try:
        size_of(path, recursive=True)
    except FakeprintError as error:
        return Named(path, _not_fetched(path) if _URL.match(path) else error)
    return Named(path)


def _not_fetched(url: str) -> BadInput:
    return UrlNotFetched(
        "This is a URL. Nothing is fetched from the network.",
        next_step=f"Download it first: curl -L -o clip.mp4 {shlex.quote(printable(url))}"
        " (or pipe it: curl -L URL | fakeprint lookup -)",
    )


def read_file(path: str, most: int, noun: str) -> bytes:
    """Return all bytes of a file, or of stdin for `-`. `noun`: its plural noun for errors. Raises `BadMedia`
    like `size_of`, `TooLarge` beyond `most` bytes."""
    if path == STDIN:
        raw = sys.stdin.buffer.read(most + 1)
    else:
        size_of(path)
        try:
            with Path(path).open("rb") as file:
                raw = file.read(most + 1)
        except OSError as error:
            raise of_os_error(error) from error
    if len(raw) > most:
        raise TooLarge(f"{path}: {noun} have at most {most >> 20} MiB.")
    return raw


def text(path: str) -> str:
    """Return a text file, or stdin for `-`. Raises `BadMedia`, `BadInput` (`bad_label`)."""
    return decode(read_text_bytes(path), path)


def read_text_bytes(path: str) -> bytes:
    """Return the bytes of a text file, or of stdin for `-`. Raises like `text`."""
    most = 4 * LONGEST_TEXT + 3  # UTF-8, with its mark
    try:
        return read_file(path, most, "texts")
    except TooLarge:
        message = f"{path}: the text has more than {LONGEST_TEXT:,} characters."
        raise BadLabel(message) from None


def decode(raw: bytes, path: str) -> str:
    """Return the text of a file. Raises `BadInput` (`bad_label`)."""
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadLabel(f"{path}: the text is not UTF-8.") from None


def sha256(path: str) -> str:
    """Return the digest of a file in hex. Raises `BadMedia`."""
    size_of(path)
    try:
        with Path(path).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise of_os_error(error) from error


class _Text(click.ParamType[str | Later]):
    """A text; `-` reads stdin."""

    name = "TEXT"

    @override
    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str | Later:
        return Later(lambda: text(STDIN)) if value == STDIN else str(value)


class _Digest(click.Path):
    """A file of which only the SHA-256 is sent."""

    @override
    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        path = str(super().convert(value, param, ctx))
        return Later(lambda: sha256(path))


TEXT: Final = _Text()
DIGEST: Final = _Digest(path_type=str, readable=False)
PATH: Final = click.Path(path_type=str, readable=False)


def size_of(path: str, *, recursive: bool = False) -> int:
    """Return the size in bytes of a readable regular file. `recursive`: the command has that option for
    folders.

    Raises `BadMedia`: `missing_path`, `is_a_directory`, `no_permission`, `empty_file`, `not_media` (a pipe or
    a device).
    """
    if not path:
        raise MissingPath
    try:
        status = Path(path).stat()
        if stat.S_ISDIR(status.st_mode):
            raise IsADirectory(
                next_step="Give --recursive to take the files in it." if recursive else "Name a file in it."
            )
        if not stat.S_ISREG(status.st_mode):
            raise NotMedia("A pipe or a device is not a media file.")
        if status.st_size == 0:
            raise EmptyFile
        with Path(path).open("rb") as file:
            file.read(1)
    except OSError as error:
        raise of_os_error(error) from error
    return status.st_size


@contextlib.contextmanager
def writing(output: str) -> Iterator[BinaryIO]:
    """Yield a file to write, or stdout. The file appears only once it is complete, readable by its owner
    only. Raises `BadInput` (`unwritable`)."""
    if output == STDIN:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    path = Path(output)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            yield file
        draft.replace(path)
    except OSError as error:
        raise Unwritable(f"{printable(output)} cannot be written: {error.strerror}.") from None
    finally:
        with contextlib.suppress(OSError):
            draft.unlink()


def write(path: Path, raw: bytes) -> None:
    """Write a file. Raises `BadInput` (`unwritable`)."""
    try:
        path.write_bytes(raw)
    except OSError as error:
        raise Unwritable(f"{printable(str(path))} cannot be written: {error.strerror}.") from None


def of_os_error(error: OSError) -> BadMedia:
    """Return our error that says why a file cannot be read."""
    kind = _BY_ERRNO.get(error.errno or 0)
    return kind() if kind else UnreadableMedia(f"The file cannot be read: {error.strerror}.")


def label(path: str) -> str:
    """Return the file's own name, to send as a label."""
    return os.path.basename(path.rstrip(os.sep)) or path  # noqa: PTH119 - Path would lose `.` and `//`


def _below(folder: str) -> Iterator[Named]:
    unreadable: list[OSError] = []
    for root, folders, names in os.walk(folder, onerror=unreadable.append):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if not name.startswith("."):
                yield check(os.path.join(root, name))  # noqa: PTH118 - keeps the path as it was given
    for error in unreadable:
        yield Named(os.fsdecode(error.filename or folder), of_os_error(error))
