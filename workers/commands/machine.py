"""What `fakeprint doctor` checks of a machine and of what it reaches: hardware, port, names, database, mail,
certificate and backups. A setting that is empty is not checked."""

from __future__ import annotations

import os
import re
import shutil
import socket
import ssl
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, Literal
from urllib.parse import urlsplit

from registry import operations
from registry.app.commands.serve import listener
from registry.app.errors import CannotListen
from registry.core.errors import FakeprintError
from registry.core.settings import Settings
from registry.takedown.delivery.model.delivery import OUTCOMES
from registry.takedown.delivery.service import smtp

CORES: Final = 2
MEMORY_GB: Final = 7
DISK_GB: Final = 10
"""The least hardware: what an empty registry needs (`make capacity`)."""
CLOCK_SECONDS: Final = 1.0
"""Largest difference to the database's clock."""
PAGES_FROM: Final = 1 << 30
"""Bytes of PostgreSQL's buffers from which huge pages are worth it."""
CERTIFICATE_DAYS: Final = 14
BACKUP_HOURS: Final = 26
"""A backup each day, and two hours for it."""
SECONDS: Final = 5
OWN_GROUP: Final = Path("/proc/self/cgroup")
GROUPS: Final = Path("/sys/fs/cgroup")
_BACKUP: Final = re.compile(r"fakeprint-(\d{8}T\d{6}Z)\Z")
_HOSTS: Final = re.compile(r"(?<!file)(?<!s3)://(?:[^@/\s]*@)?+([^@/?\s]+)(?!\S*@)")
"""Hosts in addresses, without names and passwords before them. A folder or a bucket has none. What stands
before an `@` may belong to a password that is not written as %XX."""

State = Literal["good", "advice", "WRONG"]


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of a check. `advice`: it works, and could be better."""

    name: str
    state: State
    words: str


def check(chosen: Settings, backups: Path | None) -> list[Finding]:
    """Return the findings of all checks that concern this machine."""
    found = [cores(), memory(), disk(chosen.data), *port(chosen), *names(chosen)]
    return [*found, *database(chosen), *mail(chosen), *certificate(chosen.public_url), *backup(backups)]


def cores() -> Finding:
    shares = [int(most) / int(period) for most, period in _limits("cpu.max") if most != "max"]
    there = min([len(os.sched_getaffinity(0)), *shares])
    return _least("cores", there, CORES, "processor cores for this process")


def memory() -> Finding:
    shares = [int(most) for (most,) in _limits("memory.max") if most != "max"]
    there = min([os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"), *shares])
    return _least("memory", there / 1e9, MEMORY_GB, "GB of memory")


def _limits(name: str) -> list[list[str]]:
    """The words of this file of our control group, and of those that it lies in: a container's limits."""
    try:
        own = re.findall(r"(?m)^0::/(.*)$", OWN_GROUP.read_text(encoding="utf-8"))
    except OSError:  # not Linux
        return []
    folders = [folder for path in own for folder in (GROUPS / path, *(GROUPS / path).parents)]
    files = [folder / name for folder in folders if folder.is_relative_to(GROUPS)]
    return [file.read_text(encoding="ascii").split() for file in files if file.is_file()]


def disk(data: Path) -> Finding:
    """Free space where the data folder is, or will be."""
    there = next(folder for folder in (data, *data.absolute().parents) if folder.is_dir())
    return _least("disk", shutil.disk_usage(there).free / 1e9, DISK_GB, f"GB free at {there}")


def port(chosen: Settings) -> Iterator[Finding]:
    """Whether the API's port is free, or Fakeprint listens there. A taken default is no fault: `--port` may
    say another."""
    place = f"{chosen.host} port {chosen.port}"
    try:
        listener(chosen.host, chosen.port).close()
    except CannotListen as error:
        if _lives(chosen):
            yield Finding("port", "good", f"Fakeprint answers at {place}.")
        else:
            state: State = "WRONG" if "port" in chosen.model_fields_set else "advice"
            yield Finding("port", state, f"{error} Set FAKEPRINT_PORT.")
    else:
        yield Finding("port", "good", f"{place} is free.")


