"""Errors of commands."""

from __future__ import annotations

from registry.core.errors import BadInput, BadMedia, Conflict, FakeprintError, Unavailable


class AmbiguousName(Conflict):
    """Several objects have the name that was given."""


class FileChanged(BadInput):
    """The file changed while it was sent."""

    next_step = "Send it again."


class NoService(Unavailable):
    """No service runs from the data folder."""


class NotFakeprint(BadInput):
    """The answer does not come from a Fakeprint service."""

    next_step = "Check FAKEPRINT_URL."


class ServiceUnreachable(Unavailable):
    """The service cannot be reached, or its answer broke off."""

    message = "The answer broke off."
    next_step = "Try again."


class Unreadable(BadInput):
    """A file that a command names cannot be read."""


class UnreadableMedia(BadMedia):
    """A media file cannot be read, for a reason of the system."""

    code = "unreadable"


class Unwritable(BadInput):
    """A file that a command names cannot be written."""


class UrlNotFetched(BadInput):
    """A command was given a URL where it needs a file."""


class TimedOut(FakeprintError):
    """`--timeout` passed before every path was answered. The service continues its work."""

    status = 504
    title = "Not answered in time"
