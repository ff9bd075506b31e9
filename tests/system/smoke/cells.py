"""Run a service as a container engine would, with the kernel's own means.

A cell has a read-only root of the system's programs and the image's files, and the networks of the Compose
file only. It has a `/tmp` of limited size, its own secrets, and a process 1 without root's rights.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import psutil

HERE: Final = {"inside": "10.89.0.1", "outside": "10.89.1.1"}
"""This side of both networks: the resolver listens there, and whoever tries the service out."""
_USR: Final = ("bin", "lib", "lib64", "sbin")
_ETC: Final = (
    *("alternatives", "ca-certificates", "group", "ld.so.cache", "ld.so.conf", "ld.so.conf.d"),
    *("localtime", "nsswitch.conf", "passwd", "ssl", "mime.types", "rabbitmq", "erlang"),
)
PATH: Final = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_CLOSE: Final = """\
for folder in $CLOSED; do mount -o remount,bind,nosuid,nodev,noexec "$folder"; done
unset CLOSED
exec "$@"
"""
"""An engine mounts a tmpfs so that nothing in it can be run; bubblewrap does not."""
_NO_RIGHTS: Final = ("--clear-groups", "--no-new-privs", "--inh-caps=-all", "--bounding-set=-all")


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True, text=True)


@dataclass
class Wires:
    """The networks of one run, in an isolated network namespace. `names`: addresses by host name, which
    the resolver reads again when notified."""

    folder: Path
    names: dict[str, list[str]] = field(default_factory=dict)
    resolver: subprocess.Popen[bytes] | None = None
    _next: int = 10
    _plugged: dict[str, str] = field(default_factory=dict)

    def lay(self) -> None:
        """Create both networks and the resolver."""
        _ip("link", "set", "lo", "up")
        for name, address in HERE.items():
            _ip("link", "add", name, "type", "bridge")
            _ip("addr", "add", f"{address}/24", "dev", name)
            _ip("link", "set", name, "up")
        self.names["hooks.example"] = [HERE["outside"]]
        self._write()
        command = ["dnsmasq", "--keep-in-foreground", "--no-resolv", "--no-hosts", "--conf-file=/dev/null"]
        command += [f"--addn-hosts={self.folder / 'hosts'}", f"--listen-address={HERE['inside']}"]
        command += ["--bind-interfaces", "--user=root", "--log-facility=-", "--local-ttl=1"]
        command += ["--domain-needed"]  # a service that is not there is a name that does not exist
        with (self.folder / "log" / "resolver").open("ab") as log:
            self.resolver = subprocess.Popen(command, stdout=log, stderr=log)

    def plug(self, cell: str, host: str, networks: Sequence[str]) -> None:
        """Give a cell a network namespace with a cable to each of these networks."""
        number, self._next = self._next, self._next + 1
        _ip("netns", "add", cell)
        _ip("-n", cell, "link", "set", "lo", "up")
        for place, name in enumerate(networks):
            address = f"{HERE[name].rpartition('.')[0]}.{number}"
            cable = f"c{number}{name[0]}"
            _ip("link", "add", cable, "type", "veth", "peer", "name", f"eth{place}", "netns", cell)
            _ip("link", "set", cable, "master", name, "up")
            _ip("-n", cell, "addr", "add", f"{address}/24", "dev", f"eth{place}")
            _ip("-n", cell, "link", "set", f"eth{place}", "up")
            if place == 0:
                self.names.setdefault(host, []).append(address)
                self._plugged[cell] = address
        self._write()

    def unplug(self, cell: str, host: str) -> None:
        """Remove the cell's network, and its address from the host name."""
        self.names[host].remove(self._plugged.pop(cell))
        _ip("netns", "del", cell)
        self._write()

    def _write(self) -> None:
        lines = [f"{address} {name}\n" for name, found in self.names.items() for address in found]
        (self.folder / "hosts").write_text("".join(lines))
        if self.resolver is not None:
            self.resolver.send_signal(signal.SIGHUP)


