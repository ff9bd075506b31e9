"""The browser extension answers about a medium of a page in its side panel, and sends a fingerprint only."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Browser, Page, expect

from registry.catalogue.fingerprints.model.document import to_document
from tests.support.browser import extension
from tests.support.browser.accessibility import axe
from tests.support.browser.console import Console
from tests.support.browser.extension import Extension, Panel
from tests.support.media import clips as media
from tests.support.service.file_server import serving
from workers.hashers.pdq import Pdq
from workers.hashers.phash import Phash256
from workers.pipeline.fingerprint import fingerprint_file

pytestmark = pytest.mark.timeout(900)
"""The first time, npm fetches the tools and the extension is built."""

TITLE: Final = "The mayor says what she never said"
FRAGMENTS: Final = ("-movflags", "frag_keyframe+empty_moov+default_base_moof", "-an")
STREAM: Final = """<video id="stream" width="320" muted></video><script>
const source = new MediaSource();
const video = document.getElementById("stream");
video.src = URL.createObjectURL(source);
source.onsourceopen = async () => {
    const buffer = source.addSourceBuffer('video/mp4; codecs="avc1.64000d"');
    buffer.onupdateend = () => source.readyState === "open" && source.endOfStream();
    buffer.appendBuffer(await (await fetch("stream.mp4")).arrayBuffer());
};
</script>"""


@dataclass(frozen=True)
class World:
    """A page with media, a service that knows one of them, and a browser with the extension set up for it."""

    extension: Extension
    panel: Panel
    page: Page
    site: str
    elsewhere: str
    service: str

    def ask(self, url: str, kind: str = "video") -> tuple[str, str]:
        """Return the verdict, or the code of a failure, and the text that the panel shows."""
        return self.extension.ask(self.panel, self.page, url, kind)


@pytest.fixture(scope="module")
def world(console: Console, browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("site")
    fake = _media(folder)
    key = console.organization()
    with console.api(key) as client:
        body = {"fakes": [fake], "manipulation": "edited", "title": TITLE}
        assert client.post("/v1/entries", json=body).status_code == 201
        made = client.post("/v1/callers", json={"name": "newsroom", "roles": ["lookup"]})
    with ExitStack() as stack:
        site, elsewhere = stack.enter_context(serving(folder)), stack.enter_context(serving(folder))
        played = '<video src="copy.mp4" width="320" controls></video><img src="frame.jpg" width="320">'
        (folder / "page.html").write_text(f'{played}<video src="{elsewhere}/copy.mp4" width="32"></video>')
        (folder / "stream.html").write_text(STREAM)
        started = stack.enter_context(extension.running(browser.browser_type, folder / "profile"))
        started.allow(console.url, elsewhere)
        _set_up(started, console.url, made.json()["key"])
        page = started.context.new_page()
        page.goto(f"{site}/page.html")
        yield World(started, started.opened(page), page, site, elsewhere, console.url)


def _media(folder: Path) -> object:
    path = media.clip(folder / "fake.mp4", seconds=6.0, size=(320, 180))
    media.ffmpeg("-i", path, "-vf", "scale=256:144", "-crf", "30", folder / "copy.mp4")
    media.ffmpeg("-ss", "2", "-i", path, "-frames:v", "1", folder / "frame.jpg")
    media.ffmpeg("-i", path, *FRAGMENTS, "-crf", "24", folder / "stream.mp4")
    media.encode(
        folder / "other.mp4", (media.drawn(320, 180, seed=930 + at // 8) for at in range(32)), rate=8
    )
    (folder / "text.mp4").write_text("no video")
    fingerprint = fingerprint_file(path, faces=False, audio=False, hashers=(Phash256(), Pdq()))
    return to_document(fingerprint, faces=False)


def _set_up(started: Extension, service: str, key: str) -> None:
    """As a journalist does on the page of options."""
    page = started.context.new_page()
    page.goto(started.address("options"))
    page.get_by_label("Address of the service").fill(f"{service}/console/")
    page.get_by_label("Key for lookups").fill(key + "x")
    page.get_by_role("button", name="Save and try").click()
    expect(page.get_by_role("status")).to_contain_text("The service refuses the key")
    page.get_by_label("Key for lookups").fill(key)
    page.get_by_role("button", name="Save and try").click()
    expect(page.get_by_role("status")).to_have_text("It works. The service knows this key as “newsroom”.")
    page.close()


def _sent(world: World) -> int:
    """Return how many fingerprints were sent. Nothing else was, and the policy refused nothing."""
    assert world.panel.errors == []
    sent = world.panel.sent()
    for url, body in sent:
        value = json.loads(body)["value"]
        assert url == f"{world.service}/v1/lookups"
        assert set(value["algorithms"]) <= {"phash256.1", "pdq.1", "mosaic.1"}, "neither media nor faces"
        assert value["generator"].startswith("fakeprint extension")
        assert world.site not in body
    return len(sent)


def test_a_copy_of_a_known_fake_is_told_with_who_says_so_and_where(world: World) -> None:
    verdict, text = world.ask(f"{world.site}/copy.mp4")
    assert verdict == "known_fake", text
    assert "Yes: this is a copy of a known fake." in text
    assert TITLE in text
    assert "Registered in the bank default" in text
    assert "Nobody has reviewed it yet." in text
    assert "0:00–0:06 here is 0:00–0:06 of the registered file" in text
    link = world.panel.evaluate("document.querySelector('.verdict a').href")
    assert link.startswith(f"{world.service}/console/lookup/")
    assert _sent(world) == 1


@pytest.mark.parametrize(
    ("name", "kind", "verdict"), [("frame.jpg", "image", "related"), ("other.mp4", "link", "no_match")]
)
def test_a_picture_is_not_enough_to_decide_and_an_unrelated_clip_is_not_known(
    world: World, name: str, kind: str, verdict: str
) -> None:
    assert world.ask(f"{world.site}/{name}", kind)[0] == verdict
    assert _sent(world) == 1


@pytest.mark.parametrize(("name", "code"), [("text.mp4", "failed_unreadable"), ("absent.mp4", "failed_gone")])
def test_what_cannot_be_read_is_told_with_what_to_do(world: World, name: str, code: str) -> None:
    assert world.ask(f"{world.site}/{name}")[0] == code
    assert _sent(world) == 0


def test_what_the_page_may_not_read_is_read_once_the_user_allows_it(world: World) -> None:
    code, text = world.ask(f"{world.elsewhere}/copy.mp4")
    assert (code, "Allow the extension to read from there" in text) == ("failed_allow", True), text
    assert _sent(world) == 0
    world.panel.forget()
    world.panel.press("allow")
    assert (world.panel.outcome()[0], _sent(world)) == ("known_fake", 1)


def test_a_stream_is_recorded_while_it_plays(world: World) -> None:
    """The address of such a video, a `blob:`, cannot be read."""
    world.page.goto(f"{world.site}/stream.html")
    world.page.wait_for_function("document.querySelector('video').readyState > 2")
    verdict, text = world.ask(world.page.evaluate("document.querySelector('video').src"))
    assert (verdict, _sent(world)) == ("known_fake", 1), text
    assert world.page.evaluate("document.querySelector('video').currentTime > 5"), "it has played"


def test_it_is_accessible_and_reads_from_the_right_in_arabic(world: World) -> None:
    page = world.extension.context.new_page()
    page.goto(world.extension.address("options"))
    page.get_by_label("Language").select_option("ar")
    for name in ("options", "sidepanel"):
        page.goto(world.extension.address(name))
        expect(page.locator("html")).to_have_attribute("dir", "rtl")
        axe(page)
    page.close()