def names(chosen: Settings) -> Iterator[Finding]:
    """Whether the names of other machines in the settings resolve."""
    unknown = []
    for field in Settings.model_fields:
        if field.endswith(("_url", "_urls", "_issuer")):
            for hosts in _HOSTS.findall(str(getattr(chosen, field))):
                unknown += [
                    f"{host} (FAKEPRINT_{field.upper()})" for host in hosts.split(",") if not _known(host)
                ]
    if unknown:
        yield Finding("names", "WRONG", f"These names do not resolve: {', '.join(unknown)}.")
    else:
        yield Finding("names", "good", "All names of machines in the settings resolve.")


def database(chosen: Settings) -> Iterator[Finding]:
    """Whether the database answers, shows the same time, and uses huge pages where they help."""
    if not chosen.database_url:
        return
    before = time.time()
    try:
        found = operations.condition(chosen.database_url, seconds=SECONDS)
    except FakeprintError as error:
        yield Finding("database", "WRONG", f"{error} {error.next_step}")
        return
    yield Finding("database", "good", "The database answers.")
    off = max(before - found.clock, found.clock - time.time(), 0.0)
    if off > CLOCK_SECONDS:
        words = f"This clock and the database's differ by {off:.1f} s. Synchronize both (NTP)."
        yield Finding("clock", "WRONG", words)
    else:
        yield Finding("clock", "good", "This clock and the database's agree.")
    if found.buffers >= PAGES_FROM and not found.huge_pages:
        words = "PostgreSQL uses no huge pages: a lookup takes a fifth more CPU (runbook, Room)."
        yield Finding("huge pages", "advice", words)


def mail(chosen: Settings) -> Iterator[Finding]:
    """Whether the mail server lets us in. Nothing is sent."""
    if not chosen.smtp_url:
        return
    outcome = smtp.reach(smtp.server_of(chosen.smtp_url))
    if outcome:
        yield Finding("mail", "WRONG", f"{OUTCOMES[outcome]} Check FAKEPRINT_SMTP_URL.")
    else:
        yield Finding("mail", "good", "The mail server lets us in.")


def certificate(public_url: str, context: ssl.SSLContext | None = None) -> Iterator[Finding]:
    """Whether the certificate of the public address is valid for some time."""
    parts = urlsplit(public_url)
    if parts.scheme != "https" or not parts.hostname:
        return
    try:
        with (
            socket.create_connection((parts.hostname, parts.port or 443), SECONDS) as connection,
            (context or ssl.create_default_context()).wrap_socket(
                connection, server_hostname=parts.hostname
            ) as secured,
        ):
            ends = ssl.cert_time_to_seconds(str((secured.getpeercert() or {})["notAfter"]))
    except OSError as error:
        yield Finding("certificate", "WRONG", f"No TLS connection to {parts.hostname}: {error}.")
        return
    days = int((ends - time.time()) / 86_400)
    state: State = "good" if days >= CERTIFICATE_DAYS else "WRONG"
    yield Finding("certificate", state, f"The certificate of {parts.hostname} ends in {days} days.")


def backup(folder: Path | None) -> Iterator[Finding]:
    """How old the newest backup in a folder is."""
    if folder is None:
        return
    made = [match[1] for path in folder.glob("fakeprint-*") if (match := _BACKUP.match(path.name))]
    if not made:
        yield Finding("backup", "WRONG", f"There is no backup in {folder}.")
        return
    age = datetime.now(UTC) - datetime.strptime(max(made), "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    state: State = "good" if age <= timedelta(hours=BACKUP_HOURS) else "WRONG"
    yield Finding("backup", state, f"The newest backup is {age / timedelta(hours=1):.0f} hours old.")


def _least(name: str, there: float, least: int, what: str) -> Finding:
    if there >= least:
        return Finding(name, "good", f"{there:.0f} {what}.")
    return Finding(name, "advice", f"{there:.1f} {what}; at least {least} are needed for long.")


def _known(host: str) -> bool:
    name = re.sub(r":\d+\Z", "", host).strip("[]")
    try:
        socket.getaddrinfo(name, None)
    except OSError:
        return False
    return True


def _lives(chosen: Settings) -> bool:
    """Whether something answers at the port as our API does."""
    asked = b"GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    try:
        with socket.create_connection((chosen.host, chosen.port), SECONDS) as connection:
            connection.sendall(asked)
            return b'"live":true' in connection.makefile("rb").read(4096)
    except OSError:
        return False
