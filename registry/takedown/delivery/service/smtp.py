"""Send one message to the deployment's mail server, with a callback right before the message is transmitted.

Until the server answers 354 to DATA, nothing of the message was transmitted and the attempt may be repeated.
`before` is called at that point. If no answer follows, the outcome is `unknown`: the server may have the
message.
"""

from __future__ import annotations

import re
import smtplib
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qs, unquote, urlsplit

from registry.core.errors import BadInput, BadSetting
from registry.takedown.delivery.model.delivery import Outcome

_LINE_START: Final = re.compile(rb"^\.", re.MULTILINE)


@dataclass(frozen=True, slots=True, repr=False)
class Server:
    """A mail server.

    `tls`: `implicit` (smtps), `starttls` (smtp; nothing is sent without it) or `none` (smtp with ?tls=none,
    for a server on this machine). `trusted`: accepted certificates; None: those of the system. `seconds`:
    timeout of the connection and of each answer; `answer_seconds`: of the final answer, which decides the
    outcome (RFC 5321, 4.5.3.2.6, recommends ten minutes).
    """

    host: str
    port: int
    tls: str
    user: str = ""
    password: str = ""
    trusted: ssl.SSLContext | None = None
    seconds: float = 30.0
    answer_seconds: float = 120.0


@dataclass(frozen=True, slots=True)
class SendResult:
    """The result of an attempt. `code`: the SMTP reply code, if one came."""

    outcome: Outcome
    code: int | None = None


def server_of(url: str) -> Server:
    """Parse FAKEPRINT_SMTP_URL. Raises `BadInput` (`bad_setting`); the message does not repeat the value."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
        options = parse_qs(parts.query, strict_parsing=bool(parts.query))
    except ValueError:
        raise _bad_setting() from None
    tls = {"smtps": "implicit", "smtp": "starttls"}.get(parts.scheme)
    if tls is None or not host or parts.path not in {"", "/"} or options.keys() - {"tls"}:
        raise _bad_setting()
    if options:
        if options["tls"] != ["none"] or tls != "starttls":
            raise _bad_setting()
        tls = "none"
    default_port = 465 if tls == "implicit" else 587 if tls == "starttls" else 25
    return Server(
        host, port or default_port, tls, unquote(parts.username or ""), unquote(parts.password or "")
    )


def _bad_setting() -> BadInput:
    return BadSetting("A setting is wrong. FAKEPRINT_SMTP_URL: not smtps://…, smtp://… or smtp://…?tls=none.")


def send(
    server: Server, sender: str, recipient: str, message: bytes, *, before: Callable[[], None]
) -> SendResult:
    """Send a message. Never raises for the server's behaviour.

    An exception of `before` is passed on; then nothing was transmitted.
    """
    context = server.trusted or ssl.create_default_context()
    connection: smtplib.SMTP | None = None
    result: SendResult | None
    try:
        connection = _connect(server, context)
        result = _open(connection, server, context) or _envelope(connection, sender, recipient)
    except (OSError, smtplib.SMTPException) as error:
        result = _failed(error)
    if result is not None or connection is None:
        return _closed(connection, result or SendResult("broken"))
    try:
        before()
    except BaseException:
        connection.close()
        raise
    return _content(connection, message, server.answer_seconds)


def reach(server: Server) -> Outcome | None:
    """Connect, start TLS and log in, and send nothing. Return the outcome if that failed."""
    context = server.trusted or ssl.create_default_context()
    connection: smtplib.SMTP | None = None
    result: SendResult | None
    try:
        connection = _connect(server, context)
        result = _open(connection, server, context)
    except (OSError, smtplib.SMTPException) as error:
        result = _failed(error)
    _closed(connection, SendResult("broken"))
    return result.outcome if result else None


def _connect(server: Server, context: ssl.SSLContext) -> smtplib.SMTP:
    if server.tls == "implicit":
        return smtplib.SMTP_SSL(server.host, server.port, timeout=server.seconds, context=context)
    return smtplib.SMTP(server.host, server.port, timeout=server.seconds)


def _open(connection: smtplib.SMTP, server: Server, context: ssl.SSLContext) -> SendResult | None:
    """Send EHLO, start TLS and log in. Returns the outcome if that failed, else None."""
    connection.ehlo_or_helo_if_needed()
    if server.tls == "starttls":
        if not connection.has_extn("starttls"):
            return SendResult("tls_failed")
        connection.starttls(context=context)
        connection.ehlo()
    if server.user:
        try:
            connection.login(server.user, server.password)
        except smtplib.SMTPAuthenticationError as error:
            return SendResult("not_let_in", error.smtp_code)
        except smtplib.SMTPNotSupportedError:
            return SendResult("not_let_in")
    return None


def _envelope(connection: smtplib.SMTP, sender: str, recipient: str) -> SendResult | None:
    for code, _ in (connection.mail(sender), connection.rcpt(recipient)):
        if not 200 <= code < 300:
            return _refused(code)
    code, _ = connection.docmd("DATA")
    return None if code == 354 else _refused(code)


def _content(connection: smtplib.SMTP, message: bytes, seconds: float) -> SendResult:
    """Transmit the message. If anything fails from here on, it is unknown whether the server accepted it."""
    try:
        if connection.sock is not None:
            connection.sock.settimeout(seconds)
        connection.send(_LINE_START.sub(b"..", message.removesuffix(b"\r\n")) + b"\r\n.\r\n")
        code, _ = connection.getreply()
    except (OSError, smtplib.SMTPException):
        connection.close()
        return SendResult("unknown")
    if code < 0:
        return _closed(connection, SendResult("unknown"))
    result = SendResult("handed_over", code) if 200 <= code < 300 else _refused(code)
    return _closed(connection, result)


def _refused(code: int) -> SendResult:
    return SendResult("refused" if 500 <= code < 600 else "not_now", code if 100 <= code < 600 else None)


def _failed(error: OSError | smtplib.SMTPException) -> SendResult:
    if isinstance(error, smtplib.SMTPResponseException):
        return _refused(error.smtp_code)
    if isinstance(error, ssl.SSLError):
        return SendResult("tls_failed")
    if isinstance(error, TimeoutError):
        return SendResult("timed_out")
    if isinstance(error, socket.gaierror):
        return SendResult("unknown_name")
    return SendResult("unreachable" if isinstance(error, ConnectionRefusedError) else "broken")


def _closed(connection: smtplib.SMTP | None, result: SendResult) -> SendResult:
    """Close the connection, with QUIT if possible, and return `told`."""
    if connection is None:
        return result
    try:
        connection.quit()
    except (OSError, smtplib.SMTPException):
        connection.close()
    return result
