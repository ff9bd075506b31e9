"""Mail handed over: TLS or nothing, a password only inside it, and a say before anything is told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from registry.takedown.delivery.service import smtp
from registry.takedown.delivery.service.smtp import SendResult, Server
from tests.support.takedown.endpoints import certificate
from tests.support.takedown.mail import mail_server

MESSAGE = b"Subject: a\r\n\r\nline\r\n.dot\r\n..two\r\n"


def quiet() -> None:
    """Nothing to say."""


def test_a_name_and_a_password_inside_tls() -> None:
    made = certificate()
    with mail_server(made.server) as there:
        server = Server("localhost", there.port, "starttls", "ana", "secret")
        trusting = replace(server, trusted=made.client)
        outcome = smtp.send(trusting, "a@x", "b@y", MESSAGE, before=quiet)
        assert outcome == SendResult("handed_over", 250)
        assert there.logins == ["\0ana\0secret"]
        assert there.taken[0].raw == MESSAGE
        assert smtp.send(server, "a@x", "b@y", MESSAGE, before=quiet) == SendResult("tls_failed")
        there.answers["AUTH"] = "535 no"
        outcome = smtp.send(trusting, "a@x", "b@y", MESSAGE, before=quiet)
        assert outcome == SendResult("not_let_in", 535)
        assert len(there.taken) == 1


def test_nothing_is_sent_in_the_clear() -> None:
    with mail_server() as there:
        server = Server("127.0.0.1", there.port, "starttls", "ana", "secret")
        assert smtp.send(server, "a@x", "b@y", MESSAGE, before=quiet) == SendResult("tls_failed")
        assert (there.logins, there.seen) == ([], [])
        clear = replace(server, tls="none")
        assert smtp.send(clear, "a@x", "b@y", MESSAGE, before=quiet) == SendResult("not_let_in")


def test_invalid_mail_servers() -> None:
    nobody = Server("127.0.0.1", 1, "none")
    assert smtp.send(nobody, "a@x", "b@y", MESSAGE, before=quiet) == SendResult("unreachable")
    unknown = Server("nowhere.invalid", 25, "none")
    assert smtp.send(unknown, "a@x", "b@y", MESSAGE, before=quiet).outcome == "unknown_name"


def test_an_early_refusal_means_nothing_was_sent() -> None:
    class No(Exception):
        pass

    def no() -> None:
        raise No

    with mail_server() as there:
        server = Server("127.0.0.1", there.port, "none")
        with pytest.raises(No):
            smtp.send(server, "a@x", "b@y", MESSAGE, before=no)
        assert there.seen == []
        there.answers["."] = "HANG"
        outcome = smtp.send(replace(server, answer_seconds=0.5), "a@x", "b@y", MESSAGE, before=quiet)
        assert outcome == SendResult("unknown")
        assert len(there.seen) == 1
