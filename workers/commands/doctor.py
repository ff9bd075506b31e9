"""`fakeprint doctor`: whether this machine and what it reaches suffice, and the walls around decoders."""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Final

import click

from registry.core.settings import settings
from registry.core.terminal import exit_status
from registry.core.terminal.text import printable
from workers.commands import machine
from workers.walls import probe, session, wire

SECONDS: Final = 10
"""Seconds of CPU of the process that tries."""
WALLS: Final = {
    "network": (
        "A decoder can open no connection.",
        "A decoder can open connections. Use Linux with seccomp, on x86-64 or ARM.",
    ),
    "files": (
        "A decoder can open no file but its own.",
        "A decoder can open your files. Use Linux 5.13 or later, with Landlock switched on (lsm=landlock).",
    ),
    "environment": (
        "A decoder has no setting of Fakeprint in its environment.",
        "A decoder has settings of Fakeprint in its environment. This is an error of Fakeprint: report it.",
    ),
    "user": (
        "A decoder runs as a user that owns nothing.",
        "A decoder runs as this user, as usual without root. Give workers a user of their own.",
    ),
    "programs": (
        "A decoder can start no program.",
        "A decoder can start programs. Use Linux with seccomp, on x86-64 or ARM.",
    ),
    "memory": (
        f"A decoder gets {session.MEGABYTES} MB of memory at most.",
        "The memory of a decoder has no limit. Use Linux with /proc mounted.",
    ),
    "cpu": (
        "A decoder that takes too much CPU time is ended.",
        "The CPU time of a decoder has no limit. Use a system that has RLIMIT_CPU.",
    ),
}
"""What each wall keeps out, and what to do where it is missing."""
NEEDED: Final = frozenset(WALLS) - {"user"}
"""Walls without which the exit status is 1. Another user is only possible under root."""


@click.command()
@click.option(
    "--backups",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="Folder of backups: also check how old the newest one is.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def doctor(*, backups: Path | None, as_json: bool) -> int:
    """Check this machine, what its settings name, and the walls around decoders.

    Checked are cores, memory, disk and port; names of other machines, database, clock, huge pages, mail and
    the certificate of FAKEPRINT_PUBLIC_URL, as far as they are set. Files from strangers are read in
    processes of their own: this command starts one, lets it try what a hostile file would try, and prints
    what was refused. Exit status 1: something is WRONG, or a wall other than `user` is missing.

    \b
    Examples:
      fakeprint doctor
      fakeprint doctor --backups /mnt/backup
    """
    walls, findings = stand(), machine.check(settings(), backups)
    if as_json:
        click.echo(json.dumps({"machine": [asdict(finding) for finding in findings], "walls": walls}))
    else:
        for finding in findings:
            click.echo(printable(f"{finding.name:<12} {finding.state:<8} {finding.words}"))
        for name, (stands, missing) in WALLS.items():
            state, words = ("stands", stands) if walls[name] else ("MISSING", missing)
            click.echo(f"{name:<12} {state:<8} {words}")
    whole = all(walls[name] for name in NEEDED) and all(finding.state != "WRONG" for finding in findings)
    return exit_status.DONE if whole else exit_status.NOT_ANSWERED


def stand() -> dict[str, bool]:
    """Return for each wall whether it stands."""
    descriptor, name = tempfile.mkstemp()
    os.close(descriptor)
    try:
        with session.opened(Path(name), probe.MODULE, seconds=SECONDS) as opened:
            (raw,) = opened.call("stand", b"")
    finally:
        Path(name).unlink()
        session.stop()
    found: dict[str, bool] = wire.decode(raw, dict[str, bool])
    return {wall: found.get(wall, False) for wall in WALLS}
