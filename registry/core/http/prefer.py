"""The `Prefer` header (RFC 7240): how long a caller wants to wait for an answer."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

DEFAULT_WAIT: Final = 10
LONGEST_WAIT: Final = 60

_SECONDS: Final = re.compile(r"[0-9]{1,9}\Z")


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds to wait, and the value of the answer's `Preference-Applied` header; empty if there was no
    preference."""

    seconds: int
    applied: str


def patience(headers: Iterable[str]) -> Patience:
    """Parse `Prefer` headers: `wait=N` (at most `LONGEST_WAIT`), or `respond-async` alone for no wait.

    By the RFC, names are case-insensitive and values may be quoted. Parameters after `;` and unknown
    preferences are ignored. The first of repeated preferences counts.
    """
    preferences: dict[str, str] = {}
    for preference in ",".join(headers).split(","):
        name, _, value = preference.partition(";")[0].partition("=")
        preferences.setdefault(name.strip().lower(), value.strip().strip('"'))
    if _SECONDS.match(preferences.get("wait", "")):
        seconds = min(int(preferences["wait"]), LONGEST_WAIT)
        return Patience(seconds, f"wait={seconds}")
    if "respond-async" in preferences:
        return Patience(0, "respond-async")
    return Patience(DEFAULT_WAIT, "")
