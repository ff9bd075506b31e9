"""Still and animated pictures (GIF, WebP, APNG, AVIF sequences) through Pillow; HEIC, as iPhones make it, if
its plug-in pi-heif is installed.

Decisions: EXIF orientation is applied. Transparency is laid over white, as web pages show it. 16-bit samples
keep their upper byte. Colour profiles are ignored, since hashes compare structure.
"""

from __future__ import annotations

import io
import mmap
import re
import struct
import warnings
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from functools import cache, partial
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image, ImageFile, ImageOps, UnidentifiedImageError

from registry.core.errors import BadMedia, DecodeFailed, TruncatedMedia
from workers.media import descriptor, memory
from workers.media.limits import Limits, too_large
from workers.media.picture import FACE_LONGEST, Moment, Own, Pixels, Size

FORMATS: Final = ("JPEG", "PNG", "GIF", "WEBP", "AVIF", "BMP", "TIFF", "PPM", "JPEG2000", "HEIF")
MOVING: Final = frozenset({"GIF", "WEBP", "PNG", "AVIF"})
DEFAULT_DELAY: Final = 0.1
"""Seconds for a frame of an animation that claims 10 ms or less, as in browsers."""
SHORTEST_DELAY: Final = 0.01
SHORT: Final = 5.0
"""Seconds below which an animation's length must be exact, since it determines the sampling."""
STRIP: Final = 2_000_000
"""Pixels of a large picture that are flattened at a time."""
TURNED: Final = frozenset({5, 6, 7, 8})
"""EXIF orientations that swap width and height."""
ORIENTATION: Final = 0x0112
_MARKER: Final = re.compile(rb"\xff([\xc0-\xcf\xd9-\xfe])")
"""A marker of a JPEG that has a length, or its end. Data between markers holds none of these."""
_SCAN: Final = b"\xda"
_END: Final = b"\xd9"
GLANCE: Final = Size(32, 32)
FLAT: Final = 8
"""Range of grey levels within which a picture shows nothing."""
MEMORY_MB: Final = 600
"""Megabytes that Pillow may take for one picture, beyond those of the process. 100 million pixels with an
alpha channel are 400; JPEG 2000 and AVIF take several times what they show."""
PILLOW_ERRORS: Final = (
    OSError,
    EOFError,
    SyntaxError,
    ValueError,
    IndexError,
    KeyError,
    TypeError,
    RuntimeError,
    struct.error,
)
"""Errors that Pillow's decoders raise on broken files."""


class Pictures:
    """An opened picture file: header read and size checked, nothing decoded yet.

    Its methods raise `BadMedia` with code `too_large`, `truncated_media` or `decode_failed`.
    """

    def __init__(self, image: Image.Image, path: Path, limits: Limits) -> None:
        self._image = image
        self._path = path
        self._limits = limits
        self.truncated = False
        """Whether only a part was decoded. Final after `still` or `moments`."""
        self._count = int(getattr(image, "n_frames", 1)) if image.format in MOVING else 1

    @property
    def format(self) -> str:
        """Pillow's name of the format: one of `FORMATS`."""
        return str(self._image.format)

    @property
    def moves(self) -> bool:
        """Whether it is an animation of more than one frame. (A GIF of one frame is a still.)"""
        return self._count > 1

    @property
    def draws(self) -> int:
        """How often the decoder draws the whole picture: frames of an animation, scans of a JPEG."""
        return _scans(self._path) if self.format == "JPEG" else self._count

    def close(self) -> None:
        """Close the file."""
        self._image.close()

    def still(self) -> Moment:
        """Return the one moment of a still. If the file is cut short, return what is left of it."""
        try:
            with self._guarded():
                return _still(self._image)
        except BadMedia as error:
            if error.code != "truncated_media":
                raise
            self.truncated = True
            return self._remains()

    def _remains(self) -> Moment:
        """Decode the still again from its start, with Pillow filling in the missing part."""
        before = ImageFile.LOAD_TRUNCATED_IMAGES
        ImageFile.LOAD_TRUNCATED_IMAGES = True
        try:
            with self._guarded(), _image(self._path) as image:
                moment = _still(image)
        finally:
            ImageFile.LOAD_TRUNCATED_IMAGES = before
        if int(np.ptp(moment.render(GLANCE))) < FLAT:
            raise TruncatedMedia("The file ends before anything in it can be seen.")
        return moment

    def duration(self) -> float:
        """Return an animation's length in seconds: exact if it is short, else estimated from its first
        seconds."""
        total = 0.0
        for index in range(self._count):
            if not self._seek(index):
                break
            total += _delay(self._image)
            if total > SHORT:
                self._reopen()
                return total / (index + 1) * self._count
        return total

    def _reopen(self) -> None:
        """Reopen the file. Pillow cannot return to the start of an APNG from its middle."""
        self._image.close()
        with self._guarded():
            self._image = _image(self._path)

    def moments(self) -> Iterator[Moment]:
        """Yield the moments of an animation, composed as shown, in order. A broken tail ends it."""
        time = 0.0
        for index in range(self._count):
            if not self._seek(index):
                return
            with self._guarded():
                flat = _reduced(self._image)
            delay = _delay(self._image)
            yield Moment(time, delay, Size(*self._image.size), partial(_pixels, flat))
            del flat  # before the next is made
            time += delay
            self._limits.check_seconds(time)

    def _seek(self, index: int) -> bool:
        """Go to a frame and decode it; False if the file breaks off after at least one frame."""
        try:
            with self._guarded():
                self._image.seek(index)
                self._image.load()
        except BadMedia as error:
            if index == 0 or error.code == "too_large":
                raise
            self.truncated = True
            return False
        return True

    def _guarded(self) -> AbstractContextManager[None]:
        return _guarded(self._limits)


