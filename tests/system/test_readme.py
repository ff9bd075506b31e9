"""Names in documents exist: commands with their options, make targets, links."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from registry.app.commands import main as fakeprint
from tests.support.documents import blocks as documents

ROOT = Path(__file__).parent.parent.parent
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("*.md"))
DOCUMENTS = [*sorted(ROOT.glob("*.md")), *documents.PAGES, *DECISIONS]
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
            return [] if command.params and re.search(r"ID|^\$", words[0]) else [words[0]]
        command, context, words = found, click.Context(found, parent=context), words[1:]
    known = {"--help", "-h"}
    for parameter in command.get_params(context):
        known.update(parameter.opts, parameter.secondary_opts)
    return [word for word in words if word[:1] == "-" != word and word.split("=")[0] not in known]


def leads(document: Path, path: str, anchor: str) -> bool:
    """Whether a relative link's file exists, and has a heading that the anchor names."""
    target = document.parent / path if path else document
    if not anchor:
        return target.exists()
    headings = re.findall(r"^#+ (.+)$", target.read_text(), re.MULTILINE)
    return anchor in {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


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
    links = re.findall(r"\]\(([^)#\s]*)(?:#([^)\s]+))?\)", document.read_text())
    lost = [link for link in links if "://" not in link[0] and not leads(document, *link)]
    assert lost == []
