"""`fakeprint verify`: check that the record was not altered."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO, Final
from uuid import UUID

import click
import orjson

from registry.app.errors import BadCheckpoint, BadLedgerKey
from registry.core.crypto import secret
from registry.core.errors.terminal import Unreadable
from registry.core.terminal import exit_status, options
from registry.core.terminal.report import error_report, print_json
from registry.core.terminal.text import printable
from registry.takedown.evidence.commands import verify_bundle
from registry.takedown.evidence.model import bundle
from registry.transparency.credentials import commands as verify_assertion
from registry.transparency.entry_proof import commands as entry_proof
from registry.transparency.ledger.commands.verify_service import check_service
from registry.transparency.ledger.errors import BadExport
from registry.transparency.ledger.model import note, signing
from registry.transparency.ledger.model.history import UNLISTED, check_history
from registry.transparency.ledger.model.ledger_export import Export
from registry.transparency.ledger.model.note import BadNote, VerifierKey
from registry.transparency.ledger.model.verification import Report

LONGEST: Final = 64 * 1024**2
"""Most bytes of a line; leaves are far shorter."""


@click.command()
@click.argument("paths", metavar="[FILE]...", nargs=-1, type=click.Path(path_type=str, readable=False))
@click.option(
    "--checkpoint",
    "checkpoints",
    metavar="FILE",
    multiple=True,
    type=click.Path(path_type=Path, readable=False),
    help="Checkpoints that you kept earlier: one, or a witness's file of many. May be repeated.",
)
@click.option(
    "--key",
    "ledger_keys",
    metavar="VKEY",
    multiple=True,
    help="The ledger's public key, NAME+ID+BASE64, or a file that holds it. May be repeated.",
)
@click.option(
    "--tsa-roots",
    "--tsa-ca",
    "authorities",
    metavar="FILE",
    multiple=True,
    type=click.Path(path_type=Path, readable=False),
    help="Certificates (PEM) of time-stamping authorities that you trust. May be repeated.",
)
@click.option(
    "--identity",
    "identity_files",
    metavar="FILE",
    multiple=True,
    type=click.Path(path_type=Path, readable=False),
    help="An age key. Encrypted files of a bundle are decrypted and compared with their digests, not stored.",
)
@click.option(
    "--status",
    "status_files",
    metavar="FILE",
    multiple=True,
    type=click.Path(path_type=Path, readable=False),
    help="Status lists, which say which assertions are revoked. May be repeated.",
)
@entry_proof.options
@secret.options
@click.option("--service", "running", is_flag=True, help="Check a running registry instead of files.")
@click.option("--full", is_flag=True, help="With --service: check every leaf, not only the checkpoint.")
@options.json
@options.service
def verify(
    paths: tuple[str, ...],
    checkpoints: tuple[Path, ...],
    ledger_keys: tuple[str, ...],
    authorities: tuple[Path, ...],
    identity_files: tuple[Path, ...],
    status_files: tuple[Path, ...],
    media: tuple[str, ...],
    entry_id: UUID | None,
    whole: bool,
    password: secret.Password,
    running: bool,
    full: bool,
    as_json: bool,
    service: options.Service,
) -> int:
    """Check that the record was not altered.

    FILE is one of these; no server is needed:
    an export of the ledger (`fakeprint ledger export`),
    the history of an entry (`fakeprint ledger history`),
    the proof of an entry (`fakeprint entries ID --proof FILE`),
    a signed assertion (`fakeprint entries assertion`),
    an evidence bundle (`fakeprint takedown bundle`).

    If a bundle is wrong, its first wrong file is named. Several exports of one ledger must begin alike.
    --checkpoint gives a checkpoint that you kept. Any later change of what it covers is found, even if
    everything was signed again. Exit status 1 if anything is wrong, and for a bundle, history or export also
    without --key: anybody can sign a file with a key of their own.

    Every link of a proof is computed again and printed: from a file (--media) to its fingerprint, the entry's
    events, the ledger, the signed checkpoint (--key) and an authority's time stamp (--tsa-roots). If the
    workers' packages are installed, the file is fingerprinted too. Get keys, certificates and the file from
    another source than the proof.

    \b
    Examples:
      fakeprint verify ledger.ndjson --checkpoint kept.checkpoint --key fakes.example/ledger+5a1f03c2+AT...
      fakeprint verify history.json --key ledger.vkey
      fakeprint verify fake.jwt --key ledger.vkey --status fake.status
      fakeprint verify proof.json --media clip.mp4 --key ledger.vkey --tsa-roots authority.pem --whole
      fakeprint verify bundle.zip --key ledger.vkey --tsa-roots authority.pem
      fakeprint verify bundle.zip --key ledger.vkey --identity court.agekey
      fakeprint verify --service --checkpoint kept.checkpoint --key ledger.vkey
    """
    if running == bool(paths):
        raise click.UsageError("Give files, or --service.")
    inputs = entry_proof.ProofInputs(media, entry_id, whole)
    if running:
        inputs.require_proof(None)
    with error_report({}, as_json=as_json):
        material = _Material(
            keys=[_key(key) for key in ledger_keys],
            notes=[checkpoint for path in checkpoints for checkpoint in _notes(path)],
            bundle=verify_bundle.read_user_keys(authorities, identity_files, password),
            status_lists=verify_assertion.lists(status_files),
            proof=inputs,
        )
    if running:
        return _verify_service(service, material, full=full, as_json=as_json)
    return _verify_files(paths, material, as_json=as_json)


@dataclass(frozen=True, slots=True)
class _Material:
    """What the user provides: keys of ledgers, kept checkpoints, what opens bundles, status lists, and media
    of a proof."""

    keys: Sequence[VerifierKey]
    notes: Sequence[str]
    bundle: verify_bundle.UserKeys
    status_lists: Sequence[str]
    proof: entry_proof.ProofInputs


def _verify_service(service: options.Service, material: _Material, *, full: bool, as_json: bool) -> int:
    """Check a running registry and return the exit status."""
    with error_report({}, as_json=as_json), service.connect() as client:
        report = check_service(client, material.keys, material.notes, full=full)
    _print_report(client.endpoint.url, report, as_json=as_json)
    return exit_status.DONE if report.sound else exit_status.NOT_ANSWERED


def _verify_files(paths: Sequence[str], material: _Material, *, as_json: bool) -> int:
    """Check each file and return the exit status. Exports are compared with the first of them."""
    sound = True
    first: list[bytes] = []
    for path in paths:
        with error_report({"path": path}, as_json=as_json):
            report, hashes = _check(path, material, first)
        material.proof.require_proof(report)
        first = first or hashes
        by = _known_signer(report, material)
        _print_report(path, report, by=by, as_json=as_json)
        sound = sound and by and (report.whole if material.proof.whole and report.links else report.sound)
    return exit_status.DONE if sound else exit_status.NOT_ANSWERED


def _known_signer(report: Report, material: _Material) -> bool:
    """Return whether the signature is of a key that the user gave. The links of a proof say that by
    themselves."""
    return bool(material.keys or report.links)


def _check(path: str, material: _Material, first: Sequence[bytes]) -> tuple[Report, list[bytes]]:
    """Return the report of a file, and the hashes of its leaves if it is an export of a ledger. `first`:
    these hashes of the first export."""
    keys, notes = material.keys, material.notes
    with _opened(path) as file:
        line = file.readline(LONGEST)
        if _is_archive(path, line):
            return verify_bundle.check(file, line, keys, notes, material.bundle), []
        if verify_assertion.begins(line):
            return verify_assertion.check(line, keys, notes, material.status_lists), []
        if entry_proof.begins(line):
            return entry_proof.check(file, line, keys, notes, material.bundle.trusted, material.proof), []
        head = _head(file, line)
        if head["type"] == "history":
            report = check_history(head, keys, notes)
            report.unchecked.append(UNLISTED)
            return report, []
        export = Export(keys, notes, others=first)
        export.take(head)
        for leaf in iter(lambda: file.readline(LONGEST), b""):
            export.take(_object(leaf))
        return export.finish(), export.leaves.hashes


def _head(file: BinaryIO, line: bytes) -> dict[str, object]:
    """Return the first line of an export, or the whole of a history. Raises `BadInput` (`bad_export`)."""
    head = _object(line if line.startswith(b'{"type":"ledger"') else line + file.read(LONGEST))
    if head.get("type") not in {"ledger", "history"}:
        raise BadExport(
            "This is not a ledger export, an entry's history or proof, an assertion, or a bundle.",
            next_step="Create one: fakeprint ledger export, fakeprint ledger history ID --json, "
            "fakeprint takedown bundle.",
        )
    return head


def _is_archive(path: str, begin: bytes) -> bool:
    """Return whether the file is an archive, even if its first bytes were changed."""
    return path.endswith(".zip") or begin[:2] == b"PK" or bundle.MANIFEST.encode() in begin[:64]


def _object(line: bytes) -> dict[str, object]:
    """Return a JSON object; {} for anything else."""
    try:
        value = orjson.loads(line)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _print_report(path: str, report: Report, *, by: bool = True, as_json: bool) -> None:
    """Print what was found. `by`: whether the signer of a file is known."""
    if as_json:
        print_json(
            {
                "path": path,
                "sound": report.sound,
                "signer_known": by,
                "first_bad": report.first_bad,
                "findings": [asdict(finding) for finding in report.findings],
                "further_findings": report.further,
                "links": entry_proof.links(report),
                "whole": report.whole if report.links else None,
                "checked": report.checked,
                "unchecked": report.unchecked,
            }
        )
        return
    fallen = {finding.code for finding in report.findings} <= {"revoked", "suspended"}
    unaltered = "nothing was altered" if by else "NOT PROVED: whose signature it has is unknown"
    verdict = unaltered if report.sound else "STANDS NO LONGER" if fallen else "ALTERED"
    if report.links and report.sound:
        verdict += ", and every link holds" if report.whole else "; not every link is there and was checked"
    click.echo(f"{printable(path)}: {verdict}")
    for line in entry_proof.shown(report):
        click.echo(line)
    if report.further:
        click.echo(f"  wrong: and {report.further} more")
    if report.first_bad is not None:
        click.echo(f"  first bad leaf: {report.first_bad}")
    for step in report.checked:
        click.echo(f"  checked: {printable(step)}")
    for step in report.unchecked:
        click.echo(f"  not checked: {printable(step)}")


def _key(key: str) -> VerifierKey:
    """Return a key that is given as text, or as a file that holds it."""
    try:
        return note.verifier_key(key)
    except BadNote:
        if not Path(key).is_file():
            raise BadLedgerKey(
                f"--key {printable(key)} is neither a public key nor a file.",
                next_step="Give NAME+ID+BASE64, as `fakeprint ledger show` prints it.",
            ) from None
        text = _read(Path(key))
    try:
        return note.verifier_key(text)
    except BadNote as error:
        raise BadLedgerKey(f"--key {printable(key)}: {error}.") from None


def _notes(path: Path) -> list[str]:
    notes = signing.notes(_read(path))
    if not notes:
        raise BadCheckpoint(f"There is no checkpoint in {printable(str(path))}.")
    return notes


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise Unreadable(f"{printable(str(path))} cannot be read: {reason}.") from None


@contextmanager
def _opened(path: str) -> Iterator[BinaryIO]:
    if path == "-":
        yield sys.stdin.buffer
        return
    try:
        file = Path(path).open("rb")  # noqa: SIM115 - closed below
    except OSError as error:
        raise Unreadable(f"It cannot be read: {error.strerror}.") from None
    with file:
        yield file
