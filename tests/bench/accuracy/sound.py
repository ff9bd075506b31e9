"""How well sound is recognised, and what listening costs.

    python -m tests.bench.accuracy.sound FOLDER

Each clip of the `manifest.csv` that has a sound is encoded anew as messaging apps do, and four seconds
of it are cut out, by themselves and into a minute of another's. All are aligned with their own sound (found?)
and with all those of other groups, and with drawn noise, tones and voices (found by mistake?). The lowest bit
error of two unrelated sounds is that of the best `LEAST` values in a row at any offset. Candidates: the share
whose keys would propose their sound to the database. CPU is of decoding and listening, a minute of sound.
"""

from __future__ import annotations

import csv
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from registry.catalogue.fingerprints.model import audio
from registry.catalogue.fingerprints.model.audio import Values
from tests.bench.accuracy.media.material import SAME
from tests.support.media import clips as media
from tests.support.media import sounds
from workers.hashers.chromaprint import Chromaprint
from workers.media.limits import Limits
from workers.media.sound import RATE, Samples, Sound

ENCODINGS: Final = {
    "AAC 24k mono": ("-c:a", "aac", "-b:a", "24k", "-ac", "1", "-ar", "22050"),
    "AAC 32k": ("-c:a", "aac", "-b:a", "32k"),
    "AAC 48k": ("-c:a", "aac", "-b:a", "48k"),
    "Opus 16k": ("-c:a", "libopus", "-b:a", "16k"),
    "MP3 32k": ("-c:a", "libmp3lame", "-b:a", "32k"),
    "12 dB quieter": ("-af", "volume=-12dB", "-c:a", "aac", "-b:a", "48k"),
    "compressed": ("-af", "acompressor=threshold=-20dB:ratio=6:makeup=6dB", "-c:a", "aac", "-b:a", "48k"),
}
CUT: Final = 4.0
MINUTE: Final = 60.0
SHORTEST: Final = 5.0
LONGEST: Final = 600


@dataclass(frozen=True, slots=True)
class Heard:
    """A sound: whose it is, what was done to it, its samples and values; `within`: another's around it."""

    group: str
    edit: str
    samples: Samples
    values: Values
    within: str = ""


def main(folder: Path) -> None:
    """Print the table."""
    with (folder / "manifest.csv").open() as file:
        rows = [row for row in csv.DictReader(file) if row["has_audio"] == "1"]
    began, seconds = time.process_time(), 0.0
    own = {row["path"]: listened(folder / row["path"], row) for row in rows}
    spent = time.process_time() - began
    seconds = sum(len(item.samples) for item in own.values()) / RATE
    telling = {path: one for path, one in own.items() if audio.keys(one.values)}
    print(f"{len(own)} clips with a sound, {len(telling)} of which say anything")
    print(f"decoding and listening: {1000 * spent / seconds * 60:.0f} ms of CPU a minute")
    edited = list(edits(folder, telling))
    recall(telling, edited)
    mistakes([*own.values(), *(heard for _, heard in edited), *drawn()], [*own.values(), *drawn()])


def listened(path: Path, row: dict[str, str], edit: str = "as it is") -> Heard:
    group = SAME.get(row["group"], row["group"])
    seconds = float(row["duration"])
    pieces = list(Sound().samples(path, Limits(), duration=seconds))
    return of(group, edit, np.concatenate([np.empty(0, np.int16), *pieces]))


def of(group: str, edit: str, samples: Samples, within: str = "") -> Heard:
    chromaprint = Chromaprint()
    chromaprint.feed(samples)
    return Heard(group, edit, samples, audio.values(chromaprint.values()), within)


