"""Coop's own client of Hasher-Matcher-Actioner, run by Node: `coop_calls.ts`."""

from __future__ import annotations

import hashlib
import json
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final, override

import psycopg
from PIL import Image
from psycopg.conninfo import conninfo_to_dict

from registry.app.embedded import location
from registry.app.embedded.folder import DataFolder
from registry.app.embedded.postgres import Cluster
from tests.bench.interop.tools import node_modules, ran
from tests.support.media import clips as media
from tests.support.service import servers as services
from tests.support.service import stack
from tests.support.service.api import SERVING, command
from tests.support.sharing.exchanges import NCMEC, StopNCII, ncmec_record, serving, stopncii_record

PACKAGES: Final = (
    *("node@22", "tsx@4", "undici@7", "kysely@0", "pg@8", "form-data-encoder@4", "formdata-node@6"),
    *("xml-js@1", "@opentelemetry/api@1", "safe-stable-stringify@2", "lodash@4"),
)
STUBS: Final = {
    "utils/errors.ts": "export class CoopError extends Error { shouldErrorSpan = true; }",
    "utils/typescript-types.ts": "export const instantiateOpaqueType = (value: unknown) => value;",
    "utils/json-schema-types.ts": "export const JSON = globalThis.JSON;",
}
"""What the client imports and the peers' folder lacks; the last has types only, which `tsx` cannot know."""
TABLE: Final = """
CREATE TABLE public.hash_banks (
    id serial PRIMARY KEY, name text NOT NULL, hma_name text NOT NULL, description text,
    enabled_ratio double precision NOT NULL, org_id text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(), updated_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (org_id, name))
"""
"""Coop's table of banks, by its `dbTypes.ts`."""
ROLES: Final = [word for role in ("hma", "lookup", "register", "admin") for word in ("--role", role)]
CADDYFILE: Final = """
{{
	admin off
}}
http://localhost:{port} {{
	bind 127.0.0.1
	reverse_proxy {upstream} {{
		header_up Host {{upstream_hostport}}
		header_up Authorization "Bearer {{env.FAKEPRINT_KEY}}"
	}}
}}
"""
"""The proxy of docs/how-to/other-tools.md, which adds the key that Coop cannot send."""
KNOWN: Final = "3c" * 16 + "a5" * 16
EXCHANGED: Final = [ncmec_record("image", "i1", 1, {"PDQ": KNOWN})]


def measure(peers: Path) -> dict[str, int]:
    """Return how many calls have the right result: without a key on this machine, with one through a proxy,
    and with a base URL that ends in a slash. Prints the others."""
    folder = _prepared(peers / "coop" / "server")
    calls = ok = 0
    open_to_this_machine = {"FAKEPRINT_FETCH_PRIVATE": "true", "FAKEPRINT_EXCHANGE_PRIVATE": "true"}
    with (
        services.open_temporary_folder("coop") as temporary,
        stack.running(**open_to_this_machine) as started,
        _files(temporary / "media") as files,
        serving(NCMEC(records=EXCHANGED), "/hashsharing") as exchange,
        serving(StopNCII(records=[stopncii_record(100, KNOWN)]), "/v1") as stopncii,
        _keyless(started, temporary, open_to_this_machine) as keyless,
        _proxy(started, temporary) as proxy,
    ):
        variables = _database(started) | {
            "MEDIA": files,
            "CLIP_MD5": hashlib.md5((temporary / "media" / "clip.mp4").read_bytes()).hexdigest(),  # noqa: S324
            "EXCHANGE": exchange.url,
            "STOPNCII": stopncii.url,
            "EXCHANGE_HASH": KNOWN,
        }
        for name, url in (("keyless", keyless), ("key", proxy), ("slash", f"{keyless}/")):
            done = ran(
                *(folder.parent / "node_modules" / ".bin" / "node", "--import", "tsx", "coop_calls.ts"),
                folder=folder,
                **variables,
                HMA_SERVICE_URL=url,
                ORGANIZATION=f"{name}1",
            )
            results = [json.loads(line) for line in done.stdout.splitlines() if line.startswith('{"call"')]
            if done.returncode:
                raise RuntimeError(f"{name}: {done.stderr[-1500:]}")
            for failed in (result for result in results if not result["ok"]):
                print(f"  {name}: {failed['call']}: {' '.join(failed['why'].split())}")
            calls += len(results)
            ok += sum(result["ok"] for result in results)
    return {"coop_calls_ok": ok, "coop_calls": calls}


