"""Requeue lost jobs, and give up jobs that no worker survives."""

from __future__ import annotations

import logging

from registry.app.service.sweep import sweep as sweep_jobs
from registry.catalogue.previews.service import sweep_previews as sweep_pictures
from registry.core.errors import Unavailable
from registry.jobs.service.queue import drain_dead_messages as hear
from workers.app import service, task

log = logging.getLogger(__name__)


@task("fakeprint.sweep")
def sweep() -> None:
    """Check once for such jobs."""
    try:
        woken = sweep_jobs(service())
    except Unavailable as error:
        log.warning("jobs not swept: %s", error.message)
        return
    if woken:
        log.info("jobs sent again", extra={"jobs": woken})


@task("fakeprint.drain_dead_messages")
def drain_dead_messages() -> None:
    """Empty the broker's queue of dead letters."""
    try:
        hear(service())
    except Unavailable as error:
        log.warning("the broker's dead letters were not read: %s", error.message)


@task("fakeprint.sweep_previews")
def sweep_previews() -> None:
    """Delete previews of media past their retention."""
    try:
        gone = sweep_pictures(service())
    except Unavailable as error:
        log.warning("pictures of media are let go later: %s", error.message)
        return
    if gone:
        log.info("pictures of media let go", extra={"previews": gone})
