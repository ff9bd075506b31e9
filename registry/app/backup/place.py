"""The registry that is backed up or restored: configured servers, or the data folder of `fakeprint up`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from registry.app.backup.errors import RestoreNotEmpty
from registry.app.embedded import location
from registry.app.embedded.folder import DataFolder, open_folder
from registry.app.embedded.postgres import Cluster
from registry.core.errors.database import NoDatabaseUrl
from registry.core.settings import Settings

_SOCKET_LINE: Final = 4
"""Line of `postmaster.pid` that names the folder of the socket, counted from 0 (PostgreSQL, `pidfile.h`)."""


@contextmanager
def existing(chosen: Settings) -> Iterator[Settings]:
    """Yield the settings of the registry to back up, with the URL of a database that runs.

    The embedded database is used where it runs, else it is started for the block. Raises `BadInput`
    (`no_database_url`) if there is neither a database URL nor a data folder with a database.
    """
    if chosen.database_url:
        yield chosen
        return
    if not (chosen.data / "postgres").exists():
        raise NoDatabaseUrl
    folder = open_folder(chosen.data)
    cluster = _cluster(folder)
    if (sockets := _sockets(cluster)) is not None:
        cluster.sockets = sockets
        yield _embedded(chosen, folder, cluster.url)
        return
    with folder.locked(), _started(cluster) as url:
        yield _embedded(chosen, folder, url)


@contextmanager
def empty(chosen: Settings) -> Iterator[Settings]:
    """Yield the settings of the registry to restore into, with the URL of a database that runs. Raises
    `Conflict` (`restore_not_empty`) if the data folder has a database."""
    if chosen.database_url:
        yield chosen
        return
    if (chosen.data / "postgres").exists():
        raise RestoreNotEmpty(f"{chosen.data} already has a database.")
    folder = open_folder(chosen.data)
    with folder.locked(), _started(_cluster(folder)) as url:
        yield _embedded(chosen, folder, url)


def _cluster(folder: DataFolder) -> Cluster:
    return Cluster(location.home(folder.path), folder.password, folder.log("postgres"))


@contextmanager
def _started(cluster: Cluster) -> Iterator[str]:
    try:
        yield cluster.start()
    finally:
        cluster.stop()


def _sockets(cluster: Cluster) -> Path | None:
    """Return the folder of the running server's socket; None if no server runs."""
    try:
        lines = (cluster.data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
        os.kill(int(lines[0]), 0)
    except (OSError, ValueError, IndexError):
        return None
    return Path(lines[_SOCKET_LINE]) if len(lines) > _SOCKET_LINE else None


def _embedded(chosen: Settings, folder: DataFolder, url: str) -> Settings:
    changes = {"database_url": url, "pooler_url": "", "blobs_url": folder.blobs.as_uri(), "data": folder.path}
    return chosen.model_copy(update=changes)
