"""Huge pages for the server's memory, as the runbook has them: reserved for the run, given back after it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from tests.bench.speed.cluster import say

RESERVED: Final = Path("/proc/sys/vm/nr_hugepages")
COMPACT: Final = Path("/proc/sys/vm/compact_memory")
BESIDE: Final = 1.06
"""PostgreSQL's shared memory over `shared_buffers`: tables of locks and buffers."""
LEFT: Final = 0.4
"""The share of the memory that must stay with everything else."""


@contextmanager
def reserved(size: int) -> Iterator[None]:
    """Huge pages for `size` bytes of `shared_buffers` while this is open, where the machine grants them:
    who runs this must be root, and `HUGE_PAGES=off` asks for none. Else the run goes on without, and says so;
    the server takes them by itself (`huge_pages = try`). What was reserved before is restored."""
    if os.environ.get("HUGE_PAGES", "").lower() in {"off", "0", "no"}:
        yield
        return
    before = _reserve(size)
    try:
        yield
    finally:
        if before is not None:
            with suppress(OSError):
                RESERVED.write_text(f"{before}\n")


def _reserve(size: int) -> int | None:
    """How many were reserved before; None where nothing was changed."""
    try:
        text = Path("/proc/meminfo").read_text()
        page, total = _number(text, "Hugepagesize"), _number(text, "MemTotal")
        there = _number(text, "HugePages_Total")
        taken = there - _number(text, "HugePages_Free") + _number(text, "HugePages_Rsvd")
        wanted = taken + int(size * BESIDE / 1024 / page) + 1
        if wanted <= there:
            return None
        if wanted * page > total * (1 - LEFT):
            say("no huge pages: they would leave too little memory")
            return None
        COMPACT.write_text("1\n")
        RESERVED.write_text(f"{wanted}\n")
        granted = int(RESERVED.read_text())
        if granted < wanted:
            RESERVED.write_text(f"{there}\n")
            say(f"no huge pages: {granted} of {wanted} were free")
            return None
    except (OSError, ValueError, TypeError) as error:
        say(f"no huge pages: {error}")
        return None
    return there


def _number(told: str, name: str) -> int:
    found = re.search(rf"^{name}:\s+(\d+)", told, re.MULTILINE)
    if not found:
        raise ValueError(f"the kernel tells no {name}")
    return int(found[1])
