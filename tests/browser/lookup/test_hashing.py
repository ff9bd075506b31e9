"""What the browser computes of pictures is what Python does, by the vectors that anybody can recompute."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, Response

from registry.console import static_files
from tests.browser.conftest import watched
from tests.support.browser.console import Console
from tests.support.media import clips as media
from tests.support.media import heif
from tests.workers.hashers import vectors, views
from workers.hashers.pdq import Pdq
from workers.hashers.phash import Phash256
from workers.media.picture import Pixels
from workers.pipeline.fingerprint import fingerprint_file

READ = """const planed = async ([folder, pictures]) => {
    const { planes } = await import(folder + "planes.js");
    return pictures.map(([text, width, height]) =>
        planes(Uint8ClampedArray.from(atob(text), (one) => one.charCodeAt(0)), width, height));
};"""


LIBHEIF: Final = "vendor/libheif-bundle.mjs"


class Modules:
    """The modules of hashing, called in a page."""

    def __init__(self, page: Page) -> None:
        page.goto("/console/lookup")
        script = page.locator("script[src$='/lookup.js']").get_attribute("src") or ""
        self._page = page
        self._folder = script.replace("lookup.js", "hashing/")

    def call(self, module: str, name: str, pictures: list[Pixels], *, each: bool = False) -> Any:
        """What a function says of the planes of `pictures`, or of the first."""
        given = [[_rgba(picture), picture.shape[1], picture.shape[0]] for picture in pictures]
        return self._page.evaluate(
            """async ([folder, module, name, pictures, each]) => {"""
            + READ
            + """
                const made = await planed([folder, pictures]);
                return (await import(folder + module))[name](each ? made : made[0]);
            }""",
            [self._folder, module, name, given, each],
        )

    def reframed(self, picture: Pixels) -> dict[str, str]:
        """The hashes of a picture by the views that undo a crop."""
        return dict(
            self._page.evaluate(
                """async ([folder, pictures]) => {"""
                + READ
                + """
                    const [made] = await planed([folder, pictures]);
                    const { phash } = await import(folder + "phash.js");
                    return (await import(folder + "reframed.js")).reframed(phash(made).small);
                }""",
                [self._folder, [[_rgba(picture), picture.shape[1], picture.shape[0]]]],
            )
        )

    def document(self, path: Path, *, decoder: bool = True) -> dict[str, Any]:
        """The document of a file; without `decoder`, in a browser that can only play videos."""
        if not decoder:
            self._page.evaluate("delete globalThis.VideoDecoder")
        return dict(self._of(path, "document.js", "documentOf(file, { most, signal, told() {} })"))

    def refused(self, path: Path) -> list[str]:
        """The code and the page's word with which a file is not read."""
        call = "opened(file, most, signal).catch(({ code, said }) => [code, said])"
        return list(self._of(path, "sampling.js", call))

    def _of(self, path: Path, module: str, call: str) -> Any:
        self._page.get_by_label("Picture, video or sound").set_input_files(path)
        return self._page.evaluate(
            f"""async (address) => {{
                const {{ documentOf, opened }} = await import(address);
                const [file] = document.getElementById("media").files;
                const [most, {{ signal }}] = [{{ seconds: 600, pixels: 1e8 }}, new AbortController()];
                return await {call};
            }}""",
            self._folder + module,
        )

    def decoders(self, path: Path) -> list[str]:
        """The policies of the workers that decode HEIC, of which there is one at most, as `path` is read."""
        came: list[Response] = []

        def hear(response: Response) -> None:
            came.append(response)

        self._page.on("response", hear)
        self.document(path)
        self._page.remove_listener("response", hear)
        workers = [response for response in came if response.url.endswith("/heic/worker.js")]
        return [worker.headers["content-security-policy"] for worker in workers]

    def hide(self, pattern: str) -> None:
        """Let nothing of this address be found."""
        self._page.route(pattern, lambda route: route.abort())

    def views(self) -> dict[str, Any]:
        """What became of width and height in each of these views."""
        return dict(
            self._page.evaluate(
                "async (folder) => [...(await import(folder + 'reframed.js')).REFRAMED]", self._folder
            )
        )


@pytest.fixture(scope="module")
def context(console: Console, browser: Browser) -> Iterator[BrowserContext]:
    """A window for all tests here, whose process has compiled the scripts; each opens a page of its own."""
    with console.context(browser, console.person("lookup")) as opened:
        opened.new_page()  # the process lives as long as a page
        yield opened


