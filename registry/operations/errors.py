"""Errors of metrics, canaries and partitions."""

from __future__ import annotations

from registry.core.errors import BadInput, Conflict, Unavailable


class BadCanaries(BadInput):
    meaning = "The file of FAKEPRINT_CANARIES cannot be read."


class BadPartitions(BadInput):
    """The number of partitions is out of range."""


class DatabaseFull(Unavailable):
    """The database's disk has no room for the work."""

    next_step = "Free as much disk space as `\\d+ frame_fingerprint*` shows, then try again."


class FramesDependedOn(Conflict):
    """Other database objects depend on the table of frames."""

    next_step = "Drop these objects, run the command again, then create them again."
