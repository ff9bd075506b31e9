"""Register the fakes, then look up every clip by every interface."""

from __future__ import annotations

import sys
import threading
import time
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from fakeprint import Client
from tests.bench.accuracy.media import material, minute
from tests.bench.accuracy.media.material import Item, Material
from tests.bench.doors import browser, cases, commands
from tests.bench.doors.answers import Said
from tests.bench.doors.cases import Case
from tests.bench.doors.judging import Answers
from tests.support.browser.console import Site
from tests.support.service import stack
from tests.support.service.stack import Stack

AT_ONCE: Final = 3
"""Doors that are commands, at once, beside the browser."""


def run(folder: Path, *, quick: bool) -> tuple[list[Case], Answers, dict[str, float]]:
    """Return the cases, the answers by interface, and the figures of the minute in the browser."""
    held = material.read(folder, quick=False)
    fakes = cases.chosen(held, quick=quick)
    clip = minute.made(held.sources)
    with stack.running() as service:
        key = (service.data / "admin.key").read_text().strip()
        entries = _register(service, key, fakes, held)
        case_list = cases.made(fakes, held, entries)
        progress = _Told(len(case_list))
        site = Site(service.url, key)
        with ThreadPoolExecutor(AT_ONCE) as pool:
            others = [
                pool.submit(_command, door, service, key, case_list, progress) for door in commands.DOORS
            ]
            browser.look_up_all(site, case_list, progress.tell)
            for other in others:
                other.result()
        seconds = browser.minute(site, clip)
    return case_list, progress.said, seconds


def _command(door: str, service: Stack, key: str, asked: Sequence[Case], told: _Told) -> None:
    for case, said in zip(asked, commands.DOORS[door](service, key, asked), strict=True):
        told.tell(door, case, said)


def _register(service: Stack, key: str, fakes: Sequence[Item], held: Material) -> dict[str, str]:
    """Upload the fakes with their originals. Return their entries by name once lookups find them."""
    entries: dict[str, str] = {}
    with Client(service.url, key) as registry:
        for fake in fakes:
            original = held.originals.get(fake.name)
            made = registry.register(
                [fake.path],
                originals=[original.path] if original else [],
                title=fake.name,
                manipulation="face_swap",
            )
            entries[fake.name] = made["entry_id"]
        for count, (name, entry_id) in enumerate(entries.items(), 1):
            entry = registry.wait_matchable(entry_id)
            if entry["status"] != "matchable":
                message = f"{name} cannot be registered: {entry['error']}"
                raise SystemExit(message)
            print(f"registered {count}/{len(entries)} {name}", file=sys.stderr, flush=True)
    return entries


class _Told:
    """Reports answers on standard error as they arrive."""

    def __init__(self, total: int) -> None:
        self.said: Answers = defaultdict(dict)
        self._total = total
        self._lock = threading.Lock()
        self._began = time.monotonic()

    def tell(self, door: str, case: Case, said: Said) -> None:
        with self._lock:
            self.said[door][case] = said
            count, spent = len(self.said[door]), time.monotonic() - self._began
            line = f"{spent:6.0f} s  {door:15} {count}/{self._total}  {said.verdict:12} {case.label}"
            print(line, file=sys.stderr, flush=True)
