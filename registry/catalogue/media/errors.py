"""Errors of stored media."""

from __future__ import annotations

from registry.core.errors import Forbidden, Unavailable


class MinorProtection(Forbidden):
    meaning = "Media that may show a minor sexually: nothing was kept; `next_step` names the hotline."


class MediaLost(Unavailable):
    meaning = "Another request's failure removed the file meanwhile; send it again."
    next_step = "Send it again."
