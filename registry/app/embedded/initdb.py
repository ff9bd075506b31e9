"""Create a database cluster, or report why an existing one cannot be used. An existing one is not changed."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import tempfile
from pathlib import Path

from registry.app.embedded import location
from registry.app.embedded.errors import DatabaseStartFailed, DataFolderForeign, DataFolderVersion
from registry.app.embedded.folder import write_secret


def check(data: Path, *, major: int, user: int | None) -> None:
    """Raise `Conflict` (`data_folder_foreign`, `data_folder_version`) unless `user` can serve `data`."""
    owner = data.stat().st_uid
    expected = os.geteuid() if user is None else user
    if owner != expected:
        raise DataFolderForeign(f"The database in {data} belongs to user {owner}, not to user {expected}.")
    note = data / "PG_VERSION"
    version = note.read_text(encoding="ascii").strip() if note.exists() else "unknown"
    if version != str(major):
        raise DataFolderVersion(
            f"The database in {data} is of PostgreSQL {version}; this installation has {major}. "
            "Nothing was changed.",
            next_step=f"Dump it with the Fakeprint that made it (pg_dumpall of PostgreSQL {version}), load "
            "the dump into a new folder, or choose another folder with --data.",
        )


def initialise(
    home: Path, *, programs: Path, name: str, password: Path, user: int | None, environment: dict[str, str]
) -> None:
    """Create `home/data` with the superuser `name` and the password in the file `password` (created if
    missing).

    initdb works in another folder, which is then renamed, so a kill leaves no incomplete cluster. Raises
    `Unavailable` (code `database_start_failed`).
    """
    location.own(home, user)
    for half in home.glob(".new-*"):
        shutil.rmtree(half, ignore_errors=True)
    if not password.exists():
        write_secret(password, secrets.token_urlsafe(24))
    fresh = Path(tempfile.mkdtemp(prefix=".new-", dir=home))
    location.own(fresh, user)
    word = fresh / "password"
    write_secret(word, password.read_text(encoding="ascii").strip())
    if user is not None:
        os.chown(word, user, user)
    result = subprocess.run(
        [
            *(str(programs / "initdb"), "-D", str(fresh / "data"), "-U", name, f"--pwfile={word}"),
            *("--auth=scram-sha-256", "--encoding=UTF8", "--data-checksums"),
            *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"),
        ],
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
        env=environment,
        user=user,
        group=user,
        extra_groups=None if user is None else [],
    )
    if result.returncode == 0:
        (fresh / "data").rename(home / "data")
    shutil.rmtree(fresh, ignore_errors=True)
    if result.returncode != 0:
        raise DatabaseStartFailed(
            f"initdb failed: {(result.stderr or result.stdout).strip()[-600:]}",
            next_step=f"Check space and rights below {home}.",
        )
