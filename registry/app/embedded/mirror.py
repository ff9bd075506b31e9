"""Print log files while they grow, each line with the name of its log."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path


class Mirror:
    """Follows log files from their current end. `print_line` gets each new line."""

    def __init__(self, logs: Iterable[Path], print_line: Callable[[str], None]) -> None:
        self._show = print_line
        self._at = {log: log.stat().st_size if log.exists() else 0 for log in logs}

    def catch_up(self) -> None:
        """Print all complete lines since the last call."""
        for log, began in self._at.items():
            if not log.exists():
                continue
            start = 0 if log.stat().st_size < began else began  # the log was truncated
            with log.open("rb") as file:
                file.seek(start)
                text = file.read()
            complete = text[: text.rfind(b"\n") + 1]
            self._at[log] = start + len(complete)
            for line in complete.decode(errors="replace").splitlines():
                self._show(f"{log.stem:>18} | {line}")