@contextmanager
def opened(path: Path, limits: Limits) -> Iterator[Pictures | None]:
    """Yield the picture file at `path`; None if Pillow does not know the format.

    Raises `BadMedia` with code `too_large`, before anything is decoded, or `decode_failed`.
    """
    image = None
    with _guarded(limits), suppress(UnidentifiedImageError):
        prepare()
        image = _image(path)
    if image is None:
        yield None
        return
    with image:
        limits.check_picture(image.width, image.height)
        if image.format == "JPEG2000":
            limits.check_wavelets(image.width, image.height)
        with _guarded(limits):
            pictures = Pictures(image, path, limits)
        if pictures.moves:
            limits.check_video_frame(image.width, image.height)
        limits.check_drawn(pictures.draws, image.width, image.height)
        try:
            yield pictures
        finally:
            pictures.close()


def _image(path: Path) -> Image.Image:
    """Open a file, or a descriptor. Closing the picture closes it."""
    if descriptor.held(path) is None:
        return Image.open(path, formats=FORMATS)
    return Image.open(io.BufferedReader(descriptor.opened(path)), formats=FORMATS)  # type: ignore[type-var]


@cache
def prepare() -> None:
    """Load Pillow's plug-ins, and pi-heif's if it is installed. It decodes on one thread, as everything
    here."""
    Image.init()
    with suppress(ImportError):
        import pi_heif  # noqa: PLC0415  # a worker without it reads everything else

        pi_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False, decode_threads=1)


def _still(image: Image.Image) -> Moment:
    """Decode a still. Over 5,119 pixels a side it is reduced by a whole factor, a JPEG by the decoder."""
    orientation = image.getexif().get(ORIENTATION, 1)
    turned = orientation in TURNED
    size = Size(image.height, image.width) if turned else Size(image.width, image.height)
    image.draft(None, (2 * FACE_LONGEST, 2 * FACE_LONGEST))
    flat = ImageOps.exif_transpose(_reduced(image))
    return Moment(0.0, 0.0, size, partial(_pixels, flat), Own(partial(np.asarray, flat), orientation))


def _scans(path: Path) -> int:
    """Count the scans of a JPEG (markers `SOS`, ITU-T T.81, B.2.3) up to its end (`EOI`).

    Segments with a length, such as thumbnails, are skipped. What follows the end, such as the clip of a
    phone's moving photo, is not read.
    """
    scans, at = 0, 2
    with descriptor.opened(path) as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        while (found := _MARKER.search(mapped, at)) and found[1] != _END:
            scans += found[1] == _SCAN
            at = found.end() + int.from_bytes(mapped[found.end() : found.end() + 2])
    return scans


