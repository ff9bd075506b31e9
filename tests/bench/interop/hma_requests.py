"""The same good and bad requests to Hasher-Matcher-Actioner's own server and to Fakeprint.

An answer is like HMA's if it has the same status and, where that is 200 or 201, at least the same fields. The
server runs on a PostgreSQL of its own. Requests that it answers with 500 are left out.
"""

from __future__ import annotations

import io
import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import httpx2
from PIL import Image

from tests.bench.interop.tools import ran
from tests.support.service import servers as services

CONFIGURATION: Final = """
from OpenMediaMatch.storage.postgres.impl import DefaultOMMStore
from threatexchange.content_type.photo import PhotoContent
from threatexchange.content_type.video import VideoContent
from threatexchange.exchanges.impl.fb_threatexchange_api import FBThreatExchangeSignalExchangeAPI
from threatexchange.exchanges.impl.ncmec_api import NCMECSignalExchangeAPI
from threatexchange.exchanges.impl.static_sample import StaticSampleSignalExchangeAPI
from threatexchange.signal_type.md5 import VideoMD5Signal
from threatexchange.signal_type.pdq.signal import PdqSignal

PRODUCTION = UI_ENABLED = TASK_FETCHER = False
ROLE_HASHER = ROLE_MATCHER = ROLE_CURATOR = TASK_INDEXER = TASK_INDEX_CACHE = True
TASK_INDEXER_INTERVAL_SECONDS = TASK_INDEX_CACHE_INTERVAL_SECONDS = 2
STORAGE_IFACE_INSTANCE = DefaultOMMStore(
    signal_types=[PdqSignal, VideoMD5Signal],
    content_types=[PhotoContent, VideoContent],
    exchange_types=[
        StaticSampleSignalExchangeAPI, FBThreatExchangeSignalExchangeAPI, NCMECSignalExchangeAPI,
    ],
)
"""
INDEXED: Final = 12.0
"""Seconds after which HMA has indexed what was banked."""
HASH: Final = "f8f8f0cee0f4a84f06370a22038f63f0b36e2ed596621e1d33e6b39c4e9c9b22"
MD5: Final = "5d41402abc4b2a76b9719d911017c592"
GROUP: Final = {"bank": "GROUP", "api": "fb_threatexchange", "api_json": {"privacy_group": 7}}
TEXT: Final = {"content": "x", "headers": {"Content-Type": "text/plain"}}
BROKEN: Final = {"content": "{", "headers": {"Content-Type": "application/json"}}
BANKED: Final[list[tuple[str, dict[str, Any]]]] = [
    ("POST /c/banks", {"json": {"name": "BANK"}}),
    ("POST /c/banks", {"json": {"name": "HALF", "enabled_ratio": "0.5"}}),
    ("POST /c/banks", {"json": {"name": "BANK"}}),
    ("POST /c/banks", {"json": {"name": "lower"}}),
    ("POST /c/banks", {"json": {"name": 5}}),
    ("POST /c/banks", {"json": {"name": "X", "enabled_ratio": "half"}}),
    ("POST /c/banks", BROKEN),
    ("POST /c/banks", TEXT),
    ("POST /c/banks", {}),
    ("GET /c/banks", {}),
    ("GET /c/bank/BANK", {}),
    ("GET /c/bank/ABSENT", {}),
    ("PUT /c/bank/BANK", {"json": {"name": "HALF"}}),
    ("PUT /c/bank/BANK", {"json": {"enabled": "true"}}),
    ("PUT /c/bank/ABSENT", {"json": {"enabled": True}}),
    ("DELETE /c/bank/ABSENT", {}),
    ("POST /c/bank/BANK/signal", {"json": {"pdq": HASH, "note": "n"}}),
    ("POST /c/bank/BANK/signal", {"json": {"video_md5": MD5.upper()}}),
    ("POST /c/bank/BANK/signal", {"json": {"pdq": "short"}}),
    ("POST /c/bank/BANK/signal", {"json": {"other": HASH}}),
    ("POST /c/bank/BANK/signal", {"json": {"pdq": HASH, "note": 5}}),
    ("POST /c/bank/BANK/signal", {"json": {}}),
    ("POST /c/bank/BANK/signal", BROKEN),
    ("POST /c/bank/BANK/signal", TEXT),
    ("POST /c/bank/ABSENT/signal", {"json": {"pdq": HASH}}),
    ("POST /c/bank/BANK/content", {}),
    ("POST /c/bank/BANK/content", {"file": "photo"}),
    ("POST /c/bank/BANK/content", {"file": "blank"}),
    ("POST /c/bank/BANK/content", {"file": "other"}),
    ("POST /c/bank/BANK/content?types=video_md5", {"file": "photo"}),
    ("POST /c/bank/BANK/content", {"file": "photo", "data": {"metadata": '{"content_id": 5}'}}),
    ("POST /c/bank/BANK/content", {"file": "photo", "data": {"note": "x" * 256}}),
    ("POST /c/bank/BANK/content?url=file:///etc/passwd", {}),
    ("GET /c/bank/BANK/content/999999999", {}),
    ("PUT /c/bank/BANK/content/999999999", {"json": {}}),
    ("DELETE /c/bank/BANK/content/999999999", {}),
    ("GET /c/exchanges/apis", {}),
    ("POST /c/exchanges", {"json": GROUP}),
    ("POST /c/exchanges", {"json": GROUP | {"bank": "lower"}}),
    ("POST /c/exchanges", {"json": GROUP | {"api": "other"}}),
    ("POST /c/exchanges", {"json": GROUP | {"bank": "NEW", "api_json": {}}}),
    ("POST /c/exchanges", {}),
    ("GET /c/exchange/GROUP", {}),
    ("GET /c/exchange/GROUP/status", {}),
    ("GET /c/exchange/ABSENT", {}),
    ("DELETE /c/exchange/GROUP", {}),
    ("DELETE /c/exchange/ABSENT", {}),
    ("GET /c/exchanges/api/ncmec", {}),
    ("GET /c/exchanges/api/other", {}),
    ("GET /c/exchanges/api/ncmec/schema", {}),
    ("GET /c/exchanges/api/other/schema", {}),
    ("POST /c/exchanges/api/fb_threatexchange", {"json": {"credential_json": {"api_token": "1|x"}}}),
    ("GET /c/signal_type", {}),
    ("GET /c/content_type", {}),
]
MATCHED: Final[list[tuple[str, dict[str, Any]]]] = [
    ("POST /h/hash", {"file": "photo"}),
    ("POST /h/hash", {"file": "blank"}),
    ("POST /h/hash", {"file": "other"}),
    ("POST /h/hash", {"file": "video"}),
    ("POST /h/hash?types=", {"file": "photo"}),
    ("POST /h/hash", {}),
    ("GET /h/hash", {}),
    ("GET /h/hash?url=nowhere", {}),
    ("GET /h/hash?url=http://127.0.0.1:9/", {}),
    (f"GET /m/lookup?signal={HASH}&signal_type=pdq", {}),
    (f"GET /m/lookup?signal=%20{MD5}&signal_type=video_md5&seed=1", {}),
    (f"GET /m/lookup?signal={HASH}&signal_type=pdq&bypass_coinflip=perhaps", {}),
    (f"GET /m/lookup?signal={HASH}", {}),
    ("GET /m/lookup?signal=short&signal_type=pdq", {}),
    ("GET /m/lookup?url=nowhere", {}),
    ("POST /m/lookup", {"file": "photo"}),
    ("POST /m/lookup", {"file": "blank"}),
    ("POST /m/lookup", {}),
    (f"GET /m/raw_lookup?signal={MD5}&signal_type=video_md5&include_distance=true", {}),
    (f"GET /m/raw_lookup?signal={HASH}&signal_type=other", {}),
    (f"GET /m/raw_lookup?signal={HASH}", {}),
    (f"GET /m/raw_lookup?signal={HASH}&signal_type=pdq&include_distance=perhaps", {}),
    ("POST /m/compare", {"json": {"pdq": [HASH, HASH]}}),
    ("POST /m/compare", {"json": {"pdq": [HASH]}}),
    ("POST /m/compare", BROKEN),
    ("GET /m/index/status?signal_type=pdq", {}),
    ("GET /m/index/status?signal_type=other", {}),
    ("GET /status", {}),
]


