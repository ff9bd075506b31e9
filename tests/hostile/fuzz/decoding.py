"""Read media in a process of its own, one after another, with limits on time, CPU and memory.

Run as a program, it reads paths from standard input and answers each with one line of JSON.
"""

from __future__ import annotations

import json
import os
import re
import resource
import select
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

MOST_CPU: Final = 60.0
"""Seconds of CPU for a file under `SMALL`."""
SMALL: Final = 1_000_000
MOST_MB: Final = 900
WALL: Final = 240.0
"""Seconds after which a file that is still read is a finding."""


@dataclass
class Decoder:
    """A child process that reads files. It is begun again when it ends, and after some hundred files."""

    process: subprocess.Popen[str] | None = None
    read: int = 0
    folder: tempfile.TemporaryDirectory[str] = field(default_factory=tempfile.TemporaryDirectory)

    def judge(self, target: str, content: bytes) -> tuple[str, str] | None:
        """Read a file. Return signature and text of what is wrong, or None."""
        path = Path(self.folder.name) / "case"
        path.write_bytes(content)
        found = self._answer(target, path)
        if left := [name.name for name in Path(self.folder.name).iterdir() if name != path]:
            return "temporary file left", ", ".join(left)
        if "error" in found:
            return found["signature"], found["error"]
        if len(content) < SMALL and found["cpu"] > MOST_CPU:
            return "CPU", f"{found['cpu']:.0f} s of CPU for {len(content)} bytes"
        if found["mb"] > MOST_MB:
            return "memory", f"{found['mb']} MB for {len(content)} bytes"
        return None

    def _answer(self, target: str, path: Path) -> dict[str, Any]:
        process = self._started()
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(f"{target} {path}\n")
            process.stdin.flush()
        except BrokenPipeError:
            return self._ended()
        if not select.select([process.stdout], [], [], WALL)[0]:
            process.kill()
            self._ended()
            return {"signature": "time", "error": f"not read within {WALL:g} s"}
        line = process.stdout.readline()
        return json.loads(line) if line else self._ended()

    def _started(self) -> subprocess.Popen[str]:
        if self.process is None or self.read >= 300:
            self._stop()
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.hostile.fuzz.decoding"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                cwd=Path(__file__).parents[3],
                env=os.environ | {"TMPDIR": self.folder.name},
            )
        self.read += 1
        return self.process

    def _ended(self) -> dict[str, Any]:
        assert self.process is not None
        status = self.process.wait(20)
        self.process = None
        return {"signature": f"ended with {status}", "error": f"the process ended with status {status}"}

    def close(self) -> None:
        """End the process and remove its folder."""
        self._stop()
        self.folder.cleanup()

    def _stop(self) -> None:
        if self.process is not None:
            assert self.process.stdin is not None
            self.process.stdin.close()
            self.process.wait(20)
            assert self.process.stdout is not None
            self.process.stdout.close()
        self.process, self.read = None, 0


def _cpu() -> float:
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in used)


def _peak() -> int:
    text = Path("/proc/self/status").read_text(encoding="ascii")
    match = re.search(r"VmHWM:\s*(\d+)", text)
    return int(match[1]) // 1024 if match else 0


def _limit() -> None:
    """Limit this process to what a walled one has, once modules and models are loaded."""
    from tests.hostile import bases, targets
    from workers.media import memory
    from workers.walls import kernel, session

    for name in ("h264.mp4", "baseline.jpg"):
        targets.read("media", bases.media(name))
    kernel.limit_memory((memory._mapped() >> 20) + session.MEGABYTES)


def main() -> None:
    """Answer each line `TARGET PATH`."""
    from tests.hostile import targets
    from tests.hostile.fuzz.finding import signature_of, text_of

    _limit()
    for line in sys.stdin:
        target, path = line.rstrip("\n").split(" ", 1)
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the peak begins anew
        began, at = _cpu(), time.monotonic()
        answer: dict[str, Any] = {}
        try:
            answer["code"] = targets.read(target, Path(path).read_bytes())
        except Exception as error:  # noqa: BLE001 - whatever it is, it is a finding
            answer |= {"signature": signature_of(error), "error": text_of(error)}
        answer |= {"cpu": _cpu() - began, "mb": _peak(), "seconds": time.monotonic() - at}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
