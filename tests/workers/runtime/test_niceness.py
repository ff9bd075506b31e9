"""Work that nobody waits for leaves the CPU to other sessions too, where a kernel divides it between them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[3]
PROGRAM: Final = """
import os, sys
sys.path.insert(0, sys.argv[1])
from workers.runtime import niceness
niceness.lower(3)
print(os.nice(0), niceness._AUTOGROUP.read_text().split()[-1] if niceness._AUTOGROUP.exists() else "none")
"""


@pytest.mark.parametrize("leads", [True, False])
def test_a_session_has_the_niceness_of_the_process_that_leads_it(*, leads: bool) -> None:
    """Not that of another process in it, as in a shell."""
    command = [sys.executable, "-I", "-c", PROGRAM, str(ROOT)]
    if not leads:
        command = [sys.executable, "-I", "-c", f"import subprocess; subprocess.run({command!r}, check=True)"]
    ran = subprocess.run(command, capture_output=True, text=True, check=True, start_new_session=True)
    niceness, session = ran.stdout.split()
    assert session in {niceness if leads else "0", "none"}
