"""The run: photographs first, then the pairs through the service; tables, then the figures."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tests.bench.accuracy.first import running
from tests.bench.accuracy.media import material
from tests.bench.accuracy.media.copies import made
from tests.bench.accuracy.media.material import Item
from tests.bench.faces import identifying, lips, pairs, photographs, relating, tables, verifying
from tests.bench.faces.pairs import CLEAN, RESENT, Pairs
from tests.bench.faces.photographs import CONDITIONS, MISLABELLED, PLAIN
from tests.bench.faces.relating import Related

QUICK_PAIRS: Final = 4
QUICK_PERSONS: Final = 20
QUICK_LIPS: Final = 5
ENROLLED: Final = {2: "", 1: "_one_photo"}
"""Photographs of each person that are enrolled, and what the figures' names end in. Up to twenty can be; two
are far from that, and one is the hardest case."""

Figures = dict[str, float | int]


def run(folder: Path, *, quick: bool, out: Path | None) -> None:
    """Measure all, print the tables, write the figures. Raises `SystemExit` where the folder has nothing."""
    items, notes = material.listed(folder)
    figures: Figures = {}
    faces = [item for item in items if item.category == "faces" and item.name not in MISLABELLED]
    if wrong := sorted({item.name for item in items} & MISLABELLED):
        notes.append(f"not the person that the manifest says, left out: {', '.join(wrong)}")
    if faces:
        figures |= _faces(_some(faces) if quick else faces)
    else:
        notes.append("no photographs of faces")
    found = pairs.read(items, QUICK_PAIRS if quick else 0)
    notes += found.notes
    if found.fakes:
        figures |= _relations(found, notes)
    figures |= _lips(items, quick=quick)
    if not figures:
        message = f"{folder}/manifest.csv names no photographs of faces and no fakes that are there"
        raise SystemExit(message)
    for note in notes:
        print(f"note: {note}", file=sys.stderr)
    text = json.dumps({"figures": figures}, indent=2)
    print("\n" + text)
    if out is not None:
        out.write_text(text + "\n", encoding="utf-8")


def _some(faces: Sequence[Item]) -> list[Item]:
    """Persons of a quick run, and as many strangers."""
    chosen: set[str] = set()
    for role in ("face", "distractor"):
        groups = sorted({item.group for item in faces if item.role == role})
        chosen |= set(material.spread(groups, QUICK_PERSONS))
    return [item for item in faces if item.group in chosen]


def _faces(faces: Sequence[Item]) -> Figures:
    plain = photographs.read(faces, CONDITIONS[0])
    verified = verifying.verify(plain)
    rows = []
    for condition in CONDITIONS:
        seen = plain if condition.name == PLAIN else photographs.read(faces, condition)
        for enrolled in ENROLLED:
            persons, used = identifying.split(plain, enrolled)
            rows.append(identifying.identify(seen, persons, used, condition.name))
    rows.sort(key=lambda row: -row.enrolled)
    tables.verification(verified)
    tables.identification(rows)
    figures: Figures = {
        "tar_at_far_1e2": round(verified.at(1e-2).true_accepts, 4),
        "tar_at_far_1e3": round(verified.at(1e-3).true_accepts, 4),
        "tar_at_far_1e4": round(verified.at(1e-4).true_accepts, 4),
        "tar_at_far_1e3_low": round(verified.at(1e-3).interval[0], 4),
        "genuine_pairs": verified.genuine,
        "impostor_pairs": verified.impostors,
    }
    for row in rows:
        words = [] if row.condition == PLAIN else row.condition.lower().replace(",", "").split()
        name = "".join(f"_{word}" for word in words)
        end = ENROLLED.get(row.enrolled, "")
        figures[f"person_found{name}{end}"] = round(row.found / max(row.queries, 1), 4)
        figures[f"stranger_matched{name}{end}"] = row.matched
    return figures


def _relations(found: Pairs, notes: list[str]) -> Figures:
    items = {item.name: item for item in (*found.fakes, *found.genuine)}
    done = made(pairs.jobs(list(items.values())), what="re-sending and fingerprinting fakes and originals")
    with running() as server:
        related = relating.ask(server.client, found, done)
    notes += related.notes
    tables.relations(related, found)
    figures = _shares(related)
    for known in (False, True):
        others = relating.other_fakes(related, found, done, known=known)
        tables.others(others, known=known)
        if others:
            right = sum(relation == "same_footage_other_face" for relation in others.values())
            name = f"same_footage_other_face{'_with_original' if known else ''}"
            figures[name] = round(right / len(others), 4)
    return figures


def _lips(items: Sequence[Item], *, quick: bool) -> Figures:
    found = lips.measure(items, most=QUICK_LIPS if quick else lips.MOST)
    tables.lips(found)
    figures: Figures = {}
    for manipulation, name in (("lip_sync", "lip"), ("face_swap", "lip_undeclared")):
        for known in (False, True):
            rows = [item for item in found if (item.manipulation, item.known) == (manipulation, known)]
            end = "with_original" if known else "without"
            right = sum(row.copy == "known_fake" for row in rows)
            wrong = sum(row.original == "known_fake" for row in rows)
            if rows:
                figures[f"{name}_copy_ok_{end}"] = round(right / len(rows), 4)
                figures[f"{name}_original_accused_{end}"] = round(wrong / len(rows), 4)
    return figures


def _shares(related: Related) -> Figures:
    figures: Figures = {}
    for setting, end in ((RESENT.name, ""), (CLEAN, "_clean")):
        shares = {
            "copy_ok_with_original": related.share("fake", setting, "known_fake", known=True),
            "original_ok_with_original": related.share("original", setting, "authentic_original", known=True),
            "original_accused_without": related.share("original", setting, "known_fake", known=False),
            "original_accused_with": related.share("original", setting, "known_fake", known=True),
            "copy_ok_without": related.share("fake", setting, "known_fake", known=False),
        }
        for name, (count, of) in shares.items():
            if of:
                figures[f"{name}{end}"] = round(count / of, 4)
    return figures
