"""Heaps that threads share, and what goes back to the system: each in a process of its own."""

from __future__ import annotations

import subprocess
import sys

BURST = """
import re, threading
from registry.core.http import malloc
{first}
def held():
    return int(re.search(r"Pss_Anon: +(\\d+)", open("/proc/self/smaps_rollup").read())[1])
before = held()
barrier = threading.Barrier(24)
def busy():
    made = [bytes(600 + at % 900) for at in range(2_000)]
    kept.append(made.pop())
    barrier.wait()
kept = []
threads = [threading.Thread(target=busy) for _ in range(24)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
malloc.return_memory()
nameless = r"^([0-9a-f]+)-[0-9a-f]+ rw-p 0+ 00:00 0 *$"
begins = re.findall(nameless, open("/proc/self/maps").read(), re.M)
print(sum(int(begin, 16) % (1 << 26) == 0 for begin in begins), held() - before)
"""


def _after_a_burst(first: str) -> tuple[int, int]:
    """Heaps of threads that there are, and kB that are held more than before."""
    done = subprocess.run(
        [sys.executable, "-c", BURST.format(first=first)], capture_output=True, text=True, check=True
    )
    heaps, more = done.stdout.split()
    return int(heaps), int(more)


def test_a_burst_of_threads_leaves_no_heaps_behind() -> None:
    heaps, more = _after_a_burst("malloc.bound()")
    others, _ = _after_a_burst("pass")
    assert heaps < others
    assert heaps <= 2
    assert more < 8_000, "of 60 MB that were used"
