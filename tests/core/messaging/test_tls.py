"""TLS to database and broker as deploy/chart has it: an authority of one's own, and nobody else's word.

The administrator's commands are the runbook's, the addresses those of secrets.example.yaml, and the service's
role is made by what migrate.yaml runs.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote

import pytest

from registry.core.database.pool import Pool
from registry.core.errors import Unavailable
from registry.core.messaging.publisher import Publisher
from registry.core.settings import Settings
from tests.support.documents import runbook
from tests.support.documents.manifests import DEPLOY, MOUNTED, of_kind
from tests.support.service import servers as services
from tests.support.service import tls
from tests.support.service.deployment import RELATED, deployment

pytestmark = pytest.mark.slow(11)

NAME: Final = "postgres-rw.data"


@dataclass(frozen=True)
class Cluster:
    """PostgreSQL as an operator hands it over, and who vouches for it. `other` vouches for nothing."""

    authority: tls.Authority
    other: tls.Authority
    superuser: str


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with services.open_temporary_folder("authorities") as folder:
        ours, other = tls.Authority(folder), tls.Authority(folder, "other")
        with tls.postgres(ours, NAME) as superuser:
            yield Cluster(ours, other, superuser)


def _mount(folder: Path, secret: str, believed: Path) -> dict[str, str]:
    """The files of a secret of the example, filled in, in a folder; where settings are read from there."""
    folder.mkdir()
    for name, value in of_kind("Secret")[secret]["stringData"].items():
        password = quote(tls.PASSWORD) if "://" in value else tls.PASSWORD
        content = value.replace("CHANGE", password).replace(MOUNTED, str(folder))
        if name == "fakeprint_database_url":
            content += f"&hostaddr={tls.ADDRESS}"
        (folder / name).write_text(content, "utf-8")
    (folder / "ca.crt").write_bytes(believed.read_bytes())
    return {"FAKEPRINT_SECRETS": str(folder)}


def _run(*command: str, given: str = "", **variables: str) -> subprocess.CompletedProcess[str]:
    """A program without a terminal, which would be asked for passwords."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("FAKEPRINT", "PG"))}
    return subprocess.run(
        command,
        input=given,
        env=kept | variables,
        capture_output=True,
        text=True,
        timeout=services.PATIENCE,
        check=False,
        start_new_session=True,
    )


def _migrate(settings: Mapping[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    config = of_kind("ConfigMap")["fakeprint"]["data"]
    return _run(str(Path(sys.executable).parent / "fakeprint"), "migrate", *words, **{**config, **settings})


def _administrate(cluster: Cluster, *lines: str) -> None:
    """What PostgreSQL's administrator types, who is asked for the owner's password, twice."""
    typed = f"{tls.PASSWORD}\n" * 2
    known = {"SUPERUSER": cluster.superuser, "PGPASSWORD": tls.PASSWORD}
    done = _run("sh", "-ec", "\n".join(lines), given=typed, **known)
    assert done.returncode == 0, done.stderr


def _make_role(folder: Path) -> None:
    """What the second container of migrate.yaml does."""
    pod = of_kind("Job")["migrate"]["spec"]["template"]["spec"]
    (script,) = pod["containers"][0]["args"]
    script = script.replace(MOUNTED, str(folder)).replace("/etc/fakeprint", str(DEPLOY))
    done = _run(*pod["containers"][0]["command"], script)
    assert (done.returncode, done.stderr) == (0, "")


@contextmanager
def _asking(url: str) -> Iterator[Pool]:
    pool = Pool(url, size=2, statement_timeout_ms=10_000)
    pool.open()
    yield pool
    pool.close()


def test_the_runbooks_database_is_reached_over_tls(cluster: Cluster, tmp_path: Path) -> None:
    settings = _mount(tmp_path / "owner", "fakeprint-owner", cluster.authority.file)
    *roles, extension = runbook.commands("**Kubernetes**; PostgreSQL").splitlines()
    _administrate(cluster, *roles)
    refused = _migrate(settings)
    assert "database_role" in refused.stderr
    assert "CREATE EXTENSION vector" in refused.stderr
    _administrate(cluster, extension)
    migrated = _migrate(settings, "--bootstrap")
    assert migrated.returncode == 0, migrated.stdout + migrated.stderr
    assert "admin key fp_" in migrated.stdout
    _make_role(tmp_path / "owner")
    _mount(tmp_path / "service", "fakeprint", cluster.authority.file)
    url = (tmp_path / "service" / "fakeprint_database_url").read_text("utf-8")
    query = "SELECT current_user AS name, (SELECT count(*) FROM caller) AS callers, ssl FROM pg_stat_ssl"
    with _asking(url) as pool, pool.transaction() as connection:
        row = connection.execute(f"{query} WHERE pid = pg_backend_pid()".encode()).fetchone()
    assert row == {"name": "fakeprint_service", "callers": 1, "ssl": True}


def test_a_database_that_another_authority_vouches_for_is_refused(cluster: Cluster, tmp_path: Path) -> None:
    migrated = _migrate(_mount(tmp_path / "owner", "fakeprint-owner", cluster.other.file))
    assert migrated.returncode == 1
    assert "database_unavailable" in migrated.stderr
    assert "certificate verify failed" in migrated.stderr
    _refused(tls.at(f"postgresql://administrator@{NAME}/postgres?sslmode=verify-full", cluster.other.file))


def test_a_database_of_another_name_is_refused(cluster: Cluster) -> None:
    address = "postgresql://administrator@elsewhere.data/postgres?sslmode=verify-full"
    _refused(tls.at(address, cluster.authority.file))


def _refused(url: str) -> None:
    with _asking(url) as pool, pytest.raises(Unavailable) as caught, pool.transaction(1.0):
        raise AssertionError("there is a connection")
    assert caught.value.code == "database_unavailable"


@pytest.fixture(scope="module", params=["amqps", "rediss"])
def broker(request: pytest.FixtureRequest, cluster: Cluster) -> Iterator[str]:
    with tls.broker(request.param, cluster.authority) as url:
        yield url


def test_workers_hear_of_jobs_over_tls(
    broker: str, cluster: Cluster, database_url: str, tmp_path: Path
) -> None:
    url = f"{broker}?ssl_ca_certs={cluster.authority.file}"
    with deployment(database_url, url, tmp_path) as deployed:
        deployed.service.publisher.ping()
        deployed.worker("--queues", "bulk")
        deployed.say("relate_entry", 1)
        assert deployed.await_row(RELATED, 40)["status"] == "done"


@pytest.mark.parametrize(
    ("host", "believed", "said"),
    [
        ("localhost", "other", "certificate verify failed"),
        ("127.0.0.1", "cluster", "certificate is not valid for '127.0.0.1'"),
    ],
)
def test_a_broker_with_a_certificate_of_others_is_refused(
    broker: str, cluster: Cluster, host: str, believed: str, said: str
) -> None:
    file = cluster.authority.file.with_name(f"{believed}.crt")
    url = f"{broker.replace('localhost', host)}?ssl_ca_certs={file}"
    with closing(Publisher(Settings(broker_url=url))) as publisher:
        with pytest.raises(Unavailable, match=said) as caught:
            publisher.ping()
        assert caught.value.code == "broker_unavailable"
