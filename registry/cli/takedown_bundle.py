"""`fakeprint takedown bundle`: what proves notices, for a court."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from uuid import UUID

import click

from registry.cli import ending, options
from registry.cli.report import print_json, told
from registry.cli.text import printable
from registry.errors import BadInput


@click.command(short_help="Take the evidence, signed, for a court.")
@click.argument("campaign_id", metavar="CAMPAIGN", type=click.UUID)
@click.option("--notice", "notice_id", type=click.UUID, help="Only this notice.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    help="The archive to write.",
)
@options.json
@options.service
def bundle(
    campaign_id: UUID, notice_id: UUID | None, output: Path, as_json: bool, service: options.Service
) -> int:
    """Write the evidence of a CAMPAIGN, or of one of its notices, into one ZIP.

    It holds a report in the campaign's language (PDF), matches, moves, letters and replies, proofs that each
    act is in the ledger, and a signed manifest: names and addresses too, so that only its owner may read the
    file. Nothing of the media is in it.

    \b
    Examples:
      fakeprint takedown bundle CAMPAIGN -o evidence.zip
      fakeprint verify evidence.zip --key ledger.vkey
    """
    with told({"path": str(output)}, as_json=as_json):
        query = f"?notice_id={notice_id}" if notice_id else ""
        with service.connect() as client:
            made = client.fetch(f"/v1/campaigns/{campaign_id}/bundle{query}")
        _write(output, made)
        said = {"path": str(output), "campaign_id": str(campaign_id), "bytes": len(made)}
        if as_json:
            print_json(said | {"notice_id": str(notice_id) if notice_id else None})
        else:
            click.echo(f"{printable(str(output))}: {len(made)} bytes")
            click.echo(f"  next: fakeprint verify {printable(str(output))} --key LEDGER-KEY")
    return ending.DONE


def _write(path: Path, raw: bytes) -> None:
    """Whole or not at all, readable by its owner alone. Raises `BadInput` (`unwritable`)."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(raw)
        draft.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            draft.unlink()
        raise BadInput(
            f"{printable(str(path))} cannot be written: {error.strerror}.", code="unwritable"
        ) from None
