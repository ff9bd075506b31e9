"""Send hostile files through every function that reads foreign bytes, for as long as you like.

    make fuzz [MINUTES=30] [SEED=N] [OUT=FOLDER] [TARGETS="media document …"]
    make fuzz CASE=FILE

1. The corpus of `tests/hostile`.
2. Media and manifests: fields and parts changed at random by their grammar, read in a process of its own.
3. What is read in Python (documents, lists, mail, bundles, feeds, answers): guided by coverage where Atheris
   runs (Linux), else by changes of the corpus.

A finding is an exception that is no `FakeprintError`, or a process that ends. Of media, it is also 60 s of
CPU for less than 1 MB, 900 MB of memory, four minutes, or a temporary file left.
Findings are files in OUT (.cache/fuzz), each with a text that says what happened and how to see it again. The
exit status is 1 if there are any. Add a finding to `tests/hostile/findings.py` and mend it.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import threading
import time
from importlib.util import find_spec
from pathlib import Path
from random import Random
from typing import Final

from tests.hostile import bases, corpus, manifests, targets
from tests.hostile.corpus import Case
from tests.hostile.fuzz.decoding import Decoder
from tests.hostile.fuzz.finding import SEPARATOR, Findings, signature_of, text_of
from tests.hostile.shapes.shape import Shape, drawn
from tests.hostile.targets import DECODERS, TARGETS, Target

GUIDED: Final = tuple(name for name in TARGETS if name not in DECODERS | {"answer"})
"""Targets for Atheris. A receiver's answer takes a server each time: its changes are drawn."""
LEAST: Final = 20.0
"""Seconds of one turn of a guided target."""
TELL: Final = 60.0


class Fuzzing:
    """One run. `cases`: the corpus, from which later changes begin."""

    def __init__(self, findings: Findings, seed: int, ends: float, chosen: frozenset[Target]) -> None:
        self.findings, self.ends, self.chosen = findings, ends, chosen
        self.random = Random(seed)
        self.cases = [case for case in corpus.cases(seed) if case.target in chosen]
        self.count = 0

    def read(self, case: Case, decoder: Decoder | None = None) -> None:
        """Read one file, and keep it if something is wrong."""
        self.count += 1
        wrong = (decoder.judge if decoder else judged)(case.target, case.content)
        if wrong is not None:
            self.findings.add(case.target, case.name, case.content, wrong[1], wrong[0])

    def decoders(self) -> None:
        """Read the corpus's media, then changes of media by their grammar, until the time is over."""
        decoder = Decoder()
        for case in (case for case in self.cases if case.target in DECODERS):
            if self.over():
                break
            self.read(case, decoder)
        self.say("the corpus of media is read")
        while DECODERS & self.chosen and not self.over():
            self.read(self._drawn(), decoder)
        decoder.close()

    def parsers(self) -> None:
        """Read the rest of the corpus, then turn to each target in Python again and again."""
        for case in self.cases:
            if case.target not in DECODERS and not self.over():
                self.read(case)
        self.say("the corpus of texts and archives is read")
        names = [name for name in GUIDED if name in self.chosen]
        turn = max(LEAST, (self.ends - time.monotonic()) / max(1, len(names)) / 2)
        while names and not self.over():
            for name in names:
                if not self.over():
                    self._turn(name, min(turn, self.ends - time.monotonic()))

    def _turn(self, name: Target, seconds: float) -> None:
        if find_spec("atheris") is not None:
            self._guided(name, seconds)
            return
        ends = time.monotonic() + seconds
        mine = [case for case in self.cases if case.target == name]
        while time.monotonic() < ends:
            case = self.random.choice(mine)
            _, content = drawn(case.content, Shape((), ()), self.random)
            self.read(Case(case.name, name, content))

    def _guided(self, name: Target, seconds: float) -> None:
        with tempfile.TemporaryDirectory() as folder:
            for number, case in enumerate(self.cases):
                if case.target == name and len(case.content) < 1 << 16:
                    (Path(folder) / str(number)).write_bytes(case.content)
            self.findings.folder.mkdir(parents=True, exist_ok=True)
            program = ["-m", "tests.hostile.fuzz.guided", name, str(round(seconds)), folder]
            ran = subprocess.run(
                [sys.executable, *program, str(self.findings.folder)],
                input="\n".join(self.findings.known),
                capture_output=True,
                text=True,
                check=False,
                cwd=Path(__file__).parents[3],
            )
        for line in ran.stdout.splitlines():
            if line.startswith("FOUND "):
                signature, _, path = line.removeprefix("FOUND ").rpartition(": ")
                self.findings.known[signature] = Path(path)
                print(line, flush=True)
        runs = [
            line.rpartition(" ")[2] for line in ran.stderr.splitlines() if "number_of_executed_units" in line
        ]
        self.count += int(runs[0]) if runs else 0
        if ran.returncode and "FOUND" not in ran.stdout:
            log = self.findings.folder / f"{name}-guided.log"
            log.write_text(ran.stderr[-20_000:], encoding="utf-8")
            self.findings.known[f"{name} ended with {ran.returncode}"] = log
            print(f"FOUND {name} ended with {ran.returncode}: {log}", flush=True)

    def _drawn(self) -> Case:
        """Return a file with one to four changes."""
        name = self.random.choice((*bases.NAMES, "signed.png"))
        signed = name == "signed.png"
        data = manifests.signed() if signed else bases.media(name)
        made = []
        for _ in range(self.random.choice((1, 1, 2, 3, 4))):
            shape = manifests.shape(data) if signed and b"caBX" in data else self._shape(name, data)
            change, data = drawn(data, shape, self.random)
            made.append(change)
            if not data:
                break
        stem, _, suffix = name.rpartition(".")
        return Case(
            f"{stem}-{'-'.join(made)[-60:]}.{suffix}".replace("/", "_"),
            "manifest" if signed else "media",
            data,
        )

    def _shape(self, name: str, data: bytes) -> Shape:
        try:
            return bases.shape_of(name, data)
        except (IndexError, ValueError, KeyError):  # an earlier change broke what the shape is read from
            return Shape((), ())

    def over(self) -> bool:
        return time.monotonic() >= self.ends

    def say(self, text: str) -> None:
        print(
            f"{time.strftime('%H:%M:%S')} {self.count} read, {len(self.findings.known)} found: {text}",
            flush=True,
        )


