"""What `deploy/compose.yaml` and the Dockerfiles say is run, read so that it can be run without an engine."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

DEPLOY: Final = Path(__file__).parents[3] / "deploy"
_UNITS: Final = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
_SIZES: Final = {"": 1, "k": 1024, "m": 1024**2, "g": 1024**3}


@dataclass(frozen=True)
class Image:
    """A Dockerfile of ours. `syncs`: the lines by which it installs; `copies`: what it copies from the tree,
    by each; `environment`, `entrypoint`, `health`: of the last stage; `folders`: that belong to its user."""

    name: str
    syncs: list[str]
    copies: list[list[str]]
    build_environment: dict[str, str]
    environment: dict[str, str]
    entrypoint: list[str]
    health: list[str]
    user: int
    folders: list[str]
    volumes: list[str]


@dataclass(frozen=True)
class Service:
    """A service of compose.yaml as Compose itself reads it. Folders and files are by the path at which they
    are in the container; `depends`: conditions by service; `health`: as in the file, `[]`: the image's."""

    name: str
    image: str
    dockerfile: str
    entrypoint: list[str]
    command: list[str]
    environment: dict[str, str]
    networks: list[str]
    depends: dict[str, str]
    health: list[str]
    healthy: bool
    replicas: int
    grace: float
    user: str
    secrets: dict[str, str] = field(default_factory=dict)
    configs: dict[str, str] = field(default_factory=dict)
    volumes: dict[str, str] = field(default_factory=dict)
    tmpfs: dict[str, int] = field(default_factory=dict)
    closed: list[str] = field(default_factory=list)
    """Those in which nothing may be run: all that do not say `exec`."""
    shared_memory: int = 64 * 1024**2


@dataclass(frozen=True)
class Composition:
    """All of it. `secrets`: file names by secret; `configs`: texts by config."""

    services: dict[str, Service]
    secrets: dict[str, str]
    configs: dict[str, str]
    internal: set[str]

    def ordered(self) -> list[Service]:
        """Each after what it depends on. Raises `ValueError` where they wait for each other."""
        found: dict[str, Service] = {}
        left = dict(self.services)
        while left:
            ready = [name for name, one in left.items() if set(one.depends) <= set(found)]
            if not ready:
                raise ValueError(f"{', '.join(left)} wait for each other")
            found |= {name: left.pop(name) for name in ready}
        return list(found.values())


def composition(*files: Path, **environment: str) -> Composition:
    """What Compose makes of compose.yaml, or of these files laid over each other, with these variables.
    Raises `ValueError` with what it says of a wrong one."""
    named = [word for file in files or (DEPLOY / "compose.yaml",) for word in ("-f", str(file))]
    command = ["docker-compose", *named, "config", "--format", "json"]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=60, env={**os.environ, **environment}
    )
    if done.returncode != 0:
        raise ValueError(done.stderr.strip())
    return read(json.loads(done.stdout.replace("$$", "$")))


def read(said: Mapping[str, Any]) -> Composition:
    """What `docker-compose config --format json` printed. Raises `ValueError` where an engine would refuse
    it."""
    for name, one in said["services"].items():
        _require_mounted(name, one, said)
    return Composition(
        {name: _service(name, one) for name, one in said["services"].items()},
        {name: Path(one["file"]).name for name, one in said["secrets"].items()},
        {
            name: one["content"] if "content" in one else Path(one["file"]).read_text("utf-8")
            for name, one in said["configs"].items()
        },
        {name for name, one in said["networks"].items() if one.get("internal")},
    )


def _require_mounted(name: str, service: Mapping[str, Any], said: Mapping[str, Any]) -> None:
    """Compose mounts files, and copies all else into the container once it is made, which a root that is
    read-only refuses."""
    for kind in ("configs", "secrets"):
        for used in service.get(kind) or []:
            if service.get("read_only") and "file" not in said[kind][used["source"]]:
                raise ValueError(f"{name}, {used['source']}: container rootfs is marked read-only")


