"""Errors of quotas and rate limits."""

from __future__ import annotations

from registry.core.errors import BadInput, TooMany


class BadLimits(BadInput):
    meaning = "`rate` is not between 0.001 and 1,000,000 lookups a second, or a quota is negative."


class RateLimited(TooMany):
    meaning = "The caller, or its organization, has used up its rate; try again after `Retry-After`."


class QuotaExhausted(TooMany):
    meaning = "The caller, or its organization, has used up its quota of the day or the month (UTC)."
    message = "The quota of this caller or its organization is used up."
