"""The distributions `fakeprint-client` and `fakeprint`: build them, and measure what installing them takes.

    python -m deploy.tools.packages build FOLDER      source archives and wheels, checked as PyPI checks them
    python -m deploy.tools.packages measure FILE      build, install each in a bare environment, write figures

`measure` writes `client_mb`, `server_mb` and `all_mb`: all that pip installed, without Python and pip.
`client_own_mb` are the client's own files. The seconds are those of pip, with its downloads.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

from deploy.tools.supply import run_uv

PROJECTS: Final = (".", "registry/client")
WANTED: Final = {"client": "fakeprint-client", "server": "fakeprint[server]", "all": "fakeprint[all]"}
TWINE: Final = "twine>=6,<7"
TRIED: Final = "import fakeprint; print(fakeprint.Client, fakeprint.AsyncClient, fakeprint.fingerprint)"


def main(arguments: list[str]) -> int:
    """Return the exit status: 2 for wrong usage."""
    match arguments:
        case ["build", folder]:
            built = build(Path(folder))
            check(built)
            print("\n".join(path.name for path in built))  # noqa: T201 - a command
            return 0
        case ["measure", path]:
            figures = measure()
            Path(path).write_text(json.dumps(figures, indent=2) + "\n")
            print("\n".join(f"{name} {figure}" for name, figure in figures.items()))  # noqa: T201
            return 0
    print(__doc__, file=sys.stderr)  # noqa: T201 - a command
    return 2


def build(folder: Path, *kinds: str) -> list[Path]:
    """Build the distributions into a folder, each wheel from its source archive. `kinds`: `--wheel` builds
    only the wheels, from the checkout."""
    for project in PROJECTS:
        _uv("build", "--quiet", *kinds, "--out-dir", str(folder.resolve()), project)
    return sorted(path for path in folder.iterdir() if path.suffix in {".whl", ".gz"})


def check(built: list[Path]) -> None:
    """Check the metadata and the long descriptions, as PyPI does."""
    _uv("tool", "run", "--from", TWINE, "twine", "check", "--strict", *map(str, built))


def measure() -> dict[str, float]:
    """Return sizes in MB (10⁶ bytes) and seconds of installations in bare environments, and try each."""
    figures: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as scratch:
        dist = Path(scratch) / "dist"
        check(build(dist))
        source = ("--python", sys.executable, "--find-links", str(dist), "--from", "fakeprint")
        _uv("tool", "run", "--isolated", *source, "fakeprint", "--version")
        for name, wanted in WANTED.items():
            home = Path(scratch) / name
            figures |= {f"{name}_{what}": figure for what, figure in _installed(home, dist, wanted).items()}
            if name == "client":
                figures["client_own_mb"] = round(_size(home, "fakeprint"), 2)
            else:
                _run([str(home / "bin" / "fakeprint"), "--version"])
            _run([str(home / "bin" / "python"), "-c", TRIED])
    return figures


def _installed(home: Path, dist: Path, wanted: str) -> dict[str, float]:
    """Install into a new environment; the wheels that are not ours come from PyPI."""
    _run([sys.executable, "-m", "venv", str(home)])
    before, began = _size(home), time.monotonic()
    pip = [str(home / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    _run([*pip, "--find-links", str(dist), wanted])
    return {"mb": round(_size(home) - before, 1), "seconds": round(time.monotonic() - began, 1)}


def _size(home: Path, package: str = "") -> float:
    """Return the size of site-packages or of a package there, in MB."""
    (folder,) = home.glob("lib/python*/site-packages")
    return sum(path.stat().st_size for path in (folder / package).rglob("*") if path.is_file()) / 1e6


def _uv(*arguments: str) -> None:
    done = run_uv(*arguments)
    if done.returncode != 0:
        raise RuntimeError(f"uv {' '.join(arguments)}:\n{done.stdout}{done.stderr}")


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/")
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}:\n{done.stdout}{done.stderr}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
