"""Errors of RFC 3161 timestamps."""

from __future__ import annotations

from registry.core.errors import BadInput, NotFound, Unavailable


class BadTsa(BadInput):
    meaning = "FAKEPRINT_TSA_URL or FAKEPRINT_TSA_CA cannot be used; the message says why."


class TsaUnreachable(Unavailable):
    meaning = "The time-stamping authority does not answer; ask without a time stamp."


class TsaRefused(Unavailable):
    meaning = "The time-stamping authority gave none; the message has its reason."


class BadTimeStamp(Unavailable):
    meaning = "What the time-stamping authority gave is no stamp of this to be believed."
    next_step = "Set the clock right, or ask another authority."


class NoStamp(NotFound):
    meaning = "No checkpoint over that leaf, or none at all, bears a time stamp yet."
    next_step = "One is made in FAKEPRINT_TSA_MINUTES, where the deployment has an authority."
