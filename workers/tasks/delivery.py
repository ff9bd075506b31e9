"""Send webhook messages and mails of notifications, and deliver notices."""

from __future__ import annotations

import logging

from registry.app.service.digests import send_due_digests
from registry.core.errors import BadInput, Unavailable
from registry.sharing.webhooks.service.deliveries import deliver_messages as deliver
from registry.takedown.delivery.service.dispatch import deliver_notice as dispatch_deliver
from workers.app import service, task
from workers.runtime.perform import perform_on_rows

log = logging.getLogger(__name__)


@task("fakeprint.deliver_messages")
def deliver_messages(job_id: str) -> None:
    """Run the job with this id."""
    perform_on_rows(job_id, deliver)


@task("fakeprint.deliver_notice")
def deliver_notice(job_id: str) -> None:
    """Run the job with this id."""
    perform_on_rows(job_id, dispatch_deliver)


@task("fakeprint.send_digests")
def send_digests() -> None:
    """Mail people their unread notifications, as far as that is due."""
    try:
        sent = send_due_digests(service())
    except (BadInput, Unavailable) as error:
        log.warning("digests not sent: %s", error.message)
        return
    if sent:
        log.info("digests sent", extra={"digests": sent})
