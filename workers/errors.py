"""Errors that only workers raise."""

from __future__ import annotations

from registry.core.errors import BadMedia, FakeprintError, NotInstalled, Unavailable


class DecoderLost(Unavailable):
    """The process that starts decoders ended, or could not be started."""

    code = "unavailable"
    message = "No process that reads media could be started, or it was ended from without."


class BegunTooLate(Unavailable):
    """The message's time was nearly over before the work began."""

    code = "timed_out"


class TaskTooLong(FakeprintError):
    """The message's time is over, however little CPU the file took: the machine is busy or slow."""

    code = "timed_out"


class TurnOver(Exception):
    """A file has had its turn on the queue `interactive`, and another caller waits."""


class NoFaces(NotInstalled):
    """The face models are not installed."""


class NoSscd(NotInstalled):
    """The SSCD model is not installed."""


class TooFarIn(BadMedia):
    """The instant is too far from the video's nearest keyframe."""


class WorkerSilent(Unavailable):
    """The worker sends no heartbeat."""

    next_step = "Start it again with the same --queues and FAKEPRINT_DATA."


class WrongModel(NotInstalled):
    """A model's file is not the one of this version."""

    next_step = "Reinstall the locked packages: uv sync --all-extras."


class NotDivisible(FakeprintError):
    """The file cannot be read in pieces after all; read in one piece it may be sound."""

    title = "The video is read in one piece"
