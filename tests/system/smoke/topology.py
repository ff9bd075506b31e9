"""The composition, running: every service of `deploy/compose.yaml` in a cell of its own, begun in the order
that it says, by the health checks that it says."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain, count
from pathlib import Path
from typing import Final

from tests.system.smoke import images
from tests.system.smoke.cells import PATH, Cell, Wires, etc, own
from tests.system.smoke.composed import DEPLOY, Composition, Image, Service, composition, image
from tests.system.smoke.stand_ins import StandIn, stand_in

TREE: Final = DEPLOY.parent
IMAGES: Final = ("api.Dockerfile", "worker.Dockerfile")
CACHE: Final = TREE / ".cache" / "smoke"
SMALL: Final = {"PG_SHARED_BUFFERS": "256MB", "PG_CACHE": "1GB", "PG_MAX_WAL": "2GB"}
"""What compose.yaml lets a smaller machine say."""
HEALTHY_SECONDS: Final = 180.0

Say = Callable[[str], None]


@dataclass
class Topology:
    """All cells by name (`api-1`, `api-2`, `postgres`). `folder`: secrets, volumes and logs of this run."""

    folder: Path
    composed: Composition
    images: dict[str, tuple[Image, Path]]
    say: Say
    wires: Wires
    cells: dict[str, Cell] = field(default_factory=dict)

    def of(self, service: str) -> list[Cell]:
        """The cells of a service."""
        return [cell for name, cell in self.cells.items() if cell.host == service]

    def start(self) -> None:
        """Everything, in order. Raises `RuntimeError` with its log where a service does not come up."""
        healthy: set[str] = set()
        for service in self.composed.ordered():
            self.bring(service, service.replicas, healthy)
            if service.name == "s3":
                self._bucket()
            self.say(f"{service.name}: {self._told(service)}")
        for service in self.composed.services.values():
            if service.healthy and not self._once(service) and service.name not in healthy:
                self.await_healthy(service.name)

    def bring(self, service: Service, wanted: int, healthy: set[str] | None = None) -> None:
        """So many of a service run, or it has, once: those that are there and have ended are begun, and as
        many more as are missing. What it waits for is awaited, but for those `healthy` already; None: nothing
        is."""
        for other, condition in service.depends.items():
            if healthy is not None and condition == "service_healthy" and other not in healthy:
                self.await_healthy(other)
                healthy.add(other)
        while len(self.of(service.name)) < wanted:
            self._add(service)
        for cell in self.of(service.name):
            if self._once(service):
                self._run(cell)
            elif cell.first() is None:
                cell.start()

    def _add(self, service: Service) -> None:
        alone = [service.name] if service.replicas == 1 else []
        names = chain(alone, (f"{service.name}-{index}" for index in count(1 + len(alone))))
        name = next(name for name in names if name not in self.cells)
        self.cells[name] = self._cell(service, name)

    def remove(self, name: str) -> None:
        """Forget a cell that has ended."""
        cell = self.cells.pop(name)
        assert cell.first() is None, f"{name} runs"
        self.wires.unplug(name, cell.host)
        shutil.rmtree(cell.etc)

    def _told(self, service: Service) -> str:
        cell = self.of(service.name)[0]
        times = f"{service.replicas} x " if service.replicas > 1 else ""
        done = "done" if self._once(service) else "started"
        return f"{times}{' '.join(cell.command)[:90]} (uid {cell.user}, {'+'.join(service.networks)}): {done}"

    def _once(self, service: Service) -> bool:
        """Whether others wait for its end."""
        wanted = "service_completed_successfully"
        return any(item.depends.get(service.name) == wanted for item in self.composed.services.values())

    def _run(self, cell: Cell) -> None:
        if cell.run() != 0:
            raise RuntimeError(f"{cell.name} failed:\n{cell.said()}")

    def await_healthy(self, service: str) -> None:
        """Each of its cells' health checks has passed. Raises `RuntimeError` with its log where one does
        not."""
        for cell in self.of(service):
            deadline = time.monotonic() + HEALTHY_SECONDS
            while cell.health and not cell.healthy():
                if cell.ended() or time.monotonic() > deadline:
                    raise RuntimeError(f"{cell.name} is not healthy:\n{cell.said()}")
                time.sleep(0.3)

    def _bucket(self) -> None:
        """What the gateway's own command makes: a bucket."""
        address = f"http://{self.wires.names['s3'][0]}:7070/fakeprint"
        deadline = time.monotonic() + HEALTHY_SECONDS
        while True:
            try:
                urllib.request.urlopen(urllib.request.Request(address, method="PUT"), timeout=5).close()
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.2)
            else:
                return

    def stop(self) -> dict[str, int | None]:
        """Every cell in the reverse of the order in which it began, as an engine stops it; how each ended."""
        ended = {}
        for name, cell in reversed(self.cells.items()):
            if cell.first() is not None:
                ended[name] = cell.stop()
        return ended

    def _cell(self, service: Service, name: str) -> Cell:
        volumes = {path: self.folder / "volumes" / one for path, one in service.volumes.items()}
        if service.dockerfile:
            made, health = self._ours(service, name, volumes)
        else:
            made = stand_in(service, volumes, self.folder / "secrets")
            health = service.health if made.checked else []
        self.wires.plug(name, service.name, service.networks)
        binds = {path: (folder, True) for path, folder in volumes.items()} | made.binds
        for path, one in service.secrets.items():
            binds[path] = (self.folder / "secrets" / self.composed.secrets[one], False)
        files = {"passwd": _passwd(made.user)}
        for path, config in service.configs.items():
            text = self.composed.configs[config]
            if path.startswith("/etc/"):
                files[path.removeprefix("/etc/")] = text
            else:
                binds[path] = (self._text(name, path, text), False)
        for path in [path for path in binds if path.startswith("/etc/")]:
            source, _ = binds.pop(path)  # its `/etc` is its own anyway
            files[path.removeprefix("/etc/")] = source.read_text()
        return Cell(
            name=name,
            host=service.name,
            user=made.user,
            command=made.command or [*service.entrypoint, *service.command],
            environment=made.environment | service.environment,
            log=self.folder / "log" / name,
            etc=etc(self.folder / "etc" / name, files),
            binds=binds,
            tmpfs=made.tmpfs | service.tmpfs,
            closed=service.closed,
            folders=[*(self._folders(service) if service.dockerfile else [])],
            shared_memory=service.shared_memory,
            grace=service.grace,
            health=health if service.healthy else [],
        )

    def _ours(self, service: Service, name: str, volumes: dict[str, Path]) -> tuple[StandIn, list[str]]:
        """What the image says, over which compose.yaml is laid."""
        described, root = self.images[service.dockerfile]
        for path in described.volumes:
            volumes.setdefault(path, self.folder / "volumes" / f"of-{name}")
        for folder in volumes.values():
            own(folder, described.user)
        environment = {key: value.replace("$PATH", PATH) for key, value in described.environment.items()}
        environment |= {"HOME": described.folders[0]}
        command = [*described.entrypoint, *service.command]
        made = StandIn(described.user, command, environment, {images.AT: (root, False)})
        return made, service.health or described.health

    def _folders(self, service: Service) -> list[str]:
        return self.images[service.dockerfile][0].folders

    def _text(self, name: str, path: str, text: str) -> Path:
        made = self.folder / "configs" / name / Path(path).name
        made.parent.mkdir(parents=True, exist_ok=True)
        made.write_text(text)
        made.chmod(0o644)
        return made