@dataclass
class Cell:
    """The equivalent of a container. `binds`: mounts by path, and whether they may be written. `tmpfs`:
    sizes by path, 0 for unlimited. `closed`: those of them without execution. `files`: texts placed in its
    `/etc` or elsewhere."""

    name: str
    host: str
    user: int
    command: list[str]
    environment: dict[str, str]
    log: Path
    etc: Path
    binds: dict[str, tuple[Path, bool]]
    tmpfs: dict[str, int]
    folders: list[str]
    shared_memory: int
    grace: float
    closed: list[str] = field(default_factory=list)
    health: list[str] = field(default_factory=list)
    process: subprocess.Popen[bytes] | None = None

    @property
    def ours(self) -> bool:
        """Return whether it is built from one of our images."""
        return "FAKEPRINT_DATA" in self.environment

    def start(self) -> None:
        """Start it. Its log continues over later starts."""
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                self.sandboxed(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def run(self, seconds: float = 180) -> int:
        """Run it and return its exit status."""
        self.start()
        assert self.process is not None
        return self.process.wait(seconds)

    def sandboxed(self) -> list[str]:
        """Return the command that runs it."""
        words = ["ip", "netns", "exec", self.name, "bwrap", "--unshare-pid", "--unshare-ipc", "--unshare-uts"]
        words += ["--hostname", self.name, "--die-with-parent", "--new-session", "--as-pid-1", "--clearenv"]
        words += ["--cap-add", "ALL", "--ro-bind", "/usr", "/usr", "--ro-bind", str(self.etc), "/etc"]
        for name in _USR:
            words += ["--symlink", f"usr/{name}", f"/{name}"]
        words += ["--proc", "/proc", "--dev", "/dev"]
        words += ["--perms", "1777", "--size", str(self.shared_memory), "--tmpfs", "/dev/shm"]
        for folder in self._parents():
            words += ["--perms", "0755", "--dir", folder]
        for folder, size in sorted(self.tmpfs.items()):
            words += ["--perms", "1777", *(("--size", str(size)) if size else ()), "--tmpfs", folder]
        for target, (source, writable) in sorted(self.binds.items()):
            words += ["--bind" if writable else "--ro-bind", str(source), target]
        for name, value in self.environment.items():
            words += ["--setenv", name, value]
        words += ["--setenv", "CLOSED", " ".join(self.closed), "--remount-ro", "/", *self._home(), "--"]
        return [*words, "sh", "-euc", _CLOSE, "sh", *self._as_user(), *self.command]

    def _parents(self) -> list[str]:
        """Return folders that have to exist and be open before anything is mounted in them."""
        mounted = [Path(item) for item in (*self.binds, *self.tmpfs)]
        found = {str(each) for item in mounted for each in item.parents} | set(self.folders)
        return sorted(found - {"/", "/dev", "/etc", "/proc"})

    def _home(self) -> list[str]:
        home = self.environment.get("HOME")
        return ["--chdir", home] if home else ["--chdir", "/"]

    def _as_user(self) -> list[str]:
        return ["setpriv", f"--reuid={self.user}", f"--regid={self._group()}", *_NO_RIGHTS]

    def _group(self) -> int:
        with suppress(KeyError):
            return pwd.getpwuid(self.user).pw_gid
        return self.user

    def begun(self) -> bool:
        """Return whether its process 1 is the expected program, in a root of its own, as its user."""
        first = self.first()
        with suppress(psutil.NoSuchProcess):
            return first is not None and not {"bwrap", "setpriv", _CLOSE} & {first.name(), *first.cmdline()}
        return False

    def first(self) -> psutil.Process | None:
        """Return its process 1 as seen from this side, or None if it does not run."""
        if self.process is None or self.process.poll() is not None:
            return None
        with suppress(psutil.NoSuchProcess):
            return next(iter(psutil.Process(self.process.pid).children()), None)
        return None

    def ended(self) -> bool:
        """Return whether it was started and has ended."""
        return self.process is not None and self.process.poll() is not None

    def processes(self) -> list[psutil.Process]:
        """Return all its processes, process 1 first."""
        first = self.first()
        if first is None:
            return []
        with suppress(psutil.NoSuchProcess):
            return [first, *first.children(recursive=True)]
        return []

    def within(self, *command: str, timeout: float = 60) -> subprocess.CompletedProcess[str]:
        """Run a command in it as its user, as an engine's `exec` does. Raises `RuntimeError` if it has
        ended."""
        return subprocess.run(
            self.entering(*command),
            capture_output=True,
            text=True,
            check=False,
            timeout=timeout,
            env=self.environment,
        )

    def entering(self, *command: str) -> list[str]:
        """Return the prefix by which a command runs in it with its environment. Raises as `within` does."""
        first = self.first()
        if first is None:
            raise RuntimeError(f"{self.name} does not run:\n{self.said()}")
        enter = ["nsenter", "--target", str(first.pid), "--mount", "--net", "--pid", "--ipc", "--uts"]
        return [*enter, "--wdns=/", "--", *self._as_user(), *command]

    def healthy(self) -> bool:
        """Return whether the health check of the Compose file, or of its image, passes now."""
        words = self.health
        command = ["/bin/sh", "-c", words[1]] if words[0] == "CMD-SHELL" else words[1:]
        with suppress(RuntimeError, subprocess.TimeoutExpired):
            return self.within(*command).returncode == 0
        return False

    def kill(self) -> None:
        """Kill it as a power cut would."""
        first = self.first()
        assert first is not None
        first.kill()
        assert self.process is not None
        self.process.wait(20)

    def stop(self) -> int | None:
        """Stop it as an engine does: SIGTERM to its process 1. Return its exit status, or None if it had
        to be killed after its grace period."""
        first = self.first()
        if first is None or self.process is None:
            return None if self.process is None else self.process.returncode
        with suppress(psutil.NoSuchProcess):
            first.terminate()
        try:
            return self.process.wait(self.grace)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(20)
            return None

    def said(self, size: int = 3000) -> str:
        """Return the end of its log."""
        return self.log.read_text(errors="replace")[-size:] if self.log.exists() else ""


def etc(folder: Path, files: Mapping[str, str]) -> Path:
    """Create an `/etc` with what programs need to find users, certificates and names, and with these
    files."""
    for name in _ETC:
        source = Path("/etc") / name
        if source.is_dir():
            shutil.copytree(source, folder / name, symlinks=True)
        elif source.exists():
            folder.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, folder / name)
    (folder / "resolv.conf").write_text(f"nameserver {HERE['inside']}\noptions timeout:2\n")
    (folder / "hosts").write_text("127.0.0.1 localhost\n")
    for path, text in files.items():
        made = folder / path
        made.parent.mkdir(parents=True, exist_ok=True)
        made.write_text(text)
    for item in _within(folder):
        item.chmod(0o755 if item.is_dir() else 0o644)
    return folder


def _within(folder: Path) -> Iterator[Path]:
    yield folder
    yield from (path for path in folder.rglob("*") if not path.is_symlink())


def own(folder: Path, user: int) -> Path:
    """Create a folder that only this user can open."""
    folder.mkdir(parents=True, exist_ok=True)
    os.chown(folder, user, user)
    folder.chmod(0o700)
    return folder