@pytest.fixture
def modules(context: BrowserContext, faults: list[str]) -> Iterator[Modules]:
    with context.new_page() as page:
        yield Modules(watched(page, faults))
    assert faults == []


def _rgba(pixels: Pixels) -> str:
    opaque = np.full(pixels.shape[:2], 255, np.uint8)
    return base64.b64encode(np.dstack([pixels, opaque]).tobytes()).decode()


def apart(item: str, other: str) -> int:
    return (int(item, 16) ^ int(other, 16)).bit_count()


@pytest.mark.parametrize("name", ["pdq.1", "phash256.1"])
def test_the_browser_hashes_as_the_vectors_say(modules: Modules, name: str) -> None:
    said, cases = vectors.read(name)
    function = {"pdq.1": "pdq", "phash256.1": "phash"}[name]
    for case in cases:
        found = modules.call(f"{function}.js", function, [case.pixels])
        for side, wanted in (("straight", case.value), ("mirror", case.mirrored or b"")):
            value = found[side]["value"] if name == "pdq.1" else found[side]
            assert apart(value, wanted.hex()) <= said["at_most_bits"], (case.name, side)
        if case.quality is not None:
            assert abs(found["straight"]["quality"] - case.quality) <= said["at_most_quality"]


def test_the_browser_reduces_pictures_to_the_mosaics_of_the_vectors(modules: Modules) -> None:
    for case in vectors.read("mosaic.1")[1]:
        assert modules.call("mosaic.js", "mosaic", [case.pixels]) == base64.b64encode(case.value).decode()


@pytest.mark.parametrize("group", views.read()["groups"], ids=lambda group: group["name"])
def test_the_browser_finds_borders_and_pictures_in_the_picture_as_the_vectors_say(
    modules: Modules, group: dict[str, Any]
) -> None:
    pictures = views.pictures(group)
    edge = modules.call("boxes.js", "border", pictures, each=True)
    assert (edge is None) == (group["border"] is None)
    assert edge is None or edge == pytest.approx(group["border"], abs=1e-6)
    found = modules.call("rectangles.js", "rectangles", pictures, each=True)
    said = [
        [*(place[side] for side in ("left", "top", "right", "bottom")), place["quiet"]] for place in found
    ]
    assert len(said) == len(group["rectangles"])
    for one, wanted in zip(said, group["rectangles"], strict=True):
        assert one == pytest.approx(wanted, abs=1e-6)


def test_the_browser_undoes_crops_as_the_vectors_say(modules: Modules) -> None:
    said = views.read()["reframed"]
    assert modules.views() == said["views"]
    for name, wanted in said["values"].items():
        found = modules.reframed(views.named(name))
        assert found.keys() == wanted.keys()
        assert max(apart(found[view], wanted[view]) for view in wanted) <= 2, name


@pytest.mark.parametrize("ending", ["gif", "webp", "png"])
def test_every_frame_of_an_animation_is_looked_at(modules: Modules, tmp_path: Path, ending: str) -> None:
    """Each as long as it says, over five seconds in all: what is shorter is measured first."""
    path = tmp_path / f"moving.{ending}"
    first, *others = [Image.fromarray(item) for item in media.panning("coffee", 320, 180, 16)]
    delays = [250, 500] * 8
    first.save(path, save_all=True, append_images=others, duration=delays, loop=0)
    wanted = fingerprint_file(path, faces=False, thorough=False, hashers=(Phash256(), Pdq()))
    found = modules.document(path)
    assert found["kind"] == "video"
    assert found["duration"] == pytest.approx(wanted.media.duration, abs=0.01)
    hashed = {
        (frame["t"], frame["view"]): frame["value"] for frame in found["algorithms"]["phash256.1"]["frames"]
    }
    known = {(frame.time, frame.view): frame.phash256 for frame in wanted.frames if frame.phash256}
    assert hashed.keys() == known.keys()
    full = [apart(hashed[place], known[place].hex()) for place in known if place[1] == "full"]
    assert len(full) >= 10
    assert max(full) <= 16


