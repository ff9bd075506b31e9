"""Common steps of delivery tests: configure platforms, act as a worker, end waits."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final
from uuid import UUID

import pytest

from registry.core.service import Service
from registry.core.settings import settings
from registry.jobs.service.jobs import claim_job
from registry.takedown.delivery.schemas import NoticeDelivery, Sending
from registry.takedown.delivery.service.deliveries import list_notice_deliveries
from registry.takedown.delivery.service.dispatch import deliver_notice, enqueue_due_deliveries
from registry.takedown.delivery.service.sending import send_notices
from tests.support.steps import unwatched
from tests.support.takedown.campaigns import Case

if TYPE_CHECKING:
    from tests.support.service.fixtures import Recorder

SECRET: Final = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
MAILED: Final = "https://mailed.example.net/v/"
ASKED: Final = "https://asked.example.net/v/"
OWN: Final = "https://own.example.net/v/"
FORMED: Final = "https://formed.example.net/v/"


def channels(monkeypatch: pytest.MonkeyPatch, folder: Path, *, api: str, per_hour: int = 60) -> Path:
    """Configure four platforms and return the file of their keys.

    One accepts mail, one Standard Webhooks at `api`, one needs its own header, and one has a form.
    """
    table = folder / "platforms.toml"
    table.write_text(
        f"""
        [[platform]]
        id = "mailed"
        name = "Mailed"
        hosts = ["mailed.example.net"]
        per_hour = {per_hour}
        [[platform.channels]]
        kind = "email"
        address = "legal@mailed.example.net"
        languages = ["en", "es"]
        confirmed = true
        [[platform]]
        id = "asked"
        name = "Asked"
        hosts = ["asked.example.net"]
        channels = [{{ kind = "api", address = "{api}", confirmed = true }}]
        [[platform]]
        id = "own"
        name = "Own"
        hosts = ["own.example.net"]
        channels = [{{ kind = "api", address = "{api}", confirmed = true }}]
        [[platform]]
        id = "formed"
        name = "Formed"
        hosts = ["formed.example.net"]
        channels = [{{ kind = "form", address = "https://formed.example.net/report", confirmed = true }}]
        """
    )
    keys = folder / "keys.toml"
    keys.write_text(f'[asked]\nsecret = "{SECRET}"\n[own]\nheader = "Authorization: Bearer abc"\n')
    monkeypatch.setenv("FAKEPRINT_PLATFORMS", str(table))
    settings.cache_clear()
    return keys


def able(service: Service, keys: Path, port: int) -> Service:
    """Return the service, with permission to mail to this machine's port and to post to this machine."""
    chosen = {
        "webhook_private": True,
        "platform_keys": str(keys),
        "smtp_url": f"smtp://127.0.0.1:{port}?tls=none",
        "smtp_from": "Example Legal <notices@legal.example.org>",
    }
    return replace(service, settings=service.settings.model_copy(update=chosen))


def send(case: Case, *notice_ids: UUID, dry_run: bool = False) -> Sending:
    return send_notices(
        case.service, case.caller, case.campaign_id, notice_ids=notice_ids or None, dry_run=dry_run
    )


def work(service: Service, recorder: Recorder) -> int:
    """Do the queued jobs until none is left. Return how many were done."""
    done = 0
    while recorder.sent:
        task, queue, job_id = recorder.sent.pop(0)
        if task != "fakeprint.deliver_notice":
            continue
        assert queue == "delivery"
        if (job := claim_job(service, job_id)) is not None:
            deliver_notice(service, job, unwatched)
            done += 1
    return done


def go_on(service: Service, recorder: Recorder) -> int:
    """End all waits, enqueue what is due, and deliver."""
    with service.pool.transaction() as connection:
        connection.execute("UPDATE notice_delivery SET next_at = now() WHERE status <> 'handed_over'")
    enqueue_due_deliveries(service)
    return work(service, recorder)


def wait(service: Service, recorder: Recorder) -> float:
    """Check that nothing is done early, advance time until a delivery is due, and do it. Return the seconds
    advanced.

    Recorded times are moved into the past, because the database's clock cannot be changed.
    """
    enqueue_due_deliveries(service)
    assert work(service, recorder) == 0
    with service.pool.transaction() as connection:
        row = connection.execute(
            "SELECT extract(epoch FROM min(next_at) - clock_timestamp())::float AS seconds"
            " FROM notice_delivery WHERE status = 'waiting'"
        ).fetchone()
        assert row
        seconds = max(0.0, float(row["seconds"]))
        connection.execute(
            "UPDATE notice_delivery SET next_at = next_at - make_interval(secs => %s)", [seconds]
        )
        connection.execute(
            "UPDATE notice_attempt SET at = at - make_interval(secs => %(s)s),"
            " ended_at = ended_at - make_interval(secs => %(s)s)",
            {"s": seconds},
        )
    enqueue_due_deliveries(service)
    assert work(service, recorder) == 1
    return seconds


def deliveries(case: Case) -> list[NoticeDelivery]:
    return list_notice_deliveries(case.service, case.caller, case.campaign_id, limit=200).deliveries


def statuses(case: Case) -> list[tuple[str, str | None, int]]:
    """Return status, outcome and attempts of each delivery, oldest first."""
    return [(delivery.status, delivery.outcome, delivery.attempts) for delivery in deliveries(case)]