def _passwd(user: int) -> str:
    ours = (
        f"fakeprint:x:{user}:{user}::/var/lib/fakeprint:/usr/sbin/nologin\n"
        if 10_000 <= user < 60_000
        else ""
    )
    return Path("/etc/passwd").read_text() + ours


def secrets(folder: Path) -> Path:
    """What `deploy/secrets.sh` makes, in a folder of this run."""
    script = folder / "deploy" / "secrets.sh"
    script.parent.mkdir(parents=True)
    shutil.copy(DEPLOY / "secrets.sh", script)
    (folder / ".venv").symlink_to(Path(sys.executable).parents[1])
    subprocess.run(["sh", str(script)], check=True, capture_output=True)
    made = folder / "secrets"
    (folder / "deploy" / "secrets").rename(made)
    (folder / "deploy" / "secrets").symlink_to(made)
    return made


def build(folder: Path, say: Say) -> None:
    """Both images, for the run in this folder, with the network that an engine has when it builds."""
    (folder / "images").mkdir()
    for name in IMAGES:
        begun = time.monotonic()
        described = image(name)
        (folder / "images" / name).symlink_to(images.built(described, CACHE))
        say(f"image {name}: {'; '.join(described.syncs)} ({time.monotonic() - begun:.0f} s)")


@contextmanager
def running(folder: Path, say: Say, *overlays: Path, **environment: str) -> Iterator[Topology]:
    """The composition with these files laid over it, healthy; ended with the block. Its images are built
    before. For a process in a network and a process namespace of its own: what outlives the block dies with
    that."""
    built = {name: (image(name), (folder / "images" / name).resolve()) for name in IMAGES}
    composed = composition(DEPLOY / "compose.yaml", *overlays, **{**SMALL, **environment})
    for name in ("log", "volumes"):
        (folder / name).mkdir(mode=0o711)
    secrets(folder)
    wires = Wires(folder)
    wires.lay()
    made = Topology(folder, composed, built, say, wires)
    try:
        made.start()
        yield made
    finally:
        made.stop()
        assert wires.resolver is not None
        wires.resolver.terminate()
        wires.resolver.wait(10)
