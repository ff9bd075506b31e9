"""Does everything hold? Asked of the database, of the receivers and of the service, once it had time to catch
up."""

from __future__ import annotations

import json
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from email.parser import BytesParser
from email.policy import default
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import httpx

from registry.actions.service import Service
from registry.actions.sweep_blobs import sweep_blobs
from tests.chaos.model import Model
from tests.chaos.system import System, rows
from tests.endpoints import Endpoint
from tests.mail import MailServer
from tests.stack import fakeprint

PATIENCE: Final = 600.0
"""Seconds after which what is not done counts as stuck; what was tried in vain waits a minute and more."""
WAITING: Final = {
    "jobs": "SELECT task || ' ' || status || ' ' || COALESCE(error_code, '') AS one FROM job"
    " WHERE status IN ('queued', 'running')",
    "messages in the outbox": "SELECT task AS one FROM outbox",
    "events without a place in the ledger": "SELECT event_id AS one FROM event_waiting",
    "events of which nobody was told": "SELECT event_id AS one FROM event_untold",
    "messages of webhooks": "SELECT kind AS one FROM webhook_delivery WHERE status = 'waiting'",
    "watches to be answered": "SELECT entry_id AS one FROM watch_due",
    "segments": "SELECT asset_id AS one FROM segment",
    "divisions": "SELECT asset_id AS one FROM division",
    "lookups": "SELECT lookup_id AS one FROM lookup WHERE status = 'queued'",
    "notices on their way": "SELECT channel || ' ' || status AS one FROM notice_delivery"
    " WHERE status IN ('waiting', 'sending', 'handing')",
}
"""What is empty once all is done."""

FINGERPRINT: Final = """
SELECT encode(a.sha256, 'hex') AS sha256, json_build_object(
    'frames', (SELECT md5(string_agg(
                   concat_ws(',', f.time_s, f.duration_s, f.quality, f.view, f.phash256, f.pdq),
                   ';' ORDER BY f.time_s, f.view, f.pdq))
               FROM frame_fingerprint f WHERE f.asset_no = a.asset_no),
    'vectors', (SELECT md5(string_agg(concat_ws(',', v.time_s, v.sscd), ';' ORDER BY v.time_s, v.sscd::text))
                FROM frame_vector v WHERE v.asset_id = a.asset_id),
    'faces', (SELECT md5(string_agg(concat_ws(',', f.time_s, f.track, f.box, f.score, f.embedding), ';'
                                    ORDER BY f.time_s, f.track, f.box))
              FROM face_fingerprint f WHERE f.asset_id = a.asset_id),
    'videohash', (SELECT videohash::text FROM video_fingerprint v WHERE v.asset_id = a.asset_id),
    'sound', (SELECT md5(chromaprint) FROM audio_fingerprint v WHERE v.asset_id = a.asset_id),
    'algorithms', (SELECT string_agg(g.algorithm, ' ' ORDER BY g.algorithm)
                   FROM asset_algorithm g WHERE g.asset_id = a.asset_id)) AS parts
FROM asset a
"""
"""All that is stored of a medium, as digests: a frame that is missing, or there twice, changes them."""


@dataclass
class Receivers:
    """The other side: who is told of events, and who gets notices."""

    hook: Endpoint
    api: Endpoint
    mail: MailServer


