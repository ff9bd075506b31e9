"""Find wrong answers, compute the browser's figures, and print the table."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence

from tests.bench.doors.answers import FOUND, Said
from tests.bench.doors.cases import Case

Answers = dict[str, dict[Case, Said]]
"""What each door said of each case."""
FULLEST = "upload"


def wrong(cases: Sequence[Case], said: Answers) -> Iterator[tuple[str, Case, str]]:
    """Return the wrong answers as interface, case and reason; see `tests.bench.doors`."""
    for door, answered in said.items():
        for case in cases:
            if why := _fault(case, answered[case], said[FULLEST][case]):
                yield door, case, why


def _fault(case: Case, said: Said, full: Said) -> str:
    if said.error:
        return ""
    if case.genuine and said.verdict == "known_fake":
        return "an original is called a known fake"
    if full.error:
        return ""
    if said.verdict != full.verdict and not said.next_step:
        return "the fullest door says another verdict, and no next step is named"
    if said.verdict == full.verdict == "known_fake" and not said.fakes & full.fakes:
        return "the fullest door names another entry"
    return ""


def figures(cases: Sequence[Case], said: Answers) -> dict[str, float]:
    """Return the figures of `tests.bench.doors`, except the seconds."""
    faults = list(wrong(cases, said))
    accused = {(door, case) for door, case, _ in faults if case.genuine and _known(said[door][case])}
    copies = [case for case in cases if not case.genuine]
    found = [case for case in copies if said["lookup"][case].finds(case.entry)]
    known = [case for case in found if case.entry in said["lookup"][case].fakes]
    made: dict[str, float] = {
        "copies": len(copies),
        "originals": len(cases) - len(copies),
        "doors_wrong": len(faults),
        "doors_failed": sum(bool(item.error) for answered in said.values() for item in answered.values()),
        "originals_known_fake": len(accused),
    }
    for door, name in (("browser", "browser"), ("browser faces", "browser_faces")):
        of = said[door]
        made[f"{name}_found"] = _share(of[case].finds(case.entry) for case in found)
        made[f"{name}_found_verdict"] = _share(of[case].verdict in FOUND for case in found)
    faces = said["browser faces"]
    made["browser_faces_known"] = _share(case.entry in faces[case].fakes for case in known)
    for door, of in said.items():
        made[f"known_{door.replace(' ', '_')}"] = _share(case.entry in of[case].fakes for case in copies)
    return made


def show(cases: Sequence[Case], said: Answers) -> None:
    """Print the table and each wrong answer to standard error."""
    edits = list(dict.fromkeys(_column(case) for case in cases))
    print("\nknown fake by the right entry / related / no match or undecidable / other", file=sys.stderr)
    print(f"{'':15}" + "".join(f"{edit:>15}" for edit in edits), file=sys.stderr)
    for door, answered in said.items():
        cells = [_cell([case for case in cases if _column(case) == edit], answered) for edit in edits]
        print(f"{door:15}" + "".join(f"{cell:>15}" for cell in cells), file=sys.stderr)
    for door, case, why in wrong(cases, said):
        print(f"WRONG {door}: {case.label}: {why}", file=sys.stderr)
        print(f"    {door}: {said[door][case]}\n    {FULLEST}: {said[FULLEST][case]}", file=sys.stderr)
    for door, answered in said.items():
        for case in (case for case in cases if answered[case].error):
            print(f"FAILED {door}: {case.label}: {answered[case].error}", file=sys.stderr)
    for door in ("browser", "browser faces"):
        for case in cases:
            looked = said["lookup"][case].finds(case.entry) and not case.genuine
            if looked and not said[door][case].finds(case.entry):
                print(f"MISSED {door}: {case.label}: {said[door][case]}", file=sys.stderr)


def _column(case: Case) -> str:
    return f"{case.edit}{' (orig.)' if case.genuine else ''}"


def _cell(cases: Sequence[Case], answered: Mapping[Case, Said]) -> str:
    known = sum(case.entry in answered[case].fakes for case in cases)
    related = sum(answered[case].verdict == "related" for case in cases)
    nothing = sum(answered[case].verdict in {"no_match", "undecidable"} for case in cases)
    return f"{known}/{related}/{nothing}/{len(cases) - known - related - nothing}"


def _known(said: Said) -> bool:
    return said.verdict == "known_fake"


def _share(holds: Iterable[bool]) -> float:
    held = list(holds)
    return round(sum(held) / len(held), 4) if held else 0.0
