"""Which commands there are, and where each lives. Nothing is imported before it is run.

The service's own commands are listed here; others (the workers' `hash` and `worker`) are found by the
entry-point group `fakeprint.commands`. A summary stands here, since `fakeprint --help` imports no command;
a test proves that it equals the command's own.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from typing import Final

import click

from registry.cli import extras
from registry.errors import NotInstalled

GROUP: Final = "fakeprint.commands"


@dataclass(frozen=True, slots=True)
class Listed:
    """One command: `target` is `module:attribute`, empty where an entry point says it; `extra` is the
    package extra that a plug-in needs."""

    summary: str
    target: str = ""
    extra: str = ""


COMMANDS: Final[dict[str, Listed]] = {
    "up": Listed("Start everything on this machine: database, API and workers.", "registry.cli.up:up"),
    "register": Listed("Register known fakes, and wait until they match.", "registry.cli.register:register"),
    "lookup": Listed("Ask whether files are known fakes.", "registry.cli.lookup:lookup"),
    "hash": Listed("Fingerprint files on this machine.", extra="workers"),
    "entries": Listed("List, show, complete and retry entries.", "registry.cli.entries:entries"),
    "review": Listed("Review entries that wait.", "registry.cli.review:review"),
    "dispute": Listed("Contest entries, answer and decide.", "registry.cli.dispute:dispute"),
    "opinion": Listed("Say whether a match is right.", "registry.cli.opinion:opinion"),
    "watches": Listed("List, show and end watched lookups.", "registry.cli.watches:watches"),
    "takedown": Listed("Ask platforms to take fakes down, by the hundred.", "registry.cli.takedown:takedown"),
    "persons": Listed("Enrol and review people whose faces are protected.", "registry.cli.persons:persons"),
    "cases": Listed("Take private cases, and list them.", "registry.cli.cases:cases"),
    "erase": Listed("Destroy an enrolled person's data.", "registry.cli.erase:erase"),
    "import": Listed("Take a hash list into a bank.", "registry.cli.lists:import_"),
    "export": Listed("Write down what a bank holds.", "registry.cli.lists:export"),
    "exchange": Listed("Read hash exchanges into banks.", "registry.cli.exchange:exchange"),
    "peer": Listed("Read other registries' feeds into banks.", "registry.cli.peer:peer"),
    "admin": Listed("Manage organizations, callers, keys and banks.", "registry.cli.admin:admin"),
    "whoami": Listed("Show whose key you use, and what it may do.", "registry.cli.whoami:whoami"),
    "ledger": Listed("Show the signed record of what was done.", "registry.cli.ledger:ledger"),
    "verify": Listed("Check that the record was not altered.", "registry.cli.verify:verify"),
    "serve": Listed("Run the API alone.", "registry.cli.serve:serve"),
    "worker": Listed("Run workers alone.", extra="workers"),
    "migrate": Listed("Bring a database up to this version's schema.", "registry.cli.migrate:migrate"),
    "blobs": Listed("Check kept media, and rotate its keys.", "registry.cli.blobs:blobs"),
    "refingerprint": Listed(
        "Read kept media again for another version of the model.", "registry.cli.refingerprint:refingerprint"
    ),
    "drain": Listed("Record lookups answered while the database was away.", "registry.cli.drain:drain"),
    "completion": Listed("Print a shell's completion script.", "registry.cli.completion:completion"),
}


def names() -> list[str]:
    """Every command: the listed ones in their order, then what other packages add."""
    return [*COMMANDS, *sorted(set(_plugins()) - set(COMMANDS))]


def summary(name: str) -> str:
    """One line about a command; empty for another package's, which is not loaded to be listed."""
    return COMMANDS[name].summary if name in COMMANDS else ""


def load(name: str) -> click.Command | None:
    """The command of that name, None where there is none.

    Raises `NotInstalled` where its extra is missing.
    """
    listed = COMMANDS.get(name)
    if listed is not None and listed.target:
        module, _, attribute = listed.target.partition(":")
        return _command(getattr(importlib.import_module(module), attribute))
    plugin = _plugins().get(name)
    if plugin is None:
        if listed is None:
            return None
        raise NotInstalled(f"`fakeprint {name}` is not installed.", next_step=extras.how_to(listed.extra))
    try:
        return _command(plugin.load())
    except ModuleNotFoundError as error:
        raise extras.missing(error, f"`fakeprint {name}`") from error


def _plugins() -> dict[str, EntryPoint]:
    return {point.name: point for point in entry_points(group=GROUP)}


def _command(found: object) -> click.Command:
    if not isinstance(found, click.Command):
        raise TypeError(f"{found!r} is not a command")
    return found
