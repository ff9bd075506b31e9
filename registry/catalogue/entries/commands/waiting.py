"""Wait for an entry that was sent, and report each of its paths."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Final

from registry.catalogue.entries.commands import shown_entries
from registry.catalogue.entries.commands.submission import Entry, Submitted
from registry.catalogue.fingerprints.commands import notes
from registry.core.errors import FakeprintError
from registry.core.terminal import problems, waiting
from registry.core.terminal.client import Client
from registry.core.terminal.deadline import Deadline
from registry.core.terminal.files import Named
from registry.core.terminal.progress import Bars
from registry.core.terminal.report import Report
from registry.core.terminal.text import printable

MAY_PASS: Final = frozenset(
    {"worker_lost", "timed_out", "internal", "media_gone", "unavailable", "database_unavailable"}
    | {"database_timeout", "database_busy", "blobs_unavailable", "too_large"}
)
"""Failures that may not happen again with the same file. All others are caused by the file."""


FACE_KEPT: Final[Mapping[str | None, tuple[str, ...]]] = {
    None: ("face_unknown",),
    "lip_sync": ("face_of_footage",),
}
"""Notes by manipulation on an entry that shows a face and has no original."""
LOOKING: Final = 5.0
"""Seconds that a command waits in all for the workers' searches of entries with the same footage."""


class Searches:
    """The workers' searches of entries with the same footage: those of many entries share LOOKING."""

    def __init__(self) -> None:
        self._left = LOOKING

    def found(self, client: Client, entry_id: str) -> Mapping[str, Any]:
        """Return what was found so far, as `GET /v1/entries/{id}/related` answers; wait while
        seconds are left."""
        began = time.monotonic()
        for _ in Deadline(client.deadline.remaining(self._left)).pauses():
            page = client.send(f"GET /v1/entries/{entry_id}/related")
            if not page["pending"]:
                break
        self._left = max(0.0, self._left - (time.monotonic() - began))
        return page


@dataclass(frozen=True, slots=True)
class Near:
    """Other entries with the same footage, except the same file; `pending`: more may be found."""

    relatives: Sequence[Mapping[str, Any]] = ()
    pending: bool = False


def finish(
    client: Client, entry: Entry, future: Future[Submitted], report: Report, bars: Bars, searches: Searches
) -> None:
    """Wait until the entry is matchable or has failed, and report each of its paths."""
    extra: dict[str, Any] = {}
    try:
        submitted = future.result()
        extra["entry_id"] = submitted.body["entry_id"]
        with bars.task(entry.fakes[0].path) as advance:
            ids = [asset["asset_id"] for asset in submitted.body["assets"]]
            answer = waiting.until_matchable(client, submitted.body["entry_id"], ids, advance)
        near = _near(client, answer, submitted.body, searches)
    except FakeprintError as error:
        for fake in entry.fakes:
            report.failed(fake.path, error, **extra)
        return
    for fake, sha256 in zip(entry.fakes, submitted.sha256, strict=True):
        _report(fake, sha256, submitted.body, answer, near, report)


def _near(client: Client, answer: Mapping[str, Any], body: Mapping[str, Any], searches: Searches) -> Near:
    if not body["created"] or answer["status"] != "matchable":
        return Near()
    page = searches.found(client, answer["entry_id"])
    duplicate_ids = {duplicate["entry_id"] for duplicate in body["duplicates"]}
    relatives = [
        relative
        for relative in page["related"]
        if relative["kind"] == "same_footage" and relative["entry_id"] not in duplicate_ids
    ]
    return Near(relatives, page["pending"])


def _report(
    named: Named,
    sha256: str,
    body: Mapping[str, Any],
    answer: Mapping[str, Any],
    near: Near,
    report: Report,
) -> None:
    asset = next(asset for asset in body["assets"] if asset["sha256"] == sha256 and asset["role"] == "fake")
    failure = failed(answer, asset["asset_id"])
    if failure is not None:
        report.failed(named.path, failure, entry_id=body["entry_id"])
        return
    line = {
        "path": named.path,
        "entry_id": body["entry_id"],
        "asset_id": asset["asset_id"],
        "sha256": sha256,
        "status": answer["status"],
        "created": asset["created"],
        "duplicates": [relative for relative in body["duplicates"] if relative["sha256"] == sha256],
    }
    own_assets = [own_asset for own_asset in answer["assets"] if own_asset["asset_id"] == asset["asset_id"]]
    codes = [code for asset in own_assets for code in asset.get("notes") or ()]
    if any(asset["faces"] for asset in own_assets) and not _has_original(answer):
        codes += FACE_KEPT.get(answer["manipulation"], ())
    # The keys of the line are a public contract. Further keys are added only if they have a value.
    relatives = [relative for relative in near.relatives if relative["asset_id"] == asset["asset_id"]]
    values = {"notes": codes, "near_duplicates": relatives, "being_linked": near.pending}
    extra = {name: value for name, value in values.items() if value}
    shown = shown_entries.near(body["entry_id"], relatives, pending=near.pending)
    report.answered(line | extra, [*_text(line, codes), *shown])


def failed(answer: Mapping[str, Any], asset_id: str) -> FakeprintError | None:
    """Return why an asset of an entry failed, or None: its own error, or that of the entry."""
    own_assets = [asset for asset in answer["assets"] if asset["asset_id"] == asset_id]
    reported = next((asset["error"] for asset in own_assets if asset["error"]), None)
    if (
        reported is None
        and answer["status"] == "failed"
        and any(not asset["matchable_at"] for asset in own_assets)
    ):
        reported = answer["error"]
    if reported is None:
        return None
    error = problems.of_error(reported)
    cause = "Fix the cause, then" if error.code in MAY_PASS else "Register another file; or, to try again"
    error.next_step = f"{cause}: fakeprint entries retry {answer['entry_id']}"
    return error


def _has_original(entry: Mapping[str, Any]) -> bool:
    return any(asset["role"] == "original" for asset in entry["assets"])


def _text(line: Mapping[str, Any], codes: Iterable[str]) -> Iterator[str]:
    outcome = "registered" if line["created"] else "already registered"
    yield f"{printable(line['path'])}: {outcome}, {line['status']}"
    yield f"  entry {line['entry_id']}"
    if not line["created"]:
        yield f"  its description stays; to change it: fakeprint entries change {line['entry_id']}"
    for duplicate in line["duplicates"]:
        title, bank = printable(str(duplicate.get("title", ""))), printable(str(duplicate.get("bank", "")))
        yield f"  the same file is also in entry {duplicate['entry_id']}, “{title}” (bank “{bank}”)"
    yield from notes.lines(codes)
