"""Make previews of a medium at the instants that somebody compares."""

from __future__ import annotations

from pathlib import Path

from registry.catalogue.previews.service import finish_previews, give_way, save_preview, waiting_previews
from registry.core.service import Service
from registry.jobs import Job
from workers.app import task
from workers.media.limits import Limits
from workers.pipeline import walled
from workers.runtime.lease import Progress
from workers.runtime.perform import IN_TURN, perform_in_turn


@task("fakeprint.make_previews")
def make_previews(job_id: str) -> None:
    """Run the job whose turn it is."""
    perform_in_turn(job_id)


def _make(service: Service, job: Job, path: Path, progress: Progress) -> None:
    give_way(service, job)
    previews = waiting_previews(service, job)
    seconds = [at_ms / 1000 for at_ms in previews]
    limits = Limits.of(service.settings)
    count = 0
    with walled.opened(path, limits, seconds=service.settings.task_time_limit) as decoding:
        found = decoding.previews(seconds, lambda _: progress(count / len(previews)))
        for count, (at_ms, made) in enumerate(zip(previews, found, strict=True), 1):
            save_preview(service, job, at_ms, made)
            progress(count / len(previews))
            if count < len(previews):
                give_way(service, job)
    finish_previews(service, job)


IN_TURN["make_previews"] = _make