@pytest.mark.parametrize("decoder", [True, False], ids=["decoded", "played"])
def test_a_video_is_looked_at_in_the_views_that_python_looks_at(
    modules: Modules, tmp_path: Path, *, decoder: bool
) -> None:
    clip = media.clip(tmp_path / "clip.mp4", "chelsea", seconds=6.0, size=(320, 180))
    bars = tmp_path / "bars.mp4"
    media.ffmpeg("-i", clip, "-vf", "pad=320:320:0:70:black", "-crf", "24", bars)
    wanted = {frame.view for frame in fingerprint_file(bars, faces=False, hashers=(Phash256(), Pdq())).frames}
    found = modules.document(bars, decoder=decoder)
    looked_at = {frame["view"] for frame in found["algorithms"]["phash256.1"]["frames"]}
    assert looked_at == wanted
    assert {"trim", "trim.mirror", "turn.90", "reframe.1"} <= wanted
    coarse = {frame["view"] for frame in found["algorithms"]["mosaic.1"]["frames"]}
    assert coarse == {view for view in wanted if not re.search("mirror|turn|reframe", view)}
    assert found["notes"] == ["no_sscd"]


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("varying.mp4", ("-vf", "select='not(mod(n,7))+lt(mod(n,50),20)'", "-fps_mode", "vfr")),
        ("short.mp4", ("-t", "1.3")),
        ("late.mov", ("-ss", "1.7", "-c", "copy")),
        ("other.webm", ("-c:v", "libvpx", "-b:v", "1M", "-g", "30")),
        ("other.mkv", ("-c", "copy")),
    ],
)
def test_a_video_is_sampled_as_python_samples_it(
    modules: Modules, tmp_path: Path, name: str, options: tuple[str, ...]
) -> None:
    source = media.clip(tmp_path / "source.mp4", seconds=7.3, size=(320, 180))
    path = tmp_path / name
    before, after = (options[:2], options[2:]) if options[:1] == ("-ss",) else ((), options)
    media.ffmpeg(*before, "-i", source, *after, path)
    agree(modules.document(path), path)


def test_a_video_that_a_phone_took_upright_is_turned_first(modules: Modules, tmp_path: Path) -> None:
    source = media.clip(tmp_path / "lying.mp4", seconds=4.0, size=(320, 180))
    path = media.turn_by_matrix(source, tmp_path / "upright.mp4")
    found = modules.document(path)
    assert (found["size"]["width"], found["size"]["height"]) == (180, 320)
    agree(found, path)


def agree(found: dict[str, Any], path: Path) -> None:
    """Hold a document's instants and hashes of whole pictures against Python's."""
    wanted = fingerprint_file(path, faces=False, hashers=(Phash256(), Pdq()))
    known = {
        round(frame.time, 3): frame.phash256
        for frame in wanted.frames
        if frame.phash256 and frame.view == "full"
    }
    frames = found["algorithms"]["phash256.1"]["frames"]
    hashed = {frame["t"]: frame["value"] for frame in frames if frame["view"] == "full"}
    assert hashed.keys() == known.keys()
    assert max(apart(hashed[time], known[time].hex()) for time in known) <= 16


