"""Are manifests of C2PA read in every format, and judged right: signed, altered, copied, expired, from the
future, by their own signer, taken back, and made to do harm?"""

from __future__ import annotations

import io
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

import imageio_ffmpeg
from PIL import Image

from registry.catalogue.provenance.model.provenance import State
from tests.support.media.signing_media import (
    CAPTURE,
    CAPTURED,
    Chain,
    bombs,
    chain,
    claim,
    created,
    pdf_with,
    self_signed,
)
from workers.provenance import Trust, read_manifest

MIMES: Final = {
    "jpg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
    "avif": "image/avif",
    "mp4": "video/mp4",
    "mov": "video/quicktime",
    "mp3": "audio/mpeg",
}
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True)
class Sample:
    """A file, and the states in which it may be found. `gone`: by the deployment, its certificate is."""

    name: str
    raw: bytes
    states: frozenset[State]
    gone: bool = False


def measure() -> dict[str, float]:
    """Figures: `manifests_tried`; `manifests_read`, of which the reader gave a state; of these
    `manifest_verdicts_right`, whose state is what it must be."""
    signs = chain()
    read = right = tried = 0
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "sample"
        for sample in samples(signs, Path(name)):
            revoked = frozenset({signs.serial}) if sample.gone else frozenset[int]()
            path.write_bytes(sample.raw)
            found = read_manifest(path, Trust(signs.root.decode(), signs.root.decode(), revoked))
            tried += 1
            read += found is not None
            right += found is not None and found.state in sample.states
            if found is None or found.state not in sample.states:
                print(f"wrong: {sample.name} is {found and found.state}")
    return {"manifests_tried": tried, "manifests_read": read, "manifest_verdicts_right": right}


def samples(signs: Chain, folder: Path) -> Iterator[Sample]:
    """Every one of them; `signs` is trusted."""
    plain = {kind: _plain(kind, folder) for kind in MIMES}
    for kind, mime in MIMES.items():
        signed, store = signs.sign(plain[kind], mime, said=CAPTURED)
        yield Sample(f"{kind} signed", signed, frozenset({"trusted"}))
        yield Sample(f"{kind} of a stranger", chain().sign(plain[kind], mime)[0], frozenset({"valid"}))
        yield Sample(f"{kind} without", plain[kind], frozenset({"absent"}))
        yield Sample(f"{kind} taken back", signed, frozenset({"invalid"}), gone=True)
        word = store.index(b"Newsroom camera")
        lied = signed.replace(store, store[:word] + b"n" + store[word + 1 :])
        yield Sample(f"{kind} with a changed claim", lied, frozenset({"invalid", "unreadable"}))
    png = signs.sign(plain["png"], "image/png")[0]
    place = png.index(b"IDAT") + 200
    altered = png[:place] + bytes([png[place] ^ 1]) + png[place + 1 :]
    yield Sample("png altered", altered, frozenset({"invalid"}))
    yield Sample("mp4 copied", _copied(signs, plain["mp4"], folder), frozenset({"absent"}))
    for name, begins, ends in (("expired", -9 * _DAY, -_DAY), ("from the future", _DAY, 9 * _DAY)):
        raw = signs.sign_with(plain["jpg"], "image/jpeg", begins, ends)
        yield Sample(f"jpg {name}", raw, frozenset({"invalid"}))
    yield Sample(
        "jpg by its own signer",
        self_signed().sign(plain["jpg"], "image/jpeg")[0],
        frozenset({"valid", "invalid"}),
    )
    yield Sample(
        "pdf with another's", pdf_with(signs.sign(plain["jpg"], "image/jpeg")[1]), frozenset({"invalid"})
    )
    for number, raw in enumerate(bombs(plain["png"])):
        yield Sample(f"bomb {number}", raw, frozenset({"unreadable", "invalid"}))
    parts = [
        ({"title": str(item), "relationship": "componentOf"}, "image/jpeg", plain["jpg"])
        for item in range(200)
    ]
    of_many = signs.sign(plain["jpg"], "image/jpeg", said=claim(created(CAPTURE)), ingredients=parts)[0]
    yield Sample("jpg of 200 others", of_many, frozenset({"trusted"}))


def _plain(kind: str, folder: Path) -> bytes:
    path = folder / f"plain.{kind}"
    if kind in {"mp4", "mov", "mp3"}:
        picture = ["-f", "lavfi", "-i", "testsrc=d=1:s=128x96:r=5", "-pix_fmt", "yuv420p"]
        source_options = ["-f", "lavfi", "-i", "sine=d=1"] if kind == "mp3" else picture
        _ffmpeg(*source_options, str(path))
        return path.read_bytes()
    made = io.BytesIO()
    Image.effect_noise((96, 96), 60).convert("RGB").save(made, "JPEG" if kind == "jpg" else kind.upper())
    return made.getvalue()


def _copied(signs: Chain, plain: bytes, folder: Path) -> bytes:
    before, after = folder / "before.mp4", folder / "after.mp4"
    before.write_bytes(signs.sign(plain, "video/mp4")[0])
    _ffmpeg("-i", str(before), "-c", "copy", str(after))
    return after.read_bytes()


def _ffmpeg(*arguments: str) -> None:
    subprocess.run([imageio_ffmpeg.get_ffmpeg_exe(), "-loglevel", "error", "-y", *arguments], check=True)


if __name__ == "__main__":
    print(measure())
