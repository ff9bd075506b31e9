"""Hash a file for another system: PDQ of a photo, MD5 and vPDQ of a video."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final, override

from registry.core.errors import LowInformation
from registry.core.service import Service
from registry.jobs import Job
from registry.sharing.hma.errors import VideoTooLong
from registry.sharing.hma.service.signals import content_of, pdq_of, store_hashes
from registry.sharing.lists.model import vpdq
from workers.app import task
from workers.hashers.pdq import Pdq
from workers.media.limits import Limits
from workers.media.source import md5_of
from workers.pipeline import fingerprint as pipeline
from workers.runtime.lease import Progress
from workers.runtime.perform import perform

LONGEST: Final = 3600.0
"""Seconds of the longest video that is decoded: of 720p, six minutes of a core. The request waits, and other
interactive files wait behind it."""


class WaitedFor(Limits):
    """Limits on a file whose request waits for it."""

    @override
    def check_seconds(self, seconds: float) -> None:
        """Also raise `BadMedia` (`video_too_long`). A video's duration is checked before it is decoded."""
        if seconds > LONGEST:
            raise VideoTooLong
        Limits.check_seconds(self, seconds)


@task("fakeprint.hash_file")
def hash_file(job_id: str) -> None:
    """Run the job with this id."""
    perform(job_id, _hash)


def _hash(service: Service, job: Job, path: Path, progress: Progress) -> None:
    content = content_of(service, job)
    found = pipeline.fingerprint_file(
        path,
        limits=WaitedFor.of(service.settings),
        progress=progress,
        faces=False,
        audio=False,
        thorough=False,
        hashers=(Pdq(),),
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
