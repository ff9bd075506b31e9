"""Check the whole service after faults: the database, the receivers and the API, once it had time to catch
up.
"""

from __future__ import annotations

import json
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.parser import BytesParser
from email.policy import default
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import httpx2

from registry.catalogue.media.service.retention import sweep_blobs
from registry.core.service import Service
from tests.support.service.stack import fakeprint
from tests.support.takedown.endpoints import Endpoint
from tests.support.takedown.mail import MailServer
from tests.system.chaos.failures import Failures
from tests.system.chaos.model import Model
from tests.system.chaos.standing import Key, Standing
from tests.system.chaos.stored import FINGERPRINT
from tests.system.chaos.system import System, rows

LONGEST: Final = 900.0
"""Seconds after which nobody waits any longer, though things still move."""
FORGOTTEN: Final = 10.0
"""Seconds in which a client is told of what is done, once nothing is left to do."""
ONCE: Final = {
    "registrations of one entry": "SELECT entry_id::text AS one FROM event WHERE kind = 'entry.registered'",
    "openings of one entry": "SELECT entry_id::text AS one FROM event WHERE kind = 'entry.matchable'",
    "tellings of one watch about one entry": "SELECT concat_ws(' ', subject->>'watch_id', entry_id,"
    " said->>'match') AS one FROM event WHERE kind = 'watch.matched'",
    "handings of one notice": "SELECT subject->>'notice_id' AS one FROM event"
    " WHERE kind = 'notice.handed_over'",
    "deliveries of one notice": "SELECT concat_ws(' ', notice_id, platform) AS one FROM notice_delivery",
    "watches of one lookup": "SELECT lookup_id::text AS one FROM watch",
}
"""What there is once of each. A watch is told each verdict on an entry once: here nobody reviews any."""
IDEMPOTENT: Final = "asked"
"""The platform that knows what it was told before, by its key."""
HANDING_SECONDS: Final = 11.0
"""A lease and a round of the sweeper: within them a hit may have been what left a notice unsure."""


@dataclass
class Receivers:
    """The receivers of webhooks and of notices."""

    hook: Endpoint
    api: Endpoint
    mail: MailServer


