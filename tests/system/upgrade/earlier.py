"""The release before this one, out of the repository's history."""

from __future__ import annotations

import io
import subprocess
import tarfile
from pathlib import Path
from typing import Final

from tests.system.upgrade import LANDED

ROOT: Final = Path(__file__).parents[3]
ROLES: Final = "deploy/service-role.sql"


def newest_before() -> str:
    """The newest commit whose schema ends with `LANDED`. Ends the program where the history has none."""
    changes = _git("rev-list", "HEAD", "--", "schema/migrations").split()
    for newer, commit in zip([None, *changes], changes, strict=False):
        if _last_migration(commit) <= LANDED:
            return _git("rev-parse", f"{newer}^" if newer else "HEAD").strip()
    raise SystemExit(
        f"upgrade-check: no commit with migration {LANDED:04} as its last one is here. Fetch the history\n"
        "(git fetch --unshallow), or name a commit, or a folder with an earlier release: OLD=…"
    )


def unpacked(old: str, folder: Path) -> Path:
    """Where the code of a commit is, or the folder itself that is named."""
    if Path(old).is_dir():
        return Path(old).resolve()
    packed = subprocess.run(["git", "archive", old], cwd=ROOT, capture_output=True, check=False)
    if packed.returncode:
        raise SystemExit(f"upgrade-check: {packed.stderr.decode().strip()}")
    with tarfile.open(fileobj=io.BytesIO(packed.stdout)) as archive:
        archive.extractall(folder, filter="data")
    return folder


def _last_migration(commit: str) -> int:
    names = _git("ls-tree", "--name-only", commit, "schema/migrations/").split()
    return max((int(Path(name).name[:4]) for name in names), default=0)


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(
            f"upgrade-check: this is no clone with a history ({done.stderr.strip()}). OLD=FOLDER?"
        )
    return done.stdout
