"""What searches in memory: faiss over the same hashes, and a Hasher-Matcher-Actioner by its URL."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from registry.catalogue.fingerprints.model.algorithms import SSCD
from tests.bench.speed import load
from tests.bench.speed.cluster import CACHE, ROOT, say
from tests.bench.speed.database.filling import Filled
from tests.bench.speed.load import Load
from tests.bench.speed.questions import Hash

FAISS: Final = "faiss-cpu==1.15.1"
"""Installed beside the project, in .cache, when the benchmark runs: nothing of Fakeprint needs it."""
FOLDER: Final = CACHE / "faiss"
ASKED: Final = 200
MOST_VECTORS: Final = 100_000
"""More take too long to be built into a graph by one thread."""
VECTOR_NEAR: Final = 0.9


@dataclass(frozen=True, slots=True)
class Peer:
    """An index in memory. `cpu_ms` a question; `found`: the share of what must be; `rows` searched."""

    index: str
    rows: int
    cpu_ms: float
    found: float
    build_s: float
    mb: float


def faiss(sizes: Sequence[Filled]) -> list[Peer]:
    """faiss over the hashes and vectors of databases; empty where it cannot be installed."""
    if not _installed():
        return []
    found: list[Peer] = []
    vectors: set[int] = set()
    for size in sizes:
        say(f"{size.name}: faiss")
        found += _hashes(size)
        if (rows := min(size.vectors, MOST_VECTORS)) not in vectors:
            found += _vectors(size, rows)
        vectors.add(rows)
    return found


def _hashes(filled: Filled) -> list[Peer]:
    kept = np.fromfile(filled.hashes(), dtype=np.uint8).reshape(-1, 32)
    draw = np.random.default_rng(filled.frames)
    truth = draw.integers(len(kept), size=ASKED)
    questions = np.array([_flipped(draw, kept[row], 1 + at % 31) for at, row in enumerate(truth)])
    return _run("hashes", filled.hashes(), questions, truth, rows=len(kept))


def _vectors(filled: Filled, rows: int) -> list[Peer]:
    count = rows * SSCD.dimensions
    vectors = np.fromfile(filled.sscd(), dtype="<f2", count=count).reshape(-1, SSCD.dimensions)
    part = CACHE / "vectors.f2"
    vectors.tofile(part)
    draw = np.random.default_rng(rows)
    truth = draw.integers(len(vectors), size=ASKED)
    noise = draw.standard_normal((ASKED, SSCD.dimensions))
    noise *= np.sqrt(1 / VECTOR_NEAR**2 - 1) / np.linalg.norm(noise, axis=1, keepdims=True)
    turned = vectors[truth].astype(np.float32) + noise
    turned /= np.linalg.norm(turned, axis=1, keepdims=True)
    found = _run("vectors", part, turned.astype("<f2"), truth, rows=len(vectors))
    part.unlink()
    return found


def hasher_matcher_actioner(
    url: str, asked: Sequence[Hash], *, clients: Sequence[int], seconds: float
) -> list[Load]:
    """How it answers PDQ lookups over whatever it holds."""
    hashes = [item.value.hex() for item in asked if item.algorithm == "pdq"]
    requests = [load.get(url, f"/m/lookup?signal_type=pdq&signal={value}") for value in hashes]
    return [load.drive(url, requests, clients=count, seconds=seconds) for count in clients]


def _flipped(draw: np.random.Generator, value: Any, bits: int) -> Any:
    flipped = np.unpackbits(value)
    flipped[draw.choice(256, bits, replace=False)] ^= 1
    return np.packbits(flipped)


def _run(kind: str, kept: Path, asked: Any, truth: Any, *, rows: int) -> list[Peer]:
    questions, answers = CACHE / "asked.bin", CACHE / "truth.bin"
    asked.tofile(questions)
    truth.astype(np.int64).tofile(answers)
    command = [sys.executable, "-m", "tests.bench.speed.faiss_search", kind]
    command += map(str, (kept, questions, answers))
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(FOLDER)},
        capture_output=True,
        text=True,
        check=True,
    )
    for path in (questions, answers):
        path.unlink()
    return [Peer(rows=rows, **row) for row in json.loads(done.stdout)]


def _installed() -> bool:
    if (FOLDER / "faiss").exists():
        return True
    say(f"installing {FAISS} in {FOLDER}")
    command = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", str(FOLDER), FAISS]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        say(f"faiss is left out, it cannot be installed: {done.stderr.strip()[-200:]}")
    return done.returncode == 0
