"""How well sound alone is found, and what it costs: edits drawn from a seed.

    make bench-sound EVAL=FOLDER [SEED=N] [HELD_OUT=1] [QUICK=1] [OUT=FILE]

FOLDER holds `manifest.csv` and the media that it names. Registered, each alone: the sound of each clip that
says anything, at most 30 seconds of it, and texts by voices of espeak-ng. Half of the groups is the
development half. The other half is measured with HELD_OUT=1, for reports. No threshold is set on it.

A copy is found if the database would propose its source by shared keys, and it is aligned with it. It is
decided if the answer is also `known_fake`, as a cloned voice of the caller's own organization. Its span is
right if all four edges are within half a second. Where silence was removed, nothing says which second is
which. `sound_found_min`: of the edit that is found least.

`sound_false`: pairs of unrelated sounds that are aligned; originals, copies and all voices are among
them, also one text by two voices. Peaks are aligned of those alone whose keys propose each other.
`sound_pairs_accused`: those of them that are `known_fake`. `sound_same_voice_other_take_accused`: other
takes of a registered text by one voice that are `known_fake`. `sound_in_an_hour`: sources found in an
hour of others' sound. `sound_over_decode`: CPU time of reading and fingerprinting files of sound, over
reading them alone."""

from __future__ import annotations

import csv
import json
import os
import tempfile
import time
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import numpy as np

from registry.catalogue.entries.model.entry import Candidate, Query
from registry.catalogue.fingerprints.model import audio, peaks, timeline
from registry.catalogue.fingerprints.model.algorithms import OF_SOUND
from registry.catalogue.fingerprints.model.fingerprint import Fingerprint
from registry.catalogue.fingerprints.model.sounds import Sounds
from registry.catalogue.media.model import Media
from registry.matching.alignment.model import hearing
from registry.matching.decision.model import decision
from tests.bench.accuracy.drawn.footage import half_of
from tests.bench.accuracy.media.material import SAME
from tests.bench.sound import voices
from tests.bench.sound.edits import EDITS, Edited, Source, edited
from tests.support.matching.decisions import candidate
from tests.support.media import clips as media
from tests.support.media import sounds
from workers.hashers.chromaprint import Chromaprint
from workers.hashers.peaks import Peaks
from workers.media.limits import Limits
from workers.media.sound import PIECE, RATE, Samples, Sound

LONGEST: Final = 30.0
SHORTEST: Final = 4.0
TAKES: Final = 6
HOUR: Final = 3600.0
IN_AN_HOUR: Final = 12
CLOSE: Final = 0.5
"""Seconds within which an edge of a span is right."""
ALIKE: Final = {"sad_still": "sad_art2"}
"""Groups that show different footage with one sound. In a folder without such names this changes nothing."""
NONE: Final = peaks.values()
COSTS: Final = {
    "opus": ("-c:a", "libopus", "-b:a", "24k"),
    "aac": ("-c:a", "aac"),
    "mp3": ("-c:a", "libmp3lame"),
}


@dataclass(frozen=True, slots=True)
class Heard:
    """A sound by its groups, with its values. `within`: the group of what lies beside, under or over it."""

    groups: frozenset[str]
    values: Sounds


