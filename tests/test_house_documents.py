"""The house rules of documents: paths exist, and decisions have one form."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parent.parent
DECISIONS: Final = sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))
DOCUMENTS: Final = [
    *(ROOT / name for name in ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
]
MOST_LINES: Final = 40
"""Of a decision: one screen."""
HEADINGS: Final = ["Context", "Decision", "Consequences", "Measurement"]
FOLDERS: Final = "registry|workers|schema|deploy|tests|docs"


def name_of(document: Path) -> str:
    return str(document.relative_to(ROOT))


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_paths_in_documents_exist(document: Path) -> None:
    """`NNNN`, `<name>` and `ID` stand for the reader's own words."""
    named = re.findall(rf"`((?:{FOLDERS})/[\w./-]+)`", document.read_text())
    assert [path for path in named if "NNNN" not in path and not (ROOT / path).exists()] == []


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
