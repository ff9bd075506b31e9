"""`fakeprint entries ID --proof FILE`, and how `fakeprint verify` checks that file."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, Final
from uuid import UUID

import click
from cryptography.x509 import Certificate

from registry.catalogue.fingerprints.commands import local
from registry.catalogue.fingerprints.model.fingerprint import Fingerprint
from registry.core.errors import NotInstalled
from registry.core.terminal import exit_status, files
from registry.core.terminal.options import Service
from registry.core.terminal.progress import Bars
from registry.core.terminal.report import error_report, print_json
from registry.core.terminal.text import printable
from registry.transparency.entry_proof.model import chain, entry_proof
from registry.transparency.entry_proof.model.chain_parts import Clip, Evidence
from registry.transparency.ledger.model.note import VerifierKey
from registry.transparency.ledger.model.verification import Report


def write(service: Service, entry_id: UUID, output: str, *, bare: bool, as_json: bool) -> int:
    """Write the proof of an entry to a file (`-`: stdout). `bare`: only the digests of fingerprints."""
    with error_report({"entry_id": str(entry_id)}, as_json=as_json):
        with service.connect() as client:
            raw = client.fetch(f"/v1/entries/{entry_id}/proof?fingerprints={str(not bare).lower()}")
        if output == "-":
            click.echo(raw, nl=False)
            return exit_status.DONE
        with files.writing(str(Path(output).absolute())) as file:
            file.write(raw)
    proof = json.loads(raw)
    stamped = all(anchor["stamp"] for anchor in proof["anchors"])
    if as_json:
        print_json({"entry_id": str(entry_id), "path": output, "bytes": len(raw), "stamped": stamped})
        return exit_status.DONE
    click.echo(f"{printable(output)}: {len(raw)} bytes, {len(proof['media'])} media")
    if not stamped:
        click.echo("  not all checkpoints have an authority's time stamp yet: request it again later")
    click.echo(f"  next: fakeprint verify {printable(output)} --media CLIP --key VKEY --tsa-roots PEM")
    return exit_status.DONE


_BEGINS: Final = b'{"anchors":['
_NAMED: Final = f'"type":"{entry_proof.TYPE}"'.encode()
_STATES: Final = {"holds": "holds", "wrong": "WRONG", "lacks": "lacks", "unchecked": "not checked"}


@dataclass(frozen=True, slots=True)
class ProofInputs:
    """Inputs for checking a proof, besides keys: files, and the entry that it must be about. `whole`: a
    link that is missing or unchecked is an error."""

    media: Sequence[str]
    entry_id: UUID | None
    whole: bool

    def require_proof(self, report: Report | None) -> None:
        """Raise `UsageError` if --media, --entry or --whole were given without a proof."""
        if (self.media or self.entry_id or self.whole) and (report is None or not report.links):
            raise click.UsageError("--media, --entry and --whole are only for proofs of entries.")


def options[F](command: F) -> F:
    """Add --media, --entry and --whole."""
    for option in (
        click.option(
            "--whole", is_flag=True, help="For a proof: exit with 1 also if a link is missing or unchecked."
        ),
        click.option(
            "--entry", "entry_id", metavar="ID", type=click.UUID, help="The proof must be of this entry."
        ),
        click.option(
            "--media",
            metavar="CLIP",
            multiple=True,
            type=click.Path(path_type=str, readable=False),
            help="A file that must be one of a proof's media. May be repeated.",
        ),
    ):
        command = option(command)  # type: ignore[type-var]  # a decorator returns a command
    return command


def begins(line: bytes) -> bool:
    """Return whether a file that begins with this line is a proof, even an altered one."""
    return line.startswith(_BEGINS) or _NAMED in line


def check(
    file: BinaryIO,
    line: bytes,
    keys: Sequence[VerifierKey],
    notes: Sequence[str],
    trusted: tuple[Certificate, ...],
    inputs: ProofInputs,
) -> Report:
    """Return the report. `line`: what was read of the file already. Media are read whole, and fingerprinted
    if this machine can. Raises `BadMedia`."""
    raw = line + file.read(entry_proof.LONGEST + 1 - len(line))
    with Bars() as bars:
        evidence = Evidence(
            keys=keys,
            notes=notes,
            trusted=trusted,
            clips=[_clip(path, bars) for path in inputs.media],
            entry_id=str(inputs.entry_id) if inputs.entry_id else None,
        )
        return chain.check(raw, evidence, datetime.now(UTC))


def shown(report: Report) -> list[str]:
    """Yield a line for each link, and for what else is wrong."""
    width = max(map(len, _STATES.values())) + 1
    lines = []
    for link in report.links:
        code = f" [{link.code}]" if link.code else ""
        lines.append(f"  {link.name:<12}{_STATES[link.state]:<{width}}{printable(link.message)}{code}")
    explained = {link.message for link in report.links}
    return lines + [
        f"  wrong: {printable(finding.message)}"
        for finding in report.findings
        if finding.message not in explained
    ]


def links(report: Report) -> list[dict[str, Any]]:
    """Return the links for --json."""
    return [
        {"link": link.name, "state": link.state, "code": link.code, "message": link.message}
        for link in report.links
    ]


def _clip(path: str, bars: Bars) -> Clip:
    return Clip(printable(path), files.sha256(path), partial(_fingerprinted, path, bars))


def _fingerprinted(path: str, bars: Bars) -> Fingerprint | None:
    """Return the fingerprint, or None if this machine cannot make one. Raises `BadMedia`."""
    try:
        make = local.fingerprinter(otherwise="")
    except NotInstalled:
        return None
    with bars.task(path) as advance:
        return make(
            Path(path).absolute(), progress=lambda share: advance(share, "fingerprinting"), faces=False
        )
