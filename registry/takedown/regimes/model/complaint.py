"""The complaint to an authority about a recipient that did not act in time. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

PLACEHOLDERS: Final = (
    *("platform", "authority", "law", "reference", "url", "handed_over", "due", "removed"),
    *("channel", "letter_reference", "letter_sha256"),
)
TEXTS: Final = ("subject", "body", "no_answer", "removed_late", "email", "api", "paper")
"""What a language says."""
RESULT: Final = "result"
"""Placeholder in the body for the sentence about the result."""


@dataclass(frozen=True, slots=True)
class Complaint:
    """Templates of a complaint in one language.

    `no_answer`, `removed_late`: the sentence for `{result}` in `body`. `email`, `api`, `paper`: the names of
    the channels for `{channel}`.
    """

    subject: str
    body: str
    no_answer: str
    removed_late: str
    email: str
    api: str
    paper: str

    def letter(self, values: Mapping[str, str], *, removed: bool) -> tuple[str, str]:
        """Return subject and text of the complaint. `removed`: the content was removed, but late."""
        sentence = self.removed_late if removed else self.no_answer
        channels = {"email": self.email, "api": self.api, "paper": self.paper}
        complete = {**values, "channel": channels[values["channel"]], RESULT: sentence.format_map(values)}
        return self.subject.format_map(complete), self.body.format_map(complete) + "\n"