def _delay(image: Image.Image) -> float:
    delay = float(image.info.get("duration") or 0) / 1000
    return delay if delay > SHORTEST_DELAY else DEFAULT_DELAY


def _reduced(image: Image.Image) -> Image.Image:
    """Return the picture flattened, a large one at a whole fraction of its size.

    This is done strip by strip. So a picture needs memory for its own pixels once, in the file's mode, and
    not again for every following step.
    """
    factor = max(image.size) // (2 * FACE_LONGEST)
    if factor < 2:
        return flattened(image)
    width, height = image.size
    rows = factor * max(1, STRIP // (width * factor))
    image.load()
    deep = _deep(image)
    reduced = Image.new("RGB", (-(-width // factor), -(-height // factor)))
    for top in range(0, height, rows):
        strip = image.crop((0, top, width, min(top + rows, height)))
        reduced.paste(flattened(strip, deep=deep).reduce(factor), (0, top // factor))
    return _with_exif(reduced, image)


def flattened(image: Image.Image, *, deep: bool | None = None) -> Image.Image:
    """Return the picture as 8-bit RGB over white, whatever its mode. `deep`: result of `_deep` for the whole
    picture."""
    if image.mode in {"I", "F"} or image.mode.startswith("I;16"):
        deep = _deep(image) if deep is None else deep
        return Image.fromarray(_eight_bits(np.asarray(image), deep=deep)).convert("RGB")
    if image.has_transparency_data:
        layer = image.convert("RGBA")
        canvas = Image.new("RGBA", layer.size, "white")
        canvas.alpha_composite(layer)
        return _with_exif(canvas.convert("RGB"), image)
    return _with_exif(image.convert("RGB"), image)


def _deep(image: Image.Image) -> bool:
    """Tell whether grey samples use a larger range: over 8 bits, or as floats over 1."""
    if image.mode not in {"I", "F"} and not image.mode.startswith("I;16"):
        return False
    _, most = image.getextrema()
    return isinstance(most, int | float) and most > (1.0 if image.mode == "F" else 255)


def _with_exif(converted: Image.Image, image: Image.Image) -> Image.Image:
    if "exif" in image.info:
        converted.info["exif"] = image.info["exif"]
    return converted


def _eight_bits(samples: np.ndarray, *, deep: bool) -> Pixels:
    """Convert grey samples of 16 bits, 32 bits holding 16, or floats (0-1, else 0-255) to 8 bits."""
    if samples.dtype.kind == "f":
        return np.nan_to_num(np.clip(samples * (1.0 if deep else 255.0), 0, 255)).astype(np.uint8)
    upper: Pixels = np.clip(samples >> 8 if deep else samples, 0, 255).astype(np.uint8)
    return upper


def _pixels(image: Image.Image, size: Size) -> Pixels:
    """Return the picture scaled by area, like video frames (`BOX` is Pillow's area filter)."""
    if image.size != tuple(size):
        image = image.resize(size, Image.Resampling.BOX)
    return np.asarray(image)


@contextmanager
def _guarded(limits: Limits) -> Iterator[None]:
    """Convert Pillow's many errors to ours, and turn its decompression bomb warning into an error.

    The bomb check covers sizes that appear after the header's (frames, tiles). Only Pillow may run inside.
    """
    before = Image.MAX_IMAGE_PIXELS
    Image.MAX_IMAGE_PIXELS = limits.max_pixels
    try:
        with memory.bounded(MEMORY_MB), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            yield
    except UnidentifiedImageError:
        raise
    except (Image.DecompressionBombWarning, Image.DecompressionBombError, MemoryError) as error:
        raise too_large("The file's picture is too large once decoded.") from error
    except PILLOW_ERRORS as error:
        if "out of memory" in str(error).lower():  # of decoders written in C
            raise too_large("The file's picture is too large once decoded.") from error
        kind = TruncatedMedia if "truncated" in str(error).lower() else DecodeFailed
        raise kind(
            f"The file's picture cannot be decoded: {str(error)[:200]}.",
            next_step="Fetch or export the file again.",
        ) from error
    finally:
        Image.MAX_IMAGE_PIXELS = before
