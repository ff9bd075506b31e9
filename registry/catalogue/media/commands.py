"""`fakeprint blobs`: check stored media, and rotate their keys."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

from registry.catalogue.media.service.blobs import find_missing, reseal_blob
from registry.core.errors import BadMedia, NotFound, Unavailable
from registry.core.errors.blobs import BadBlobsKey
from registry.core.service import Service, open_service
from registry.core.settings import Settings, settings
from registry.core.terminal import exit_status

_PROGRESS_EVERY = 100
_NO_KEY = "blobs_key_missing"


@click.group(short_help="Check stored media, and rotate its keys.")
def blobs() -> None:
    """Check stored media, and rotate its keys.

    Run these commands with the workers' settings (FAKEPRINT_DATABASE_URL, FAKEPRINT_BLOBS_URL,
    FAKEPRINT_BLOBS_KEYS). The service may run meanwhile.

    \b
    Examples:
      fakeprint blobs new-key
      fakeprint blobs rekey
      fakeprint blobs check
    """


@blobs.command("new-key", short_help="Print a new key and its public half.")
def new_key() -> int:
    """Print a new key for FAKEPRINT_BLOBS_KEYS. The comment is its public half, which only encrypts.

    Without the key the media cannot be read. To rotate: put the new key before the old one everywhere, run
    `fakeprint blobs rekey`, then remove the old one.

    \b
    Example:
      fakeprint blobs new-key
    """
    from registry.core.blobs import age_keys  # noqa: PLC0415 - `--help` loads no cryptography

    key = age_keys.new_key()
    click.echo(f"# {age_keys.public_half(key)}", err=True)
    click.echo(key)
    return exit_status.DONE


@blobs.command(short_help="Encrypt all media with the first key.")
def rekey() -> int:
    """Encrypt all stored media with the first of FAKEPRINT_BLOBS_KEYS, whether plain or under an older key.

    If it is interrupted, run it again. Media under a missing key is listed and not changed. Damaged media is
    listed and moved to `damaged/`. In both cases the exit status is 1.

    \b
    Example:
      fakeprint blobs rekey
    """
    chosen = settings()
    if not chosen.blobs_keys.strip():
        raise BadBlobsKey(
            "FAKEPRINT_BLOBS_KEYS holds no key.",
            next_step="Set FAKEPRINT_BLOBS_KEYS; `fakeprint blobs new-key` makes one.",
        )
    return _each(chosen, "encrypted", reseal_blob)


@blobs.command(short_help="Read all media, and compare it with its digest.")
def check() -> int:
    """Read all stored media, compare it with its digest, and report missing media.

    Damaged media is listed and moved to `damaged/`. Register damaged or missing files again; files may be
    missing after a restore. Media under a missing key is listed too: put that key back into
    FAKEPRINT_BLOBS_KEYS, after the first one. In each of these cases the exit status is 1.

    \b
    Example:
      fakeprint blobs check
    """

    def read(service: Service, key: str) -> bool:
        with service.blobs.local_path(key):
            return True

    return _each(settings(), "good", read, missing=True)


def _each(
    chosen: Settings, outcome: str, act: Callable[[Service, str], bool], *, missing: bool = False
) -> int:
    """Run `act` on each blob. Progress and errors go to stderr, the outcome to stdout. `missing`: also report
    blobs that rows name and that do not exist."""
    examined = changed = damaged = unopened = absent = 0
    with _opened(chosen) as service:
        for key in service.blobs.listed():
            examined += 1
            try:
                changed += act(service, key)
            except NotFound:
                examined -= 1  # let go meanwhile
            except BadMedia as error:
                damaged += 1
                click.echo(f"{key}: {error.message}", err=True)
            except Unavailable as error:
                if error.code != _NO_KEY:
                    raise
                unopened += 1
                click.echo(f"{key}: {error.message}", err=True)
            if examined % _PROGRESS_EVERY == 0:
                click.echo(f"{examined} seen, {changed} {outcome}, {damaged} damaged", err=True)
        for key in find_missing(service) if missing else ():
            absent += 1
            click.echo(f"{key}: missing, although the database names it.", err=True)
    notes = f", {absent} missing" if missing else ""
    notes += f", {unopened} under a missing key" if unopened else ""
    click.echo(f"{changed} of {examined} {outcome}, {damaged} damaged{notes}")
    return exit_status.NOT_ANSWERED if damaged or absent or unopened else exit_status.DONE


@contextmanager
def _opened(chosen: Settings) -> Iterator[Service]:
    service = open_service(chosen)
    try:
        yield service
    finally:
        service.close()
