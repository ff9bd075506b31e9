"""Behind the walls a process finds nothing but what it has open."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

TRY: Final = r"""
import ctypes, json, os, resource, signal, socket, sys
from workers.walls import kernel

secret, folder, programs, user = sys.argv[1], sys.argv[2], sys.argv[3] == "1", sys.argv[4] == "1"
opened = open(secret, "rb")
libc = ctypes.CDLL(None, use_errno=True)
stand = kernel.enclose(kernel.Needs(
    200, 30, file_bytes=1000, reads=kernel.libraries() + (kernel.systems() if programs else ()),
    writes=(folder,) if programs else (), programs=programs, user=user,
))

intel = os.uname().machine == "x86_64"
def call(*arguments):
    if libc.syscall(*arguments) < 0:
        raise OSError(ctypes.get_errno(), "refused")

def memory():
    bytearray(300 << 20)

def write():
    with open(folder + "/new", "w") as file:
        file.write("x" * 2000)

def run():
    if os.spawnv(os.P_WAIT, "/bin/true", ["true"]):
        raise OSError("no program")

def fork():
    child = os.fork()
    if not child:
        os._exit(0)
    os.waitpid(child, 0)

tries = {
    "open file": lambda: opened.read(1),
    "import": lambda: __import__("xml.dom.minidom"),
    "password file": lambda: open("/etc/passwd").read(),
    "the file by its name": lambda: open(secret).read(),
    "list": lambda: os.listdir("/"),
    "parent's environment": lambda: open(f"/proc/{os.getppid()}/environ").read(),
    "write": write,
    "change rights": lambda: os.chmod(secret, 0o777),
    "tcp": lambda: socket.create_connection(("127.0.0.1", 9), 1),
    "unix": lambda: socket.socket(socket.AF_UNIX),
    "program": run,
    "fork": fork,
    "trace": lambda: call(101 if intel else 117, 16, os.getppid(), 0, 0),
    "signal": lambda: os.kill(os.getppid(), 0),
    "signal with a value": lambda: call(129 if intel else 138, os.getppid(), 0, bytes(128)),
    "signal a thread": lambda: call(297 if intel else 240, os.getppid(), os.getppid(), 0, bytes(128)),
    "parent's priority": lambda: os.setpriority(os.PRIO_PROCESS, os.getppid(), 5),
    "parent's cores": lambda: os.sched_setaffinity(os.getppid(), {0}),
    "parent's scheduler": lambda: os.sched_setscheduler(os.getppid(), os.SCHED_BATCH, os.sched_param(0)),
    "parent's disk": lambda: call(251 if intel else 30, 1, os.getppid(), 2 << 13),
    "namespace": lambda: os.unshare(os.CLONE_NEWUSER),
    "parent's limits": lambda: resource.prlimit(os.getppid(), resource.RLIMIT_NOFILE),
    "memory": memory,
}
found = {}
for name, attempt in tries.items():
    try:
        attempt()
        found[name] = True
    except (OSError, MemoryError):
        found[name] = False
print(json.dumps([sorted(stand), found, sorted(os.environ), os.getuid()]))
"""
ALLOWED: Final = {"open file", "import"}


def tried(
    tmp_path: Path, *, programs: bool = False, user: bool = False
) -> tuple[list[str], dict[str, bool], list[str], int]:
    secret = tmp_path / "secret"
    secret.write_text("secret")
    folder = tmp_path / "folder"
    folder.mkdir()
    folder.chmod(0o777)
    ran = subprocess.run(
        [sys.executable, "-I", "-c", TRY, str(secret), str(folder), str(+programs), str(+user)],
        capture_output=True,
        text=True,
        check=False,
        env={"LANG": "C.UTF-8"},
    )
    assert ran.returncode == 0, ran.stderr
    stand, found, environment, uid = json.loads(ran.stdout)
    return stand, found, environment, uid


@pytest.mark.parametrize("user", [False, True])
def test_a_decoder_reaches_nothing_but_its_open_file(tmp_path: Path, *, user: bool) -> None:
    stand, found, environment, uid = tried(tmp_path, user=user)
    assert {name for name, succeeded in found.items() if succeeded} == ALLOWED
    assert {"network", "files", "calls", "memory", "cpu"} <= set(stand)
    assert not [name for name in environment if name.startswith(("FAKEPRINT", "PG"))]
    if not user:
        assert uid != 0


@pytest.mark.parametrize("user", [False, True])
def test_a_process_of_programs_has_its_folder_and_no_network(tmp_path: Path, *, user: bool) -> None:
    _, found, _, uid = tried(tmp_path, programs=True, user=user)
    succeeded = {name for name, done in found.items() if done}
    assert succeeded == ALLOWED | {"program", "fork"}, "a file of 2,000 bytes is more than allowed"
    assert (tmp_path / "folder" / "new").stat().st_size == 1000  # as much as the limit
    if not user:
        assert uid != 0
