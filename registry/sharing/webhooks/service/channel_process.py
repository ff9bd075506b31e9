"""Check or use one address of a messenger, in a process of its own: `python -m` this module.

Apprise has its own requests, retries and files. Here it can open no connection to an address that is not
public, no file outside of Python's own, and no other program, whatever the address says. The parent ends it
after a time. One JSON object comes on standard input, one goes to standard output.
"""

from __future__ import annotations

import logging
import os
import sys
import sysconfig
from typing import Any, Final

import orjson

from registry.core.net.model import Outcome, is_public

_READABLE: Final = (
    *{sys.prefix, sys.base_prefix, *sysconfig.get_paths().values()},
    "/usr/share/zoneinfo",
    "/etc/mime.types",
)
_FORBIDDEN: Final = ("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.fork", "ctypes.dlopen")


class _Walls:
    """Refuses what no message needs. `refused`: a connection was refused."""

    def __init__(self, *, private: bool) -> None:
        self.private = private
        self.refused = False

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event in {"socket.connect", "socket.sendto"}:
            address = arguments[1]
            host = address[0] if isinstance(address, tuple) else ""
            if not host or not (self.private or is_public(str(host).partition("%")[0])):
                self.refused = True
                raise PermissionError("the address is not public")
        elif event in _FORBIDDEN or (event == "open" and not _is_readable(*arguments[:2])):
            raise PermissionError(event)


def _is_readable(path: object, mode: object) -> bool:
    if not isinstance(path, str | bytes) or (isinstance(mode, str) and set(mode) & set("wax+")):
        return False
    return os.path.realpath(os.fsdecode(path)).startswith(_READABLE)


class _Reasons(logging.Handler):
    """Keeps the most telling failure that apprise logs as text only."""

    def __init__(self) -> None:
        super().__init__()
        self.outcome: Outcome = "refused"

    def emit(self, record: logging.LogRecord) -> None:
        text = record.getMessage().lower()
        for words, outcome in _OUTCOMES.items():
            if words in text:
                self.outcome = outcome


_OUTCOMES: Final[dict[str, Outcome]] = {
    "timed out": "timed_out",
    "connection refused": "unreachable",
    "unreachable": "unreachable",
    "failed to resolve": "unknown_name",
    "not known": "unknown_name",
    "certificate": "tls_failed",
    "ssl": "tls_failed",
    "connection aborted": "broken",
}


def _answer(asked: dict[str, Any]) -> dict[str, Any]:
    """Return `shown` (the address without its secrets; None: it cannot be used), and the `outcome` of
    sending, where there is a message."""
    import apprise  # noqa: PLC0415 - half a second, and an extra

    apprise.NotifyBase.request_rate_per_sec = 0
    walls, reasons = _Walls(private=asked["private"]), _Reasons()
    sys.addaudithook(walls)
    log = logging.getLogger("apprise")
    log.setLevel(logging.DEBUG)
    log.propagate = False
    log.addHandler(reasons)
    asset = apprise.AppriseAsset(
        app_id="Fakeprint",
        app_desc="Fakeprint",
        app_url="",
        image_url_mask="",
        image_url_logo="",
        http_redirects=False,
        storage_mode=apprise.PersistentStoreMode.MEMORY,
    )
    channel = apprise.Apprise.instantiate(asked["address"], asset=asset, suppress_exceptions=True)
    if channel is None:
        return {"shown": None, "outcome": "refused"}
    shown = str(channel.url(privacy=True)).partition("?")[0]  # type: ignore[no-untyped-call]
    if "body" not in asked:
        return {"shown": shown}
    sent = channel.notify(body=asked["body"], title=asked["title"], notify_type=apprise.NotifyType.INFO)
    outcome = "delivered" if sent else "address_refused" if walls.refused else reasons.outcome
    return {"shown": shown, "outcome": outcome}


if __name__ == "__main__":
    sys.stdout.buffer.write(orjson.dumps(_answer(orjson.loads(sys.stdin.buffer.read()))))
    sys.stdout.buffer.flush()
    os._exit(0)  # no further request: some channels sign out when they are deleted
