"""Fuzz one target that is written in Python, guided by its coverage (Atheris, libFuzzer).

`python -m tests.hostile.fuzz.guided TARGET SECONDS SEEDS FOLDER`: SEEDS holds files to begin with; what is
found is written into FOLDER. The first finding that is new ends the program with status 77, libFuzzer's.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

import atheris

MOST_BYTES: Final = 1 << 16
TIMEOUT: Final = 25
MEMORY_MB: Final = 2048


def main() -> None:
    """Fuzz until the time is over."""
    target, seconds, seeds, folder = sys.argv[1:5]
    with atheris.instrument_imports(include=["registry"]):
        from tests.hostile import targets
    from tests.hostile.fuzz.finding import Findings, signature_of, text_of

    findings = Findings(Path(folder))
    findings.known = dict.fromkeys(sys.stdin.read().splitlines(), Path())

    def run(data: bytes) -> None:
        try:
            targets.read(target, data)
        except Exception as error:
            if findings.add(target, "guided", data, text_of(error), signature_of(error)):
                raise

    options = [
        f"-max_total_time={seconds}",
        f"-max_len={MOST_BYTES}",
        f"-timeout={TIMEOUT}",
        "-print_final_stats=1",
    ]
    options += [f"-rss_limit_mb={MEMORY_MB}", f"-artifact_prefix={folder}/{target}-artifact-"]
    atheris.Setup([sys.argv[0], *options, seeds], run)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
