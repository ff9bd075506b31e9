"""Errors of `fakeprint up`."""

from __future__ import annotations

from registry.core.errors import BadInput, Conflict, Unavailable


class DataFolderForbidden(BadInput):
    """This user may not write the data folder of `fakeprint up`."""

    code = "no_permission"
    next_step = "Choose another folder with --data or FAKEPRINT_DATA."


class AlreadyRunning(Conflict):
    """`fakeprint up` runs on this data folder already."""


class ChildFailed(Unavailable):
    """A process of `fakeprint up` ends again and again."""


class DataFolderForeign(Conflict):
    """The data folder's database belongs to another user."""

    next_step = "Run as the user who made it, or choose another folder with --data."


class DataFolderInvalid(BadInput):
    """The path cannot be a data folder."""

    next_step = "Choose another folder with --data or FAKEPRINT_DATA."


class DataFolderUnreachable(Unavailable):
    """The user that PostgreSQL runs as cannot reach the data folder or the programs."""


class DataFolderVersion(Conflict):
    """The data folder's database is of another PostgreSQL."""


class DatabaseStartFailed(Unavailable):
    """The embedded PostgreSQL cannot be created or started."""


class PortInUse(Conflict):
    """The port of `fakeprint up` cannot be used."""

    next_step = "Choose another with --port, or --port 0 for any that is free."


class StartTimeout(Unavailable):
    """The API of `fakeprint up` is not ready in time."""


class UnsupportedPlatform(Unavailable):
    """`fakeprint up` does not run on this system."""