def _prepared(source: Path) -> Path:
    """Return a folder with Coop's code, as it is, what it lacks, and our calls. Node's packages are above."""
    folder = node_modules(list(PACKAGES)) / "coop"
    shutil.rmtree(folder, ignore_errors=True)
    for path in source.rglob("*.ts"):
        copy = folder / "server" / path.relative_to(source)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(path.read_bytes())
    for name, text in STUBS.items():
        (folder / "server" / name).write_text(text + "\n")
    (folder / "package.json").write_text('{"type": "module"}\n')
    shutil.copy(Path(__file__).with_name("coop_calls.ts"), folder)
    return folder


@contextmanager
def _files(folder: Path) -> Iterator[str]:
    """Serve a picture, a copy of it, two others and a clip."""
    folder.mkdir()
    for name, photograph in (("fake", "chelsea"), ("second", "coffee"), ("unrelated", "rocket")):
        Image.fromarray(media.view(media.photograph(photograph), 640, 480, 0.5)).save(folder / f"{name}.png")
    Image.open(folder / "fake.png").resize((500, 375)).save(folder / "copy.jpg", quality=60)
    media.clip(folder / "clip.mp4", "astronaut", seconds=4, size=(320, 240))

    class Handler(SimpleHTTPRequestHandler):
        @override
        def log_message(self, *_: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def _key(started: stack.Stack, organization: str) -> str:
    made = started.fakeprint("admin", "caller", "add", "c", "--organization", organization, *ROLES, "--json")
    return str(made.line["key"])


@contextmanager
def _keyless(started: stack.Stack, folder: Path, variables: dict[str, str]) -> Iterator[str]:
    """Run another API of the service that has FAKEPRINT_HMA_KEY."""
    log, key = folder / "keyless.log", _key(started, "coop")
    environment = stack.environment(
        **variables,
        FAKEPRINT_HMA_KEY=key,
        FAKEPRINT_DATABASE_URL=_cluster(started).url,
        FAKEPRINT_BLOBS_URL=(started.data / "blobs").as_uri(),
        FAKEPRINT_DATA=str(started.data),
    )
    with services.running(command("serve", "--port", "0"), log, environment) as process:
        services.wait_until(lambda: SERVING.search(log.read_text()) is not None, 60, process, log)
        found = SERVING.search(log.read_text())
        assert found
        yield found[1].replace("127.0.0.1", "localhost")


@contextmanager
def _proxy(started: stack.Stack, folder: Path) -> Iterator[str]:
    """Run Caddy, which adds a key."""
    caddy = shutil.which("caddy")
    if caddy is None:
        raise RuntimeError("Debian's package caddy is needed")
    port, log = services.free_port(), folder / "caddy.log"
    (folder / "Caddyfile").write_text(CADDYFILE.format(port=port, upstream=started.url))
    environment = stack.environment(FAKEPRINT_KEY=_key(started, "coop elsewhere"), HOME=str(folder))
    words = [caddy, "run", "--config", str(folder / "Caddyfile"), "--adapter", "caddyfile"]
    with services.running(words, log, environment) as process:
        services.wait_until(lambda: "serving initial configuration" in log.read_text(), 30, process, log)
        yield f"http://localhost:{port}"


def _cluster(started: stack.Stack) -> Cluster:
    folder = DataFolder(started.data)
    cluster = Cluster(location.home(started.data), folder.password, folder.log("postgres"))
    cluster.sockets = Path((cluster.data / "postmaster.pid").read_text().splitlines()[4])
    return cluster


def _database(started: stack.Stack) -> dict[str, str]:
    """Create Coop's own database on the server, and return libpq's variables of it."""
    url = _cluster(started).url
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE coop")
    with psycopg.connect(url, dbname="coop") as connection:
        connection.execute(TABLE)
    parts = conninfo_to_dict(url, dbname="coop")
    names = {"host": "PGHOST", "user": "PGUSER", "password": "PGPASSWORD", "dbname": "PGDATABASE"}
    return {variable: str(parts[name]) for name, variable in names.items()}
