"""A mail server on this machine that can fail at any step."""

from __future__ import annotations

import base64
import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default

Say = Callable[[str], str | None]


@dataclass(frozen=True)
class Mailed:
    """A message that the server has accepted."""

    sender: str
    recipient: str
    raw: bytes

    @property
    def message(self) -> EmailMessage:
        return BytesParser(policy=default).parsebytes(self.raw)


@dataclass
class MailServer:
    """A mail server.

    `answers`: replies to a command (`MAIL`, `RCPT`, `DATA`, `.`) instead of success. `.` is the end of a
    message, `CUT` closes the connection, `HANG` sends nothing. `seen`: complete messages, accepted or not.
    """

    port: int = 0
    answers: dict[str, str] = field(default_factory=dict)
    taken: list[Mailed] = field(default_factory=list)
    seen: list[bytes] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)
    came: threading.Event = field(default_factory=threading.Event)


@contextmanager
def mail_server(tls: ssl.SSLContext | None = None) -> Iterator[MailServer]:
    """Serve until the block ends. `tls`: offer STARTTLS, and AUTH after it."""
    made = MailServer()
    listening = socket.create_server(("127.0.0.1", 0))
    made.port = listening.getsockname()[1]
    ended = threading.Event()
    open_ones: list[socket.socket] = []

    def accept() -> None:
        while not ended.is_set():
            with suppress(OSError):
                connection, _ = listening.accept()
                open_ones.append(connection)
                threading.Thread(target=serve, args=(connection,), daemon=True).start()

    def serve(connection: socket.socket) -> None:
        with suppress(OSError, ssl.SSLError, ValueError), connection:
            connection.settimeout(30)
            talk = _Talk(made, connection, tls)
            try:
                talk.go()
            finally:
                talk.lines.close()
                talk.connection.close()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        ended.set()
        with suppress(OSError):
            listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        for item in open_ones:
            with suppress(OSError):
                item.shutdown(socket.SHUT_RDWR)
        thread.join(5)


class _Talk:
    """One connection."""

    def __init__(self, server: MailServer, connection: socket.socket, tls: ssl.SSLContext | None) -> None:
        self.server, self.connection, self.tls = server, connection, tls
        self.lines = connection.makefile("rb")
        self.secure = False
        self.sender = self.recipient = ""

    def say(self, *lines: str) -> None:
        for place, line in enumerate(lines):
            mark = " " if place == len(lines) - 1 else "-"
            self.connection.sendall(f"{line[:3]}{mark}{line[4:]}\r\n".encode())

    def answer(self, command: str, usual: str) -> bool:
        """Reply to a command. Return whether the reply was a success."""
        response = self.server.answers.get(command, usual)
        if response == "CUT":
            raise OSError("cut")
        if response == "HANG":
            self.server.came.set()
            self.lines.readline()
            raise OSError("hung")
        self.say(response)
        return response == usual

    def go(self) -> None:
        self.say("220 mail.example ESMTP")
        while line := self.lines.readline(2000):
            text = line.decode("latin-1").strip()
            verb = text[:4].upper()
            if verb in {"EHLO", "HELO"}:
                more = ["250 AUTH PLAIN"] if self.secure else ["250 STARTTLS"] if self.tls else []
                self.say("250 mail.example", *more, "250 SIZE 10000000")
            elif verb == "STAR" and self.tls is not None:
                self.say("220 go ahead")
                self.lines.close()
                self.connection = self.tls.wrap_socket(self.connection, server_side=True)
                self.lines = self.connection.makefile("rb")
                self.secure = True
            elif verb == "AUTH":
                self.server.logins.append(base64.b64decode(text.split(" ")[2]).decode())
                self.answer("AUTH", "235 welcome")
            elif verb == "MAIL":
                self.sender = re.findall(r"<(.*?)>", text)[0]
                self.answer("MAIL", "250 ok")
            elif verb == "RCPT":
                self.recipient = re.findall(r"<(.*?)>", text)[0]
                self.answer("RCPT", "250 ok")
            elif verb == "DATA":
                if self.answer("DATA", "354 go on"):
                    self.message()
            elif verb == "QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 ok")

    def message(self) -> None:
        raw = b""
        while (line := self.lines.readline()) != b".\r\n":
            if not line:
                raise OSError("cut off")
            raw += line.removeprefix(b".") if line.startswith(b".") else line
        self.server.seen.append(raw)
        if self.answer(".", "250 taken"):
            self.server.taken.append(Mailed(self.sender, self.recipient, raw))
