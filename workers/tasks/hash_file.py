"""Hash a file for another system: PDQ of a photo, MD5 and vPDQ of a video."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Final

from registry.catalogue.fingerprints.model.algorithms import PDQ
from registry.core.errors import LowInformation
from registry.core.service import Service
from registry.jobs import Job
from registry.sharing.hma.service.signals import content_of, pdq_of, store_hashes
from registry.sharing.lists.model import vpdq
from workers.app import task
from workers.media.limits import Limits
from workers.media.source import md5_of
from workers.pipeline import walled
from workers.runtime.lease import Progress
from workers.runtime.perform import IN_TURN, perform_in_turn

LONGEST: Final = 3600.0
"""Seconds of the longest video that is decoded: of 720p, six minutes of a core. The request waits, and other
interactive files wait behind it."""


@task("fakeprint.hash_file")
def hash_file(job_id: str) -> None:
    """Run the job whose turn it is."""
    perform_in_turn(job_id)


def _hash(service: Service, job: Job, path: Path, progress: Progress) -> None:
    content = content_of(service, job)
    limits = replace(Limits.of(service.settings), awaited_seconds=LONGEST)
    with walled.opened(path, limits, seconds=service.settings.task_time_limit) as decoding:
        found = decoding.whole(
            progress=progress, faces=False, audio=False, thorough=False, hashers=(PDQ.name,)
        )
    if content == "photo":
        hashes = pdq_of(found)
        if not hashes:
            raise LowInformation("The picture has too little in it to be hashed.")
        store_hashes(service, job, hashes)
        return
    store_hashes(
        service, job, {"video_md5": md5_of(path).hex(), "vpdq": json.dumps(vpdq.sampled_features(found))}
    )


IN_TURN["hash_file"] = _hash
