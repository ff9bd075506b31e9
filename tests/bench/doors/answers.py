"""The answer of an interface about a clip."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

FOUND = frozenset({"known_fake", "related"})


@dataclass(frozen=True, slots=True)
class Said:
    """An answer, or the `error` instead of it. `entries`: those of its matches; `fakes`: those called
    known fakes."""

    verdict: str
    entries: frozenset[str] = frozenset()
    fakes: frozenset[str] = frozenset()
    next_step: str | None = None
    not_checked: tuple[str, ...] = ()
    error: str = ""

    def finds(self, entry: str) -> bool:
        """Return whether it names the entry, as a fake or as related."""
        return self.verdict in FOUND and entry in self.entries

    def __str__(self) -> str:
        if self.error:
            return f"error {self.error}"
        lacking = f", not checked: {'; '.join(self.not_checked)}" if self.not_checked else ""
        return f"{self.verdict} ({len(self.entries)} entries, next step {self.next_step}{lacking})"


def of(answer: Mapping[str, Any]) -> Said:
    """Read the answer from the JSON of a lookup, of a problem, or of a line with an `error`."""
    if "verdict" not in answer:
        error = answer.get("error") or answer
        code = error.get("code", "?") if isinstance(error, Mapping) else error
        return Said("error", error=f"{code}: {error.get('message') or error.get('detail', '')}"[:200])
    found = [match for match in answer["matches"] if match["entry_id"]]
    left = [f"{item['what']} {item['reason']}" for item in answer.get("not_checked", ())]
    return Said(
        verdict=answer["verdict"],
        entries=frozenset(match["entry_id"] for match in found),
        fakes=frozenset(match["entry_id"] for match in found if match["verdict"] == "known_fake"),
        next_step=answer.get("next_step"),
        not_checked=tuple(left),
    )
