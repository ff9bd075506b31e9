"""Two players in step: on record, in parts, for whom the opening was recorded, and for nobody else."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from uuid import UUID

import httpx2
import pytest
from playwright.sync_api import Browser, Locator, expect

from registry.catalogue.fingerprints.model.document import to_document
from tests.browser.conftest import WAIT, watched
from tests.browser.shots import previews
from tests.support.browser.console import Console, Person, form_word

_MEDIA = re.compile(r'src="(/console/playback/media\?of=[^"]+)"')


def _until(videos: Locator, holds: str) -> None:
    """Wait until the players are so. The page's policy lets no test evaluate a text in it."""
    for _ in range(WAIT // 100):
        if videos.evaluate_all(holds):
            return
        videos.page.wait_for_timeout(100)
    pytest.fail(f"not within {WAIT} ms: {holds}")


def _played(console: Console, address: str) -> int:
    with console.started.service() as service, service.pool.transaction() as connection:
        row = connection.execute(
            "SELECT count(*) AS count FROM event WHERE kind = 'asset.revealed' AND entry_id = %s"
            " AND said ->> 'played' = 'true'",
            (UUID(address.rpartition("/")[2]),),
        ).fetchone()
    assert row
    return int(row["count"])


def _opened(console: Console, client: httpx2.Client, address: str) -> list[str]:
    """The addresses of the two files, as a page without a script has them."""
    strip = client.get(previews.strip_of(client.get(address).text)).text
    plan = strip.partition('name="of" value="')[2].partition('"')[0]
    page = client.post("/console/playback", data={"csrf": form_word(strip), "of": plan})
    assert page.status_code == 200, page.text
    return [html.unescape(found) for found in _MEDIA.findall(page.text)]


def test_two_players_stay_at_the_same_moment(console: Console, browser: Browser, faults: list[str]) -> None:
    person = console.person("register", "review")
    address = previews.reviewed(console, person)
    with console.context(browser, person) as context:
        page = watched(context.new_page(), faults)
        page.goto(address)
        expect(page.get_by_role("button", name="Play both clearly").first).to_be_visible()
        assert _played(console, address) == 0
        page.keyboard.press("p")
        expect(page.get_by_text("are recorded as watched")).to_be_visible()
        assert _played(console, address) == 2
        videos = page.locator(".players video")
        expect(videos).to_have_count(2)
        _until(videos, "all => all.every(one => one.readyState > 1)")
        expect(page.get_by_role("button", name="1 s forward")).to_be_visible()  # the script runs by now
        page.keyboard.press("l")
        _until(videos, "all => all.every(one => !one.seeking && one.currentTime >= 1)")
        first, second = (videos.nth(place).evaluate("one => one.currentTime") for place in (0, 1))
        assert abs(first - second) < 0.1
        page.keyboard.press("m")
        expect(page.get_by_role("button", name="Sound: Registered fake")).to_be_visible()
        assert videos.evaluate_all("all => all.map(one => one.muted)") == [False, True]
        page.keyboard.press("m")
        assert videos.evaluate_all("all => all.map(one => one.muted)") == [True, False]
        page.locator("[data-act='play']").click()
        expect(page.get_by_role("button", name="Pause")).to_be_visible()
        _until(
            videos,
            "([one, other]) => one.currentTime > 2 && Math.abs(one.currentTime - other.currentTime) < 0.5",
        )
        page.keyboard.press("p")
        expect(page.get_by_role("button", name="Pause")).to_have_count(0)
        assert _played(console, address) == 2, "the key plays, it opens nothing again"
        pair = page.locator("article.pair").first  # pictures of similar entries may be there before these
        pair.get_by_role("button", name="Show all clearly").click()
        expect(page.get_by_text("The clear pictures are shown")).to_be_visible()
        expect(videos).to_have_count(2)
    assert faults == []


def test_a_file_comes_in_parts_to_the_caller_whose_opening_is_on_record(console: Console) -> None:
    key = console.organization()
    person = console.person("register", "review", key=key)
    address = previews.reviewed(console, person)
    raw = {name: content for name, (content, _) in previews.swap().items()}
    with previews.window(console, person) as client:
        fake, original = _opened(console, client, address)
        part = client.get(fake, headers={"Range": "bytes=10-99"})
        assert (part.status_code, part.content) == (206, raw["fake"][10:100])
        assert part.headers["Content-Range"] == f"bytes 10-99/{len(raw['fake'])}"
        assert part.headers["Content-Type"] == "video/mp4"
        assert part.headers["Cache-Control"] == "private, no-store"
        assert "sandbox" in part.headers["Content-Security-Policy"]
        assert client.get(original).content == raw["original"]
        assert client.get(fake, headers={"Range": f"bytes={1 << 30}-"}).status_code == 416
        assert client.get("/console/playback/media?of=x.y").status_code == 400
    others = (
        console.person("review", key=key),
        console.person("lookup", key=key),
        console.person("register", "review", key=console.organization()),
    )
    for other in others:
        with previews.window(console, other) as client:
            assert client.get(fake).status_code == 403
    with httpx2.Client(base_url=console.url, trust_env=False) as client:
        assert client.get(fake).status_code == 401


def test_nothing_is_played_once_the_entry_is_withdrawn(console: Console) -> None:
    person = console.person("register", "review")
    address = previews.reviewed(console, person)
    with previews.window(console, person) as client:
        fake, _ = _opened(console, client, address)
        _withdrawn(console, person, address)
        assert client.get(fake).status_code == 409


def _withdrawn(console: Console, person: Person, address: str) -> None:
    with console.api(person.key) as client:
        entry = f"/v1/entries/{address.rpartition('/')[2]}"
        answered = client.post(f"{entry}/withdraw", json={"reason_code": "mistaken"})
        assert answered.status_code < 300, answered.text


def test_a_voice_note_has_a_player_and_no_pictures(
    console: Console, browser: Browser, faults: list[str]
) -> None:
    person = console.person("lookup", "register", "review")
    entry_id, _ = previews.registered(console, person.key, previews.note(31), "voice_clone")
    address = f"/console/entries/{entry_id}"
    with console.context(browser, person) as context:
        page = watched(context.new_page(), faults)
        page.goto(address)
        expect(page.get_by_text("No picture: the file is sound only.")).to_be_visible()
        expect(page.get_by_text("Imitated voice").first).to_be_visible()
        expect(page.locator(".opening-pictures img, .opening-pictures video")).to_have_count(0)
        assert _played(console, address) == 0
        page.get_by_role("button", name="Listen to it").click()
        expect(page.get_by_text("are recorded as listened to")).to_be_visible()
        assert _played(console, address) == 1
        sound = page.locator("audio")
        expect(sound).to_have_count(1)
        _until(sound, "all => all.every(one => one.readyState > 0 && Math.abs(one.duration - 8) < 0.2)")


def test_the_answer_to_a_copied_voice_note_names_its_seconds(
    console: Console, browser: Browser, faults: list[str]
) -> None:
    person = console.person("lookup", "register", "review")
    raw, found = previews.note(32)
    entry_id, _ = previews.registered(console, person.key, (raw, found), "voice_clone")
    copy = replace(found, media=replace(found.media, sha256="0" * 64))
    with console.api(person.key) as client:
        question = {"type": "document", "value": to_document(copy, faces=False)}
        answer = client.post("/v1/lookups", json=question).json()
    assert answer["verdict"] == "known_fake"
    with console.context(browser, person) as context:
        page = watched(context.new_page(), faults)
        page.goto(f"/console/lookup/{answer['lookup_id']}")
        expect(page.get_by_text("Yes: this is a copy of a known fake.")).to_be_visible()
        expect(page.get_by_role("cell", name="0:00.0–0:07.9")).to_have_count(2)
        expect(page.get_by_text("No picture: the file is sound only.")).to_be_visible()
        page.get_by_role("button", name="Listen to it").click()
        expect(page.locator("audio")).to_have_count(1)
    assert entry_id == answer["matches"][0]["entry_id"]


def test_a_spliced_voice_note_and_its_original_are_drawn_and_heard_together(
    console: Console, browser: Browser, faults: list[str]
) -> None:
    """Five of eight seconds are in both. The players stay together there, and the second stops afterwards."""
    person = console.person("register", "review")
    address = previews.heard(console, person)
    with console.context(browser, person) as context:
        page = watched(context.new_page(), faults)
        page.goto(address)
        page.get_by_role("button", name="Listen to both").click()
        expect(page.get_by_text("are recorded as listened to")).to_be_visible()
        assert _played(console, address) == 2
        waves = page.locator(".players .wave")
        expect(waves).to_have_count(2)
        expect(page.get_by_text("both files have the same sound")).to_be_visible()
        expect(page.get_by_role("button", name="Sound: Registered fake")).to_be_visible()
        waves.first.click(position={"x": waves.first.evaluate("one => one.clientWidth") * 0.25, "y": 20})
        sounds = page.locator(".players audio")
        _until(sounds, "all => all.every(one => !one.seeking && Math.abs(one.currentTime - 2) < 0.3)")
        assert _coloured(waves.first, 0.3)
        assert not _coloured(waves.first, 0.8)
        waves.first.click(position={"x": waves.first.evaluate("one => one.clientWidth") * 0.9, "y": 20})
        expect(page.get_by_text("At this moment the second file has nothing that matches.")).to_be_visible()
        own = waves.last
        own.click(position={"x": own.evaluate("one => one.clientWidth") * 0.9, "y": 20})
        _until(sounds, "all => Math.abs(all[1].currentTime - 7.2) < 0.3 && all[0].paused && !all[1].muted")
        own.click(position={"x": own.evaluate("one => one.clientWidth") * 0.9, "y": 20})
        _until(sounds, "all => Math.abs(all[1].currentTime - 7.2) < 0.3")


def test_a_false_sound_beside_a_video_can_be_heard(
    console: Console, browser: Browser, faults: list[str]
) -> None:
    person = console.person("register", "review")
    address = previews.heard(console, person, video=True)
    with console.context(browser, person) as context:
        page = watched(context.new_page(), faults)
        page.goto(address)
        page.get_by_role("button", name="Listen to both").click()
        expect(page.locator(".players audio")).to_have_count(2)
        expect(page.locator(".players .wave")).to_have_count(2)


def _coloured(wave: Locator, share: float) -> bool:
    """Whether the wave's line is coloured, at this share of its length."""
    script = """(one, share) => {
        const canvas = one.querySelector("canvas");
        const place = [Math.round(canvas.width * share), canvas.height / 2, 1, 1];
        const [red, green] = canvas.getContext("2d").getImageData(...place).data;
        return green - red > 50;
    }"""
    return bool(wave.evaluate(script, share))
