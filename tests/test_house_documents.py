"""The house rules of documents: paths exist, sentences are short, and decisions have one form."""

from __future__ import annotations

import ast
import re
import subprocess
import tomllib
from pathlib import Path
from typing import Final

import pytest
import yaml

ROOT: Final = Path(__file__).parent.parent
DECISIONS: Final = sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))
DOCUMENTS: Final = sorted(
    {*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "deploy").rglob("*.md")}
)
MOST_LINES: Final = 40
"""Of a decision: one screen."""
HEADINGS: Final = ["Context", "Decision", "Consequences", "Measurement"]
FOLDERS: Final = "registry|workers|schema|deploy|tests|docs"


def name_of(document: Path) -> str:
    return str(document.relative_to(ROOT))


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_paths_in_documents_exist(document: Path) -> None:
    """Except where the reader fills in `NNNN`, and the operator's own files, which git ignores."""
    named = set(re.findall(rf"`((?:{FOLDERS})/[\w./-]+)`", document.read_text()))
    absent = {path for path in named if "NNNN" not in path and not (ROOT / path).exists()}
    result = subprocess.run(
        ["git", "check-ignore", *absent], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert absent - set(result.stdout.split()) == set()


def test_each_wall_against_a_threat_has_its_test() -> None:
    rows = re.findall(r"^\|.*\|$", (ROOT / "docs" / "threats.md").read_text(), re.MULTILINE)
    walls = [row for row in rows if not re.match(r"\| asset \||\|-", row)]
    named = [re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", row) for row in walls]
    assert len(walls) > 30
    assert [wall for wall, tests in zip(walls, named, strict=True) if len(tests) != 1] == []
    missing = [
        f"{path}::{name}"
        for ((path, name),) in named
        if not re.search(rf"^def {name}\(", (ROOT / path).read_text(), re.MULTILINE)
    ]
    assert missing == []


def test_decisions_are_one_screen_of_one_form() -> None:
    wrong = {}
    for path in DECISIONS:
        lines = path.read_text().splitlines()
        headings = [line.removeprefix("## ") for line in lines if line.startswith("## ")]
        titled = lines[0].startswith(f"# {int(path.name[:4])}. ")
        if not (titled and headings == HEADINGS and len(lines) <= MOST_LINES):
            wrong[path.name] = (lines[0], headings, len(lines))
    assert wrong == {}


def test_the_index_lists_every_decision_once() -> None:
    index = (ROOT / "docs" / "decisions" / "README.md").read_text()
    rows = re.findall(r"^\| (\d+) \| \[(.+?)\]\((\S+)\) \|", index, re.MULTILINE)
    titles = [path.read_text().splitlines()[0] for path in DECISIONS]
    assert [f"# {number}. {title}" for number, title, _ in rows] == titles
    assert [file for _, _, file in rows] == [path.name for path in DECISIONS]


MOST_WORDS: Final = 35
"""Of a sentence."""
RETIRED: Final = (
    *("allowance", "borrowing", "ciphered", "ciphering", "door", "doors", "fickle", "hushed"),
    *("lane", "lanes", "lent", "likest", "mended", "purse", "rival", "rivals", "sealed", "spared", "thinned"),
    "wire",
)
"""Words of the project's first dialect. Programs and paths that bear one stand in code."""


def prose(text: str) -> list[str]:
    """The sentences of a document: without code, addresses of links, headings and the rows' bars."""
    text = re.sub(
        r"^```.*?^```$|<!--.*?-->|^#+ [^\n]*$|^ {4}[^\n]*$",
        "\n",
        text,
        flags=re.MULTILINE | re.DOTALL,
    )
    text = re.sub(r"`[^`]*`", "CODE", re.sub(r"\]\([^)]*\)", "]", text))
    parts = re.split(r"\n\s*\n|^\s*[-*] |^\s*\d+\. |\|", text, flags=re.MULTILINE)
    return [
        sentence
        for part in parts
        for sentence in re.split(r"(?<=[.!?])[\"*”)]*\s+(?=\S)", " ".join(part.split()))
        if sentence
    ]


def test_docstrings_are_written_as_documents_are() -> None:
    retired = re.compile(rf"\b({'|'.join(RETIRED)})\b", re.IGNORECASE)
    found = [
        f"{name_of(path)}: {sentence}"
        for folder in ("registry", "workers", "deploy", "tests")
        for path in (ROOT / folder).rglob("*.py")
        for sentence in prose(docstrings(path))
        if retired.search(sentence) or len(re.findall(r"\w\S*", sentence)) > MOST_WORDS
    ]
    assert found == []


def docstrings(path: Path) -> str:
    """Without the examples of commands, which click leaves as they are."""
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    nodes = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, kinds)]
    texts = [ast.get_docstring(node) or "" for node in nodes]
    return "\n\n".join(re.sub(r"^\x08\n(.+\n?)*", "", text, flags=re.MULTILINE) for text in texts)


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_sentences_are_short(document: Path) -> None:
    long = [
        sentence
        for sentence in prose(document.read_text())
        if len(re.findall(r"\w\S*", sentence)) > MOST_WORDS
    ]
    assert long == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_no_retired_word(document: Path) -> None:
    words = re.compile(rf"\b({'|'.join(RETIRED)})\b", re.IGNORECASE)
    assert [sentence for sentence in prose(document.read_text()) if words.search(sentence)] == []


def test_workflows_and_issue_forms_are_read_and_call_what_exists() -> None:
    """They run elsewhere: here it is seen that they parse, and that their targets and version are current."""
    targets = set(re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for path in sorted((ROOT / ".github" / "workflows").glob("*.yml")):
        steps = [step for job in yaml.safe_load(path.read_text())["jobs"].values() for step in job["steps"]]
        assert all(("run" in step) != ("uses" in step) for step in steps), path.name
        called = {name for step in steps for name in re.findall(r"^make ([a-z-]+)", step.get("run", ""))}
        assert called <= targets, path.name
    for path in (ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml"):
        assert yaml.safe_load(path.read_text()), path.name
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert yaml.safe_load((ROOT / "CITATION.cff").read_text())["version"] == version
