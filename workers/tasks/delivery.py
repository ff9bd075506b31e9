"""Send webhook messages and deliver notices."""

from __future__ import annotations

from registry.sharing.webhooks.service.deliveries import deliver_messages as deliver
from registry.takedown.delivery.service.dispatch import deliver_notice as dispatch_deliver
from workers.app import task
from workers.runtime.perform import perform_on_rows


@task("fakeprint.deliver_messages")
def deliver_messages(job_id: str) -> None:
    """Run the job with this id."""
    perform_on_rows(job_id, deliver)


@task("fakeprint.deliver_notice")
def deliver_notice(job_id: str) -> None:
    """Run the job with this id."""
    perform_on_rows(job_id, dispatch_deliver)
