"""What the documents show runs: every block of the shell, in order, as pasted into a fresh terminal."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from deploy.tools import translations
from tests.support.documents import blocks as documents
from tests.support.service import servers as services

READY = re.compile(r"^ready (http://\S+)$", re.MULTILINE)
FIRST = {documents.README, documents.TUTORIAL}
SHOWING = [
    document
    for document in documents.DOCUMENTS
    if document not in FIRST and documents.runnable(document) and not documents.continued(document)
]
NOT_RUN = {
    "it sets up packages or runs all tests": 2,
    "it needs credentials of somebody else": 2,
    "it needs a second registry": 1,
    "it needs servers of your own": 4,
    "it needs a disk for backups": 1,
    "it needs a cluster or containers": 2,
}
"""Why blocks cannot run here, and how many: kept few."""


@dataclass(frozen=True)
class Machine:
    """A reader's: a home, where `make up` keeps its data, and the address of the service."""

    folder: Path
    address: str

    def follow(self, document: Path) -> str:
        """Paste the document's blocks into terminals in a clone of their own; what they print."""
        clone = documents.lay_clone(self.folder / document.stem, self.folder / "clips")
        terminals = documents.terminals(document)
        for name in {name for held in terminals.values() for block in held for name in block.files}:
            documents.lay(clone, name)
        printed = ""
        for terminal, held in terminals.items():
            if terminal != "service":
                done = self.paste(documents.script(held, self.address), clone)
                assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-6000:]
                printed += done.stdout
        return printed

    def paste(self, script: str, clone: Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["bash", "-c", script],
            cwd=clone,
            env=fresh(self.folder),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=800,
            check=False,
        )


def fresh(home: Path) -> dict[str, str]:
    """The environment of a terminal that was just opened."""
    kept = {name: os.environ[name] for name in ("TMPDIR",) if name in os.environ}
    return {"HOME": str(home), "PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8"} | kept


@pytest.fixture(scope="module")
def machine() -> Iterator[Machine]:
    """One on which the first terminal of the quick start runs."""
    [block] = [b for b in documents.runnable(documents.README) if b.terminal == "service"]
    assert block.code == "make up\n"
    makefile = (documents.ROOT / "Makefile").read_text()
    assert re.search(r"^up: .*\n(?:\t.*\n)*\t@\.venv/bin/fakeprint up\n\n", makefile, re.MULTILINE)
    with services.open_temporary_folder("reader") as folder:
        clips = documents.draw_clips(folder / "clips")
        clone, log = documents.lay_clone(folder / "service", clips), folder / "up.log"
        command = [str(clone / ".venv" / "bin" / "fakeprint"), "up"]
        with services.running(command, log, fresh(folder) | {"FAKEPRINT_PORT": "0"}) as process:
            services.wait_until(lambda: bool(READY.search(log.read_text())), 90, process, log)
            found = READY.search(log.read_text())
            assert found is not None
            yield Machine(folder, found[1])


@pytest.mark.main
@pytest.mark.timeout(900)
def test_the_quick_start_finds_the_copy_by_every_door(machine: Machine) -> None:
    printed = machine.follow(documents.README)
    assert printed.count("KNOWN FAKE") == 2
    assert "known_fake" in printed
    printed = machine.follow(documents.TUTORIAL)
    assert printed.count("known_fake") >= 3


@pytest.mark.slow(240)
@pytest.mark.timeout(900)
@pytest.mark.parametrize("document", SHOWING, ids=lambda path: str(path.relative_to(documents.ROOT)))
def test_the_blocks_run_in_order(document: Path, machine: Machine) -> None:
    machine.follow(document)


def test_every_block_runs_or_has_a_reason() -> None:
    """A block without a language is no text of ours: its reader cannot tell a command from an output."""
    reasons: dict[str, int] = {}
    nameless = []
    for document in documents.DOCUMENTS:
        for block in documents.blocks(document):
            if not block.language:
                nameless.append(block.place)
            if block.reason is not None:
                reasons[block.reason] = reasons.get(block.reason, 0) + 1
    assert (nameless, reasons) == ([], NOT_RUN)


@pytest.mark.parametrize("translation", translations.translations(), ids=lambda made: str(made.path.name))
def test_translations_follow_the_english(translation: translations.Translation) -> None:
    """Translate the paragraphs that are named, then `python -m deploy.tools.translations --stamp`."""
    assert translations.outdated(translation) == []


def test_a_changed_paragraph_is_named(tmp_path: Path) -> None:
    english, here = tmp_path / "page.md", tmp_path / "es.md"
    english.write_text("# Title\n\nOne thing.\n\n```sh\nmake docs\n```\n")
    here.write_text("<!-- english: page.md -->\n# Título\n\nUna cosa.\n\n```sh\nmake docs\n```\n")
    made = translations.Translation(here, english, translations.digests(english))
    assert translations.outdated(made) == []
    english.write_text("# Title\n\nAnother\nthing.\n\n```sh\nmake docs\n```\n")
    assert translations.outdated(made) == ["Another\nthing."]
    here.write_text(here.read_text().replace("make docs", "make help"))
    assert translations.outdated(made)[-1] == "the commands differ"
