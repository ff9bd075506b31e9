"""Show log files on a terminal while they grow, each line with the name of who wrote it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path


class Mirror:
    """Follows log files from their present end; `show` takes one line."""

    def __init__(self, logs: Iterable[Path], show: Callable[[str], None]) -> None:
        self._show = show
        self._at = {log: log.stat().st_size if log.exists() else 0 for log in logs}

    def catch_up(self) -> None:
        """Show every whole line written since."""
        for log, began in self._at.items():
            if not log.exists():
                continue
            start = 0 if log.stat().st_size < began else began  # it was cut
            with log.open("rb") as file:
                file.seek(start)
                text = file.read()
            whole = text[: text.rfind(b"\n") + 1]
            self._at[log] = start + len(whole)
            for line in whole.decode(errors="replace").splitlines():
                self._show(f"{log.stem:>18} | {line}")
