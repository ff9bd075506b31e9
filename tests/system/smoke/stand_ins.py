"""What stands for the images that are not ours: Debian's packages of the same servers, prepared as the images
prepare themselves. For the S3 gateway, which Debian does not have, the server of S3 that the tests use."""

from __future__ import annotations

import os
import pwd
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests.system.smoke.cells import PATH, own
from tests.system.smoke.composed import Service

TREE: Final = Path(__file__).parents[3]
POSTGRES: Final = Path("/usr/lib/postgresql/17/bin")
_PGDATA: Final = "17/data"


@dataclass(frozen=True)
class StandIn:
    """Who runs it, what is run, what the image says in its environment, and what it may write or needs
    beside."""

    user: int
    command: list[str]
    environment: dict[str, str] = field(default_factory=dict)
    binds: dict[str, tuple[Path, bool]] = field(default_factory=dict)
    tmpfs: dict[str, int] = field(default_factory=dict)
    checked: bool = True
    """Whether the health check of the composition holds for it too."""


def stand_in(service: Service, volumes: Mapping[str, Path], secrets: Path) -> StandIn:
    """For a service whose image is not ours; its `volumes` are owned and prepared. Raises `KeyError` where
    nobody knows the image."""
    name = service.image.partition(":")[0]
    if name == "pgvector/pgvector" and service.user:
        return StandIn(_uid("postgres"), [], {"PATH": f"{POSTGRES}:{PATH}"})
    return _KINDS[name](service, volumes, secrets)


def _uid(name: str) -> int:
    return pwd.getpwnam(name).pw_uid


def _postgres(service: Service, volumes: Mapping[str, Path], secrets: Path) -> StandIn:
    """The image's first start: a cluster of this superuser and database, in which passwords are asked for."""
    user, volume = _uid("postgres"), volumes["/var/lib/postgresql"]
    for item in volumes.values():
        own(item, user)
    data, environment = volume / _PGDATA, service.environment
    if not data.exists():
        password = secrets / service.secrets[environment["POSTGRES_PASSWORD_FILE"]]
        readable = volume / "password"
        shutil.copy(password, readable)
        os.chown(readable, user, user)
        begin = [str(POSTGRES / "initdb"), "-D", str(data), f"--username={environment['POSTGRES_USER']}"]
        begin += [f"--pwfile={readable}", *shlex.split(environment["POSTGRES_INITDB_ARGS"])]
        _as_user(user, begin)
        with (data / "pg_hba.conf").open("a") as rules:
            rules.write("host all all all scram-sha-256\n")
        with (data / "postgresql.conf").open("a") as settings:
            settings.write("listen_addresses = '*'\n")
        alone = [str(POSTGRES / "postgres"), "--single", "-D", str(data), "postgres"]
        _as_user(user, alone, f"CREATE DATABASE {environment['POSTGRES_DB']};\n")
        readable.unlink()
    return StandIn(
        user,
        [*service.entrypoint, *service.command],
        {"PATH": f"/opt/entry:{POSTGRES}:{PATH}", "PGDATA": f"/var/lib/postgresql/{_PGDATA}"},
        # All that is left for the image's own entry point is to run what it is told to.
        {"/opt/entry/docker-entrypoint.sh": (Path("/usr/bin/env"), False)},
        tmpfs={"/run/postgresql": 0, "/var/run/postgresql": 0, "/tmp": 0},
    )


def _as_user(user: int, command: list[str], given: str = "") -> None:
    done = subprocess.run(
        command,
        input=given,
        capture_output=True,
        text=True,
        check=False,
        user=user,
        group=user,
        extra_groups=[],
        cwd="/",
        env={"PATH": PATH, "LC_ALL": "C.UTF-8"},
    )
    if done.returncode != 0:
        raise RuntimeError(f"{shlex.join(command)}: {done.stderr[-2000:]}")


def _rabbitmq(_: Service, volumes: Mapping[str, Path], _secrets: Path) -> StandIn:
    own(volumes["/var/lib/rabbitmq"], _uid("rabbitmq"))
    settings = {
        "PATH": PATH,
        "HOME": "/var/lib/rabbitmq",
        "LANG": "C.UTF-8",
        "RABBITMQ_LOGS": "-",
        "RABBITMQ_LOG_BASE": "/var/lib/rabbitmq/log",
        "RABBITMQ_MNESIA_BASE": "/var/lib/rabbitmq/mnesia",
        "RABBITMQ_CONFIG_FILES": "/etc/rabbitmq/conf.d",
    }
    return StandIn(_uid("rabbitmq"), ["/usr/lib/rabbitmq/bin/rabbitmq-server"], settings, tmpfs={"/tmp": 0})


def _s3(_: Service, volumes: Mapping[str, Path], _secrets: Path) -> StandIn:
    own(volumes["/data"], _uid("nobody"))
    python = [f"{TREE}/.venv/bin/python", "-m", "moto.server", "-p", "7070"]
    python += ["-H", "0.0.0.0"]  # noqa: S104 - of its own network
    base = Path(os.path.realpath(sys.executable)).parents[1]
    binds = {f"{TREE}/.venv": (TREE / ".venv", False)}
    if not base.is_relative_to("/usr"):
        binds[str(base)] = (base, False)
    settings = {"PATH": PATH, "HOME": "/tmp", "PYTHONDONTWRITEBYTECODE": "1"}
    return StandIn(_uid("nobody"), python, settings, binds, {"/tmp": 0}, checked=False)


def _caddy(_: Service, volumes: Mapping[str, Path], _secrets: Path) -> StandIn:
    user = _uid("caddy")
    own(volumes["/data"], user)
    command = ["caddy", "run", "--config", "/etc/caddy/Caddyfile", "--adapter", "caddyfile"]
    return StandIn(user, command, {"PATH": PATH, "XDG_CONFIG_HOME": "/config", "XDG_DATA_HOME": "/data"})


def _prometheus(service: Service, volumes: Mapping[str, Path], _: Path) -> StandIn:
    user = _uid("nobody")
    own(volumes["/prometheus"], user)
    settings = {"PATH": PATH, "HOME": "/prometheus"}
    return StandIn(user, [*service.entrypoint, *service.command], settings)


def _alertmanager(service: Service, volumes: Mapping[str, Path], _: Path) -> StandIn:
    user = _uid("nobody")
    own(volumes["/alertmanager"], user)
    settings = {"PATH": PATH, "HOME": "/alertmanager"}
    return StandIn(user, ["prometheus-alertmanager", *service.command], settings)


_KINDS: Final = {
    "pgvector/pgvector": _postgres,
    "rabbitmq": _rabbitmq,
    "versity/versitygw": _s3,
    "caddy": _caddy,
    "prom/prometheus": _prometheus,
    "prom/alertmanager": _alertmanager,
}
