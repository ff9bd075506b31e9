"""Removed media that appear again."""

from __future__ import annotations

from datetime import datetime

from registry.catalogue.fingerprints.model.fingerprint import Fingerprint
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.jobs.service.jobs import claim_job
from registry.matching.lookups.model import Answer
from registry.matching.lookups.service.answers import answer_document
from registry.matching.lookups.service.records import save_sighting, seen
from registry.takedown.recurrences.service.follow_sighting import follow_sighting
from tests.support.service.fixtures import Recorder
from tests.support.steps import unwatched
from tests.support.takedown.campaigns import Case


def look_up(
    about: Case,
    url: str,
    what: Fingerprint | None = None,
    *,
    caller: Caller | None = None,
    at: datetime | None = None,
    watch_days: int | None = None,
) -> Answer:
    """Look up media found at a URL, as the API does."""
    asking = caller or about.caller
    place = seen(url, None, None, at.isoformat() if at else None)
    assert place is not None
    answer = answer_document(about.service, asking, what or about.found, watch_days=watch_days)
    save_sighting(about.service, asking, answer, place)
    return answer


def follow(service: Service, recorder: Recorder) -> int:
    """Do the queued jobs about places. Return how many were done."""
    messages = [item for item in recorder.sent if item[0] == "fakeprint.follow_sighting"]
    recorder.sent[:] = [item for item in recorder.sent if item not in messages]
    for _, queue, job_id in messages:
        assert queue == "delivery"
        if (job := claim_job(service, job_id)) is not None:
            follow_sighting(service, job, unwatched)
    return len(messages)