def compare(source: Path, python: Path, ours: httpx2.Client, folder: Path) -> dict[str, int]:
    """Return how many of the requests are answered as by HMA. Prints the others."""
    same = 0
    with server(source, python, folder) as theirs:
        for requests in (BANKED, MATCHED):
            for line, more in requests:
                answers = [sent(client, line, more) for client in (ours, theirs)]
                if alike(*answers):
                    same += 1
                else:
                    print(f"  {line}: {answers[0].status_code}, HMA {answers[1].status_code}")
            time.sleep(INDEXED if requests is BANKED else 0)
    return {"hma_requests_same": same, "hma_requests": len(BANKED) + len(MATCHED)}


@contextmanager
def server(source: Path, python: Path, folder: Path) -> Iterator[httpx2.Client]:
    """Run HMA's server until the context ends. Raises `RuntimeError`."""
    with services.postgres() as postgres, postgres.empty() as database:
        address = database.replace("postgresql://", "postgresql+psycopg2://", 1)
        configuration = folder / "hma_configuration.py"
        configuration.write_text(f"DATABASE_URI = {address!r}\n{CONFIGURATION}")
        more = {"OMM_CONFIG": str(configuration), "PYTHONPATH": str(source), "PYTHONDONTWRITEBYTECODE": "1"}
        migrations = source / "OpenMediaMatch" / "migrations"
        upgrade = (python, "-m", "flask", "--app", "OpenMediaMatch.app", "db", "upgrade", "-d", migrations)
        migrated = ran(*upgrade, folder=folder, MIGRATION_COMMAND="1", **more)
        if migrated.returncode:
            raise RuntimeError(migrated.stderr[-500:])
        port = services.free_port()
        command = (python, "-m", "gunicorn", "OpenMediaMatch.app:create_app()", "--threads", "4", "-b")
        with (folder / "hma.log").open("wb") as log:
            process = subprocess.Popen(
                [*map(str, command), f"127.0.0.1:{port}"],
                cwd=folder,
                env=os.environ | more,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        try:
            services.wait_until(lambda: services.listens(port), 60, process, folder / "hma.log")
            with httpx2.Client(base_url=f"http://127.0.0.1:{port}", timeout=90) as client:
                yield client
        finally:
            services.end(process)


def sent(client: httpx2.Client, line: str, more: dict[str, Any]) -> httpx2.Response:
    """Send a request. `file`: photo, blank or video, or a part of another name."""
    options = dict(more)
    if kind := options.pop("file", None):
        name = {"blank": "photo"}.get(kind, kind)
        options["files"] = {name: ("file", picture(blank=kind == "blank"), "image/png")}
    return client.request(*line.split(" ", 1), **options)


def picture(*, blank: bool) -> bytes:
    """Return a picture, as PNG."""
    tiles = Image.new("RGB", (8, 8))
    if not blank:
        tiles.putdata([(37 * n % 256, 91 * n % 256, 53 * n * n % 256) for n in range(64)])
    with io.BytesIO() as file:
        tiles.resize((320, 320)).save(file, "PNG")
        return file.getvalue()


def alike(ours: httpx2.Response, theirs: httpx2.Response) -> bool:
    """Tell whether an answer is like HMA's."""
    if ours.status_code != theirs.status_code:
        return False
    if theirs.status_code >= 400 or "json" not in theirs.headers.get("content-type", ""):
        return True
    return fields(theirs.json()) <= fields(ours.json())


def fields(body: Any) -> set[str]:
    """Return the names of an object's fields, or of the first object of a list."""
    first = body[0] if isinstance(body, list) and body else body
    return set(first) if isinstance(first, dict) else set()
