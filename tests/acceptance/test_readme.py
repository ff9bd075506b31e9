"""The documents are tested: commands parse, targets and links exist, the quick start runs."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from registry.cli import main as fakeprint
from tests import media
from tests.stack import Stack, environment

ROOT = Path(__file__).parent.parent.parent
DOCUMENTS = [*sorted(ROOT.glob("*.md")), ROOT / "deploy" / "takedown.md"]
RUNNABLE = re.compile(r"test_readme\.py runs this block -->\n```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
ENDS = {"|", ">", "&&", ";", "#"}


def named(document: Path, program: str) -> Iterator[list[str]]:
    """The words after `program` wherever a document shows it as a command."""
    text = document.read_text().replace("\\\n", " ")
    blocks = re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    shown = [line for block in blocks for line in block.splitlines()]
    shown += re.findall(r"`([^`\n]+)`", text)
    for line in shown:
        words = shlex.split(line, comments=True)
        if words[:1] == [program] and "…" not in words:
            end = next((index for index, word in enumerate(words) if word in ENDS), len(words))
            yield words[1:end]


def unknown(command: click.Command, words: list[str]) -> list[str]:
    """Words of a command line that the command does not know: subcommands and options."""
    context = click.Context(command)
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        found = command.get_command(context, words[0])
        if found is None:
            return [] if command.params and "ID" in words[0] else [words[0]]
        command, context, words = found, click.Context(found, parent=context), words[1:]
    known = {"--help", "-h"}
    for parameter in command.get_params(context):
        known.update(parameter.opts, parameter.secondary_opts)
    return [word for word in words if word[:1] == "-" != word and word.split("=")[0] not in known]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.name))
def test_commands_exist_with_their_options(document: Path) -> None:
    commands = {" ".join(words): unknown(fakeprint, words) for words in named(document, "fakeprint")}
    wrong = {command: words for command, words in commands.items() if words}
    assert wrong == {}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.name))
def test_make_targets_exist(document: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert [words[0] for words in named(document, "make") if words and words[0] not in targets] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.name))
def test_links_lead_somewhere(document: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)\)", document.read_text())
    assert [link for link in links if "://" not in link and not (ROOT / link).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.name))
def test_files_named_exist(document: Path) -> None:
    folders = r"(?:registry|workers|schema|deploy|tests)/[\w./-]+\w\.(?:py|sql|json|md|sh|example)"
    # NNNN and <name> stand for what the reader writes.
    shown = re.findall(rf"`({folders})`", document.read_text())
    assert [name for name in shown if "NNNN" not in name and not (ROOT / name).exists()] == []


def test_the_quick_start_runs(running_service: Stack, tmp_path: Path) -> None:
    [block] = RUNNABLE.findall((ROOT / "README.md").read_text())
    media.clip(tmp_path / "real.mp4", "astronaut")
    media.clip(tmp_path / "fake.mp4", "coffee")
    media.clip(tmp_path / "clip.mp4", "coffee")
    script = block.replace("./registry-data", shlex.quote(str(running_service.data)))
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-euc", script],
        cwd=tmp_path,
        env=environment(PATH=path),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert '"verdict"' in done.stdout
    assert (tmp_path / "clip.json").stat().st_size > 1000
