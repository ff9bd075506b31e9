"""The data folder of `fakeprint up`, which serves one instance.

`lock` (held while `up` runs; holds its pid), `run.json` (url, pids; only while the service is reachable),
`admin.key` (0600), `postgres.password` (0600), `postgres` (the cluster or a link to it), `blobs`, `logs`.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from registry.app.embedded.errors import AlreadyRunning, DataFolderForbidden, DataFolderInvalid
from registry.core.errors import Conflict

MAX_LOG_BYTES: Final = 50 * 1024**2
MAX_PATH_BYTES: Final = 900
"""PostgreSQL's paths have at most 1023 bytes, including some levels of folders below."""


@dataclass(frozen=True, slots=True)
class DataFolder:
    """An existing data folder; see `open_folder`."""

    path: Path

    @property
    def admin_key(self) -> Path:
        return self.path / "admin.key"

    @property
    def password(self) -> Path:
        return self.path / "postgres.password"

    @property
    def run_file(self) -> Path:
        return self.path / "run.json"

    @property
    def blobs(self) -> Path:
        return self.path / "blobs"

    def log(self, name: str) -> Path:
        return self.path / "logs" / f"{name}.log"

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Lock the folder for the block. Raises `Conflict` (code `already_running`, extra `pid`, `url`) if
        another process holds it. The kernel releases the lock when its holder ends, so a stale file does no
        harm."""
        handle = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise self._already_running(
                    os.pread(handle, 32, 0).decode(errors="replace").strip()
                ) from None
            os.ftruncate(handle, 0)
            os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)
            self.delete_run()
            yield
            self.delete_run()
        finally:
            os.close(handle)

    def _already_running(self, pid: str) -> Conflict:
        url = self.read_run().get("url")
        where = f"at {url}" if url else "and is still starting"
        return AlreadyRunning(
            f"Fakeprint already runs on {self.path} (process {pid or 'unknown'}) {where}.",
            next_step=f"Use it, end it with `kill {pid or 'PID'}`, or choose another folder with --data.",
            extra={"pid": int(pid) if pid.isdigit() else None, "url": url},
        )

    def read_run(self) -> dict[str, Any]:
        """Return the content of `run.json`, or {}."""
        try:
            body = json.loads(self.run_file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return body if isinstance(body, dict) else {}

    def write_run(self, url: str, pids: Mapping[str, int], started_at: datetime) -> None:
        """Write `run.json`. It is replaced in one step, so that readers never see half of it."""
        body = {"url": url, "pids": dict(pids), "started_at": started_at.astimezone(UTC).isoformat()}
        fresh = self.run_file.with_suffix(".new")
        fresh.write_text(json.dumps(body, indent=1) + "\n", encoding="utf-8")
        fresh.replace(self.run_file)

    def delete_run(self) -> None:
        self.run_file.unlink(missing_ok=True)


def open_folder(path: Path) -> DataFolder:
    """Open the data folder. Create it if missing, with mode 0700, or 0711 under root (see `location`).

    Raises `BadInput` (codes `data_folder_invalid`, `no_permission`).
    """
    path = path.expanduser().absolute()
    _refuse_long(path)
    try:
        _refuse_long(path.resolve())
        if not path.exists():
            path.mkdir(parents=True, mode=0o700)
            if os.geteuid() == 0:
                path.chmod(0o711)
        for inner in ("logs", "blobs"):
            (path / inner).mkdir(mode=0o700, exist_ok=True)
        probe = os.open(path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        os.close(probe)
    except PermissionError as error:
        raise DataFolderForbidden(
            f"The data folder {path} cannot be written with this user's rights."
        ) from error
    except OSError as error:
        raise DataFolderInvalid(f"{path} cannot be used as a data folder: {error.strerror}.") from error
    return DataFolder(path)


def _refuse_long(path: Path) -> None:
    if (size := len(os.fsencode(path))) > MAX_PATH_BYTES:
        raise DataFolderInvalid(
            f"The data folder's path is too long: {size} bytes; PostgreSQL's limit allows {MAX_PATH_BYTES}."
        )


def trim_log(log: Path) -> None:
    """Rotate a log above `MAX_LOG_BYTES`; one old log is kept. The writer appends, so truncation is safe."""
    if log.exists() and log.stat().st_size > MAX_LOG_BYTES:
        log.with_suffix(".log.1").write_bytes(log.read_bytes())
        os.truncate(log, 0)


def write_secret(path: Path, text: str) -> None:
    """Write a file that only its owner can ever read."""
    path.unlink(missing_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(text + "\n")