@dataclass
class Checks:
    """The checks of one run. `open`: the service in this process. `references`: digests of the clips'
    fingerprints before any fault. `checkpoints`: signed checkpoints of the ledger. `standing`, `failures`:
    checked after each fault."""

    open: Callable[[], Service]
    system: System
    model: Model
    key: str
    there: Receivers
    folder: Path
    standing: Standing
    failures: Failures
    references: dict[str, dict[str, str | None]] = field(default_factory=dict)
    checkpoints: list[Path] = field(default_factory=list)

    def rows(self, query: str, *values: Any) -> list[dict[str, Any]]:
        return rows(self.system.database_url, query, *values)

    def digest(self, sha256: str) -> dict[str, str | None]:
        """Return a digest of everything stored of that file."""
        found = self.rows(f"{FINGERPRINT} WHERE a.sha256 = decode(%s, 'hex')", sha256)
        digests: dict[str, str | None] = found[0]["parts"]
        return digests

    def glance(self) -> dict[Key, str]:
        """Check failures and stuck jobs by three queries. Return the jobs not done."""
        self.failures.look()
        return self.standing.look()

    def await_rest(self, follow: Callable[[], None]) -> None:
        """Wait until nothing is left to do, or until what is left was found to be stuck."""
        self.standing.settle()
        began = last_report = time.monotonic()
        idle: float | None = None
        while True:
            left = self.glance()
            waited = [item for item in self.model.open() if item.clip]
            now = time.monotonic()
            if not left and not waited and not self.model.queued:
                return
            idle = None if left else idle or now
            if now > began + LONGEST or (idle is not None and now > idle + FORGOTTEN):
                break
            if now > last_report + 20:
                last_report = now
                self.model.told(f"waits: {len(waited)} entries, {dict(Counter(what for what, _ in left))}")
            follow()
        for (what, name), version in left.items():
            self.model.find("stuck", f"{what} {name} goes on without end: {version}")
        for item in waited:
            self.model.find("lost", f"entry {item.entry_id} ({item.title}) is not matchable: {item.failures}")
            item.lost = True
        for lookup_id in list(self.model.queued):
            self.model.find("lost", f"lookup {lookup_id} of a file is not answered")
            self.model.queued.pop(lookup_id, None)

    def all(self) -> None:
        """Compare the service with the model."""
        self._entries()
        self._fingerprints()
        self._lookups()
        self._told()
        self._once()
        self._notices()
        self._blobs()
        self._keep_checkpoint()

    def _entries(self) -> None:
        found = self.rows("SELECT entry_id::text, title, status FROM entry")
        by_id = {row["entry_id"]: row["status"] for row in found}
        titles = Counter(row["title"] for row in found)
        for entry in self.model.entries.values():
            if not entry.lost and by_id.get(entry.entry_id) != "matchable":
                self.model.find("lost", f"entry {entry.entry_id} is {by_id.get(entry.entry_id)}")
        for title, count in titles.items():
            if count > 1:
                self.model.find("duplicated", f"{count} entries are {title}")

    def _fingerprints(self) -> None:
        clips = {
            entry.sha256: entry.clip for entry in self.model.entries.values() if entry.clip and not entry.lost
        }
        stored: defaultdict[str, list[dict[str, str | None]]] = defaultdict(list)
        for row in self.rows(FINGERPRINT):
            stored[row["sha256"]].append(row["parts"])
        for sha256, clip in clips.items():
            if len(stored[sha256]) != 1:
                kind = "duplicated" if stored[sha256] else "lost"
                self.model.find(kind, f"{len(stored[sha256])} assets of {sha256}")  # type: ignore[arg-type]
            elif stored[sha256][0] != self.references[clip]:
                wanted, found = self.references[clip], stored[sha256][0]
                odd = {part: (wanted[part], found[part]) for part in found if found[part] != wanted[part]}
                self.model.find("lost", f"of {sha256}, a copy of {clip}, this is stored otherwise: {odd}")

    def _lookups(self) -> None:
        found = self.rows("SELECT lookup_id::text, status, error_code FROM lookup")
        kept = Counter(row["lookup_id"] for row in found)
        answered = {row["lookup_id"] for row in found if row["status"] == "answered"}
        for lookup_id in self.model.lookups:
            if kept[lookup_id] > 1:
                self.model.find("duplicated", f"lookup {lookup_id} is recorded {kept[lookup_id]} times")
            if not kept[lookup_id]:
                self.model.find("lost", f"no record of lookup {lookup_id}, which was answered")
            elif lookup_id not in answered | self.failures.judged:
                self.model.find("lost", f"lookup {lookup_id} is not answered, and no job says why")

    def _told(self) -> None:
        """Check webhooks: each event under one id, in order."""
        told = self.rows(
            "SELECT event_id, replace(message_id::text, '-', '') AS message_id FROM webhook_delivery"
            " WHERE event_id IS NOT NULL ORDER BY delivery_id"
        )
        happened = self.rows(
            "SELECT event_id FROM event WHERE split_part(kind, '.', 1) IN ('entry', 'watch', 'notice')"
            " AND organization_id IS NOT NULL"
            " AND event_id > (SELECT max(event_id) FROM event WHERE kind = 'webhook.created')"
        )
        missing = {row["event_id"] for row in happened} - {row["event_id"] for row in told}
        if missing:
            self.model.find("lost", f"no message was made of {len(missing)} events: {sorted(missing)[:5]}")
        if len({row["event_id"] for row in told}) < len(told):
            self.model.find("duplicated", "an event has two messages")
        arrived: dict[str, int] = {}
        events: dict[str, set[int]] = defaultdict(set)
        for request in list(self.there.hook.received):
            identity = request.headers["webhook-id"]
            arrived.setdefault(identity, len(arrived))
            events[identity].add(json.loads(request.body)["data"]["event_id"])
        lost = [row["event_id"] for row in told if f"msg_{row['message_id']}" not in arrived]
        if lost:
            self.model.find("lost", f"{len(lost)} messages of webhooks did not come: events {lost[:5]}")
        if any(len(event) > 1 for event in events.values()):
            self.model.find("duplicated", "one webhook-id tells of two events")
        if len(set().union(*events.values())) < len(events):
            self.model.find("duplicated", "two webhook-ids tell of one event")
        order = [next(iter(events[identity])) for identity in arrived]
        if order != [row["event_id"] for row in told if row["event_id"] not in lost]:
            self.model.find("lost", "messages of webhooks came out of order")
        unplaced = self.rows(
            "SELECT event_id FROM event e WHERE NOT EXISTS"
            " (SELECT FROM ledger_leaf l WHERE l.event_id = e.event_id)"
        )
        if unplaced:
            self.model.find("lost", f"{len(unplaced)} events have no place in the ledger")
        self._matched()

    def _matched(self) -> None:
        """Check that each watch was notified of the entry that it waited for."""
        matched = {
            (row["lookup_id"], row["entry_id"])
            for row in self.rows(
                "SELECT subject->>'lookup_id' AS lookup_id, entry_id::text FROM event"
                " WHERE kind = 'watch.matched'"
            )
        }
        for lookup_id, entry_id in self.model.watched:
            if (lookup_id, entry_id) not in matched:
                self.model.find("lost", f"the watched lookup {lookup_id} was not told of entry {entry_id}")

    def _once(self) -> None:
        """Check that everything took effect once, by what was recorded."""
        for what, query in ONCE.items():
            counted = Counter(row["one"] for row in self.rows(query))
            twice = {one: count for one, count in counted.items() if count > 1}
            if twice:
                self.model.find("duplicated", f"{what}: {dict(list(twice.items())[:3])}")
        opened = {row["one"] for row in self.rows(ONCE["openings of one entry"])}
        opened &= {row["one"] for row in self.rows(ONCE["registrations of one entry"])}
        for entry in self.model.entries.values():
            if not entry.lost and entry.entry_id not in opened:
                self.model.find(
                    "lost", f"no event says that entry {entry.entry_id} was registered and opened"
                )

    def _notices(self) -> None:
        known = self.rows(
            "SELECT notice_id::text, delivery_id::text, platform, channel, status, outcome,"
            " extract(epoch FROM (SELECT max(at) FROM notice_attempt a WHERE a.delivery_id = d.delivery_id))"
            "::float8 AS at FROM notice_delivery d"
        )
        came = self._came()
        by_id = {row["delivery_id"]: row for row in known}
        for delivery_id in came:
            if delivery_id not in by_id:
                self.model.find("duplicated", f"a notice was told as {delivery_id}, which nobody knows")
        by_notice = Counter(row["notice_id"] for row in known)
        for notice_id in self.model.sent:
            if not by_notice[notice_id]:
                self.model.find("lost", f"notice {notice_id} has no delivery")
        for row in known:
            self._notice(row, came[row["delivery_id"]])
        hits = sum(hit.may_end("delivery") for hit in self.failures.hits)
        if len(self.model.unsure) > hits:
            self.model.find("lost", f"{len(self.model.unsure)} notices are unsure after {hits} hits")

    def _came(self) -> Counter[str]:
        """Return how often each delivery arrived, by its id."""
        came: Counter[str] = Counter()
        for request in list(self.there.api.received):
            came[request.headers["idempotency-key"]] += 1
        for raw in list(self.there.mail.seen):
            text = str(BytesParser(policy=default).parsebytes(raw)["Message-ID"])
            came[str(UUID(text.partition(".")[2].partition("@")[0]))] += 1
        return came

    def _notice(self, row: Mapping[str, Any], count: int) -> None:
        """Check a delivery that arrived so often."""
        text = f"a notice by {row['channel']} to {row['platform']}"
        if count > 1 and row["platform"] != IDEMPOTENT:
            self.model.find("duplicated", f"{text} was told {count} times")
        if row["status"] == "handed_over" and not count:
            self.model.find("lost", f"{text} was never told")
        if row["status"] in ("dead", "stopped"):
            self.model.find("lost", f"{text} is {row['status']}: {row['outcome']}")
        if row["status"] == "unsure":
            self.model.unsure.add(row["delivery_id"])
            hit = any(
                hit.may_end("delivery") and hit.within(row["at"] - 1, row["at"] + HANDING_SECONDS)
                for hit in self.failures.hits
            )
            if row["platform"] == IDEMPOTENT or not hit:
                self.model.find(
                    "lost", f"{text} is unsure, and nothing had to make it so: {row['delivery_id']}"
                )

    def _blobs(self) -> None:
        """Check that no blob exists without a row after old ones were swept, and that nothing half written
        is left."""
        service = self.open()
        try:
            sweep_blobs(service, unchanged_for=0.0)
        finally:
            service.close()
        files = [path for path in self.system.blobs.rglob("*") if path.is_file()]
        needed = {
            row["key"]
            for row in self.rows(
                "SELECT blob_key AS key FROM asset WHERE blob_key IS NOT NULL"
                " UNION SELECT blob_key FROM lookup WHERE blob_key IS NOT NULL"
            )
        }
        there = {file.relative_to(self.system.blobs).as_posix(): file for file in files}
        odd = [name for name in there if not any(name.endswith(key.rpartition("/")[2]) for key in needed)]
        odd = [name for name in odd if not name.startswith("incoming/")]
        if odd:
            self.model.find("stuck", f"{len(odd)} files are kept that nothing needs: {odd[:3]}")
        names = {name.rpartition("/")[2] for name in there}
        gone = [key for key in needed if key.rpartition("/")[2] not in names]
        if gone:
            self.model.find("lost", f"{len(gone)} media are gone: {gone[:3]}")

    def temporary(self) -> None:
        """Check that the service's folder of temporary files is empty after clean-up."""
        ends = time.monotonic() + self.standing.most
        while (
            left := sorted(path.name for path in self.system.temporary.iterdir())
        ) and time.monotonic() < ends:
            time.sleep(1.0)
        if left:
            self.model.find("stuck", f"{len(left)} temporary files are left: {left[:5]}")

    def _keep_checkpoint(self) -> None:
        answer = httpx2.get(
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
        """Check that the ledger is valid and contains all checkpoints signed on the way."""
        options = [word for checkpoint in self.checkpoints for word in ("--checkpoint", str(checkpoint))]
        done = fakeprint(
            *("verify", "--service", "--full", *options),
            FAKEPRINT_URL=self.system.urls[0],
            FAKEPRINT_KEY=self.key,
        )
        if done.status != 0:
            self.model.find("lost", f"the ledger does not verify: {done.stdout[-500:]}{done.stderr[-500:]}")
