"""`fakeprint blobs`, and media that is encrypted again, as an operator uses them."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import cast

from click.testing import CliRunner

from registry.app.commands import main
from registry.catalogue.media.service.blobs import reseal_blob
from registry.core.blobs import EncryptedBlobs, age_keys
from registry.core.database.pool import Pool
from registry.core.service import Service
from registry.core.settings import settings
from tests.support.media.blobs import MIDDLE, SMALL, names, opened, overwrite, put, raw, read


def test_a_large_medium_is_encrypted_again_without_a_time_limit(service: Service) -> None:
    """PostgreSQL ends transactions in which nothing happens for a while, and the lock with them."""
    key = put(service.blobs, SMALL)
    pool = Pool(service.settings.database_url, size=1, statement_timeout_ms=5000)
    pool.open()
    with pool.transaction() as connection:
        connection.execute("SELECT set_config('idle_in_transaction_session_timeout', '100ms', false)")

    class Slow(EncryptedBlobs):
        def reseal(self, key: str) -> bool:
            time.sleep(0.5)
            return super().reseal(key)

    slow = Slow(cast("EncryptedBlobs", service.blobs)._objects, age_keys.read_keys(age_keys.new_key()))
    try:
        assert reseal_blob(replace(service, pool=pool, blobs=slow), key)
    finally:
        pool.close()


def test_the_command_line_rotates_keys_and_finds_damage(database_url: str, tmp_path: Path) -> None:
    def run(*arguments: str, keys: str = "") -> tuple[int, str]:
        settings.cache_clear()
        said = {"DATABASE_URL": database_url, "DATA": str(tmp_path), "BLOBS_KEYS": keys}
        environment = {f"FAKEPRINT_{name}": value for name, value in said.items()}
        done = CliRunner().invoke(main, ["blobs", *arguments], env=environment)
        settings.cache_clear()
        return done.exit_code, done.stdout.strip()

    old, new = (run("new-key")[1] for _ in range(2))
    place = (tmp_path / "blobs").as_uri()
    plain, sealed = put(opened(place), SMALL), put(opened(place, old), MIDDLE)
    assert run("check") == (1, "1 of 2 good, 0 damaged, 0 missing, 1 under a missing key")
    assert run("check", keys=old) == (0, "2 of 2 good, 0 damaged, 0 missing")
    assert run("rekey")[0] == 1
    assert run("rekey", keys=new) == (1, "1 of 2 encrypted, 0 damaged, 1 under a missing key")
    assert read(opened(place, f"{new} {old}"), sealed) == MIDDLE, "it is left as it is"
    assert run("rekey", keys=f"{new} {old}") == (0, "1 of 2 encrypted, 0 damaged")
    assert run("rekey", keys=f"{new} {old}") == (0, "0 of 2 encrypted, 0 damaged")
    blobs = opened(place, new)
    assert [read(blobs, plain), read(blobs, sealed)] == [SMALL, MIDDLE]
    (name,) = [name for name in names(blobs) if name.startswith(plain)]
    whole = raw(blobs, name)
    overwrite(blobs, name, whole[:-1] + bytes([whole[-1] ^ 1]))
    assert run("check", keys=new) == (1, "1 of 2 good, 1 damaged, 0 missing")
    assert not blobs.exists(plain)