def edits(folder: Path, telling: dict[str, Heard]) -> Iterator[tuple[str, Heard]]:
    """Path and sound of every edit."""
    carriers = sorted(telling.values(), key=lambda item: -len(item.samples))
    with tempfile.TemporaryDirectory() as scratch:
        for path, own in telling.items():
            length = len(own.samples) / RATE
            for name, encoding in ENCODINGS.items():
                yield path, of(own.group, name, encoded(folder / path, Path(scratch), *encoding))
            if length < SHORTEST:
                continue
            start = f"{0.3 + 0.377 * (length - CUT - 0.6):.3f}"
            cut = encoded(
                folder / path, Path(scratch), *ENCODINGS["AAC 32k"], before=("-ss", start, "-t", str(CUT))
            )
            yield path, of(own.group, "4 s alone", cut)
            other = next(carrier for carrier in carriers if carrier.group != own.group)
            carrier = other.samples[: round(MINUTE * RATE)]
            place = round(21.37 * RATE)
            within = np.concatenate([carrier[:place], cut, carrier[place : -len(cut)]])
            yield path, of(own.group, "4 s in a minute", within, other.group)


def encoded(path: Path, scratch: Path, *encoding: str, before: tuple[str, ...] = ()) -> Samples:
    """The sound of a file after an encoding, as samples."""
    there, back = scratch / "there.mkv", scratch / "back.raw"
    media.ffmpeg(*before, "-i", path, "-vn", *encoding, there)
    media.ffmpeg("-i", there, "-ac", "1", "-ar", str(RATE), "-f", "s16le", back)
    return np.fromfile(back, dtype="<i2")


def drawn() -> Iterator[Heard]:
    """Sounds of no clip."""
    for seed in range(4):
        made = {
            "noise": sounds.noise(seed, 40),
            "voice": sounds.speech(seed, 40),
            "tone": sounds.tone(220 * (seed + 1), 40),
        }
        for name, samples in made.items():
            yield of(f"{name} {seed}", "drawn", np.ascontiguousarray(samples[:: sounds.RATE // RATE]))


def recall(telling: dict[str, Heard], edited: list[tuple[str, Heard]]) -> None:
    found: dict[str, list[tuple[bool, bool, float]]] = defaultdict(list)
    for path, heard in edited:
        own = telling[path].values
        stretches = audio.align(heard.values, own)
        shared = set(audio.keys(heard.values, audio.PROBES)) & set(audio.keys(own))
        error = stretches[0].bit_error if stretches else 1.0
        found[heard.edit].append((bool(stretches), bool(shared), error))
    print(f"\n{'edit':18} found        candidates   bit error: median, most")
    for name, outcomes in found.items():
        told = [error for there, _, error in outcomes if there]
        there, keyed = sum(outcome[0] for outcome in outcomes), sum(outcome[1] for outcome in outcomes)
        errors = f"{np.median(told):.3f}  {max(told):.3f}"
        print(f"{name:18} {there:3} of {len(outcomes):3}   {keyed:3} of {len(outcomes):3}   {errors}")


def mistakes(queries: list[Heard], assets: list[Heard]) -> None:
    pairs, wrong, lowest = 0, [], 1.0
    for query in queries:
        for asset in assets:
            if asset.group in {query.group, query.within}:
                continue
            pairs += 1
            if audio.align(query.values, asset.values):
                wrong.append((query.group, query.edit, asset.group))
            if min(len(query.values), len(asset.values)) <= LONGEST:
                lowest = min(lowest, best_run(query.values, asset.values))
    print(f"\n{pairs:,} unrelated pairs: {len(wrong)} found {wrong[:5]}; lowest bit error {lowest:.3f}")


def best_run(query: Values, asset: Values) -> float:
    """The lowest bit error of `LEAST` informative values in a row, at any offset."""
    says, said = audio.informative(query), audio.informative(asset)
    if min(len(query), len(asset)) < audio.LEAST or not says.any() or not said.any():
        return 1.0
    bits = np.bitwise_count(query[:, None] ^ asset[None, :]).astype(np.int32)
    bits[~(says[:, None] & said[None, :])] = audio.BITS // 2
    rows, columns = bits.shape
    slanted = np.full((rows, rows + columns), audio.BITS, dtype=np.int32)
    for row in range(rows):
        slanted[row, rows - 1 - row : rows - 1 - row + columns] = bits[row]
    sums = np.vstack([np.zeros((1, rows + columns), dtype=np.int64), slanted.cumsum(axis=0)])
    return float((sums[audio.LEAST :] - sums[: -audio.LEAST]).min()) / audio.LEAST / audio.BITS


if __name__ == "__main__":
    main(Path(sys.argv[1]))
