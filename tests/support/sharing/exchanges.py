"""Stand-ins for hash exchanges: servers on the loopback address with the exchanges' protocols.

Responses follow StopNCII v1, NCMEC hash sharing v2 and ThreatExchange's /threat_updates.
"""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, override
from urllib.parse import parse_qs, urlsplit

from registry.core.service import Service
from tests.support.service.rows import write

Answer = tuple[int, str, bytes] | tuple[int, str, bytes, dict[str, str]]


@dataclass
class Exchange:
    """A server. `records`: in order of change. It also keeps the requests."""

    url: str = ""
    records: list[dict[str, Any]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    page: int = 2
    broken: int | None = None
    lies: Answer | None = None

    def answer(self, path: str, query: dict[str, str], headers: dict[str, str]) -> Answer:
        raise NotImplementedError

    def paged(self, start: int) -> tuple[list[dict[str, Any]], int | None]:
        """Return records from `start` on, and the start of the next page. Fails at `broken`."""
        if self.broken is not None and start >= self.broken:
            return [], -1
        end = start + self.page
        return self.records[start:end], end if end < len(self.records) else None


class StopNCII(Exchange):
    @override
    def answer(self, path: str, query: dict[str, str], headers: dict[str, str]) -> Answer:
        if headers.get("x-functions-key") != "fk" or headers.get("ocp-apim-subscription-key") != "sk":
            return 401, "application/json", b"{}"
        assert path == "/v1/FetchHashes"
        since = int(query["startTimestamp"])
        changed = [record for record in self.records if record["lastModtimestamp"] >= since]
        start = int(query.get("nextPageToken", 0))
        if self.broken is not None and start >= self.broken:
            return 400, "text/plain", b"no"
        some = changed[start : start + self.page]
        more = start + self.page < len(changed)
        body = {
            "count": len(some),
            "nextPageToken": str(start + self.page) if more else None,
            "nextSetTimestamp": max([since, *(record["lastModtimestamp"] for record in changed)]) + 1,
            "hasMoreRecords": more,
            "hashRecords": some,
        }
        return 200, "application/json", json.dumps(body).encode()


class NCMEC(Exchange):
    @override
    def answer(self, path: str, query: dict[str, str], headers: dict[str, str]) -> Answer:
        if headers.get("authorization") != "Basic " + base64.b64encode(b"user:pass").decode():
            return 403, "text/plain", b"no"
        assert path == "/hashsharing/v2/entries"
        start = int(query.get("start", 0))
        some, following = self.paged(start)
        if following == -1:
            return 400, "text/plain", b"no"
        kinds = {
            kind: "".join(item["xml"] for item in some if item["kind"] == kind)
            for kind in ("images", "videos")
        }
        parts = "".join(
            f'<{kind} count="1" maxTimestamp="2026-01-31T10:00:00Z">{xml}</{kind}>'
            for kind, xml in kinds.items()
        )
        onward = f"/v2/entries?start={following}&amp;size=1000&amp;max=9" if following else ""
        paging = f'<paging count="1"><next>{onward}</next></paging>' if onward else ""
        body = (
            '<queryResult xmlns="https://hashsharing.ncmec.org/hashsharing/v2">'
            + paging
            + parts
            + "</queryResult>"
        )
        return 200, "application/xml", body.encode()


class ThreatExchange(Exchange):
    elsewhere: str = ""

    @override
    def answer(self, path: str, query: dict[str, str], headers: dict[str, str]) -> Answer:
        if query.get("access_token") != "123|secret-token-of-ours":
            return 401, "application/json", b'{"error": {}}'
        assert path == "/v26.0/77/threat_updates/"
        since = int(query.get("start_time", 0))
        changed = [record for record in self.records if record["last_updated"] >= since]
        start = int(query.get("cursor", 0))
        if self.broken is not None and start >= self.broken:
            return 400, "text/plain", b"no"
        some = changed[start : start + self.page]
        body: dict[str, Any] = {"data": some}
        if start + self.page < len(changed):
            onward = f"/v26.0/77/threat_updates/?access_token={query['access_token']}&start_time={since}"
            base = self.elsewhere or self.url.removesuffix("/v26.0")
            body["paging"] = {"next": f"{base}{onward}&cursor={start + self.page}"}
        return 200, "application/json", json.dumps(body).encode()


@contextmanager
def serving[E: Exchange](exchange: E, path: str) -> Iterator[E]:
    """Serve the exchange on a free port, at an address that ends in `path`."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            exchange.asked.append(self.path)
            query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
            headers = {name.lower(): value for name, value in self.headers.items()}
            status, type_, body, *more = exchange.lies or exchange.answer(parts.path, query, headers)
            self.send_response(status)
            for name, value in (more[0] if more else {}).items():
                self.send_header(name, value)
            self.send_header("Content-Type", type_)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        @override
        def log_message(self, format: str, *args: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    exchange.url = f"http://127.0.0.1:{server.server_address[1]}{path}"
    try:
        yield exchange
    finally:
        server.shutdown()
        server.server_close()


def stopncii_record(at: int, value: str, status: str = "Active", **more: Any) -> dict[str, Any]:
    kind = "ImagePDQ" if len(value) == 64 else "VideoMD5"
    feedbacks = [
        {"feedbackValue": given, "tags": ["nude"], "source": source}
        for source, given in more.pop("said", {}).items()
    ]
    return {
        "lastModtimestamp": at,
        "signalType": kind,
        "hashValue": value,
        "hashStatus": status,
        "caseNumbers": {"c1": status},
        "CSPFeedbacks": feedbacks,
    } | more


def ncmec_record(
    kind: str, id_: str, member: int, hashes: dict[str, str], *, deleted: bool = False
) -> dict[str, Any]:
    tag = f"deleted{kind.capitalize()}" if deleted else kind
    listed = "".join(f"<{name}>{value}</{name}>" for name, value in hashes.items())
    prints = "" if deleted else f"<classification>A1</classification><fingerprints>{listed}</fingerprints>"
    when = "<timestamp>2026-01-31T10:00:00Z</timestamp>"
    xml = f'<{tag}><member id="{member}">M</member>{when}<id>{id_}</id>{prints}</{tag}>'
    return {"kind": f"{kind}s", "xml": xml}


def threat_update(at: int, type_: str, value: str, *statuses: str, deleted: bool = False) -> dict[str, Any]:
    found: dict[str, Any] = {
        "id": str(at),
        "indicator": value,
        "type": type_,
        "last_updated": at,
        "should_delete": deleted,
    }
    if not deleted:
        data = [
            {
                "id": str(at * 10 + place),
                "owner": {"id": str(place + 1)},
                "status": status,
                "tags": {"data": [{"id": "1", "text": "deepfake"}]},
            }
            for place, status in enumerate(statuses or ("MALICIOUS",))
        ]
        found["descriptors"] = {"data": data}
    return found


def make_exchanges_due(service: Service) -> None:
    write(service, "UPDATE exchange SET next_at = now()")


def fetch_earlier(service: Service, *, hours: int) -> None:
    """Let all exchanges have been fetched so many hours ago."""
    write(service, "UPDATE exchange SET fetched_at = now() - make_interval(hours => %s)", hours)


def let_exchanges_age(service: Service, *, hours: int) -> None:
    """Let all exchanges have been added, and fetched, so many hours earlier."""
    write(
        service,
        "UPDATE exchange SET created_at = created_at - make_interval(hours => %(hours)s),"
        " fetched_at = fetched_at - make_interval(hours => %(hours)s)",
        hours=hours,
    )


def let_checkpoints_age(service: Service, *, seconds: int) -> None:
    """Let all exchanges have been read up to a moment so many seconds earlier."""
    write(
        service,
        "UPDATE exchange SET checkpoint = jsonb_set(checkpoint, '{get_entries_max_ts}',"
        " to_jsonb((checkpoint ->> 'get_entries_max_ts')::bigint - %s::bigint))",
        seconds,
    )


def move_exchanges(service: Service, address: str) -> None:
    """Give all exchanges another address, as if their operators had moved."""
    write(service, "UPDATE exchange SET address = %s", address)
