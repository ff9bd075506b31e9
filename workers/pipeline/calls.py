"""What a walled process does with its file. It alone imports the decoders (see `workers.walls.server`)."""

from __future__ import annotations

import io
import pkgutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Final

import av
import cv2
import numpy as np
from PIL import Image

from registry.catalogue.fingerprints.model.fingerprint import Fingerprint
from registry.catalogue.previews import model as blurring
from registry.core.errors import BadMedia, FakeprintError
from registry.persons.photos.model import Reading
from workers.errors import NoSscd
from workers.faces import photo
from workers.faces.detector import Yunet
from workers.faces.embedder import Sface
from workers.faces.geometry import CHIP
from workers.hashers import catalogue, chromaprint, iscc_picture
from workers.hashers.base import Hasher
from workers.hashers.sscd import Sscd
from workers.media import instants, stills
from workers.media.limits import Limits
from workers.media.picture import Moment, Pixels, Size
from workers.pipeline import fingerprint as pipeline
from workers.pipeline import orders, segments
from workers.pipeline.progressive import fingerprint_keyframes
from workers.walls import wire
from workers.walls.server import Call, Tick

_SIZE: Final = (360, 640, 3)
_TYPES: Final = (
    wire.Fault,
    Fingerprint | None,
    Reading,
    Limits,
    orders.FingerprintOrder,
    orders.InstantsOrder,
    orders.Plan | None,
    orders.PlanOrder,
    orders.SegmentOrder,
    orders.SoundFound,
    orders.SoundOrder,
)


def load() -> None:
    """Load all that is loaded at first use: modules, plug-ins and models."""
    wire.prepare(*_TYPES)
    stills.prepare()
    cv2.setNumThreads(1)
    for found in pkgutil.walk_packages(av.__path__, "av."):
        if "__main__" not in found.name and "datasets" not in found.name:
            with suppress(ImportError):
                import_module(found.name)
    drawn = np.random.default_rng(0).integers(0, 255, _SIZE, np.uint8)
    with suppress(FakeprintError):
        Sface().embed(drawn[:CHIP, :CHIP])
    with suppress(FakeprintError):
        Sscd().compute(drawn)
    with tempfile.TemporaryDirectory() as folder, suppress(FakeprintError):
        path = Path(folder) / "first.png"
        Image.fromarray(drawn).save(path)
        pipeline.fingerprint_file(path)


def _fingerprint(path: Path, raw: bytes, tick: Tick) -> Iterator[bytes]:
    order: orders.FingerprintOrder = wire.decode(raw, orders.FingerprintOrder)
    hashers = None if order.hashers is None else tuple(map(_hasher, order.hashers))
    if order.sampling != "full":
        found = fingerprint_keyframes(path, order.sampling, order.before, limits=order.limits, progress=tick)
    else:
        found = pipeline.fingerprint_file(
            path,
            limits=order.limits,
            progress=tick,
            faces=order.faces,
            audio=order.audio,
            thorough=order.thorough,
            hashers=hashers,
        )
    yield wire.encode(found, Fingerprint | None)


def _hasher(name: str) -> Hasher:
    found = catalogue.version(name)
    reason = f"{name} is not known here." if found is None else found.available()
    if found is None or reason is not None:
        raise NoSscd(reason or name)
    return found


def _plan(path: Path, raw: bytes, _tick: Tick) -> Iterator[bytes]:
    order: orders.PlanOrder = wire.decode(raw, orders.PlanOrder)
    yield wire.encode(
        segments.plan(path, order.limits, longer=order.longer, most=order.most), orders.Plan | None
    )


def _segment(path: Path, raw: bytes, tick: Tick) -> Iterator[bytes]:
    order: orders.SegmentOrder = wire.decode(raw, orders.SegmentOrder)
    yield segments.read(path, order.limits, order.shared, order.task, tick)


def _sound(path: Path, raw: bytes, tick: Tick) -> Iterator[bytes]:
    order: orders.SoundOrder = wire.decode(raw, orders.SoundOrder)
    found = chromaprint.listen(path, order.limits, duration=order.duration, tick=lambda: tick(0.0))
    yield wire.encode(orders.SoundFound(*found), orders.SoundFound)


def _picture_code(path: Path, raw: bytes, _tick: Tick) -> Iterator[bytes]:
    yield iscc_picture.of_picture(path, wire.decode(raw, Limits)) or b""


def _photo(path: Path, raw: bytes, _tick: Tick) -> Iterator[bytes]:
    yield wire.encode(photo.read_photo(path, wire.decode(raw, Limits)), Reading)


def _previews(path: Path, raw: bytes, _tick: Tick) -> Iterator[bytes]:
    """Yield a preview for each instant, or the code of the error."""
    order: orders.InstantsOrder = wire.decode(raw, orders.InstantsOrder)
    for _, found in instants.shown(path, order.limits, order.seconds):
        made = found.code if isinstance(found, BadMedia) else pictured(found)
        yield orders.CODE + made.encode() if isinstance(made, str) else orders.PICTURES + made


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


CALLS: Final[Mapping[str, Call]] = {
    "fingerprint": _fingerprint,
    "plan": _plan,
    "segment": _segment,
    "sound": _sound,
    "picture_code": _picture_code,
    "photo": _photo,
    "previews": _previews,
}
