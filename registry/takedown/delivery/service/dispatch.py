"""Deliver a notice by API or by mail: one attempt per job."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Protocol
from uuid import UUID

from registry import __version__, jobs
from registry.catalogue import platforms
from registry.catalogue.platforms.model.platforms import PER_HOUR
from registry.core.audit.service import record_event
from registry.core.database.pool import Connection
from registry.core.errors import BadInput, Conflict
from registry.core.net import outbound
from registry.core.net.outbound import Attempt
from registry.core.service import Service
from registry.identity.organizations.service.operator import client_keys
from registry.jobs import Job
from registry.jobs.errors import LeaseLost
from registry.jobs.service.queue import wake_workers
from registry.takedown.campaigns.service import access
from registry.takedown.delivery import store as delivery_store
from registry.takedown.delivery.model import delivery
from registry.takedown.delivery.model.delivery import Header, Outcome, WrittenLetter
from registry.takedown.delivery.service import smtp
from registry.takedown.delivery.service.sending import LETTER, sender_of
from registry.takedown.delivery.service.smtp import SendResult, Server
from registry.takedown.delivery.store import AttemptResult, LockedDelivery
from registry.takedown.notices.store import notices

log = logging.getLogger(__name__)


class Posts(Protocol):
    """A function that posts, such as `registry.core.net.outbound.post`."""

    def __call__(self, url: str, headers: Mapping[str, str], body: bytes, *, private: bool) -> Attempt: ...


class Mails(Protocol):
    """A function that mails, such as `registry.takedown.delivery.service.smtp.send`."""

    def __call__(
        self, server: Server, sender: str, recipient: str, message: bytes, *, before: Callable[[], None]
    ) -> SendResult: ...


@dataclass(frozen=True, slots=True, repr=False)
class _Sending:
    """An attempt that was counted. `row`: its delivery. `written`: the letter to send."""

    row: LockedDelivery
    attempt_no: int
    tries: int
    written: WrittenLetter

    @property
    def header(self) -> Header:
        row = self.row
        return Header(row.notice_id, row.delivery_id, row.regime, row.token, row.created_at, row.kind)


_HTTP: Final[Mapping[str, Outcome]] = {
    "delivered": "handed_over",
    "refused": "not_now",
    "gone": "gone",
    "redirected": "redirected",
    "unreachable": "unreachable",
    "tls_failed": "tls_failed",
    "address_refused": "address_refused",
    "unknown_name": "unknown_name",
}

_DUE_AT_ONCE: Final = 200
_FOR_GOOD: Final = ("client_erased", "campaign_closed")
"""Hindrances that are permanent."""


def enqueue_due_deliveries(service: Service) -> None:
    """Enqueue a job for each delivery that is due."""
    with service.pool.transaction() as connection:
        due = delivery_store.due(connection, limit=_DUE_AT_ONCE)
        for delivery_id in due:
            jobs.enqueue(connection, "deliver_notice", delivery_id)
        jobs.delete_ended(connection, "deliver_notice")
    if due:
        wake_workers(service)


def deliver_notice(
    service: Service,
    job: Job,
    progress: Callable[[float], None],
    *,
    post: Posts = outbound.post,
    mail: Mails = smtp.send,
) -> None:
    """Make one attempt, or postpone or end the delivery if no attempt is allowed.

    No attempt is made if the notice is hindered, if the platform's hourly limit is reached, or if the result
    of the last attempt is unknown.

    An attempt is committed before it is made. Right before transmission, the hindrances are checked again and
    the delivery is marked as `handing`, in a commit under the job's fence. A worker that has lost the job
    therefore transmits nothing. If a worker finds a delivery in `handing`, the result is unknown: the
    delivery becomes `unsure` and is not sent again. Raises `Conflict` (`lease_lost`), `Unavailable`
    (`keys_unavailable`).
    """
    progress(0.0)
    with service.pool.transaction() as connection:
        sending = _begin(service, connection, job)
        if sending is None:
            jobs.finish(connection, job)
            return

    def mark_handing() -> None:
        with service.pool.transaction() as connection:
            _mark_handing(connection, job, sending)

    try:
        if sending.row.channel == "email":
            result, wait = _mail(service, sending, mark_handing, mail), None
        else:
            result, wait = _post(service, sending, mark_handing, post)
    except _StoppedError:
        with service.pool.transaction() as connection:
            _locked(connection, sending.row.delivery_id)
            jobs.hold(connection, job)
            delivery_store.postpone(connection, sending.row.delivery_id, "hindered", until=None, seconds=0)
            jobs.finish(connection, job)
        return
    with service.pool.transaction() as connection:
        _settle(service, connection, job, sending, result, wait)


class _StoppedError(Exception):
    """A hindrance arose after the attempt began; nothing was transmitted."""


def _required_state(row: LockedDelivery) -> str:
    """Return the state that a notice must have for its delivery to be transmitted."""
    return "closed" if row.kind == "retraction" else "sent"


def _hindered(connection: Connection, row: LockedDelivery) -> list[str]:
    """Return the hindrances of a delivery. A retraction has none."""
    return [] if row.kind == "retraction" else access.still_hindered(connection, row.notice_id)


def _locked(connection: Connection, delivery_id: UUID) -> LockedDelivery:
    """Lock the delivery's notice, then the delivery, in the common lock order.

    Raises `Conflict` (`lease_lost`) if there is no such delivery.
    """
    owner = delivery_store.owner_of(connection, delivery_id)
    if owner is None:
        raise LeaseLost("The delivery is gone.")
    organization_id, notice_id = owner
    notices.lock(connection, organization_id, [notice_id])
    return delivery_store.lock(connection, delivery_id)


def _begin(service: Service, connection: Connection, job: Job) -> _Sending | None:
    row = _locked(connection, job.subject_id)
    jobs.hold(connection, job)
    delivery_id = row.delivery_id
    if row.channel == "paper" or row.status not in {"waiting", "sending", "handing"}:
        return None
    if row.status == "handing":
        _close(connection, row, "unsure", "unknown")
    elif row.state != _required_state(row) or not row.latest:
        delivery_store.set_final_status(connection, delivery_id, "stopped", "not_needed")
    elif hindrances := _hindered(connection, row):
        if for_good := [code for code in _FOR_GOOD if code in hindrances]:
            delivery_store.set_final_status(connection, delivery_id, "stopped", for_good[0])
        else:
            seconds = delivery.HINDERED_DELAY
            delivery_store.postpone(connection, delivery_id, "hindered", until=None, seconds=seconds)
    elif row.tries >= delivery.ATTEMPTS:
        # The worker of every attempt died.
        _close(connection, row, "dead", "broken")
    elif (until := _free_at(connection, row.platform)) is not None:
        delivery_store.postpone(connection, delivery_id, "too_many", until=until)
    else:
        key = client_keys(service).find(row.client_id)
        written = LETTER.decrypt(key, row.sealed)
        if written is None:  # a concurrent transaction erases the client
            delivery_store.set_final_status(connection, delivery_id, "stopped", "client_erased")
            return None
        number = delivery_store.begin(connection, delivery_id, row.platform)
        return _Sending(row, number, row.tries + 1, written)
    return None


def _free_at(connection: Connection, platform_id: str) -> datetime | None:
    platform = platforms.table().platforms.get(platform_id)
    per_hour = platform.per_hour if platform else PER_HOUR
    return delivery_store.free_at(connection, platform_id, per_hour)


def _mark_handing(connection: Connection, job: Job, sending: _Sending) -> None:
    row = _locked(connection, job.subject_id)
    jobs.hold(connection, job)
    if row.state != _required_state(row) or _hindered(connection, row):
        raise _StoppedError
    if not delivery_store.mark_handing(connection, job.subject_id, sending.attempt_no):
        raise LeaseLost("Another worker has the delivery.")


def _mail(service: Service, sending: _Sending, mark_handing: Callable[[], None], mail: Mails) -> SendResult:
    row, settings = sending.row, service.settings
    try:
        server = smtp.server_of(settings.smtp_url)
        sender = sender_of(service)
    except BadInput:
        return SendResult("no_settings")
    try:
        message = delivery.mail(
            sending.written, sending.header, sender=settings.smtp_from, recipient=row.address
        )
    except (ValueError, IndexError):
        return SendResult("address_refused")
    return mail(server, sender, row.address, message, before=mark_handing)


def _post(
    service: Service, sending: _Sending, mark_handing: Callable[[], None], post: Posts
) -> tuple[SendResult, float | None]:
    row = sending.row
    try:
        key = platforms.load_keys(service.settings.platform_keys).get(row.platform)
    except BadInput:
        key = None
    if key is None:
        return SendResult("no_settings"), None
    body = delivery.body(sending.written, sending.header)
    headers = {
        "Content-Type": "application/json",
        "User-Agent": f"Fakeprint/{__version__}",
        "Idempotency-Key": str(row.delivery_id),
    }
    if key.header is not None:
        headers[key.header[0]] = key.header[1]
    if key.signer is not None:
        now, message_id = datetime.now(UTC), f"ntc_{row.delivery_id.hex}"
        headers |= {
            "webhook-id": message_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": key.signer.sign(message_id, now, body.decode()),
        }
    if key.idempotent:
        with service.pool.transaction() as connection:
            if _hindered(connection, row):
                raise _StoppedError
    else:
        mark_handing()
    attempt = post(row.address, headers, body, private=service.settings.webhook_private)
    return SendResult(_outcome(attempt, idempotent=key.idempotent), attempt.status), attempt.retry_after


def _outcome(attempt: Attempt, *, idempotent: bool) -> Outcome:
    outcome = _HTTP.get(attempt.outcome)
    if outcome is not None:
        return outcome
    if not idempotent:
        return "unknown"
    return "timed_out" if attempt.outcome == "timed_out" else "broken"


def _settle(
    service: Service,
    connection: Connection,
    job: Job,
    sending: _Sending,
    answer: SendResult,
    retry_after: float | None,
) -> None:
    """Store the result of an attempt.

    An acceptance is stored even if another worker holds the job now. Other results are stored under the
    fence.
    """
    row = _locked(connection, job.subject_id)
    try:
        jobs.hold(connection, job)
        has_lease = True
    except Conflict:
        if answer.outcome != "handed_over":
            raise
        has_lease = False
    status = delivery.settled(answer.outcome, sending.tries)
    draw = random.random()  # noqa: S311 - jitter, not a secret
    delay = delivery.delay(sending.tries, draw, retry_after)
    result = AttemptResult(status, answer.outcome, answer.code, delay)
    handed_at = delivery_store.end(connection, row.delivery_id, sending.attempt_no, result)
    if handed_at is not None:
        record_hand_over(service, connection, row, handed_at, sending.written.values)
        if row.channel == "api" and row.kind == "notice":  # the API's answer is the receipt
            _record(connection, row, "handed_over", answer.outcome, kind="notice.delivered")
    elif status in {"dead", "unsure"}:
        _record(connection, row, status, answer.outcome)
    if has_lease:
        jobs.finish(connection, job)
    log.info(
        "notice sent",
        extra={"delivery_id": str(row.delivery_id), "outcome": answer.outcome, "status": answer.code},
    )


def record_hand_over(
    service: Service,
    connection: Connection,
    row: LockedDelivery,
    handed_at: datetime,
    values: Mapping[str, Any],
    *,
    caller_id: UUID | None = None,
) -> None:
    """Record the hand-over, start the platform's term and plan its alarms. A retraction has no term."""
    if row.kind == "retraction":
        _record(connection, row, "handed_over", "handed_over", kind="notice.retracted", caller_id=caller_id)
        return
    regime = access.all_regimes(service).get(row.regime)
    due, planned = delivery.alarms(regime, handed_at, values) if regime else (None, [])
    delivery_store.start_term(connection, row.delivery_id, row.notice_id, due, planned)
    _record(connection, row, "handed_over", "handed_over", kind="notice.handed_over", caller_id=caller_id)


def _close(connection: Connection, row: LockedDelivery, status: str, outcome: Outcome) -> None:
    delivery_store.set_final_status(connection, row.delivery_id, status, outcome)
    _record(connection, row, status, outcome)


def _record(
    connection: Connection,
    row: LockedDelivery,
    status: str,
    outcome: str,
    *,
    kind: str = "notice.undelivered",
    caller_id: UUID | None = None,
) -> None:
    details = {"status": status, "outcome": outcome, "channel": row.channel}
    if caller_id is not None:
        details["decided_by"] = str(caller_id)
    record_event(
        connection,
        None,
        kind,
        organization_id=row.organization_id,
        subject={"notice_id": row.notice_id, "delivery_id": row.delivery_id},
        said=details,
    )
