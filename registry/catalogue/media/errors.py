"""Errors of stored media."""

from __future__ import annotations

from registry.core.errors import Forbidden, Unavailable


class MinorProtection(Forbidden):
    meaning = "The media may show a minor sexually. Nothing was stored; `next_step` names the hotline."


class MediaLost(Unavailable):
    meaning = "The failure of another request removed the file meanwhile."
    next_step = "Send it again."
