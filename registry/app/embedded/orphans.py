"""Clusters outside their data folder (see `location`) whose data folder is gone: named, never removed."""

from __future__ import annotations

import os
import shlex
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from registry.app.embedded import binaries, leftovers

MAX_NOTE_BYTES: Final = 4096


def warnings() -> Iterator[str]:
    """One line for each, with the command that removes it."""
    for cluster in sorted(binaries.SYSTEM_FOLDER.glob("cluster-*")):
        named = origin(cluster)
        # A link that leads elsewhere by now is that of a data folder made anew in the same place.
        if named is None or not (cluster / "data").is_dir() or _leads(named, cluster):
            continue
        if not any(leftovers.running(cluster / "data")):
            yield (
                f"Warning: {cluster} holds the database of {_shown(named.parent)}, which is gone. "
                f"Unless that was only moved or unmounted, remove it: rm -rf {shlex.quote(str(cluster))}"
            )


def origin(cluster: Path) -> Path | None:
    """The link that `cluster` says it belongs to; None: it says none.

    The folder belongs to `nobody`, so what lies there is read as what it should be and nothing else.
    """
    try:
        handle = os.open(cluster / "origin", os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(handle, "rb") as file:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                return None
            text = os.fsdecode(file.read(MAX_NOTE_BYTES)).removesuffix("\n")
    except OSError:
        return None
    return Path(text) if text.startswith("/") and "\0" not in text else None


def _leads(link: Path, cluster: Path) -> bool:
    with suppress(OSError, RuntimeError):
        return link.resolve() == cluster.resolve()
    return False


def _shown(path: Path) -> str:
    """The path without what could steer a terminal."""
    return "".join(letter if letter.isprintable() else "?" for letter in str(path))
