"""Run the services of `deploy/compose.yaml` on this machine and do the main job on them (`make smoke`).

The images are built from the lines of their Dockerfiles. Then every service starts in order, with the
commands, environment, secrets, networks and health checks of the Compose file. No container engine is
needed (`tests/system/smoke/cells.py`). PostgreSQL, RabbitMQ, Caddy and Prometheus are Debian's; S3 is
moto's server.
"""

from __future__ import annotations

import os
import signal
import sys
import tempfile
import time
import traceback
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from deploy.demo.__main__ import find_clips
from deploy.demo.media import Clips
from tests.system.smoke import alone, topology, upkeep
from tests.system.smoke.job import STEPS, opened

_BEGUN: Final = float(os.environ.get("SMOKE_BEGUN") or time.time())
TRIAL: Final = Path(__file__).parent / "trial.yaml"


def main() -> int:
    """Build here, run in a process of its own, return the exit status."""
    os.environ["SMOKE_BEGUN"] = str(_BEGUN)
    if os.geteuid() != 0:
        say("networks and users of its own need root: sudo deploy/smoke.sh")
        return 2
    clips = find_clips()
    with tempfile.TemporaryDirectory(prefix="fp-smoke-") as folder:
        Path(folder).chmod(0o711)
        topology.build(Path(folder), say)
        status = alone.run([sys.executable, "-m", "tests.system.smoke", folder, str(clips.folder.absolute())])
    say("passed: all that was started has ended" if status == 0 else f"FAILED with status {status}")
    return status


def within(folder: Path, media: Path) -> int:
    """Run everything inside that process."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        with ExitStack() as ends:
            run = ends.enter_context(topology.running(folder, say, TRIAL, COMPOSE_PROFILES="alerts"))
            say("every health check passes")
            trial = opened(run, Clips(media), folder / "people", ends)
            trial.folder.mkdir()
            for step in (*STEPS, *upkeep.STEPS):
                begun = time.monotonic()
                found = step(trial)
                say(f"{step.__doc__}: {found} ({time.monotonic() - begun:.1f} s)")
            ended = run.stop()
            wrong = {name: status for name, status in ended.items() if status not in {0, 143}}
            assert wrong == {}, f"not ended in good order: {wrong}"
            say(f"{len(ended)} ended in good order on SIGTERM")
    except KeyboardInterrupt:
        return 130
    except (AssertionError, RuntimeError, TimeoutError, ValueError) as error:
        say(f"FAILED: {error}\n{traceback.format_exc(limit=-3)}")
        _logs(folder)
        return 1
    return 0


def _logs(folder: Path) -> None:
    for log in sorted((folder / "log").glob("*")):
        lines = log.read_text(errors="replace").splitlines()
        odd = [line for line in lines if '"level":"ERROR"' in line.replace(" ", "") or "Traceback" in line]
        for line in odd[-3:] or lines[-1:]:
            say(f"  {log.name}: {line[:400]}")


def say(line: str) -> None:
    """Print with the seconds since the start."""
    sys.stdout.write(f"{time.time() - _BEGUN:6.1f} s  {line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(within(Path(sys.argv[1]), Path(sys.argv[2])) if len(sys.argv) == 3 else main())
