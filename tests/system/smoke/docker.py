"""`docker` as the runbook's lines call it: asks the engine (`tests/system/smoke/engine.py`) what it comes to,
and does that in its own place, so that what is piped into it and out of it is the command's."""

from __future__ import annotations

import json
import os
import socket
import sys


def main() -> int:
    """`docker.py SOCKET ARGUMENT…`; the exit status that the engine says, or that of its command."""
    path, *arguments = sys.argv[1:]
    with socket.socket(socket.AF_UNIX) as engine:
        engine.connect(path)
        engine.sendall(json.dumps({"arguments": arguments, "environment": dict(os.environ)}).encode())
        engine.shutdown(socket.SHUT_WR)
        answer = json.loads(b"".join(iter(lambda: engine.recv(65536), b"")))
    sys.stdout.write(answer["said"])
    sys.stdout.flush()
    if answer["command"]:
        os.execvpe(answer["command"][0], answer["command"], answer["environment"])  # noqa: S606 - its own
    return int(answer["status"])


if __name__ == "__main__":
    sys.exit(main())
