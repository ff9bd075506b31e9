"""The port of the API: is it free, and does what listens there say that it is ready?"""

from __future__ import annotations

import http.client
import socket
from typing import Final

from registry.errors import Conflict

HOST: Final = "127.0.0.1"


def choose(wanted: int) -> int:
    """`wanted` if it is free, a free one for 0. Raises `Conflict` (code `port_in_use`)."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, wanted))
        except OSError as error:
            raise Conflict(
                f"Port {wanted} cannot be used: {error.strerror}.",
                code="port_in_use",
                next_step="Choose another with --port, or --port 0 for any that is free.",
            ) from error
        return int(probe.getsockname()[1])


def is_ready(port: int) -> tuple[bool, str]:
    """Whether `/health/ready` answers 200, and what it or the connection said."""
    connection = http.client.HTTPConnection(HOST, port, timeout=5)
    try:
        connection.request("GET", "/health/ready")
        answer = connection.getresponse()
        return answer.status == 200, answer.read(500).decode(errors="replace")
    except (OSError, http.client.HTTPException) as error:
        return False, str(error)
    finally:
        connection.close()