def test_the_part_before_the_damage_is_fingerprinted(modules: Modules, tmp_path: Path) -> None:
    """The decoder gives it up; so does the element, which is asked about the rest."""
    clip = media.clip(tmp_path / "whole.mp4", seconds=12.0, size=(320, 180))
    whole = tmp_path / "fast.mp4"
    media.ffmpeg("-i", clip, "-c", "copy", "-movflags", "+faststart", whole)
    path = tmp_path / "cut.mp4"
    path.write_bytes(whole.read_bytes()[: whole.stat().st_size * 6 // 10])
    found = modules.document(path)
    times = {frame["t"] for frame in found["algorithms"]["phash256.1"]["frames"]}
    assert found["notes"] == ["no_sscd", "truncated_media"]
    assert 4 <= max(times) <= 9


@pytest.mark.parametrize(
    ("name", "options", "word"),
    [
        ("clip.avi", ("-c:v", "mpeg4"), "not_readable_here"),
        ("clip.flv", ("-c:v", "flv1"), "not_readable_here"),
        ("clip.wmv", ("-c:v", "wmv2"), "not_readable_here"),
        ("clip.mpg", ("-c:v", "mpeg2video", "-r", "25"), "not_readable_here"),
        ("clip.tiff", ("-frames:v", "1"), "not_readable_here"),
        ("hevc.mp4", ("-c:v", "libx265", "-tag:v", "hvc1", "-x265-params", "log-level=none"), "hevc_here"),
        ("old.mp4", ("-c:v", "mpeg4"), "unsupported_media"),
    ],
)
def test_formats_unknown_to_browsers_are_not_called_damaged(
    modules: Modules, tmp_path: Path, name: str, options: tuple[str, ...], word: str
) -> None:
    clip = media.clip(tmp_path / "source.mp4", seconds=1.0, size=(160, 90))
    media.ffmpeg("-i", clip, "-an", *options, tmp_path / name)
    assert modules.refused(tmp_path / name) == ["unsupported_media", word]


@pytest.mark.parametrize(("quarters", "mirrored"), [(0, False), (3, True)])
def test_a_heic_is_read_in_the_browser_as_python_reads_it(
    modules: Modules,
    tmp_path: Path,
    quarters: int,
    mirrored: bool,
) -> None:
    assert (static_files.FOLDER / LIBHEIF).is_file(), "run `make setup`, which fetches libheif from npm"
    picture = media.view(media.photograph("coffee"), 640, 400, 0.5)
    path = heif.write(tmp_path / "photo.heic", picture, quarters=quarters, mirrored=mirrored)
    wanted = fingerprint_file(path, faces=False, hashers=(Phash256(), Pdq()))
    found = modules.document(path)
    assert found["kind"] == "image"
    size = {"bytes": path.stat().st_size, "width": wanted.media.width, "height": wanted.media.height}
    assert found["size"] == size
    for algorithm, most in (("phash256.1", 8), ("pdq.1", 16)):
        hashed = {frame["view"]: frame["value"] for frame in found["algorithms"][algorithm]["frames"]}
        for frame in wanted.frames:
            if frame.view in {"full", "mirror"}:
                value = frame.phash256 if algorithm == "phash256.1" else frame.pdq
                assert apart(hashed[frame.view], (value or b"").hex()) <= most, (algorithm, frame.view)


def test_a_heic_is_decoded_beside_the_page_by_a_worker_that_can_send_nothing(
    modules: Modules, tmp_path: Path
) -> None:
    path = heif.write(tmp_path / "photo.heic", media.photograph("coffee")[:200, :320])
    assert modules.decoders(path) == ["default-src 'none'; script-src 'self' 'wasm-unsafe-eval'"]
    assert modules.decoders(_png(tmp_path / "photo.png")) == [], "nothing is loaded for what browsers read"


@pytest.mark.parametrize("claimed", [(20_000, 20_000), (60_000, 60_000)])
def test_a_heic_of_too_many_pixels_is_refused_by_its_header(
    modules: Modules, tmp_path: Path, claimed: tuple[int, int]
) -> None:
    path = heif.write(tmp_path / "photo.heic", media.photograph("coffee")[:200, :320], claimed=claimed)
    assert modules.refused(path) == ["too_large", "too_large"]


@pytest.mark.parametrize("kept", [0.02, 0.5])
def test_a_heic_that_breaks_off_is_called_damaged(modules: Modules, tmp_path: Path, kept: float) -> None:
    path = heif.write(tmp_path / "photo.heic", media.photograph("coffee")[:200, :320])
    raw = path.read_bytes()
    path.write_bytes(raw[: int(len(raw) * kept)])
    code, said = modules.refused(path)
    assert (code in {"truncated_media", "decode_failed"}, said) == (True, "not_media")


def test_without_libheif_a_heic_is_to_be_sent(modules: Modules, tmp_path: Path) -> None:
    path = heif.write(tmp_path / "photo.heic", media.photograph("coffee")[:200, :320])
    modules.hide(f"**/{LIBHEIF}")
    assert modules.refused(path) == ["unsupported_media", "not_readable_here"]


def test_npm_packages_match_their_pins() -> None:
    listed = json.loads(Path("deploy/tools/vendored.json").read_text())["libheif-js"]
    (target,) = listed["fetched"].values()
    assert target.endswith(f"static/{LIBHEIF}")
    assert hashlib.sha256(Path(target).read_bytes()).hexdigest() == listed["sha256"][target]


def _png(path: Path) -> Path:
    Image.fromarray(media.photograph("coffee")[:200, :320]).save(path)
    return path


def test_damaged_files_are_reported_as_damaged(modules: Modules, tmp_path: Path) -> None:
    (tmp_path / "broken.mp4").write_bytes(b"\0" * 4000)
    assert modules.refused(tmp_path / "broken.mp4") == ["not_media", "not_media"]
