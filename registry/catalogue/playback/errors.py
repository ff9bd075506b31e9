"""Errors of playback."""

from __future__ import annotations

from registry.core.errors import Conflict, Forbidden


class NotPlayable(Conflict):
    meaning = "Browsers cannot play a file of this format."


class PlaybackOver(Forbidden):
    meaning = "The permission to watch this file has ended, or is another caller's."
    next_step = "Open the players again."
