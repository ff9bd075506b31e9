"""`fakeprint keys`: the keys of persons, entries and others, as they are stored."""

from __future__ import annotations

from collections import Counter
from typing import Final

import click

from registry.core.crypto.keys import open_keys
from registry.core.crypto.kms import open_kms
from registry.core.errors.crypto import KeysUnavailable
from registry.core.settings import settings
from registry.core.terminal import exit_status

WITHIN: Final = ("clients", "statements", "ledger")
"""Folders beside the keys of persons, entries, webhooks and exchanges."""


@click.group(short_help="Wrap stored keys anew.")
def keys() -> None:
    """Wrap stored keys anew.

    \b
    Example:
      fakeprint keys rewrap
    """


@keys.command(short_help="Store all keys as FAKEPRINT_KMS_URL wraps them now.")
@click.option("--plain", is_flag=True, help="Store them as they are, to go without it or to another one.")
def rewrap(*, plain: bool) -> int:
    """Store all keys in FAKEPRINT_KEYS_URL as FAKEPRINT_KMS_URL wraps them now.

    Run it on one host after that setting is the same everywhere, and after a rotation of the key in Vault.
    The service may run meanwhile. If it is interrupted, run it again. What the keys encrypt stays as it is.

    \b
    Examples:
      fakeprint keys rewrap
      fakeprint keys rewrap --plain
    """
    chosen = settings()
    folder = open_keys(chosen.keys_url, chosen.data, open_kms(chosen.kms_url, chosen.kms_token))
    stored, left = 0, Counter[str]()
    for part in (folder, *map(folder.within, WITHIN)):
        done, not_done = part.rewrap(plain=plain)
        stored, left = stored + done, left + not_done
    click.echo(f"{stored} keys stored anew")
    if left:
        raise KeysUnavailable(
            f"{left.total()} keys stay as they are. {left.most_common(1)[0][0]}",
            next_step="Give the settings that open them, and run it again.",
        )
    return exit_status.DONE
