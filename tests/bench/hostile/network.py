"""A network of this process and its children alone, which counts every packet that leaves the machine."""

from __future__ import annotations

import fcntl
import os
import shutil
import struct
import subprocess
import threading
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import Final

_TUN: Final = Path("/dev/net/tun")
_TUNSETIFF: Final = 0x400454CA
_NAME: Final = "outside"
_FLAGS: Final = 0x0001 | 0x1000
"""IFF_TUN and IFF_NO_PI: packets of IP, nothing before them."""


@dataclass
class Outside:
    """`targets`: the addresses to which packets were sent that are not this machine's."""

    targets: list[str] = field(default_factory=list)

    def read(self, tunnel: int) -> None:
        while packet := os.read(tunnel, 65_536):
            if packet[0] >> 4 == 4:
                self.targets.append(str(ip_address(packet[16:20])))


def enclosed() -> Outside | None:
    """Leave the machine's network for one whose only way out is counted and answers nothing.

    Call it before any thread is begun. None: this needs root, `ip` and /dev/net/tun, and nothing was changed.
    """
    if os.geteuid() or not shutil.which("ip") or not _TUN.exists():
        return None
    try:
        os.unshare(os.CLONE_NEWNET)
        tunnel = os.open(_TUN, os.O_RDWR | os.O_CLOEXEC)
        fcntl.ioctl(tunnel, _TUNSETIFF, struct.pack("16sH22s", _NAME.encode(), _FLAGS, b""))
    except OSError:
        return None
    for arguments in (
        ("link", "set", "lo", "up"),
        ("link", "set", _NAME, "addrgenmode", "none"),
        ("addr", "add", "192.0.2.2/24", "dev", _NAME),
        ("link", "set", _NAME, "up"),
        ("route", "add", "default", "via", "192.0.2.1"),
    ):
        subprocess.run(["ip", *arguments], check=True)
    outside = Outside()
    threading.Thread(target=outside.read, args=(tunnel,), daemon=True).start()
    return outside
