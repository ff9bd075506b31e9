"""Errors of RFC 3161 timestamps."""

from __future__ import annotations

from registry.core.errors import BadInput, NotFound, Unavailable


class BadTsa(BadInput):
    meaning = "FAKEPRINT_TSA_URL or FAKEPRINT_TSA_CA is invalid; the message says why."


class TsaUnreachable(Unavailable):
    meaning = "The time-stamping authority does not answer; request the bundle without a time stamp."


class TsaRefused(Unavailable):
    meaning = "The time-stamping authority refused; the message has its reason."


class BadTimeStamp(Unavailable):
    meaning = "The time-stamping authority's answer is not a valid time stamp."
    next_step = "Check this machine's clock, or use another authority."


class NoStamp(NotFound):
    meaning = "No checkpoint, or none that covers the leaf, has a time stamp yet."
    next_step = "If the deployment has an authority, one is requested every FAKEPRINT_TSA_MINUTES."
