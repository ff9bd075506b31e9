"""The port of the API, and its readiness.

The supervisor binds the port and passes the descriptor to the API's process. So no other server can get the
port, any answer comes from this supervisor's API, and a restart of the API keeps the port.
"""

from __future__ import annotations

import http.client
import select
import socket
from dataclasses import dataclass
from typing import Final

from registry.app.embedded.errors import PortInUse

HOST: Final = "127.0.0.1"
BACKLOG: Final = 2048


def hold(number: int) -> socket.socket:
    """Return a socket that listens on port `number`; 0: a free port. Raises `Conflict` (code
    `port_in_use`)."""
    listener = socket.socket()
    try:
        # Otherwise a port that was just closed is blocked for a minute. A port chosen by the kernel is not.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, int(number != 0))
        listener.bind((HOST, number))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise PortInUse(f"Port {number} cannot be used: {error.strerror}.") from error
    return listener


@dataclass
class Readiness:
    """Polls `/health/ready` on `port` without blocking. `detail`: the last answer other than 200.

    The port accepts connections even before an API runs; the answer then comes once it runs.
    """

    port: int
    detail: str = "it gave no answer."
    connection: http.client.HTTPConnection | None = None

    def is_ready(self) -> bool:
        """Whether an answer with status 200 has arrived."""
        try:
            if self.connection is None:
                self.connection = http.client.HTTPConnection(HOST, self.port, timeout=5)
                self.connection.request("GET", "/health/ready")
            if not select.select([self.connection.sock], [], [], 0)[0]:
                return False
            answer = self.connection.getresponse()
            self.detail = answer.read(500).decode(errors="replace")
        except (OSError, http.client.HTTPException) as error:
            self.detail = str(error)
            self.close()
            return False
        self.close()
        return answer.status == 200

    def close(self) -> None:
        if self.connection is not None:
            self.connection.close()
        self.connection = None
