"""Locations of the embedded PostgreSQL's cluster and of its socket.

The cluster lies in `DATA/postgres`, mode 0700. Under root, PostgreSQL runs as `nobody`, which needs access to
that folder. A data folder that Fakeprint creates as root has mode 0711; the mode of an existing folder is
never changed. If `nobody` has no access (`DATA` under `/root`), the cluster lies in `/var/lib/fakeprint`, and
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
"""Most bytes: a socket's address has at most 107, and PostgreSQL appends `/.s.PGSQL.5432`."""
_PLAIN: Final = re.compile(r"[A-Za-z0-9/._+-]+")


def home(folder: Path) -> Path:
    """Return the home of the cluster of the data folder `folder`, created if missing, as a resolved path.

    Raises `Unavailable` (code `data_folder_unreachable`) if no location is possible.
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


def _follow_move(place: Path, cluster: Path) -> None:
    """Update `origin` after the data folder was moved, so that the cluster is not reported as orphaned."""
    linked = orphans.origin(cluster)
    if linked is None or linked == place or os.path.lexists(linked):
        return
    # If this fails, the server still starts, or reports the problem itself.
    with suppress(OSError):
        _note_origin(cluster, place)


def _note_origin(cluster: Path, place: Path) -> None:
    fresh = cluster / f".origin-{secrets.token_hex(6)}"
    with fresh.open("xb") as file:  # another user owns the folder: do not follow a link of theirs
        file.write(os.fsencode(place) + b"\n")
    fresh.replace(cluster / "origin")


def _elsewhere(place: Path, user: int) -> Path:
    cluster = binaries.SYSTEM_FOLDER / f"cluster-{secrets.token_hex(6)}"
    try:
        binaries.make_passable(binaries.SYSTEM_FOLDER)
        own(cluster, user)
        _note_origin(cluster, place)
        place.symlink_to(cluster)
    except OSError as error:
        raise _unreachable(
            f"The user `nobody` cannot enter {place.parent}. {cluster} cannot be created: {error.strerror}."
        ) from error
    return cluster


def sockets(cluster_home: Path, user: int | None) -> Path:
    """Return `home/socket`, or a new temporary folder if that path is too long for a socket."""
    preferred = cluster_home / "socket"
    # kombu's pgmq client does not quote values in its connection string.
    if len(os.fsencode(preferred)) <= MAX_SOCKET_FOLDER and _PLAIN.fullmatch(str(preferred)):
        own(preferred, user)
        return preferred
    temporary = Path(tempfile.mkdtemp(prefix=leftovers.SOCKET_PREFIX))
    own(temporary, user)
    return temporary


def own(folder: Path, user: int | None) -> None:
    """Create `folder` with mode 0700, owned by `user` (None: the current user)."""
    folder.mkdir(mode=0o700, exist_ok=True)
    if user is not None and folder.stat().st_uid == os.geteuid():
        os.chown(folder, user, user)


def _unreachable(message: str) -> Unavailable:
    return DataFolderUnreachable(
        message, next_step="Choose another folder with --data, or run as an ordinary user."
    )
