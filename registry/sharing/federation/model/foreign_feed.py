"""A published bank in the formats of ThreatExchange (`/threat_updates`) and StopNCII (`FetchHashes`). Pure.

Only fakes at tier `reviewed` or higher are published, by hashes that others can compare: PDQ and SHA-256 of
pictures, SHA-256 and, if a list gave it, MD5 of videos. Titles, claims and persons are never published.
Entries that are no longer published are reported as deleted while they remain in the feed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

from registry.catalogue.banks.model import Tier
from registry.catalogue.entries.model.entry import rank
from registry.catalogue.fingerprints.model.fingerprint import FULL
from registry.sharing.lists.model.export_lines import Exported, Medium

Hash = Literal["pdq", "md5", "sha256"]

TYPES: Final[Mapping[tuple[Hash, str], str]] = {
    ("pdq", "image"): "HASH_PDQ",
    ("sha256", "image"): "HASH_SHA256",
    ("sha256", "video"): "HASH_VIDEO_SHA256",
    ("md5", "video"): "HASH_VIDEO_MD5",
    ("md5", "image"): "HASH_MD5",
    ("sha256", "audio"): "HASH_SHA256",
    ("md5", "audio"): "HASH_MD5",
}
"""ThreatExchange's indicator types."""
SIGNALS: Final[Mapping[tuple[Hash, str], str]] = {("pdq", "image"): "ImagePDQ", ("md5", "video"): "VideoMD5"}
"""StopNCII's signal types. It has none for SHA-256."""
LEAST: Final[Tier] = "reviewed"
_BITS: Final = 62
_NOTHING: Final = "0" * 64


@dataclass(frozen=True, slots=True)
class Signal:
    """A hash of a medium in hex, with the kind of the medium."""

    type: Hash
    value: str
    kind: str


@dataclass(frozen=True, slots=True)
class Change:
    """The state of an entry since `at`. `live`: the entry is published; otherwise it is deleted."""

    entry: Exported
    live: bool
    at: datetime

    @property
    def stamp(self) -> int:
        """Return the time in seconds since 1970, as the feeds give it."""
        return int(self.at.timestamp())


def number(id_: UUID) -> int:
    """Return the number that stands for a UUID in these feeds: its first 62 bits."""
    return id_.int >> (128 - _BITS)


def numbered(number_: int) -> tuple[UUID, UUID]:
    """Return the first and the last UUID with this number. Raises `ValueError` if it is out of range."""
    if not 0 <= number_ < 1 << _BITS:
        raise ValueError(number_)
    first = number_ << (128 - _BITS)
    return UUID(int=first), UUID(int=first | ((1 << (128 - _BITS)) - 1))


def live(status: str, tier: Tier, *, least: Tier = LEAST) -> bool:
    """Return whether an entry is published."""
    return status == "matchable" and rank(tier) >= rank(least)


def signals(entry: Exported) -> list[Signal]:
    """Return the hashes of the entry's fakes, without duplicates."""
    return list(dict.fromkeys(signal for medium in entry.media for signal in _signals(medium)))


def _signals(medium: Medium) -> Iterator[Signal]:
    if medium.role != "fake":
        return
    if medium.kind == "image" and medium.fingerprint is not None:
        frames = (frame for frame in medium.fingerprint.frames if frame.view == FULL and frame.informative)
        if (first := next((frame.pdq for frame in frames if frame.pdq is not None), None)) is not None:
            yield Signal("pdq", first.hex(), "image")
    if medium.sha256 is not None:
        yield Signal("sha256", medium.sha256, medium.kind)
    if medium.md5 is not None:
        yield Signal("md5", medium.md5, medium.kind)


def updates(
    changes: Sequence[Change], owner: int, remaining: frozenset[str], since: int
) -> list[dict[str, Any]]:
    """Return a page of `/threat_updates`. `still`: hashes that other entries publish, so they are not
    deleted.

    A page without updates contains the deletion of a hash that does not exist, because the library
    `threatexchange` (1.2.17) fails on an empty page.
    """
    rows = [
        _update(change, signal, owner)
        for change in changes
        for signal in signals(change.entry)
        if change.live or signal.value not in remaining
    ]
    nothing = {"id": "0", "indicator": _NOTHING, "type": "HASH_PDQ", "last_updated": since}
    return rows or [nothing | {"creation_time": since, "should_delete": True}]


def _update(change: Change, signal: Signal, owner: int) -> dict[str, Any]:
    entry = change.entry
    update: dict[str, Any] = {
        "id": str(number(entry.entry_id)),
        "indicator": signal.value,
        "type": TYPES[signal.type, signal.kind],
        "creation_time": change.stamp,
        "last_updated": change.stamp,
        "should_delete": not change.live,
    }
    if change.live:
        descriptor = {
            "id": str(number(entry.entry_id)),
            "owner": {"id": str(owner)},
            "status": "UNKNOWN" if entry.opinion == "unknown" else "MALICIOUS",
            "added_on": change.stamp,
            "tags": {"data": [{"id": str(index), "text": tag} for index, tag in enumerate(tags(entry))]},
        }
        update["descriptors"] = {"data": [descriptor]}
    return update


def records(changes: Sequence[Change], source: str, remaining: frozenset[str]) -> list[dict[str, Any]]:
    """Return a page of `FetchHashes`. `source`: the name of the publisher.

    Withdrawn hashes also get the feedback `NotBlocked`: the library `threatexchange` (1.2.17) reads the
    feedback but ignores the status.
    """
    return [
        {
            "lastModtimestamp": change.stamp,
            "signalType": SIGNALS[signal.type, signal.kind],
            "hashValue": signal.value,
            "hashStatus": "Active" if change.live else "Withdrawn",
            "caseNumbers": {str(change.entry.entry_id): "Active" if change.live else "Withdrawn"},
            "CSPFeedbacks": [
                {
                    "feedbackValue": "Blocked" if change.live else "NotBlocked",
                    "tags": tags(change.entry) if change.live else [],
                    "source": source,
                }
            ],
        }
        for change in changes
        for signal in signals(change.entry)
        if (signal.type, signal.kind) in SIGNALS and (change.live or signal.value not in remaining)
    ]


def tags(entry: Exported) -> list[str]:
    """Return the tags of an entry. They are fixed codes, without free text."""
    codes = ["deepfake", f"tier_{entry.tier}"]
    return [*codes, f"manipulation_{entry.manipulation}"] if entry.manipulation else codes
