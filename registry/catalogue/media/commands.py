"""`fakeprint blobs`: check stored media, and rotate their keys."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

from registry.catalogue.media.service import find_missing, reseal_blob
from registry.core.errors import BadMedia, NotFound, Unavailable
from registry.core.errors.blobs import BadBlobsKey
from registry.core.service import Service, open_service
from registry.core.settings import Settings, settings
from registry.core.terminal import exit_status

_SAID_EVERY = 100
_NO_KEY = "blobs_key_missing"


@click.group(short_help="Check kept media, and rotate its keys.")
def blobs() -> None:
    """Check kept media, and rotate its keys.

    Run it where the workers run, with their settings (FAKEPRINT_DATABASE_URL, FAKEPRINT_BLOBS_URL,
    FAKEPRINT_BLOBS_KEYS). The service goes on meanwhile.

    \b
    Examples:
      fakeprint blobs new-key
      fakeprint blobs rekey
      fakeprint blobs check
    """


@blobs.command("new-key", short_help="Print a new key, and its public half.")
def new_key() -> int:
    """Print a new key for FAKEPRINT_BLOBS_KEYS. Its public half, the comment, seals and opens nothing.

    Who loses the key loses the media. To rotate: put the new key before the old one everywhere, run
    `fakeprint blobs rekey`, then take the old one away.

    \b
    Example:
      fakeprint blobs new-key
    """
    from registry.core.blobs import age_keys  # noqa: PLC0415 - `--help` loads no cryptography

    key = age_keys.new_key()
    click.echo(f"# {age_keys.public_half(key)}", err=True)
    click.echo(key)
    return exit_status.DONE


@blobs.command(short_help="Encrypt everything under the first key.")
def rekey() -> int:
    """Encrypt all kept media with the first of FAKEPRINT_BLOBS_KEYS: plain ones and those under older keys.

    Cut off, it does the rest when it is run again. What is under a key that is not there is named and left
    as it is; what is damaged is named and put aside under `damaged/`. The exit status is 1 then.

    \b
    Example:
      fakeprint blobs rekey
    """
    chosen = settings()
    if not chosen.blobs_keys.strip():
        raise BadBlobsKey(
            "There is no key to encrypt with.",
            next_step="Set FAKEPRINT_BLOBS_KEYS; `fakeprint blobs new-key` makes one.",
        )
    return _each(chosen, "encrypted anew", reseal_blob)


@blobs.command(short_help="Read everything, and compare it with its digest.")
def check() -> int:
    """Read all kept media and compare it with its digest, and see that all is there which the database names.

    What is damaged is put aside under `damaged/`, as when a worker meets it. It is named, as is what is
    missing (after a restore, say): register such a file again. What is under a key that is not there is named
    too: put that key back into FAKEPRINT_BLOBS_KEYS, after the one that seals. The exit status is 1 then.

    \b
    Example:
      fakeprint blobs check
    """

    def read(service: Service, key: str) -> bool:
        with service.blobs.local_path(key):
            return True

    return _each(settings(), "good", read, missing=True)


def _each(chosen: Settings, done: str, act: Callable[[Service, str], bool], *, missing: bool = False) -> int:
    """Run `act` on each blob. Progress and errors go to stderr, the outcome to stdout. `missing`: also report
    blobs that rows name and that do not exist."""
    seen = changed = wrong = unopened = absent = 0
    with _opened(chosen) as service:
        for key in service.blobs.listed():
            seen += 1
            try:
                changed += act(service, key)
            except NotFound:
                seen -= 1  # let go meanwhile
            except BadMedia as error:
                wrong += 1
                click.echo(f"{key}: {error.message}", err=True)
            except Unavailable as error:
                if error.code != _NO_KEY:
                    raise
                unopened += 1
                click.echo(f"{key}: {error.message}", err=True)
            if seen % _SAID_EVERY == 0:
                click.echo(f"{seen} seen, {changed} {done}, {wrong} damaged", err=True)
        for key in find_missing(service) if missing else ():
            absent += 1
            click.echo(f"{key}: the database names it, and it is not there.", err=True)
    said = f", {absent} missing" if missing else ""
    said += f", {unopened} under a key that is not here" if unopened else ""
    click.echo(f"{changed} of {seen} {done}, {wrong} damaged{said}")
    return exit_status.NOT_ANSWERED if wrong or absent or unopened else exit_status.DONE


@contextmanager
def _opened(chosen: Settings) -> Iterator[Service]:
    service = open_service(chosen)
    try:
        yield service
    finally:
        service.close()
