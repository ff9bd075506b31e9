"""List the commands and where each one is. A command is imported only when it runs.

The service's own commands are listed here. Others (`hash` and `worker` of the workers) are found by the
entry-point group `fakeprint.commands`. A summary is written here because `fakeprint --help` imports no
command; a test compares it with the command's own.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from typing import Final

import click

from registry.core.errors import NotInstalled
from registry.core.terminal import extras

GROUP: Final = "fakeprint.commands"


@dataclass(frozen=True, slots=True)
class Listed:
    """A command. `target` is `module:attribute`, or empty if an entry point provides it. `extra`: the package
    extra that it needs, if not the one of the missing module. `serves`: it works on the database itself, like
    the service."""

    summary: str
    target: str = ""
    extra: str = ""
    serves: bool = False


COMMANDS: Final[dict[str, Listed]] = {
    "up": Listed(
        "Start everything on this machine: database, API and workers.",
        "registry.app.commands.up:up",
        extra="all",
    ),
    "register": Listed(
        "Register known fakes, and wait until they are matchable.",
        "registry.catalogue.entries.commands.register:register",
        extra="workers",
    ),
    "lookup": Listed(
        "Look up whether files are known fakes.",
        "registry.matching.lookups.commands.lookup:lookup",
        extra="workers",
    ),
    "hash": Listed("Fingerprint files on this machine.", extra="workers"),
    "entries": Listed("List, show, complete and retry entries.", "registry.app.commands.entries:entries"),
    "review": Listed("Review entries that wait.", "registry.review.queue.commands.review:review"),
    "dispute": Listed("Contest entries, answer and decide.", "registry.review.disputes.commands:dispute"),
    "opinion": Listed("Confirm or deny a match.", "registry.review.opinions.commands:opinion"),
    "watches": Listed("List, show and end watched lookups.", "registry.matching.watches.commands:watches"),
    "takedown": Listed(
        "Ask platforms to remove fakes: notices, replies, evidence.",
        "registry.takedown.commands:takedown",
    ),
    "persons": Listed(
        "Enrol and review people whose faces are protected.", "registry.persons.commands.persons:persons"
    ),
    "cases": Listed("Accept and list private cases.", "registry.intake.commands:cases"),
    "erase": Listed("Destroy an enrolled person's data.", "registry.persons.erasure.commands:erase"),
    "import": Listed("Import a hash list into a bank.", "registry.sharing.lists.commands:import_"),
    "export": Listed("Export a bank as a hash list.", "registry.sharing.lists.commands:export"),
    "exchange": Listed("Read hash exchanges into banks.", "registry.sharing.sources.commands:exchange"),
    "peer": Listed("Read other registries' feeds into banks.", "registry.sharing.federation.commands:peer"),
    "tipline": Listed(
        "Run a bot that answers what people forward.",
        "registry.app.commands.tipline:tipline",
        extra="tipline,workers",
    ),
    "mcp": Listed("Answer questions of an assistant (MCP).", "registry.app.commands.mcp:mcp"),
    "admin": Listed("Manage organizations, callers, keys and banks.", "registry.app.commands.admin:admin"),
    "whoami": Listed(
        "Show the caller and permissions of your key.", "registry.identity.callers.commands:whoami"
    ),
    "ledger": Listed(
        "Show and export the signed record.", "registry.transparency.ledger.commands.ledger:ledger"
    ),
    "verify": Listed("Check that the record was not altered.", "registry.app.commands.verify:verify"),
    "serve": Listed("Run the API alone.", "registry.app.commands.serve:serve"),
    "worker": Listed("Run workers, without the API.", extra="workers"),
    "config": Listed(
        "Print the settings in force on this machine, and where each comes from.",
        "registry.app.commands.config:config",
    ),
    "doctor": Listed(
        "Check this machine, what its settings name, and the walls around decoders.", extra="workers"
    ),
    "migrate": Listed(
        "Bring a database up to this version's schema.", "registry.app.commands.migrate:migrate"
    ),
    "blobs": Listed(
        "Check stored media, and rotate its keys.", "registry.catalogue.media.commands:blobs", serves=True
    ),
    "keys": Listed("Wrap stored keys anew.", "registry.app.commands.keys:keys", serves=True),
    "backup": Listed(
        "Back up database, media and ledger into a folder.",
        "registry.app.commands.backup:backup",
        serves=True,
    ),
    "restore": Listed(
        "Restore a backup into an empty place, or check it.",
        "registry.app.commands.backup:restore",
        serves=True,
    ),
    "refingerprint": Listed(
        "Fingerprint stored media again with another version of the model.",
        "registry.catalogue.fingerprints.commands.refingerprint:refingerprint",
        serves=True,
    ),
    "drain": Listed(
        "Record lookups answered while the database was away.",
        "registry.operations.commands:drain",
        serves=True,
    ),
    "completion": Listed("Print a shell's completion script.", "registry.app.commands.completion:completion"),
}


def names() -> list[str]:
    """Return the names of all commands: the listed ones in their order, then those of other packages."""
    return [*COMMANDS, *sorted(set(_plugins()) - set(COMMANDS))]


def summary(name: str) -> str:
    """Return one line about a command; empty for other packages, which are not imported to be listed."""
    return COMMANDS[name].summary if name in COMMANDS else ""


def load(name: str) -> click.Command | None:
    """Return the command of that name, or None. Raises `NotInstalled` if its extra is missing."""
    listed = COMMANDS.get(name)
    if listed is not None and listed.target:
        return _own(name, listed)
    plugin = _plugins().get(name)
    if plugin is None:
        if listed is None:
            return None
        raise NotInstalled(f"`fakeprint {name}` is not installed.", next_step=extras.how_to(listed.extra))
    try:
        return _command(plugin.load())
    except ModuleNotFoundError as error:
        raise lacking(name, error) from error


def lacking(name: str, error: ModuleNotFoundError) -> Exception:
    """Return the error for a package that a command lacks: `NotInstalled` if an extra has it."""
    return extras.missing(error, f"`fakeprint {name}`", COMMANDS[name].extra if name in COMMANDS else "")


def _own(name: str, listed: Listed) -> click.Command:
    """Import a command of the service. Raises `NotInstalled` if a package of an extra is missing."""
    module, _, attribute = listed.target.partition(":")
    try:
        if listed.serves:
            importlib.import_module("registry.app.wiring").wire()
        return _command(getattr(importlib.import_module(module), attribute))
    except ModuleNotFoundError as error:
        raise lacking(name, error) from error


def _plugins() -> dict[str, EntryPoint]:
    return {point.name: point for point in entry_points(group=GROUP)}


def _command(plugin: object) -> click.Command:
    if not isinstance(plugin, click.Command):
        raise TypeError(f"{plugin!r} is not a command")
    return plugin
