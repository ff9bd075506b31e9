"""`fakeprint takedown bundle`: the evidence of notices for a court."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any
from uuid import UUID

import click

from registry.core.crypto import age_encryption, secret
from registry.core.terminal import exit_status, files, options, stream
from registry.core.terminal.client import Client
from registry.core.terminal.report import error_report, print_json
from registry.core.terminal.text import printable


@click.command(short_help="Write a signed evidence bundle for a court.")
@click.argument("campaign_id", metavar="CAMPAIGN", type=click.UUID)
@click.option("--notice", "notice_id", type=click.UUID, help="Only this notice.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    help="The archive to write.",
)
@click.option(
    "--with-media",
    is_flag=True,
    help="Include media, encrypted for --recipient or with a password. This is recorded.",
)
@click.option(
    "--recipient",
    "recipients",
    metavar="AGE1…",
    multiple=True,
    help="An age key that can decrypt the media. May be repeated.",
)
@secret.options
@click.option("--without-stamp", is_flag=True, help="Omit the time stamp of the deployment's authority.")
@options.json
@options.service
def bundle(
    campaign_id: UUID,
    notice_id: UUID | None,
    output: Path,
    with_media: bool,
    recipients: tuple[str, ...],
    password: secret.Password,
    without_stamp: bool,
    as_json: bool,
    service: options.Service,
) -> int:
    """Write the evidence of a CAMPAIGN, or of one of its notices, into one ZIP.

    It holds a report in the campaign's language (PDF), matches, moves, letters, replies and exhibits, and
    proofs that each act is in the ledger. Its manifest is signed, and time-stamped if the deployment has an
    authority. It contains names and addresses, so only its owner may read the file.

    It contains no media without --with-media. With it, media of your own entries are encrypted with age for
    each --recipient, or with a password. The password stays on this machine.

    \b
    Examples:
      fakeprint takedown bundle CAMPAIGN -o evidence.zip
      fakeprint takedown bundle CAMPAIGN -o evidence.zip --with-media --recipient age1…
      fakeprint takedown bundle CAMPAIGN -o evidence.zip --with-media --password-file court.password
      fakeprint verify evidence.zip --key ledger.vkey --tsa-roots authority.pem
    """
    has_readers = bool(recipients) or password.given
    if has_readers != with_media:
        raise click.UsageError("Give --with-media together with --recipient, --password-file or --password.")
    with error_report({"path": str(output)}, as_json=as_json):
        readers = _readers(recipients, password) if with_media else None
        with service.connect() as client:
            size = _save(client, campaign_id, notice_id, readers, output, stamped=not without_stamp)
        result = {"path": str(output), "campaign_id": str(campaign_id), "bytes": size}
        if as_json:
            print_json(result | {"notice_id": str(notice_id) if notice_id else None, "media": with_media})
        else:
            click.echo(f"{printable(str(output))}: {size} bytes")
            click.echo(f"  next: fakeprint verify {printable(str(output))} --key LEDGER-KEY")
    return exit_status.DONE


def _readers(recipients: tuple[str, ...], password: secret.Password) -> dict[str, Any]:
    """Return the recipients for whom the media are encrypted. Raises `BadInput` (`bad_recipient`,
    `weak_password`)."""
    keys = list(recipients)
    if keys:
        age_encryption.recipients(keys)
    identity = None
    if (word := password.ask(twice=True)) is not None:
        public, locked = age_encryption.new_locked(word)
        keys.append(public)
        identity = base64.b64encode(locked).decode()
    return {"recipients": keys, "identity": identity}


def _save(
    client: Client,
    campaign_id: UUID,
    notice_id: UUID | None,
    readers: dict[str, Any] | None,
    output: Path,
    *,
    stamped: bool,
) -> int:
    """Write the bundle, and return its size in bytes."""
    path = f"/v1/campaigns/{campaign_id}/bundle"
    if readers is None:
        query = f"?notice_id={notice_id}&" if notice_id else "?"
        archive = client.fetch(f"{path}{query}time_stamp={str(stamped).lower()}")
        with files.writing(str(output.absolute())) as file:
            return file.write(archive)
    body = readers | {"notice_id": str(notice_id) if notice_id else None, "time_stamp": stamped}
    with files.writing(str(output.absolute())) as file:
        return stream.save(client, path, body, file)
