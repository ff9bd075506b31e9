"""The port of the API: held by the supervisor for as long as it serves, and asked whether it is ready.

The supervisor binds and listens itself and hands the descriptor to the API's process. No two servers can so
come to one port, whoever answers there is this supervisor's own, and a restart of the API keeps the port.
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


def hold(wanted: int) -> socket.socket:
    """A socket that listens on `wanted`, on a free port for 0. Raises `Conflict` (code `port_in_use`)."""
    held = socket.socket()
    try:
        # Without it a port just left could not be taken for a minute; the kernel's choice needs no such help.
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, int(wanted != 0))
        held.bind((HOST, wanted))
        held.listen(BACKLOG)
    except OSError as error:
        held.close()
        raise PortInUse(f"Port {wanted} cannot be used: {error.strerror}.") from error
    return held


@dataclass
class Readiness:
    """Asks `/health/ready` on `port` until it answers 200, without waiting: `said` is the last other answer.

    A connection to a held port is taken at once, also while no API runs yet; its answer comes when one does.
    """

    port: int
    said: str = "it gave no answer."
    connection: http.client.HTTPConnection | None = None

    def has_come(self) -> bool:
        """Whether an answer 200 is there by now."""
        try:
            if self.connection is None:
                self.connection = http.client.HTTPConnection(HOST, self.port, timeout=5)
                self.connection.request("GET", "/health/ready")
            if not select.select([self.connection.sock], [], [], 0)[0]:
                return False
            answer = self.connection.getresponse()
            self.said = answer.read(500).decode(errors="replace")
        except (OSError, http.client.HTTPException) as error:
            self.said = str(error)
            self.close()
            return False
        self.close()
        return answer.status == 200

    def close(self) -> None:
        if self.connection is not None:
            self.connection.close()
        self.connection = None
