"""The runbook's lines for Compose, run as they stand: a `docker` that knows as much of an engine as they ask
for, and does it to the cells of a topology."""

from __future__ import annotations

import json
import os
import shlex
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from tests.system.smoke.cells import Cell
from tests.system.smoke.topology import TREE, Topology

_VALUED: Final = {"-f", "-e", "--entrypoint", "--scale"}
_SECONDS: Final = 300.0


@dataclass(frozen=True)
class Answer:
    """What a `docker` comes to: words and a status, or a command in its place, with its environment."""

    said: str = ""
    status: int = 0
    command: list[str] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Asked:
    """A command line. `options`: each with what was given; `words`: from the first that is none."""

    options: dict[str, list[str]]
    words: list[str]

    @staticmethod
    def read(arguments: Sequence[str]) -> Asked:
        """Options come first."""
        left, options = list(arguments), dict[str, list[str]]()
        while left and left[0].startswith("-"):
            name = left.pop(0)
            options.setdefault(name, []).append(left.pop(0) if name in _VALUED else "")
        return Asked(options, left)

    def variables(self, environment: Mapping[str, str]) -> dict[str, str]:
        """What `-e` sets; a name alone is passed on from there."""
        pairs = (option.partition("=") for option in self.options.get("-e", []))
        return {name: value if equals else environment[name] for name, equals, value in pairs}


class Engine:
    """Of one topology. `run` is for the thread that keeps it: cells end with the thread that began them."""

    def __init__(self, topology: Topology) -> None:
        self._topology = topology
        self._folder = topology.folder / "engine"
        self._folder.mkdir()
        program = self._folder / "docker"
        words = [
            sys.executable,
            str(TREE / "tests" / "system" / "smoke" / "docker.py"),
            str(self._folder / "socket"),
        ]
        program.write_text(f'#!/bin/sh\nexec {shlex.join(words)} "$@"\n')
        program.chmod(0o755)
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.bind(str(self._folder / "socket"))
        self._socket.listen()
        self._socket.settimeout(0.1)

    def run(self, lines: str, **fields: str) -> str:
        """Run them by a shell in the folder of the run, with these variables; what they print. Raises
        `AssertionError` with what they say where one fails."""
        out, err = (self._folder / name for name in ("out", "err"))
        kept = {name: value for name, value in os.environ.items() if not name.startswith("FAKEPRINT_")}
        settings = {"PATH": f"{self._folder}:{os.environ['PATH']}", **fields}
        with out.open("wb") as output, err.open("wb") as errors:
            shell = subprocess.Popen(
                ["sh", "-euc", lines],
                cwd=self._topology.folder,
                env=kept | settings,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=errors,
            )
            ends = time.monotonic() + _SECONDS
            while shell.poll() is None:
                self._serve()
                if time.monotonic() > ends:
                    shell.kill()
        found = out.read_text(errors="replace")
        wrong = err.read_text(errors="replace")
        assert shell.returncode == 0, (lines, shell.returncode, found[-1000:], wrong[-2000:])
        return found

    def _serve(self) -> None:
        try:
            connection, _ = self._socket.accept()
        except TimeoutError:
            return
        with connection:
            connection.settimeout(10)
            body = json.loads(b"".join(iter(lambda: connection.recv(65536), b"")))
            try:
                answer = self._answer(body["arguments"], body["environment"])
            except (KeyError, RuntimeError) as error:
                answer = Answer(f"docker: {error}\n", 1)
            connection.sendall(json.dumps(vars(answer)).encode())

    def _answer(self, arguments: Sequence[str], environment: Mapping[str, str]) -> Answer:
        verb, *rest = arguments
        if verb == "compose":
            verb, *rest = Asked.read(rest).words
            return _COMPOSE[verb](self, Asked.read(rest), environment)
        for name in rest:
            if verb == "stop":
                self._topology.cells[name].stop()
            elif verb == "rm":
                self._topology.remove(name)
            else:
                raise KeyError(verb)
        return Answer()

    def _exec(self, asked: Asked, environment: Mapping[str, str]) -> Answer:
        service, *command = asked.words
        cell = self._topology.of(service)[0]
        environment_of_cell = cell.environment | asked.variables(environment)
        return Answer(command=cell.entering(*command), environment=environment_of_cell)

    def _run(self, asked: Asked, environment: Mapping[str, str]) -> Answer:
        name, *words = asked.words
        cell, service = self._topology.of(name)[0], self._topology.composed.services[name]
        begins = asked.options.get("--entrypoint") or [cell.command[0]]
        made = replace(
            cell,
            command=[*begins, *(words or service.command)],
            environment=cell.environment | asked.variables(environment),
        )
        return Answer(command=made.sandboxed(), environment={"PATH": os.environ["PATH"]})

    def _up(self, asked: Asked, _: Mapping[str, str]) -> Answer:
        scales = dict(option.split("=") for option in asked.options.get("--scale", []))
        healthy = None if "--no-deps" in asked.options else set[str]()
        named = [
            item for item in self._topology.composed.ordered() if not asked.words or item.name in asked.words
        ]
        for service in named:
            wanted = int(scales.get(service.name, service.replicas))
            for place, cell in enumerate(self._topology.of(service.name)):
                if place >= wanted or "--force-recreate" in asked.options:
                    cell.stop()
                if place >= wanted:
                    self._topology.remove(cell.name)
            self._topology.bring(service, wanted, healthy)
        for service in named:
            if "--wait" in asked.options and service.healthy:
                self._topology.await_healthy(service.name)
        for cell in (cell for service in named for cell in self._topology.of(service.name)):
            _await_begun(cell)
        return Answer()

    def _stop(self, asked: Asked, _: Mapping[str, str]) -> Answer:
        for cell in reversed(list(self._topology.cells.values())):
            if not asked.words or cell.host in asked.words:
                cell.stop()
        return Answer()

    def _ps(self, asked: Asked, _: Mapping[str, str]) -> Answer:
        running = [item.name for host in asked.words for item in self._topology.of(host) if item.first()]
        return Answer("".join(f"{name}\n" for name in running))


_COMPOSE: Final[dict[str, Callable[[Engine, Asked, Mapping[str, str]], Answer]]] = {
    "exec": Engine._exec,
    "run": Engine._run,
    "up": Engine._up,
    "stop": Engine._stop,
    "ps": Engine._ps,
}


def _await_begun(cell: Cell) -> None:
    """It has begun, or ended."""
    ends = time.monotonic() + 10
    while time.monotonic() < ends and not cell.begun() and not cell.ended():
        time.sleep(0.05)
