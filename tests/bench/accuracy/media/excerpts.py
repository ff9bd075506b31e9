"""Another excerpt of the same scene: the first part of a clip registered, a copy's last part looked up.

No picture of the one is in the other, so that calling it `known_fake` would accuse footage that nobody
faked. Both parts are cut from documents, a copy's too, and compared by the domain itself as an `edited` fake,
for which pictures alone decide. What each part's own copy comes to is measured beside it.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import uuid4

import numpy as np

from registry.catalogue.entries.model.entry import Candidate, Policy
from registry.catalogue.entries.model.entry import Query as Asked
from registry.catalogue.fingerprints.model import mosaics, timeline
from registry.catalogue.fingerprints.model.document import from_document
from registry.catalogue.fingerprints.model.fingerprint import FULL, Fingerprint
from registry.matching.decision.model import decision, scene_consistency
from registry.matching.decision.model.confidence import PRIOR
from registry.matching.decision.model.match import Match
from registry.matching.decision.model.scene_consistency import Motion
from tests.bench.accuracy import fitting, reliability
from tests.bench.accuracy.judging import Entry, Query, kept
from tests.bench.accuracy.media.recipes import Truth

SHARE: Final = 0.45
"""Of a clip that is the first part, and that is the last."""
LEAST: Final = 5.0
"""Seconds of a clip that is cut in two."""
LONGEST: Final = 40.0
WHOLE: Final = 0.3
"""Seconds by which a copy that shows all of a clip, at its own speed or another, may be off."""
SLACK: Final = 1e-6
REVERSED: Final = frozenset({"reversed"})
FOUND: Final = frozenset({"known_fake", "related"})


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A part of a copy, and a registered part of its clip: `right` where both are the same part. `verdict`
    and `confidence`: what it was answered. `motion`: of the match that the moments decide on, if any."""

    label: str
    name: str
    group: str
    right: bool
    verdict: str
    confidence: float
    motion: Motion | None


@dataclass(frozen=True, slots=True)
class Told:
    """All excerpts."""

    every: tuple[Excerpt, ...]

    @property
    def accused(self) -> list[Excerpt]:
        """Other moments of the scene that were called the fake."""
        return [item for item in self.every if not item.right and item.verdict == "known_fake"]

    def figures(self) -> dict[str, float]:
        """By name; nothing where nothing could be cut."""
        own = [item for item in self.every if item.right]
        if not own:
            return {}
        return {
            "same_scene_known_fake": float(len(self.accused)),
            "same_scene_excerpts": float(len(self.every) - len(own)),
            "own_excerpt_known_fake": round(sum(item.verdict == "known_fake" for item in own) / len(own), 4),
            "own_excerpt_found": round(sum(item.verdict in FOUND for item in own) / len(own), 4),
        }


def outcomes_of(copies: Iterable[Query], entries: Mapping[str, Entry]) -> Told:
    """Cut every copy that shows all of its clip, and the clip, and compare the parts."""
    found: list[Excerpt] = []
    for copy in copies:
        document = copy.document
        if document is None or copy.truth is None or copy.entry is None or copy.label in REVERSED:
            continue
        found += compared(copy.label, copy.name, copy.group, document, copy.entry.document, copy.truth)
    return Told(tuple(found))


def compared(
    label: str, name: str, group: str, copy: dict[str, Any], clip: dict[str, Any], truth: Truth
) -> list[Excerpt]:
    """The four excerpts of a copy and its clip, documents; none where it does not show all of it."""
    whole, sent = from_document(clip), from_document(copy)
    length = min(whole.media.duration, truth.asset[1])
    shown = (truth.query[1] - truth.query[0]) / max(length, 1e-6)
    if not LEAST <= length <= LONGEST or truth.asset[0] or truth.query[0] or whole.media.kind != "video":
        return []
    if abs(sent.media.duration - truth.query[1]) > WHOLE:
        return []
    parts = [(0.0, SHARE * length), ((1 - SHARE) * length, length)]
    found = []
    for asked in parts:
        part = _cut(sent, asked[0] * shown, asked[1] * shown)
        query = Asked.of(part, *timeline.of_fingerprint(part))
        for registered in parts:
            known = _candidate(_cut(whole, *registered))
            found.append(_answered(label, name, group, query, known, right=asked == registered))
    return found


