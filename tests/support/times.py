"""Where the time of a run of tests went, by room: a pytest plugin."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path
from time import time

import pytest


def room(node: str) -> str:
    """Return the room of a test: its folder in `tests`, or the name of a file that lies there."""
    return node.split("/")[1].partition("::")[0].removesuffix(".py")


class Times:
    """Adds up what each test took with its fixtures."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.tests: Counter[str] = Counter()
        self.first: float | None = None

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.first = self.first or time()
        name = room(report.nodeid)
        self.seconds[name] = self.seconds.get(name, 0.0) + report.duration
        self.tests[name] += report.when == "call"

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print the rooms, longest first. TIMES=FILE is where the time of the first result is written."""
        machine = f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
        terminalreporter.section(f"seconds by room, summed over all processes ({machine})")
        for name, seconds in sorted(self.seconds.items(), key=lambda item: -item[1]):
            terminalreporter.write_line(f"{seconds:8.0f} s {self.tests[name]:6} tests  {name}")
        if path := os.environ.get("TIMES"):
            Path(path).write_text(str(self.first))


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):  # the process that all others report to
        config.pluginmanager.register(Times(), "times-by-room")
