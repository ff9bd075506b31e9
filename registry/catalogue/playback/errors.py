"""Errors of playback, which only pages answer with."""

from __future__ import annotations

from registry.core.errors import Conflict, Forbidden


class NotPlayable(Conflict):
    """Browsers cannot play a file of this format."""


class PlaybackOver(Forbidden):
    """The permission to watch a file has ended, or is another caller's."""

    next_step = "Open the players again."
