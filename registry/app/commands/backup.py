"""`fakeprint backup` and `fakeprint restore`."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from registry.core.settings import Settings, settings
from registry.core.terminal import exit_status
from registry.core.terminal.text import printable


@click.command(short_help="Back up database, media and ledger into a folder.")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--to", "recipients", multiple=True, help="Public key (age1…) to encrypt for; repeatable.")
@click.option("--unencrypted", is_flag=True, help="Do not encrypt: the folder's disk is encrypted already.")
@click.option(
    "--keep", type=click.IntRange(1, 10_000), default=14, show_default=True, help="Backups to keep in FOLDER."
)
def backup(folder: Path, recipients: Sequence[str], *, unencrypted: bool, keep: int) -> int:
    """Back up database, media and ledger into a new folder in FOLDER. The service may run meanwhile.

    It copies the registry of FAKEPRINT_DATABASE_URL, else that of `fakeprint up` in FAKEPRINT_DATA. Older
    backups beyond --keep are deleted, because deleted personal data lives on in them.

    Two things are left out and must be kept elsewhere: the keys of enrolled persons (FAKEPRINT_KEYS_URL, else
    DATA/keys), since destroying a key erases a person from all backups, and FAKEPRINT_BLOBS_KEYS.

    \b
    Examples:
      age-keygen -o backup.key                        once; keep this file elsewhere
      fakeprint backup /mnt/backup --to age1…         each day
      fakeprint restore /mnt/backup/fakeprint-20261130T020000Z --identity backup.key --check
    """
    from registry.app.backup import place, service  # noqa: PLC0415 - `--help` loads no driver
    from registry.core.crypto import age_encryption  # noqa: PLC0415 - as above
    from registry.core.service import open_service  # noqa: PLC0415 - as above

    if unencrypted == bool(recipients):
        raise click.UsageError("Give --to age1… (age-keygen makes a key), or --unencrypted.")
    to = age_encryption.recipients(recipients) if recipients else []
    with place.existing(settings()) as chosen:
        opened = open_service(chosen)
        try:
            made = service.write_backup(opened, folder, to, keep=keep, say=_say)
        finally:
            opened.close()
    _say("Not included: keys of enrolled persons, and FAKEPRINT_BLOBS_KEYS. Keep them elsewhere.")
    click.echo(printable(str(made)))
    return exit_status.DONE


@click.command(short_help="Restore a backup into an empty place, or check it.")
@click.argument("backup", type=click.Path(exists=True, file_okay=False, path_type=Path), metavar="BACKUP")
@click.option(
    "--identity",
    "identity",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="File of age-keygen with the key of the backup.",
)
@click.option("--data", type=click.Path(file_okay=False, path_type=Path), help="Data folder to restore into.")
@click.option("--check", is_flag=True, help="Restore into a temporary place, check, and delete it.")
def restore(backup: Path, identity: Path | None, data: Path | None, *, check: bool) -> int:
    """Restore the folder BACKUP, which `fakeprint backup` made.

    It is restored into FAKEPRINT_DATABASE_URL and FAKEPRINT_BLOBS_URL, which must be empty, else into the
    data folder (--data, else FAKEPRINT_DATA) for `fakeprint up`. Then the ledger is compared with what the
    backup's checkpoint signed, and missing media are named; in both cases the exit status is 1.

    Put the keys of enrolled persons back before the service starts. Without them these persons are erased.

    \b
    Examples:
      fakeprint restore /mnt/backup/fakeprint-20261130T020000Z --identity backup.key --check
      fakeprint restore /mnt/backup/fakeprint-20261130T020000Z --identity backup.key --data /srv/fakeprint
    """
    from registry.core.crypto import age_encryption  # noqa: PLC0415 - `--help` loads no driver

    keys = age_encryption.identities(identity.read_text("utf-8", "replace")) if identity else []
    if not check:
        chosen = settings() if data is None else _embedded(data)
        return _restored(backup, chosen, keys)
    with tempfile.TemporaryDirectory(prefix="fakeprint-check-") as folder:
        Path(folder).chmod(0o711)  # PostgreSQL runs as another user under root
        return _restored(backup, _embedded(Path(folder) / "data"), keys)


def _embedded(data: Path) -> Settings:
    empty = ("database_url", "pooler_url", "broker_url", "blobs_url", "ledger", "replica_urls")
    return settings().model_copy(update={"data": data.absolute(), **dict.fromkeys(empty, "")})


def _restored(backup: Path, chosen: Settings, keys: Sequence[Any]) -> int:
    from registry.app.backup import place, restoring  # noqa: PLC0415 - `--help` loads no driver

    with place.empty(chosen) as target:
        found = restoring.restore_backup(backup, target, keys, say=_say)
    for name in found.missing_media:
        _say(f"{name}: missing, although the database names it.")
    if found.ledger_follows is False:
        _say("The ledger does not begin with what the backup's checkpoint signed.")
    if found.migrations:
        _say(
            f"The backup is of version {found.manifest.version}. Run `fakeprint migrate` before the service."
        )
    state = "good" if found.good else "NOT GOOD"
    click.echo(f"{state}: backup of {found.manifest.created_at:%Y-%m-%d %H:%M:%S %Z}")
    return exit_status.DONE if found.good else exit_status.NOT_ANSWERED


def _say(message: str) -> None:
    click.echo(printable(message), err=True)
