"""A `docker` command for the runbook's lines.

It asks the engine (`tests/system/smoke/engine.py`) which command to run, and replaces itself with it. So
pipes work as usual.
"""

from __future__ import annotations

import json
import os
import socket
import sys


def main() -> int:
    """Run `docker.py SOCKET ARGUMENT…`. Return the exit status of the engine or of its command."""
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