def _service(name: str, said: Mapping[str, Any]) -> Service:
    health = said.get("healthcheck", {})
    image = str(said["image"])
    ours = re.match(r"fakeprint-(\w+):", image)
    tmpfs = [tmpf.partition(":") for tmpf in said.get("tmpfs", [])]
    return Service(
        name=name,
        image=image,
        dockerfile=f"{ours[1]}.Dockerfile" if ours else "",
        entrypoint=said.get("entrypoint") or [],
        command=said.get("command") or [],
        environment=said.get("environment") or {},
        networks=sorted(said["networks"]),
        depends={other: each["condition"] for other, each in said.get("depends_on", {}).items()},
        health=health.get("test") or [],
        healthy=not health.get("disable", False),
        replicas=said.get("deploy", {}).get("replicas", 1),
        grace=seconds(said.get("stop_grace_period", "10s")),
        user=said.get("user", ""),
        secrets={_inside(secret["target"]): secret["source"] for secret in said.get("secrets", [])},
        configs={config["target"]: config["source"] for config in said.get("configs", [])},
        volumes={volume["target"]: volume["source"] for volume in said.get("volumes", [])},
        tmpfs=dict(_tmpfs(tmpf) for tmpf in said.get("tmpfs", [])),
        closed=[folder for folder, _, options in tmpfs if "exec" not in options.split(",")],
        shared_memory=int(said.get("shm_size", 64 * 1024**2)),
    )


def _inside(target: str) -> str:
    return target if target.startswith("/") else f"/run/secrets/{target}"


def _tmpfs(said: str) -> tuple[str, int]:
    """A folder and its size in bytes; 0: half of the memory, as Linux has it."""
    folder, _, options = said.partition(":")
    found = re.search(r"size=(\d+)([kmg]?)", options)
    return folder, int(found[1]) * _SIZES[found[2]] if found else 0


def seconds(said: str) -> float:
    """What Compose's durations say: `1m30s` is 90."""
    return sum(float(number) * _UNITS[unit] for number, unit in re.findall(r"([\d.]+)(ms|[hms])", said))


def image(name: str, deploy: Path = DEPLOY) -> Image:
    """What `deploy/NAME` builds, with the defaults of its arguments."""
    stages: list[list[tuple[str, str]]] = []
    arguments: dict[str, str] = {}
    for verb, rest in _instructions((deploy / name).read_text("utf-8")):
        if verb == "FROM":
            stages.append([])
        elif verb == "ARG" and "=" in rest:
            key, _, value = rest.partition("=")
            arguments[key] = value.strip('"')
        elif stages:
            stages[-1].append((verb, rest))
    build, last = stages[0], stages[-1]
    runs = [_run(rest) for verb, rest in build if verb == "RUN"]
    built, made = _environment(build), _environment(last)
    names = next(rest for verb, rest in last if verb == "RUN" and "install -d" in rest)
    return Image(
        name=name,
        syncs=[_filled(run, arguments) for run in runs if run.startswith("uv sync")],
        copies=[shlex.split(rest) for verb, rest in build if verb == "COPY"],
        build_environment=built,
        environment=made,
        entrypoint=_list(last, "ENTRYPOINT"),
        health=["CMD", *_list(last, "HEALTHCHECK")],
        user=int(_only(last, "USER").partition(":")[0]),
        folders=[part for part in shlex.split(names) if part.startswith("/var/lib/")],
        volumes=_list(last, "VOLUME"),
    )


def _instructions(text: str) -> Iterator[tuple[str, str]]:
    whole = re.sub(r"^\s*#.*\n", "", text, flags=re.MULTILINE)
    whole = re.sub(r"\\\n\s*", " ", whole)
    for line in filter(None, map(str.strip, whole.splitlines())):
        verb, _, rest = line.partition(" ")
        yield verb, rest.strip()


def _run(rest: str) -> str:
    return re.sub(r"--mount=\S+\s+", "", rest)


def _filled(line: str, arguments: Mapping[str, str]) -> str:
    return re.sub(r"\$\{(\w+)\}", lambda found: arguments[found[1]], line)


def _environment(stage: list[tuple[str, str]]) -> dict[str, str]:
    words = [part for verb, rest in stage if verb == "ENV" for part in shlex.split(rest)]
    return dict(item.split("=", 1) for item in words)


def _only(stage: list[tuple[str, str]], verb: str) -> str:
    return next(rest for each, rest in stage if each == verb)


def _list(stage: list[tuple[str, str]], verb: str) -> list[str]:
    """The list of words that an instruction ends with."""
    found: list[str] = json.loads(re.search(r"\[.*\]", _only(stage, verb))[0])  # type: ignore[index]
    return found