def show(found: Told) -> None:
    """One line, and whom it accuses."""
    figures = found.figures()
    if not figures:
        return
    print(
        f"\nother excerpts of the same scene called known_fake: {figures['same_scene_known_fake']:.0f} of "
        f"{figures['same_scene_excerpts']:.0f}; copies of the excerpt itself: "
        f"{figures['own_excerpt_known_fake']:.2f}, found {figures['own_excerpt_found']:.2f}"
    )
    for item in found.accused:
        print(f"  {item.label:20} {item.name}: {item.confidence:.2f}")
    _calibrated(found)


def _calibrated(found: Told) -> None:
    """The curve of `confidence.MOMENTS` fitted to these excerpts, and how it does on groups held out. Every
    second excerpt asked about is, so it is assumed, of other moments."""
    weighed = [item for item in found.every if item.motion is not None]
    right = np.array([item.right for item in weighed], dtype=np.bool_)
    if not right.any() or right.all():
        return
    counts = {truth: sum(item.right == truth for item in found.every) for truth in (True, False)}
    rows = np.array([item.motion.features for item in weighed if item.motion is not None])
    weight = np.where(right, PRIOR / counts[True], (1 - PRIOR) / counts[False])
    weight *= len(weighed) / weight.sum()
    held = fitting.held_out(rows, right, weight, [frozenset({item.group}) for item in weighed])
    known = ~np.isnan(held)
    print(f"that moments are the same, {len({item.group for item in weighed})} groups, each judged unseen:")
    if known.any():
        reliability.show(reliability.bins(held[known], right[known], weight[known]))
    fit = fitting.fitted(rows, right, weight)
    print(f"MOMENTS: intercept={fit.intercept:.2f}, weights={[round(weight, 2) for weight in fit.weights]}")


def _answered(label: str, name: str, group: str, query: Asked, known: Candidate, *, right: bool) -> Excerpt:
    decided = decision.decide(query, [known])
    matches = [ruling.match for rulings in decided.groups for ruling in rulings]
    weighed = [match for match in matches if match.strong and not match.single]
    motion = _motion(query, max(weighed, key=_length)) if weighed else None
    return Excerpt(label, name, group, right, decided.verdict, decided.confidence or 0.0, motion)


def _motion(query: Asked, match: Match) -> Motion:
    return scene_consistency.compare(query, match.candidate, match.aligned, prior=-math.inf)


def _length(match: Match) -> int:
    return len(match.aligned.frames)


def _cut(clip: Fingerprint, start: float, end: float) -> Fingerprint:
    """Seconds `start` to `end` of a clip, in silence, as a file of its own."""
    frames = tuple(
        replace(frame, time=round(frame.time - start, 3), duration=min(frame.duration, end - frame.time))
        for frame in clip.frames
        if start - SLACK <= frame.time < end - SLACK
    )
    faces = tuple(
        replace(face, time=round(face.time - start, 3))
        for face in clip.faces
        if start - SLACK <= face.time < end - SLACK
    )
    coarse = tuple(
        replace(mosaic, time=round(mosaic.time - start, 3))
        for mosaic in clip.mosaics
        if start - SLACK <= mosaic.time < end - SLACK
    )
    name = hashlib.sha256(f"{clip.media.sha256} {start} {end}".encode()).hexdigest()
    media = replace(clip.media, duration=round(end - start, 3), sha256=name)
    return replace(clip, media=media, frames=frames, faces=faces, audio=None, mosaics=coarse)


def _candidate(part: Fingerprint) -> Candidate:
    media = part.media
    return Candidate(
        asset_id=uuid4(),
        entry_id=uuid4(),
        role="fake",
        sha256=media.sha256,
        kind=media.kind,
        duration=media.duration,
        title="",
        bank="",
        tier="reviewed",
        original_tier="reviewed",
        manipulation="edited",
        own=True,
        policy=Policy(),
        references=(),
        frames=timeline.of_frames(kept(part)),
        faces=timeline.of_faces(part.faces),
        mosaics=mosaics.of_mosaics([mosaic for mosaic in part.mosaics if mosaic.view == FULL]),
    )