def judged(target: Target, content: bytes) -> tuple[str, str] | None:
    """Read a file here. Return signature and text of what is wrong, or None."""
    try:
        targets.read(target, content)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is a finding
        return signature_of(error), text_of(error)
    return None


def replay(path: Path) -> int:
    """Read one file again and say what happens."""
    target, found, _ = path.name.partition(SEPARATOR)
    if not found or target not in TARGETS:
        target = os.environ.get("TARGET", "media")
    decoder = Decoder()
    content = path.read_bytes()
    wrong = decoder.judge(target, content) if target in DECODERS else judged(target, content)
    decoder.close()
    print(f"{target}: " + (f"{wrong[0]}\n{wrong[1]}" if wrong else "nothing is wrong"))
    return int(wrong is not None)


def main() -> int:
    """Run, or replay a case."""
    argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    ).parse_args()
    if case := os.environ.get("CASE"):
        return replay(Path(case))
    folder = Path(os.environ.get("OUT") or ".cache/fuzz")
    seed = int(os.environ.get("SEED") or time.time())
    chosen = frozenset(os.environ.get("TARGETS", "").split()) or frozenset(TARGETS)
    ends = time.monotonic() + 60 * float(os.environ.get("MINUTES") or 30)
    fuzzing = Fuzzing(Findings(folder), seed, ends, chosen)
    fuzzing.say(f"{len(fuzzing.cases)} files of the corpus, seed {seed}")
    threads = [threading.Thread(target=work) for work in (fuzzing.decoders, fuzzing.parsers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        while thread.is_alive():
            thread.join(TELL)
            fuzzing.say("going on" if thread.is_alive() else "one part is done")
    fuzzing.say(f"findings are in {folder}" if fuzzing.findings.known else "nothing is wrong")
    return int(bool(fuzzing.findings.known))


if __name__ == "__main__":
    sys.exit(main())
