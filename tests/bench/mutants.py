"""Small mutations of the code that decides, each against its room's tests: `make mutants SEED=1 COUNT=150`.

A mutant is one change of one expression (`<=` for `<`, `and` for `or`, another number, a condition turned
round, a loop that never runs, nothing returned) in a clone of the last commit. It is killed if a test of
`make test ROOM=…` that runs the changed line fails; coverage's contexts say which do. For a line that runs at
import, or in a process that a test starts, these are the room's tests that run any line of its file.
TESTS=COMMIT holds the same mutants against the tests of that commit too, before those of today.

The operators are written here: cosmic-ray brings twelve packages, one of them under the LGPL, and mutates
annotations; mutmut forks the process of pytest, and connections and threads of fixtures do not outlive that.
"""

from __future__ import annotations

import ast
import json
import os
import random
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from itertools import accumulate, pairwise
from pathlib import Path
from queue import SimpleQueue
from typing import Final

from coverage import CoverageData

from tests.bench.suite import ROOT, coverage_settings

SOURCES: Final = {
    "registry/matching": "tests/matching",
    "registry/identity": "tests/identity",
    "registry/takedown/notices": "tests/takedown",
    "registry/transparency": "tests/transparency",
    "registry/core/database": "tests/core/database",
}
SWAPPED: Final = {
    "Lt": ("<", "<="),
    "LtE": ("<=", "<"),
    "Gt": (">", ">="),
    "GtE": (">=", ">"),
    "Eq": ("==", "!="),
    "NotEq": ("!=", "=="),
    "Is": ("is", "is not"),
    "IsNot": ("is not", "is"),
    "In": ("in", "not in"),
    "NotIn": ("not in", "in"),
    "And": ("and", "or"),
    "Or": ("or", "and"),
    "Add": ("+", "-"),
    "Sub": ("-", "+"),
    "Mult": ("*", "/"),
    "Div": ("/", "*"),
    "FloorDiv": ("//", "*"),
    "Mod": ("%", "*"),
    "Pow": ("**", "*"),
    "BitOr": ("|", "&"),
    "BitAnd": ("&", "|"),
}
"""Operators by the name of their class, and what takes their place."""

TESTS_OF: Final = "not slow or main"
LIMIT_S: Final = 900.0
"""Far beyond what any room takes: a test that hangs ends by pytest-timeout before."""

type Runs = dict[str, dict[int, set[str]]]
"""By file and line, the tests (`file::function`) that run it. Line 0: any line of the file."""


@dataclass(frozen=True)
class Mutant:
    """A file in which the bytes from `start` to `end`, which begin in `line`, are `text` instead."""

    path: str
    line: int
    start: int
    end: int
    text: bytes

    @property
    def source(self) -> str:
        return next(source for source in SOURCES if self.path.startswith(source + "/"))

    def shown(self) -> str:
        """Return the change as `old -> new`."""
        old = (ROOT / self.path).read_bytes()[self.start : self.end]
        return f"{old.decode()} -> {self.text.decode()}"

    @contextmanager
    def applied(self, root: Path) -> Iterator[None]:
        """Change the file below `root`, and change it back."""
        path = root / self.path
        whole = path.read_bytes()
        path.write_bytes(whole[: self.start] + self.text + whole[self.end :])
        try:
            yield
        finally:
            path.write_bytes(whole)


@cache
def mutants_of(path: Path) -> list[Mutant]:
    """Return the mutants of a file. Annotations and constants that are statements have none."""
    whole = path.read_bytes()
    starts = [0, *accumulate(map(len, whole.splitlines(keepends=True)))]

    def span(node: ast.expr | ast.stmt) -> tuple[int, int]:
        end_line, end_column = node.end_lineno or 0, node.end_col_offset or 0
        return starts[node.lineno - 1] + node.col_offset, starts[end_line - 1] + end_column

    found = []
    for node in _nodes(ast.parse(whole)):
        for start, end, text in _changes(node, whole, span):
            line = whole.count(b"\n", 0, start) + 1
            found.append(Mutant(str(path.relative_to(ROOT)), line, start, end, text))
    return found


