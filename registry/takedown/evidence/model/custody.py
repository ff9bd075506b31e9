"""The chain of custody in an evidence bundle: who did what, and the digest of every exhibit. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

type Document = Mapping[str, Any]
"""A JSON document of the archive, as `fakeprint verify` reads it."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """All recorded data of a campaign's notices at one moment (`as_of`), as documents of the archive."""

    campaign: Document
    entries: Sequence[Document]
    records: Sequence[Document]
    as_of: str


@dataclass(frozen=True, slots=True)
class Step:
    """What happened to an entry or a notice. `leaf`: its index in the ledger."""

    at: str
    what: str
    by: str | None
    entry_id: str
    notice_id: str | None
    leaf: int | None
    sha256: str | None


@dataclass(frozen=True, slots=True)
class Digest:
    """The digest of an exhibit. `of`: the id of its medium or its notice."""

    what: str
    of: str | None
    sha256: str | None


@dataclass(frozen=True, slots=True)
class Custody:
    """Steps in chronological order, and the digests of all exhibits, which are not included themselves."""

    steps: list[Step]
    exhibits: list[Digest]


def custody(recorded: Recorded) -> Custody:
    """Return the chain of custody of a campaign's notices."""
    steps = [*_events(recorded.entries), *_correspondence(recorded.records)]
    steps.sort(key=lambda step: (step.at, step.leaf or 0, step.what, step.notice_id or ""))
    return Custody(steps, list(_exhibits(recorded)))


def _events(entries: Sequence[Document]) -> Iterator[Step]:
    for entry in entries:
        for event in entry["ledger"]["events"]:
            yield Step(
                at=event["at"],
                what=event["kind"],
                by=event["caller_id"],
                entry_id=entry["entry_id"],
                notice_id=event["subject"].get("notice_id"),
                leaf=event["index"],
                sha256=event["said"].get("sha256") if event["kind"] == "notice.exhibited" else None,
            )


def _correspondence(records: Sequence[Document]) -> Iterator[Step]:
    for record in records:
        about = {"by": None, "entry_id": record["entry_id"], "notice_id": record["notice_id"], "leaf": None}
        for delivery in record["deliveries"]:
            sha256 = delivery["content_sha256"]
            if delivery["handed_at"]:
                yield Step(**about, at=delivery["handed_at"], what="letter.handed_over", sha256=sha256)
            if delivery["delivered_at"]:
                yield Step(**about, at=delivery["delivered_at"], what="letter.delivered", sha256=sha256)
        for reply in record["replies"]:
            yield Step(**about, at=reply["created_at"], what="reply.received", sha256=reply["sha256"])


def _exhibits(recorded: Recorded) -> Iterator[Digest]:
    yield Digest("mandate", None, recorded.campaign["mandate"]["document_sha256"])
    for entry in recorded.entries:
        for medium in entry["media"]:
            yield Digest(f"registered_{medium['role']}", medium["asset_id"], medium["sha256"])
    for record in recorded.records:
        yield from _of_notice(record)


def _of_notice(record: Document) -> Iterator[Digest]:
    of = record["notice_id"]
    if found_file := (record["match"] or {}).get("sha256"):
        yield Digest("found", of, found_file)
    for exhibit in record["exhibits"]:
        yield Digest(exhibit["kind"], of, exhibit["sha256"])
    for delivery in record["deliveries"]:
        yield Digest("letter", of, delivery["content_sha256"])
        if delivery["proof_sha256"]:
            yield Digest("proof_of_sending", of, delivery["proof_sha256"])
        if delivery["receipt_sha256"]:
            yield Digest("receipt", of, delivery["receipt_sha256"])
    for reply in record["replies"]:
        if reply["sha256"]:
            yield Digest("reply", of, reply["sha256"])
        for attachment in reply["attached"]:
            yield Digest("attachment", of, attachment.get("sha256"))
