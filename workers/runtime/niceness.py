"""Lower the priority of this process's whole session.

Linux with autogroups divides the CPU between sessions first, and the niceness of a process counts only within
its own session. So the niceness of the session is set too (sched(7), "The autogroup feature").
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Final

_AUTOGROUP: Final = Path("/proc/self/autogroup")
_TRIES: Final = 20
_PAUSE: Final = 0.1
"""Seconds in which the kernel lets only one session of the machine be changed, if not by root."""


def lower(by: int = 0) -> None:
    """Add to the niceness of this process. If it leads a session, the session gets the same niceness: the
    session of a shell is not for its programs to change."""
    niceness = os.nice(by)
    if not niceness or os.getsid(0) != os.getpid():
        return
    for _ in range(_TRIES):
        try:
            _AUTOGROUP.write_text(str(niceness))
        except BlockingIOError:
            time.sleep(_PAUSE)
        except OSError:  # another kernel, or no /proc
            return
        else:
            return