def main() -> None:
    """Run, print, write the figures."""
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument("eval", type=Path, help="folder of the evaluation media")
    folder = parser.parse_args().eval
    held_out, quick = (os.environ.get(name, "") not in {"", "0"} for name in ("HELD_OUT", "QUICK"))
    seed = int(os.environ.get("SEED", "1"))
    spoken = list(voices.spoken(TAKES))
    if not spoken:
        print("espeak-ng could not be installed: there are no voices")
    every = sources(folder, spoken)
    half = "held out" if held_out else "development"
    mine = [source for source in every if half_of(source.group) == half]
    mine = mine[:: len(mine) // 8 or 1] if quick else mine
    own = {source.name: values(source.samples) for source in every}
    found, copies = measured(mine, own, seed)
    figures: dict[str, Any] = {"seed": seed, "half": half, "sources": len(mine), **found}
    figures |= unrelated(every, own, copies, spoken)
    figures |= takes(spoken)
    figures |= in_an_hour(mine, every, own)
    figures["sound_over_decode"] = cost(mine[: 3 if quick else 8])
    for name, value in figures.items():
        print(f"{name}: {value}")
    if out := os.environ.get("OUT"):
        Path(out).write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


def sources(folder: Path, spoken: Sequence[voices.Spoken]) -> list[Source]:
    """Return the sounds to register, each with another's sound."""
    named: list[tuple[str, str, Samples]] = []
    with (folder / "manifest.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["has_audio"] == "1"]
    for row in rows:
        pieces = list(Sound().samples(folder / row["path"], Limits(), duration=LONGEST))
        samples = np.concatenate([np.empty(0, np.int16), *pieces])[: round(LONGEST * RATE)]
        if len(samples) >= SHORTEST * RATE and audio.keys(values(samples).audio):
            named.append(
                (row["path"], ALIKE.get(row["group"], SAME.get(row["group"], row["group"])), samples)
            )
    named += [(said.name, said.name, said.samples) for said in spoken if said.take == 0]
    return [
        Source(name, group, samples, _another(named, place))
        for place, (name, group, samples) in enumerate(named)
    ]


def _another(named: Sequence[tuple[str, str, Samples]], place: int) -> Samples:
    """Return the sound of the next sources of other groups, half a minute of it."""
    group, others = named[place][1], [*named[place + 1 :], *named[:place]]
    following = [samples for _, other, samples in others if other != group]
    return np.concatenate(following[:8])[: round(LONGEST * RATE)]


def values(samples: Samples) -> Sounds:
    """Return the values of both algorithms."""
    chromaprint, tops = Chromaprint(), Peaks()
    for first in range(0, len(samples), PIECE):
        chromaprint.feed(samples[first : first + PIECE])
        tops.feed(samples[first : first + PIECE])
    return Sounds(audio.values(chromaprint.values()), peaks.values(tops.values()))


def measured(mine: Sequence[Source], own: dict[str, Sounds], seed: int) -> tuple[dict[str, Any], list[Heard]]:
    """Return what is found of the copies, by edit, and the copies."""
    found: dict[str, list[bool]] = defaultdict(list)
    decided: dict[str, list[bool]] = defaultdict(list)
    spans: list[bool] = []
    copies: list[Heard] = []
    with tempfile.TemporaryDirectory() as scratch:
        for source in mine:
            for edit in EDITS:
                copy = edited(source, edit, seed, Path(scratch))
                query = values(copy.samples)
                stretches = aligned(query, own[source.name])
                found[edit].append(bool(stretches))
                decided[edit].append(bool(stretches) and _accused(query, own[source.name]))
                if stretches and copy.speed is not None:
                    spans.append(_placed(stretches, copy, source.seconds))
                # What is laid over or beside it is of other groups too: such a copy is no unrelated sound.
                if edit not in {"music or voices", "6 s between other sound"}:
                    copies.append(Heard(frozenset({source.group}), query))
    by_edit, decided_by_edit = (
        {edit: round(float(np.mean(there)), 3) for edit, there in counted.items()}
        for counted in (found, decided)
    )
    return {
        "copies": sum(map(len, found.values())),
        "sound_found_mean": round(float(np.mean(list(by_edit.values()))), 3),
        "sound_found_min": min(by_edit.values()),
        "sound_span_within_half_second": round(float(np.mean(spans)), 3),
        "sound_decided_mean": round(float(np.mean(list(decided_by_edit.values()))), 3),
        "found_by_edit": by_edit,
        "decided_by_edit": decided_by_edit,
    }, copies


def aligned(query: Sounds, asset: Sounds) -> tuple[audio.Stretch, ...]:
    """Return the stretches of a query whose keys propose the asset."""
    near = set(audio.near_keys(query.audio, audio.PROBES)) & set(audio.keys(asset.audio))
    common = set(peaks.probes(query.peaks)) & set(peaks.keys(asset.peaks))
    return hearing.align_one_take(query, asset) if near or len(common) >= peaks.COMMON else ()


def _placed(stretches: Iterable[audio.Stretch], copy: Edited, seconds: float) -> bool:
    """Tell whether the stretches together begin and end where the copied sound does, on both sides."""
    assert copy.speed is not None
    asset_end = min(seconds, copy.begin + copy.lasts)
    query_end = copy.at + (asset_end - copy.begin) / copy.speed
    ordered = sorted(stretches, key=lambda stretch: stretch.query)
    told = (ordered[0].query[0], ordered[-1].query[1], ordered[0].asset[0], ordered[-1].asset[1])
    true = (copy.at, query_end, copy.begin, asset_end)
    return all(abs(one - other) <= CLOSE for one, other in zip(told, true, strict=True))


def unrelated(
    every: Sequence[Source], own: dict[str, Sounds], copies: Sequence[Heard], spoken: Sequence[voices.Spoken]
) -> dict[str, Any]:
    """Return how many pairs of unrelated sounds are aligned. A text by two voices is such a pair, and so are
    two texts by one voice."""
    assets = [Heard(frozenset({source.group}), own[source.name]) for source in every]
    assets += [Heard(frozenset({said.name}), values(said.samples)) for said in spoken if said.take]
    pairs = accused = 0
    false: list[tuple[float, list[str]]] = []
    keys = [frozenset(peaks.keys(asset.values.peaks)) for asset in assets]
    for query in (*assets, *copies):
        probes = frozenset(peaks.probes(query.values.peaks))
        for asset, own_keys in zip(assets, keys, strict=True):
            if not query.groups & asset.groups:
                pairs += 1
                near = len(probes & own_keys) >= peaks.COMMON
                stretches = hearing.align_one_take(
                    query.values, asset.values if near else asset.values._replace(peaks=NONE)
                )
                if stretches:
                    false.append((stretches[0].bit_error, sorted(query.groups | asset.groups)))
                    accused += _accused(query.values, asset.values)
    return {
        "sound_pairs": pairs,
        "sound_false": len(false),
        "sound_pairs_accused": accused,
        "false_pairs": [f"{error:.3f} {' and '.join(groups)}" for error, groups in sorted(false)[:10]],
    }


def takes(spoken: Sequence[voices.Spoken]) -> dict[str, Any]:
    """Return how often another take of the same words by the same voice is accused."""
    first = {said.name: said for said in spoken if said.take == 0}
    others = [said for said in spoken if said.take]
    verdicts = [
        decision.decide(
            query_of(values(said.samples)), [candidate_of(values(first[said.name].samples))]
        ).verdict
        for said in others
    ]
    return {
        "other_takes": len(others),
        "sound_same_voice_other_take_accused": verdicts.count("known_fake"),
        "other_takes_related": verdicts.count("related"),
    }


def _accused(query: Sounds, asset: Sounds) -> bool:
    return decision.decide(query_of(query), [candidate_of(asset)]).verdict == "known_fake"


def _print_of(sound: Sounds) -> Fingerprint:
    seconds = max((len(sound.audio) - 1) * audio.STEP + audio.WINDOW, peaks.seconds(sound.peaks))
    media_ = Media(uuid4().hex * 2, "audio", seconds, 0, 0, 1)
    one, other = (some.astype("<u4").tobytes() or None for some in sound)
    return Fingerprint(media_, OF_SOUND, (), audio=one, peaks=other)


def query_of(sound: Sounds) -> Query:
    """Return a query of sound alone."""
    found = _print_of(sound)
    return Query.of(found, *timeline.of_fingerprint(found))


def candidate_of(sound: Sounds) -> Candidate:
    """Return the sound as a cloned voice of the caller's own organization."""
    found = _print_of(sound)
    known = candidate(found, manipulation="voice_clone", entry_id=uuid4())
    return replace(known, audio=sound.audio, peaks=sound.peaks)


def in_an_hour(mine: Sequence[Source], every: Sequence[Source], own: dict[str, Sounds]) -> dict[str, Any]:
    """Return how many sources are found in an hour of other sound, and how many at the right second."""
    found = placed = 0
    chosen = mine[:: -(-len(mine) // IN_AN_HOUR)]
    for place, source in enumerate(chosen):
        others = [other.samples for other in every if other.group != source.group]
        hour = np.resize(np.concatenate(others), round(HOUR * RATE))
        at = round((300 + 211.7 * place) * RATE)
        hour = np.concatenate([hour[:at], source.samples, hour[at:]])
        stretches = aligned(values(hour), own[source.name])
        found += bool(stretches)
        placed += any(abs(stretch.query[0] - stretch.asset[0] - at / RATE) <= CLOSE for stretch in stretches)
    return {
        "sound_in_an_hour": f"{found} of {len(chosen)}",
        "placed_in_an_hour": f"{placed} of {len(chosen)}",
    }


def cost(mine: Sequence[Source]) -> float:
    """Return the CPU time of reading and fingerprinting files of sound, over reading them alone."""
    alone = both = 0.0
    with tempfile.TemporaryDirectory() as scratch:
        for source in mine:
            wav = sounds.wav(Path(scratch) / "a.wav", np.repeat(source.samples, sounds.RATE // RATE))
            for name, options in COSTS.items():
                path = Path(scratch) / f"a.{name}.mkv"
                media.ffmpeg("-i", wav, "-ar", "48000", *options, path)
                began = time.process_time()
                pieces = list(Sound().samples(path, Limits(), duration=HOUR))
                read = time.process_time()
                values(np.concatenate(pieces))
                alone += read - began
                both += time.process_time() - began
    return round(both / alone, 2)


if __name__ == "__main__":
    main()
