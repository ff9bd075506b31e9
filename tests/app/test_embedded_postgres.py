"""The embedded PostgreSQL: made once, run as who may, closed to others, whole again after a kill."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from registry.app.embedded import binaries, child, leftovers, location
from registry.app.embedded.folder import open_folder
from registry.app.embedded.postgres import Cluster
from registry.core.errors import Conflict, NotInstalled, Unavailable
from registry.core.settings import settings
from tests.support.service import servers as services

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def folder() -> Iterator[Path]:
    """A place that PostgreSQL's user can pass; where it could not be used, the cluster is removed too."""
    with services.open_temporary_folder("embedded") as path:
        yield path
        for link in path.glob("**/postgres"):
            if link.is_symlink():
                shutil.rmtree(link.resolve())


def cluster_of(path: Path) -> Cluster:
    data = open_folder(path)
    return Cluster(location.home(path), data.password, data.log("postgres"))


def execute(url: str, statement: str) -> object:
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(statement.encode())
        row = cursor.fetchone() if cursor.description else None
        return row[0] if row else None


@pytest.fixture
def chosen(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The setting names this folder of programs; "Debian's": that of Debian's PostgreSQL 17."""
    folder = services.debian_programs() if request.param == "Debian's" else request.param
    monkeypatch.setenv("FAKEPRINT_POSTGRES", str(folder))
    settings.cache_clear()
    yield
    monkeypatch.undo()
    settings.cache_clear()


@pytest.mark.slow
@pytest.mark.parametrize("chosen", ["", "Debian's"], indirect=True)
@pytest.mark.usefixtures("chosen")
def test_a_first_start_makes_a_database_that_a_second_start_finds(folder: Path) -> None:
    cluster = cluster_of(folder / "data")
    url = cluster.start()
    execute(url, "CREATE TABLE kept AS SELECT 42 AS answer")
    cluster.stop()

    again = cluster_of(folder / "data")
    url = again.start()
    try:
        assert execute(url, "SELECT answer FROM kept") == 42
        assert execute(url, "CREATE EXTENSION vector; SELECT '[1,2]'::vector::text") is None
        assert execute(url, "SHOW fsync") == "on"
        assert execute(url, "SHOW data_checksums") == "on"
    finally:
        again.stop()


@pytest.mark.parametrize("chosen", ["/nowhere"], indirect=True)
@pytest.mark.usefixtures("chosen")
def test_a_folder_without_programs_is_named() -> None:
    with pytest.raises(NotInstalled, match="/nowhere"):
        binaries.programs()


@pytest.mark.slow
def test_it_listens_on_a_socket_of_its_own_and_asks_for_the_password(folder: Path) -> None:
    cluster = cluster_of(folder / "data")
    url = cluster.start()
    try:
        assert execute(url, "SHOW listen_addresses") == ""
        assert cluster.sockets is not None
        assert stat.S_IMODE(cluster.sockets.stat().st_mode) == 0o700
        secret = cluster.password.read_text().strip()
        assert stat.S_IMODE(cluster.password.stat().st_mode) == 0o600
        with pytest.raises(psycopg.OperationalError, match="password"):
            execute(url.replace(secret, "wrong"), "SELECT 1")
        with pytest.raises(psycopg.OperationalError, match="password"):
            execute(url.replace(f":{secret}", ""), "SELECT 1")
    finally:
        cluster.stop()


@pytest.mark.slow
def test_no_folder_is_opened_to_others(folder: Path) -> None:
    data = folder / "closed" / "data"
    data.mkdir(parents=True, mode=0o700)
    data.parent.chmod(0o700)
    before = {path: path.stat().st_mode for path in (folder, data.parent, data)}
    cluster = cluster_of(data)
    url = cluster.start()
    try:
        assert execute(url, "SELECT 1") == 1
        assert before == {path: path.stat().st_mode for path in before}
        assert stat.S_IMODE(cluster.data.stat().st_mode) == 0o700
        if os.geteuid() == 0:
            assert cluster.data.stat().st_uid == binaries.NOBODY
            assert (data / "postgres").readlink().is_relative_to(binaries.SYSTEM_FOLDER)
        else:
            assert cluster.home == data / "postgres"
    finally:
        cluster.stop()
    assert location.home(data) == cluster.home


@pytest.mark.slow
def test_a_path_too_long_or_strange_for_a_socket_works(folder: Path) -> None:
    data = folder / "it's a $(touch X) \U0001f600" / ("long" * 20)
    data.mkdir(parents=True)
    for path in (data, data.parent):
        path.chmod(0o711)
    cluster = cluster_of(data)
    url = cluster.start()
    sockets = cluster.sockets
    try:
        assert execute(url, "SELECT 1") == 1
        assert sockets is not None
        assert len(os.fsencode(sockets)) <= location.MAX_SOCKET_FOLDER
    finally:
        cluster.stop()
    assert not sockets.exists()


@pytest.mark.slow
def test_a_killed_server_restarts_with_all_commits(folder: Path) -> None:
    cluster = cluster_of(folder / "data")
    execute(cluster.start(), "CREATE TABLE kept AS SELECT generate_series(1, 1000)")
    assert cluster.process is not None
    cluster.process.kill()
    cluster.process.wait()
    url = cluster.start()
    try:
        assert execute(url, "SELECT count(*) FROM kept") == 1000
    finally:
        cluster.stop()


@pytest.mark.slow
def test_a_server_ends_with_the_process_that_started_it(folder: Path) -> None:
    data = folder / "data"
    program = (
        "import sys, time\n"
        "from pathlib import Path\n"
        "from tests.app.test_embedded_postgres import cluster_of\n"
        "cluster_of(Path(sys.argv[1])).start(); print('up', flush=True); time.sleep(600)\n"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", program, str(data)], cwd=REPOSITORY, stdout=subprocess.PIPE, text=True
    )
    with holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "up\n"
        cluster = location.home(data) / "data"
        assert list(leftovers.running(cluster))
        holder.kill()
    assert child.wait_until(lambda: not any(leftovers.running(cluster)), seconds=10)
    again = cluster_of(data)
    again.start()
    again.stop()


@pytest.mark.slow
def test_a_server_without_a_holder_is_ended_first(folder: Path) -> None:
    lost = cluster_of(folder / "data")
    lost.start()
    assert lost.process is not None
    cluster = cluster_of(folder / "data")
    url = cluster.start()
    try:
        assert execute(url, "SELECT 1") == 1
        assert lost.process.wait(services.PATIENCE) == 0
    finally:
        cluster.stop()


@pytest.mark.slow
def test_a_pid_file_that_names_a_stranger_does_not_hinder(folder: Path) -> None:
    cluster = cluster_of(folder / "data")
    cluster.start()
    assert cluster.process is not None
    cluster.process.kill()
    cluster.process.wait()
    with subprocess.Popen(["sleep", "60"], cwd="/", user=cluster.user, group=cluster.user) as stranger:
        note = cluster.data / "postmaster.pid"
        note.write_text(note.read_text().replace(str(_first_line(note)), str(stranger.pid), 1))
        cluster.start()
        cluster.stop()
        assert stranger.poll() is None
        stranger.kill()


@pytest.mark.slow
def test_another_version_s_data_is_left_alone_and_named(folder: Path) -> None:
    cluster = cluster_of(folder / "data")
    cluster.start()
    cluster.stop()
    (cluster.data / "PG_VERSION").write_text("16\n")
    before = sorted((path.name, path.stat().st_mtime_ns) for path in cluster.data.iterdir())
    with pytest.raises(Conflict) as caught:
        cluster_of(folder / "data").start()
    assert caught.value.code == "data_folder_version"
    assert "16" in caught.value.message
    assert "pg_dumpall" in str(caught.value.next_step)
    assert before == sorted((path.name, path.stat().st_mtime_ns) for path in cluster.data.iterdir())


@pytest.mark.slow
def test_another_user_s_data_is_named(folder: Path) -> None:
    cluster = cluster_of(folder / "data")
    cluster.start()
    cluster.stop()
    cluster.user = 4242
    with pytest.raises(Conflict) as caught:
        cluster.start()
    assert caught.value.code == "data_folder_foreign"


@pytest.mark.slow
def test_the_servers_message_is_in_the_error(folder: Path) -> None:
    cluster = cluster_of(folder / "data")
    cluster.start()
    cluster.stop()
    (cluster.data / "global" / "pg_control").write_bytes(b"")
    with pytest.raises(Unavailable) as caught:
        cluster.start()
    assert caught.value.code == "database_start_failed"
    assert "pg_control" in caught.value.message
    assert caught.value.next_step == f"See {cluster.log}."


@pytest.mark.slow
def test_half_a_cluster_is_not_taken_for_one(folder: Path) -> None:
    cluster = cluster_of(folder / "data")
    half = cluster.home / ".new-killed" / "data"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    url = cluster.start()
    try:
        assert execute(url, "SELECT 1") == 1
        assert not half.exists()
    finally:
        cluster.stop()


@pytest.mark.slow
def test_an_ordinary_user_runs_it_in_place(folder: Path) -> None:
    """As `nobody` with a home of its own where the tests run as root, else as who runs the tests."""
    site = folder / "site"
    for name in (
        "psycopg",
        "psycopg_binary",
        "psycopg_binary.libs",
        "embedded_postgres",
        "embedded_postgres.libs",
        *("annotated_types", "dotenv", "platformdirs", "pydantic", "pydantic_core", "pydantic_settings"),
        "typing_inspection",
    ):
        shutil.copytree(_site_packages() / name, site / name, symlinks=True)
    shutil.copy(_site_packages() / "typing_extensions.py", site)
    for part in ("app/embedded", "core"):
        (site / "registry" / part).mkdir(parents=True)
    shutil.copytree(REPOSITORY / "registry/app/embedded", site / "registry/app/embedded", dirs_exist_ok=True)
    shutil.copytree(REPOSITORY / "registry/core/errors", site / "registry/core/errors")
    shutil.copy(REPOSITORY / "registry/core/settings.py", site / "registry/core")
    subprocess.run(["chmod", "-R", "a+rX", str(site)], check=True)
    home = folder / "home"
    home.mkdir(mode=0o700)
    program = (
        "import sys, psycopg\n"
        "from pathlib import Path\n"
        "from registry.app.embedded import location\n"
        "from registry.app.embedded.folder import open_folder\n"
        "from registry.app.embedded.postgres import Cluster\n"
        "data = open_folder(Path(sys.argv[1]))\n"
        "cluster = Cluster(location.home(data.path), data.password, data.log('postgres'))\n"
        "with psycopg.connect(cluster.start()) as connection:\n"
        "    print(connection.execute('SHOW data_directory').fetchone()[0])\n"
        "cluster.stop()\n"
    )
    user = binaries.server_user()
    if user is not None:
        os.chown(home, user, user)
    began = time.monotonic()
    done = subprocess.run(
        [str(Path(sys.executable).resolve()), "-B", "-c", program, str(home / "data")],
        user=user,
        group=user,
        extra_groups=None if user is None else [],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(site), "HOME": str(home)},
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == str(home / "data" / "postgres" / "data")
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert stat.S_IMODE((home / "data").stat().st_mode) == 0o700
    assert time.monotonic() - began < services.PATIENCE


def _first_line(note: Path) -> int:
    return int(note.read_text().split("\n", 1)[0])


def _site_packages() -> Path:
    return Path(psycopg.__file__).parents[1]


def test_signals_are_as_a_program_expects_them() -> None:
    """A child hears Ctrl-C even where its parent ignores it."""
    program = "import signal; print(signal.getsignal(signal.SIGINT) is signal.default_int_handler)"
    read, write = os.pipe()
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        process = child.spawn([sys.executable, "-c", program], log=write, environment=os.environ)
    finally:
        signal.signal(signal.SIGINT, before)
    os.close(write)
    assert process.wait(services.PATIENCE) == 0
    with os.fdopen(read) as pipe:
        assert pipe.read() == "True\n"
