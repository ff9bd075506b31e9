"""Wait for an entry that was sent, and report each of its paths."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
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
"""Failures that the same bytes may not meet again; the others are the file's own."""


LOOKING: Final = 5.0
"""Seconds that the workers are given to say what else shows the same footage."""


def finish(client: Client, entry: Entry, future: Future[Submitted], report: Report, bars: Bars) -> None:
    """Wait until the entry is matchable or has failed, and report each of its paths."""
    known: dict[str, Any] = {}
    try:
        sent = future.result()
        known["entry_id"] = sent.body["entry_id"]
        with bars.task(entry.fakes[0].path) as advance:
            ids = [asset["asset_id"] for asset in sent.body["assets"]]
            shown = waiting.until_matchable(client, sent.body["entry_id"], ids, advance)
        near = _near(client, shown, sent.body["duplicates"]) if sent.body["created"] else ()
    except FakeprintError as error:
        for fake in entry.fakes:
            report.failed(fake.path, error, **known)
        return
    for one, sha256 in zip(entry.fakes, sent.sha256, strict=True):
        _tell(one, sha256, sent.body, shown, near, report)


def _near(
    client: Client, shown: Mapping[str, Any], duplicates: Sequence[Mapping[str, Any]]
) -> Sequence[Mapping[str, Any]]:
    """Return other entries with the same footage that the workers found so far, except the same file."""
    if shown["status"] != "matchable":
        return ()
    for _ in Deadline(client.deadline.remaining(LOOKING)).pauses():
        found = client.send(f"GET /v1/entries/{shown['entry_id']}/related")
        if not found["pending"]:
            break
    same = {other["entry_id"] for other in duplicates}
    return [
        item for item in found["related"] if item["kind"] == "same_footage" and item["entry_id"] not in same
    ]


def _tell(
    named: Named,
    sha256: str,
    body: Mapping[str, Any],
    shown: Mapping[str, Any],
    near: Sequence[Mapping[str, Any]],
    report: Report,
) -> None:
    asset = next(asset for asset in body["assets"] if asset["sha256"] == sha256 and asset["role"] == "fake")
    failure = failed(shown, asset["asset_id"])
    if failure is not None:
        report.failed(named.path, failure, entry_id=body["entry_id"])
        return
    line = {
        "path": named.path,
        "entry_id": body["entry_id"],
        "asset_id": asset["asset_id"],
        "sha256": sha256,
        "status": shown["status"],
        "created": asset["created"],
        "duplicates": [other for other in body["duplicates"] if other["sha256"] == sha256],
    }
    mine = [item for item in shown["assets"] if item["asset_id"] == asset["asset_id"]]
    codes = [code for asset in mine for code in asset.get("notes") or ()]
    # The line's keys are a contract; what must be known beside them is added only where there is something.
    mine_near = [other for other in near if other["asset_id"] == asset["asset_id"]]
    more = ({"notes": codes} if codes else {}) | ({"near_duplicates": mine_near} if mine_near else {})
    report.answered(line | more, [*_text(line, codes), *shown_entries.near(body["entry_id"], mine_near)])


def failed(shown: Mapping[str, Any], asset_id: str) -> FakeprintError | None:
    """Return why an asset of an entry failed, or None: its own error, or that of the entry."""
    mine = [asset for asset in shown["assets"] if asset["asset_id"] == asset_id]
    said = next((asset["error"] for asset in mine if asset["error"]), None)
    if said is None and shown["status"] == "failed" and any(not asset["matchable_at"] for asset in mine):
        said = shown["error"]
    if said is None:
        return None
    error = problems.of_error(said)
    cause = "Mend the cause, then" if error.code in MAY_PASS else "Register another file; or, to try it again"
    error.next_step = f"{cause}: fakeprint entries retry {shown['entry_id']}"
    return error


def _text(line: Mapping[str, Any], codes: Iterable[str]) -> Iterator[str]:
    done = "registered" if line["created"] else "known already"
    yield f"{printable(line['path'])}: {done}, {line['status']}"
    yield f"  entry {line['entry_id']}"
    for other in line["duplicates"]:
        title, bank = printable(str(other.get("title", ""))), printable(str(other.get("bank", "")))
        yield f"  the same file is also in entry {other['entry_id']}, “{title}” (bank “{bank}”)"
    yield from notes.lines(codes)