@dataclass
class Checks:
    """Of one run. `open`: the service from within this process; `references`: digests of the clips'
    fingerprints, made before anything was done to the service; `checkpoints`: what the ledger has signed."""

    open: Callable[[], Service]
    system: System
    model: Model
    key: str
    there: Receivers
    folder: Path
    references: dict[str, dict[str, str | None]] = field(default_factory=dict)
    checkpoints: list[Path] = field(default_factory=list)

    def rows(self, query: str, *given: Any) -> list[dict[str, Any]]:
        return rows(self.system.database_url, query, *given)

    def digest(self, sha256: str) -> dict[str, str | None]:
        """Of what is stored of that file."""
        found = self.rows(f"{FINGERPRINT} WHERE a.sha256 = decode(%s, 'hex')", sha256)
        digests: dict[str, str | None] = found[0]["parts"]
        return digests

    def await_rest(self, follow: Callable[[], None]) -> None:
        """Until nothing is left to do; what remains after `PATIENCE` is stuck."""
        began = told = time.monotonic()
        while True:
            left = {name: found for name, query in WAITING.items() if (found := self.rows(query))}
            open_ones = [one for one in self.model.open() if one.clip]
            if not left and not open_ones and not self.model.queued:
                return
            if time.monotonic() > began + PATIENCE:
                break
            if time.monotonic() > told + 20:
                told = time.monotonic()
                counts = {
                    name: dict(Counter(str(one["one"]) for one in found)) for name, found in left.items()
                }
                self.model.told(f"waits: {len(open_ones)} entries, {str(counts)[:500]}")
            follow()
        for name, found in left.items():
            said = dict(Counter(str(one["one"]) for one in found).most_common(5))
            self.model.find("stuck", f"{len(found)} {name}: {said}")
        for one in open_ones:
            self.model.find("lost", f"entry {one.entry_id} ({one.title}) is not matchable: {one.failures}")
        for lookup_id in self.model.queued:
            self.model.find("lost", f"lookup {lookup_id} is not answered")

    def all(self) -> None:
        """Once everything rests."""
        self._entries()
        self._fingerprints()
        self._lookups()
        self._told()
        self._notices()
        self._blobs()
        self._keep_checkpoint()

    def _entries(self) -> None:
        found = self.rows("SELECT entry_id::text, title, status FROM entry")
        by_id = {one["entry_id"]: one["status"] for one in found}
        titles = Counter(one["title"] for one in found)
        for one in self.model.entries.values():
            if by_id.get(one.entry_id) != "matchable":
                self.model.find("lost", f"entry {one.entry_id} is {by_id.get(one.entry_id)}")
        for title, count in titles.items():
            if count > 1:
                self.model.find("duplicated", f"{count} entries are {title}")

    def _fingerprints(self) -> None:
        clips = {one.sha256: one.clip for one in self.model.entries.values() if one.clip}
        stored: defaultdict[str, list[dict[str, str | None]]] = defaultdict(list)
        for one in self.rows(FINGERPRINT):
            stored[one["sha256"]].append(one["parts"])
        for sha256, clip in clips.items():
            if len(stored[sha256]) != 1:
                kind = "duplicated" if stored[sha256] else "lost"
                self.model.find(kind, f"{len(stored[sha256])} assets of {sha256}")  # type: ignore[arg-type]
            elif stored[sha256][0] != self.references[clip]:
                wanted, found = self.references[clip], stored[sha256][0]
                odd = {part: (wanted[part], found[part]) for part in found if found[part] != wanted[part]}
                self.model.find("lost", f"of {sha256}, a copy of {clip}, this is stored otherwise: {odd}")

    def _lookups(self) -> None:
        found = self.rows("SELECT lookup_id::text, status FROM lookup")
        kept = Counter(one["lookup_id"] for one in found)
        answered = {one["lookup_id"] for one in found if one["status"] in ("answered", "failed")}
        for lookup_id in self.model.lookups:
            if kept[lookup_id] > 1:
                self.model.find("duplicated", f"lookup {lookup_id} is recorded {kept[lookup_id]} times")
            if lookup_id not in answered:
                self.model.find("lost", f"no record of lookup {lookup_id}, which was answered")

    def _told(self) -> None:
        """Webhooks: each event, under one id, in order."""
        told = self.rows(
            "SELECT event_id, replace(message_id::text, '-', '') AS message_id FROM webhook_delivery"
            " WHERE event_id IS NOT NULL ORDER BY delivery_id"
        )
        happened = self.rows(
            "SELECT event_id FROM event WHERE split_part(kind, '.', 1) IN ('entry', 'watch')"
            " AND organization_id IS NOT NULL"
            " AND event_id > (SELECT max(event_id) FROM event WHERE kind = 'webhook.created')"
        )
        missing = {one["event_id"] for one in happened} - {one["event_id"] for one in told}
        if missing:
            self.model.find("lost", f"no message was made of {len(missing)} events: {sorted(missing)[:5]}")
        if len({one["event_id"] for one in told}) < len(told):
            self.model.find("duplicated", "an event has two messages")
        arrived: dict[str, int] = {}
        events: dict[str, set[int]] = defaultdict(set)
        for request in list(self.there.hook.received):
            identity = request.headers["webhook-id"]
            arrived.setdefault(identity, len(arrived))
            events[identity].add(json.loads(request.body)["data"]["event_id"])
        lost = [one["event_id"] for one in told if f"msg_{one['message_id']}" not in arrived]
        if lost:
            self.model.find("lost", f"{len(lost)} messages of webhooks did not come: events {lost[:5]}")
        if any(len(one) > 1 for one in events.values()):
            self.model.find("duplicated", "one webhook-id tells of two events")
        order = [next(iter(events[identity])) for identity in arrived]
        if order != [one["event_id"] for one in told if one["event_id"] not in lost]:
            self.model.find("lost", "messages of webhooks came out of order")
        unplaced = self.rows(
            "SELECT event_id FROM event e WHERE NOT EXISTS"
            " (SELECT FROM ledger_leaf l WHERE l.event_id = e.event_id)"
        )
        if unplaced:
            self.model.find("lost", f"{len(unplaced)} events have no place in the ledger")
        matched = {
            one["entry_id"]
            for one in self.rows("SELECT entry_id::text FROM event WHERE kind = 'watch.matched'")
        }
        for entry_id in self.model.watched:
            if entry_id not in matched:
                self.model.find("lost", f"no watched lookup was told of entry {entry_id}")

    def _notices(self) -> None:
        known = self.rows(
            "SELECT notice_id::text, delivery_id::text, platform, channel, status, outcome"
            " FROM notice_delivery"
        )
        came: Counter[str] = Counter()
        for request in list(self.there.api.received):
            came[request.headers["idempotency-key"]] += 1
        for raw in list(self.there.mail.seen):
            said = str(BytesParser(policy=default).parsebytes(raw)["Message-ID"])
            came[str(UUID(said.partition(".")[2].partition("@")[0]))] += 1
        by_notice = Counter(one["notice_id"] for one in known)
        for notice_id in self.model.sent:
            if by_notice[notice_id] != 1:
                kind = "duplicated" if by_notice[notice_id] else "lost"
                self.model.find(kind, f"notice {notice_id}: {by_notice[notice_id]} deliveries")  # type: ignore[arg-type]
        for one in known:
            count, status = came[one["delivery_id"]], one["status"]
            if count > 1 and one["platform"] != "asked":
                self.model.find("duplicated", f"a notice by {one['channel']} was told {count} times")
            if status == "handed_over" and not count:
                self.model.find("lost", f"a notice by {one['channel']} was never told")
            if status in ("dead", "stopped"):
                self.model.find("lost", f"a notice by {one['channel']} is {status}: {one['outcome']}")

    def _blobs(self) -> None:
        """Nothing is kept that no row needs, once what is old was swept, and nothing half written is left."""
        service = self.open()
        try:
            sweep_blobs(service, unchanged_for=0.0)
        finally:
            service.close()
        files = [one for one in self.system.blobs.rglob("*") if one.is_file()]
        needed = {
            one["key"]
            for one in self.rows(
                "SELECT blob_key AS key FROM asset WHERE blob_key IS NOT NULL"
                " UNION SELECT blob_key FROM lookup WHERE blob_key IS NOT NULL"
            )
        }
        there = {one.relative_to(self.system.blobs).as_posix(): one for one in files}
        odd = [name for name in there if not any(name.endswith(key.rpartition("/")[2]) for key in needed)]
        odd = [name for name in odd if not name.startswith("incoming/")]
        if odd:
            self.model.find("stuck", f"{len(odd)} files are kept that nothing needs: {odd[:3]}")
        names = {name.rpartition("/")[2] for name in there}
        gone = [key for key in needed if key.rpartition("/")[2] not in names]
        if gone:
            self.model.find("lost", f"{len(gone)} media are gone: {gone[:3]}")

    def temporary(self) -> list[str]:
        """What the service's processes left in their folder of temporary files."""
        return sorted(one.name for one in self.system.temporary.iterdir())

    def _keep_checkpoint(self) -> None:
        answer = httpx.get(
            f"{self.system.urls[0]}/v1/ledger/checkpoint",
            headers={"Authorization": f"Bearer {self.key}"},
            timeout=60,
            trust_env=False,
        )
        if answer.status_code == 200:
            path = self.folder / f"checkpoint-{len(self.checkpoints)}"
            path.write_bytes(answer.content)
            self.checkpoints.append(path)

    def ledger(self) -> None:
        """The record holds, and all that was signed on the way is a part of it."""
        said = [word for one in self.checkpoints for word in ("--checkpoint", str(one))]
        done = fakeprint(
            *("verify", "--service", "--full", *said),
            FAKEPRINT_URL=self.system.urls[0],
            FAKEPRINT_KEY=self.key,
        )
        if done.status != 0:
            self.model.find("lost", f"the ledger does not verify: {done.stdout[-500:]}{done.stderr[-500:]}")
