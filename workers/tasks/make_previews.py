"""Make previews of a medium at the instants that somebody compares."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image

from registry.catalogue.previews import model as blurring
from registry.catalogue.previews.service import finish_previews, give_way, save_preview, waiting_previews
from registry.core.errors import BadMedia
from registry.core.service import Service
from registry.jobs import Job
from workers.app import task
from workers.faces.detector import Yunet
from workers.media import instants
from workers.media.limits import Limits
from workers.media.picture import Moment, Pixels, Size
from workers.runtime.lease import Progress
from workers.runtime.perform import perform


@task("fakeprint.make_previews")
def make_previews(job_id: str) -> None:
    """Run the job with this id."""
    perform(job_id, _make)


def _make(service: Service, job: Job, path: Path, progress: Progress) -> None:
    give_way(service, job)
    previews = waiting_previews(service, job)
    seconds = [at_ms / 1000 for at_ms in previews]
    shown = instants.shown(path, Limits.of(service.settings), seconds)
    for count, (at_ms, (_, found)) in enumerate(zip(previews, shown, strict=True), 1):
        save_preview(service, job, at_ms, found.code if isinstance(found, BadMedia) else pictured(found))
        progress(count / len(previews))
        if count < len(previews):
            give_way(service, job)
    finish_previews(service, job)


def pictured(moment: Moment) -> bytes | str:
    """Return a moment's two pictures as they are stored, or the code of the error.

    The blurred picture is made from the clear one's pixels: each of its pixels is the mean of many. How many
    depends on the widest face in it.
    """
    try:
        pixels = moment.render(Size(*blurring.size(*moment.size, blurring.CLEAR_LONGEST)))
        clear = Image.fromarray(pixels)
        few = blurring.few(*clear.size, blurring.blurred_length(widest_face(pixels)))
        blurred = clear.resize(few, Image.Resampling.BOX)
        return blurring.packed(_encoded(blurred, "PNG"), _encoded(clear, "JPEG"))
    except BadMedia as error:
        return error.code


def widest_face(pixels: Pixels) -> float | None:
    """Return the width of the widest face as a share of the picture's longer side. None if none is found."""
    detector = Yunet()
    if detector.available() is not None:
        return None
    widths = [float(face.box[2]) for face in detector.detect(pixels)]
    return max(widths) / max(pixels.shape[:2]) if widths else None


def _encoded(picture: Image.Image, kind: str) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, quality=80, optimize=True)
    return out.getvalue()
