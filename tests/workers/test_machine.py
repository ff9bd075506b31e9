"""`fakeprint doctor` says what a machine lacks, having looked."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from registry.core.settings import Settings
from tests.support.service.servers import free_port
from tests.support.service.tls import Authority
from tests.support.takedown.mail import mail_server
from workers.commands import machine
from workers.commands.machine import Finding


def _states(findings: Iterable[Finding]) -> dict[str, str]:
    return {finding.name: finding.state for finding in findings}


@pytest.mark.parametrize("where", ["pods/one", "pods", ""])
def test_little_hardware_is_named_with_what_is_needed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    """What a container may use counts, not what the machine has."""
    monkeypatch.setattr(machine, "OWN_GROUP", tmp_path / "own")
    monkeypatch.setattr(machine, "GROUPS", tmp_path / "all")
    (tmp_path / "own").write_text("9:memory:/old\n0::/pods/one\n")
    (tmp_path / "all" / "pods" / "one").mkdir(parents=True)
    (tmp_path / "all" / "pods" / "one" / "cpu.max").write_text("max 100000\n")
    (tmp_path / "all" / where / "cpu.max").write_text("150000 100000\n")
    (tmp_path / "all" / where / "memory.max").write_text("2000000000\n")
    assert machine.cores() == Finding(
        "cores", "advice", "1.5 processor cores for this process; at least 2 are needed for long."
    )
    assert machine.memory().words.startswith("2.0 GB of memory; ")


def test_free_space_is_that_of_the_folder_to_come(tmp_path: Path) -> None:
    assert str(tmp_path) in machine.disk(tmp_path / "not" / "yet").words


def test_a_port_that_another_program_has_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "SECONDS", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = Settings(port=other.getsockname()[1])
        assert _states(machine.port(taken)) == {"port": "WRONG"}
        by_default = Settings.model_construct(_fields_set=set(), host="127.0.0.1", port=taken.port)
        assert _states(machine.port(by_default)) == {"port": "advice"}
    assert _states(machine.port(Settings(port=free_port()))) == {"port": "good"}
    with suppress(OSError):  # a machine without IPv6
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
        assert _states(machine.port(Settings(host="::1", port=free_port()))) == {"port": "good"}


def test_names_that_do_not_resolve_are_shown_without_passwords() -> None:
    chosen = Settings(
        database_url="postgresql://fakeprint:hidden@127.0.0.1,db.invalid:5433/fakeprint",
        broker_url="amqp://fakeprint:hidden@mq.invalid//",
        pooler_url="postgresql://fakeprint:hidden@/fakeprint?host=/run/postgresql",
        blobs_url="s3://bucket/prefix?endpoint=http://s3.invalid:7070",
        keys_url="file:///var/lib/keys",
        smtp_url="smtp://fakeprint:hid/den@mail.invalid",
    )
    (found,) = machine.names(chosen)
    assert found.state == "WRONG"
    for name in ("db.invalid:5433 (FAKEPRINT_DATABASE_URL)", "mq.invalid (", "s3.invalid:7070 ("):
        assert name in found.words
    assert not {"hidden", "bucket", "127.0.0.1", "var"} & set(found.words.replace("(", " ").split())
    assert "hid" not in found.words


def test_the_database_answers_with_the_same_time(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = Settings(database_url=database_url)
    assert _states(machine.database(chosen)) == {"database": "good", "clock": "good"}
    monkeypatch.setattr(machine, "CLOCK_SECONDS", -1.0)
    monkeypatch.setattr(machine, "PAGES_FROM", 0)
    assert _states(machine.database(chosen)) == {"database": "good", "clock": "WRONG", "huge pages": "advice"}
    away = Settings(database_url=f"postgresql://u:p@127.0.0.1:{free_port()}/d")
    assert _states(machine.database(away)) == {"database": "WRONG"}


def test_the_mail_server_is_asked_and_sent_nothing() -> None:
    with mail_server() as server:
        chosen = Settings(smtp_url=f"smtp://127.0.0.1:{server.port}?tls=none")
        assert _states(machine.mail(chosen)) == {"mail": "good"}
        assert server.seen == []
        without = Settings(smtp_url=f"smtp://127.0.0.1:{server.port}")
        (found,) = machine.mail(without)
    assert (found.state, found.words.split(".")[0]) == (
        "WRONG",
        "There was no TLS connection with a valid certificate of that name",
    )


@contextmanager
def _secured(authority: Authority) -> Iterator[int]:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*authority.sign("localhost"))
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = server.accept()
                    with suppress(OSError), context.wrap_socket(connection, server_side=True) as secured:
                        secured.recv(1)

        threading.Thread(target=serve, daemon=True).start()
        yield server.getsockname()[1]


def test_a_certificate_is_checked_and_its_end_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    authority = Authority(tmp_path)
    trusting = ssl.create_default_context(cafile=str(authority.file))
    with _secured(authority) as port:
        address = f"https://localhost:{port}"
        assert _states(machine.certificate(address, trusting)) == {"certificate": "good"}
        assert _states(machine.certificate(address)) == {"certificate": "WRONG"}
        monkeypatch.setattr(machine, "CERTIFICATE_DAYS", 10**6)
        (found,) = machine.certificate(address, trusting)
    assert (found.state, "ends in" in found.words) == ("WRONG", True)
    assert list(machine.certificate("")) == []


@pytest.mark.parametrize(("hours", "state"), [(2, "good"), (30, "WRONG")])
def test_the_newest_backup_counts(tmp_path: Path, hours: int, state: str) -> None:
    for ago in (hours, hours + 24):
        made = datetime.now(UTC) - timedelta(hours=ago)
        (tmp_path / f"fakeprint-{made:%Y%m%dT%H%M%SZ}").mkdir()
    (tmp_path / "fakeprint-20990101T000000Z.part").mkdir()
    (found,) = machine.backup(tmp_path)
    assert (found.state, f"{hours} hours" in found.words) == (state, True)


def test_a_folder_without_backups_is_wrong(tmp_path: Path) -> None:
    assert _states(machine.backup(tmp_path)) == {"backup": "WRONG"}
    assert list(machine.backup(None)) == []
