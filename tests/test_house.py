"""The house rules, each a test: walls, sizes, names, twins, settings, documents, tools."""

from __future__ import annotations

import ast
import re
import subprocess
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Final

import pytest

from registry.core.settings import Settings

ROOT = Path(__file__).parent.parent
REGISTRY = ROOT / "registry"
MOST_LINES = 400
MOST_LINES_A_FUNCTION = 40
MOST_BYTES = 800_000  # of one file of the repository but uv.lock, which tools write
FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "managers"}
MEDIA = {".avi", ".gif", ".jpeg", ".jpg", ".mkv", ".mov", ".mp3", ".mp4"}
MEDIA |= {".npy", ".png", ".wav", ".webm", ".webp"}


@cache
def files() -> tuple[Path, ...]:
    """Every file of the repository, committed or about to be."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return tuple(path for name in listed.split("\0") if name and (path := ROOT / name).is_file())


def code() -> tuple[Path, ...]:
    """What people wrote: `make sdk` generates two modules of the client."""
    generated = {REGISTRY / "client" / "fakeprint" / name for name in ("operations.py", "schemas.py")}
    suffixes = {".py", ".sql", ".sh", ".js", ".css", ".html"}
    return tuple(path for path in files() if path.suffix in suffixes and path not in generated)


def test_every_tool_is_run_beside_the_tests() -> None:
    checks = (ROOT / "Makefile").read_text().partition("\nchecks:")[2].partition("\n\n")[0]
    tools = [
        "ruff check",
        "ruff format --check",
        "mypy",
        "lint-imports",
        "licences --check",
        "architecture --check",
    ]
    assert [tool for tool in tools if tool not in checks] == []


def test_no_file_is_too_long() -> None:
    lengths = {path.relative_to(ROOT): len(path.read_text().splitlines()) for path in code()}
    assert {path: lines for path, lines in lengths.items() if lines > MOST_LINES} == {}


def test_no_function_is_too_long() -> None:
    """From `def` to its end, less the docstring. A test is a story, and may be longer."""
    places = [path for path in code() if path.suffix == ".py" and (ROOT / "tests") not in path.parents]
    lengths = {
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}": node.end_lineno
        - node.lineno
        + 1
        - _docstring(node)
        for path in places
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno
    }
    assert {place: lines for place, lines in lengths.items() if lines > MOST_LINES_A_FUNCTION} == {}


def _docstring(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Return how many lines the function's docstring has."""
    first = node.body[0]
    return (first.end_lineno or 0) - first.lineno + 1 if ast.get_docstring(node) is not None else 0


def test_no_forbidden_name() -> None:
    named = [path for path in files() if {path.stem, *path.relative_to(ROOT).parts[:-1]} & FORBIDDEN_NAMES]
    assert named == []


def test_no_media_and_no_large_file() -> None:
    shots = ROOT / "deploy" / "screenshots"  # three pages of the console, which docs/organizations.md shows
    references = ROOT / "tests" / "browser" / "visual" / "references"  # what `make visual` compares with
    pictures = [path for path in files() if path.suffix.lower() in MEDIA]
    held = [path.relative_to(ROOT) for path in pictures if path.parent not in {shots, references}]
    assert len(list(shots.iterdir())) == 3
    assert sum(path.stat().st_size for path in references.iterdir()) < 1_000_000
    written = [path for path in files() if path != ROOT / "uv.lock"]
    large = [path.relative_to(ROOT) for path in written if path.stat().st_size > MOST_BYTES]
    assert (held, large) == ([], [])


def test_no_word_left_undone() -> None:
    undone = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
    this = Path(__file__)
    found = [f"{p.name}: {m[0]}" for p in code() if p != this and (m := undone.search(p.read_text()))]
    assert found == []


def test_queries_live_in_twins() -> None:
    loading = {
        path.with_suffix("") for path in REGISTRY.rglob("*.py") if "sql.load(__name__)" in path.read_text()
    }
    twins = {path.with_suffix("") for path in REGISTRY.rglob("*.sql")}
    assert loading == twins


@pytest.mark.parametrize(
    "twin", sorted(REGISTRY.rglob("*.sql")), ids=lambda path: str(path.relative_to(REGISTRY))
)
def test_each_query_has_a_name_a_purpose_and_a_use(twin: Path) -> None:
    text, module = twin.read_text(), twin.with_suffix(".py").read_text()
    headed = re.findall(r"^-- name: ([a-z]\w*)\n-- \S.*\n(?!\n)", text, re.MULTILINE)
    assert text.startswith("-- name: ")
    assert text.count("-- name:") == len(headed) == len(set(headed))
    assert [name for name in headed if f'"{name}"' not in module] == []


def test_migrations_are_numbered_without_a_gap() -> None:
    names = sorted(path.name for path in (ROOT / "schema" / "migrations").glob("*"))
    assert all(re.fullmatch(r"\d{4}_[a-z_]+\.sql", name) for name in names)
    assert [int(name[:4]) for name in names] == list(range(1, len(names) + 1))


def test_every_setting_is_documented_with_its_default() -> None:
    text = (ROOT / "deploy" / "env.example").read_text()
    shown = dict(re.findall(r"^FAKEPRINT_(\w+)=(.*)$", text, re.MULTILINE))
    named = {name.lower() for name in re.findall(r"FAKEPRINT_(\w+)=", text)}
    assert named == set(Settings.model_fields)
    kept = Settings.model_construct()
    given = Settings.model_validate({name.lower(): value for name, value in shown.items()})
    different = [name for name in shown if getattr(given, name.lower()) != getattr(kept, name.lower())]
    assert different == []


MOST_FILES: Final = 20


def test_folders_stay_small() -> None:
    """But for decisions, which are looked up by their numbers."""
    held = Counter(str(path.parent.relative_to(ROOT)) for path in files() if path.parent.name != "decisions")
    assert {folder: number for folder, number in held.items() if number > MOST_FILES} == {}


def test_no_suite_imports_another() -> None:
    """What several suites use lies in `tests/support`."""
    suites = [path for path in files() if path.suffix == ".py" and path.name.startswith("test_")]
    found = {
        (path.name, node.module)
        for path in suites
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom) and node.module and ".test_" in node.module
    }
    assert found == set()


def test_loops_name_what_they_loop_over() -> None:
    found = [
        str(path.relative_to(ROOT))
        for path in files()
        if path.suffix == ".py" and re.search(r"\bfor one\b in\b", path.read_text())
    ]
    assert found == []
