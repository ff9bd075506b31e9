"""Where the embedded PostgreSQL's cluster and its socket lie.

The cluster lies in `DATA/postgres`, mode 0700. Under root PostgreSQL runs as `nobody`, who must be able to
get there. A data folder that Fakeprint creates as root has mode 0711; the mode of an existing folder is never
changed. If `nobody` cannot pass (`DATA` under `/root`), the cluster lies in `/var/lib/fakeprint`, and
`DATA/postgres` is a link to it. A file `origin` beside the cluster names that link. `up` lists clusters whose
link is gone (`orphans`).
"""

from __future__ import annotations

import os
import re
import secrets
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Final

from registry.app.embedded import binaries, leftovers, orphans
from registry.app.embedded.errors import DataFolderUnreachable
from registry.core.errors import Unavailable

MAX_SOCKET_FOLDER: Final = 92
"""Bytes: a socket's address has room for 107, and PostgreSQL adds `/.s.PGSQL.5432`."""
_PLAIN: Final = re.compile(r"[A-Za-z0-9/._+-]+")


def home(folder: Path) -> Path:
    """The home of the cluster of the data folder `folder`, made if there is none; a resolved path.

    Raises `Unavailable` (code `data_folder_unreachable`) where no place can be had.
    """
    place, user = folder / "postgres", binaries.server_user()
    if place.is_symlink() and not place.exists():
        raise _unreachable(f"{place} is a link to {place.readlink()}, which does not exist.")
    if (
        user is not None
        and not place.exists()
        and not binaries.can(user, "test", "-x", str(folder.resolve()))
    ):
        return _elsewhere(place, user)
    own(place, user)
    if user is not None and not binaries.can(user, "test", "-x", str(place.resolve())):
        raise _unreachable(f"The user `nobody` can no longer reach {place}.")
    if place.is_symlink():
        _follow_move(place, place.resolve())
    return place.resolve()


def _follow_move(place: Path, made: Path) -> None:
    """Have `origin` name the link after the data folder was moved, lest the cluster pass for forgotten."""
    named = orphans.origin(made)
    if named is None or named == place or os.path.lexists(named):
        return
    # A cluster that cannot be written is served all the same, or says itself what it lacks.
    with suppress(OSError):
        _note_origin(made, place)


def _note_origin(made: Path, place: Path) -> None:
    fresh = made / f".origin-{secrets.token_hex(6)}"
    with fresh.open("xb") as file:  # the folder is another user's: no link of theirs is written through
        file.write(os.fsencode(place) + b"\n")
    fresh.replace(made / "origin")


def _elsewhere(place: Path, user: int) -> Path:
    made = binaries.SYSTEM_FOLDER / f"cluster-{secrets.token_hex(6)}"
    try:
        binaries.make_passable(binaries.SYSTEM_FOLDER)
        own(made, user)
        _note_origin(made, place)
        place.symlink_to(made)
    except OSError as error:
        raise _unreachable(
            f"The user `nobody` cannot pass {place.parent}, and {made} cannot be made: {error.strerror}."
        ) from error
    return made


def sockets(cluster_home: Path, user: int | None) -> Path:
    """`home/socket`, or a fresh folder in the temporary one where that path is too long for a socket."""
    wanted = cluster_home / "socket"
    # kombu's pgmq client puts its connection string together without quotes
    if len(os.fsencode(wanted)) <= MAX_SOCKET_FOLDER and _PLAIN.fullmatch(str(wanted)):
        own(wanted, user)
        return wanted
    made = Path(tempfile.mkdtemp(prefix=leftovers.SOCKET_PREFIX))
    own(made, user)
    return made


def own(folder: Path, user: int | None) -> None:
    """Make `folder`, 0700, and give it to `user` (None: the caller)."""
    folder.mkdir(mode=0o700, exist_ok=True)
    if user is not None and folder.stat().st_uid == os.geteuid():
        os.chown(folder, user, user)


def _unreachable(message: str) -> Unavailable:
    return DataFolderUnreachable(
        message, next_step="Choose another folder with --data, or run as an ordinary user."
    )