def _nodes(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield what runs."""
    for name, value in ast.iter_fields(tree):
        if name in {"annotation", "returns", "type_params"} or isinstance(tree, ast.TypeAlias):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST) and not _is_text(child):
                yield child
                yield from _nodes(child)


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


type Span = Callable[[ast.expr | ast.stmt], tuple[int, int]]


def _changes(node: ast.AST, whole: bytes, span: Span) -> Iterator[tuple[int, int, bytes]]:
    """Yield (start, end, text) of each change of a node itself."""
    match node:
        case ast.Compare(left, operators, others):
            yield from _between([left, *others], operators, whole, span)
        case ast.BoolOp(operator, values):
            yield from _between(values, [operator] * (len(values) - 1), whole, span)
        case ast.BinOp(left, operator, right):
            yield from _between([left, right], [operator], whole, span)
        case ast.UnaryOp(ast.Not() | ast.USub(), operand):
            start, end = span(node)
            yield start, end, b"(" + whole[slice(*span(operand))] + b")"
        case ast.Constant(bool() | int() | float() as value):
            yield *span(node), repr(not value if isinstance(value, bool) else value + 1).encode()
        case ast.Return(ast.expr() as value) if not isinstance(value, ast.Constant):
            yield *span(value), b"None"
        case ast.Break() | ast.Continue():
            yield *span(node), b"continue" if isinstance(node, ast.Break) else b"break"
        case ast.For(iter=many):
            yield *span(many), b"()"
    if isinstance(node, ast.If | ast.IfExp | ast.While):
        start, end = span(node.test)
        yield start, end, b"(not (" + whole[start:end] + b"))"


def _between(
    operands: Sequence[ast.expr], operators: Sequence[ast.AST], whole: bytes, span: Span
) -> Iterator[tuple[int, int, bytes]]:
    for (left, right), operator in zip(pairwise(operands), operators, strict=True):
        old, new = SWAPPED.get(type(operator).__name__, ("", ""))
        start, end = span(left)[1], span(right)[0]
        if old and old.encode() in whole[start:end]:
            yield start, end, whole[start:end].replace(old.encode(), new.encode(), 1)


def draw(seed: int, count: int) -> list[Mutant]:
    """Return `count` mutants, as many of each source as of another."""
    chance = random.Random(seed)  # noqa: S311 - repeatable, guards nothing
    drawn: list[Mutant] = []
    for number, source in enumerate(SOURCES):
        every = [mutant for path in sorted((ROOT / source).rglob("*.py")) for mutant in mutants_of(path)]
        drawn += chance.sample(every, count // len(SOURCES) + (number < count % len(SOURCES)))
    return drawn


class Clone:
    """A clone of the last commit, whose processes import from it; `tests`: a commit, for its tests."""

    def __init__(self, folder: Path, tests: str) -> None:
        self.folder = folder
        subprocess.run(["git", "clone", "--quiet", ROOT, folder], check=True)
        subprocess.run(["git", "restore", "--source", tests, "tests"], cwd=folder, check=True)
        (folder / ".venv").symlink_to(ROOT / ".venv")
        self.environment = os.environ | {"PYTHONPATH": f"{folder}:{folder}/registry/client"}
        self.environment.pop("PYTHONDONTWRITEBYTECODE", None)

    def passes(self, *words: str, **more: str) -> bool:
        """Run these tests; a run without any is one that passes."""
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-x",
            "-p",
            "no:cacheprovider",
            "--timeout=60",
            *words,
        ]
        process = subprocess.Popen(
            command,
            cwd=self.folder,
            env=self.environment | more,
            start_new_session=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            return process.wait(LIMIT_S) in {0, 5}
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, 9)
            process.wait()
            return False

    def runs(self, room: str) -> Runs:
        """Run a room's tests and return which run what.

        Raises `RuntimeError` if one fails without any mutant.
        """
        with tempfile.TemporaryDirectory() as at:
            settings = coverage_settings(Path(at), self.folder, "dynamic_context = test_function")
            workers = f"-n{os.cpu_count()}"
            if not self.passes(
                room, "-m", TESTS_OF, workers, "--dist=loadfile", COVERAGE_PROCESS_START=settings
            ):
                raise RuntimeError(f"the tests of {room} fail without a mutant")
            found: Runs = {}
            for written in Path(at).glob("data.*"):
                data = CoverageData(str(written))
                data.read()
                for path in data.measured_files():
                    _add(found.setdefault(str(Path(path).relative_to(self.folder)), {}), data, path)
        return found

    def kills(self, mutant: Mutant, lines: dict[int, set[str]]) -> bool:
        """Return whether one of the tests that run the line of the mutant fails."""
        tests = lines.get(mutant.line) or lines.get(0, set())
        if not tests:
            return False
        with mutant.applied(self.folder):
            return not self.passes("-m", TESTS_OF, *sorted(tests))


def _add(lines: dict[int, set[str]], data: CoverageData, path: str) -> None:
    for line, contexts in data.contexts_by_lineno(path).items():
        for context in contexts:
            module, _, function = context.rpartition(".")
            if module.startswith("tests."):
                test = f"{module.replace('.', '/')}.py::{function}"
                lines.setdefault(line, set()).add(test)
                lines.setdefault(0, set()).add(test)


def killed(mutants: list[Mutant], tests: str) -> list[bool]:
    """Return for each mutant whether the tests of a commit kill it."""
    with tempfile.TemporaryDirectory() as at:
        clones: SimpleQueue[Clone] = SimpleQueue()
        first = Clone(Path(at) / "0", tests)
        clones.put(first)
        runs = {source: first.runs(room) for source, room in SOURCES.items()}
        for number in range(1, os.cpu_count() or 1):
            clones.put(Clone(Path(at) / str(number), tests))

        def judge(mutant: Mutant) -> bool:
            clone = clones.get()
            try:
                dead = clone.kills(mutant, runs[mutant.source].get(mutant.path, {}))
            finally:
                clones.put(clone)
            print(
                "killed  " if dead else "SURVIVED", f"{mutant.path}:{mutant.line}", mutant.shown(), flush=True
            )
            return dead

        with ThreadPoolExecutor(os.cpu_count()) as pool:
            return list(pool.map(judge, mutants))


def main() -> None:
    seed, count = int(os.environ.get("SEED", "1")), int(os.environ.get("COUNT", "150"))
    mutants = draw(seed, count)
    commits = {"before": os.environ.get("TESTS", ""), "after": "HEAD"}
    figures: dict[str, float] = {"mutants": len(mutants)}
    for name, commit in commits.items():
        if commit:
            dead = killed(mutants, commit)
            figures[f"mutants_killed_{name}"] = sum(dead)
            total = Counter(mutant.source for mutant in mutants)
            for source, number in Counter(m.source for m, d in zip(mutants, dead, strict=True) if d).items():
                print(f"{name}: {number} of {total[source]} killed in {source}")
    print(json.dumps({"seed": seed, "figures": figures}, indent=2))
    if out := os.environ.get("OUT"):
        Path(out).write_text(json.dumps({"figures": figures}, indent=2) + "\n")


if __name__ == "__main__":
    main()
