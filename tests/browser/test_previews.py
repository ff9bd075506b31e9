"""Pictures side by side: blurred before they come, one's own drawn in the browser, clear ones on record."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser, Request, expect

from registry.catalogue.previews.model import BLURRED_LENGTHS
from registry.console.languages import Words
from tests.browser.conftest import watched
from tests.browser.shots import previews
from tests.support.browser.console import Console, form_word, sign_in


def _revealed(console: Console, asset_id: str) -> int:
    with console.started.service() as service, service.pool.transaction() as connection:
        row = connection.execute(
            "SELECT count(*) AS count FROM event WHERE kind = 'asset.revealed'"
            " AND subject ->> 'asset_id' = %s",
            (asset_id,),
        ).fetchone()
    assert row
    return int(row["count"])


def test_pictures_appear_beside_ones_own_and_one_is_shown_on_record(
    console: Console, browser: Browser, faults: list[str], tmp_path: Path
) -> None:
    person = console.person("lookup", "register", key=console.organization())
    _, asset_id = previews.registered(console, person.key)
    path = tmp_path / "clip.mp4"
    path.write_bytes(previews.clip()[0])
    sent: list[Request] = []
    with console.context(browser, person) as context:
        page = watched(context.new_page(), faults)
        page.goto("/console/lookup")
        page.on("request", lambda item: sent.append(item))  # noqa: PLW0108 - a built-in is refused
        page.get_by_label("Picture, video or sound").set_input_files(path)
        page.get_by_role("button", name="Look up", exact=True).click()
        expect(page.locator("#answer")).to_be_visible(timeout=60_000)
        expect(page.get_by_text("The pictures are being made.")).to_be_visible()
        own = page.locator("figure.own canvas.blurred").first
        expect(own).to_be_visible()
        assert own.evaluate("one => [one.width, one.height]") == [7, 4], "of 16:9"
        previews.made(console, asset_id)
        blurred = page.locator(".preview img.blurred").first
        expect(blurred).to_be_visible()
        assert blurred.evaluate("one => Math.max(one.naturalWidth, one.naturalHeight)") <= max(
            BLURRED_LENGTHS
        )
        page.wait_for_function(
            """() => [...document.querySelectorAll(".instant")].every((instant) => {
                const [own, other] = [instant.querySelector("canvas"), instant.querySelector("img")];
                return own.width === other.naturalWidth && own.height === other.naturalHeight;
            })"""
        )
        assert "image/jpeg" not in page.content()
        expect(page.get_by_text("The pictures are being made.")).to_have_count(0)
        figure = page.locator("figure", has=blurred).first
        figure.get_by_role("button", name="Show clearly").click()
        expect(page.get_by_text("Shown. This is on record.")).to_be_visible()
        clear = page.locator(".preview img[src^='data:image/jpeg']")
        assert clear.evaluate("one => [one.naturalWidth, one.naturalHeight]") == [320, 180]
        page.locator("figure.own").first.get_by_role("button", name="Show clearly").click()
        expect(own).to_be_hidden()
        posted = [request.url.partition("/console")[2] for request in sent if request.method != "GET"]
        assert posted == ["/lookup/document", "/previews"]
    assert _revealed(console, asset_id) == 1
    assert faults == []


def test_a_reviewer_shows_the_whole_filmstrip_clearly_on_record(
    console: Console, browser: Browser, faults: list[str]
) -> None:
    person = console.person("register", "review")
    address = previews.reviewed(console, person)
    with console.context(browser, person) as context:
        page = watched(context.new_page(), faults)
        page.goto(address)
        pair = page.locator("article.pair").first  # other tests register the same footage
        strip = pair.locator(".instant")
        expect(strip).to_have_count(6)
        expect(strip.first.locator("img.blurred")).to_have_count(2)
        expect(strip.first.locator("figcaption")).to_contain_text(
            ["Registered fake · 0:00.3", "Original · 0:00.3", "Where they differ"]
        )
        expect(pair.get_by_role("button", name="Show all clearly")).to_be_visible()
        page.keyboard.press("v")
        expect(pair.get_by_text("The clear pictures are shown. This is on record.")).to_be_visible()
        expect(pair.locator(".preview img[src^='data:image/jpeg']")).to_have_count(12)
        expect(pair.locator(".difference.sharp")).to_have_count(6)
        expect(pair.get_by_role("button", name="Show all clearly")).to_have_count(0)
    with console.started.service() as service, service.pool.transaction() as connection:
        events = connection.execute(
            "SELECT said -> 'at_ms' AS at_ms FROM event WHERE kind = 'asset.revealed' AND entry_id = %s",
            (address.rpartition("/")[2],),
        ).fetchall()
    assert [len(event["at_ms"]) for event in events] == [6, 6], "a record for each of the two files"
    assert faults == []


def test_the_filmstrip_is_shown_clearly_without_a_script(console: Console) -> None:
    person = console.person("register", "review")
    address = previews.reviewed(console, person)
    with previews.window(console, person) as client:
        page = client.get(previews.strip_of(client.get(address).text)).text
        payload = {"csrf": form_word(page), "of": page.partition('name="of" value="')[2].partition('"')[0]}
        assert "data:image/jpeg" not in page
        clear = client.post("/console/previews", data=payload | {"all": "yes"})
        assert (clear.status_code, clear.headers["Cache-Control"]) == (200, "no-store")
        assert clear.text.count('src="data:image/jpeg') == 24, "12 pictures, and the same 12 subtracted"
    other = console.person("lookup", key=console.organization())
    with previews.window(console, other) as client:
        word = form_word(client.get("/console/").text)
        refused = client.post("/console/previews", data=payload | {"all": "yes", "csrf": word})
        assert "data:image/jpeg" not in refused.text


def test_an_entry_in_the_queue_has_its_blurred_picture(
    console: Console, browser: Browser, faults: list[str]
) -> None:
    key = console.organization()
    person = console.person("review", key=key)
    entry_id, asset_id = previews.registered(console, key)
    poster = f"/console/previews/poster/{entry_id}"
    with previews.window(console, person) as client:
        assert "hx-get" in client.get(poster).text, "it waits for a worker"
        previews.made(console, asset_id)
        assert "data:image/png" in client.get(poster).text
    with previews.window(console, console.person("lookup", key=key)) as client:
        assert "data:image" not in client.get(poster).text
    with console.context(browser, person) as context:
        page = watched(context.new_page(), faults)
        page.goto("/console/review?text=resigns")
        row = page.locator("[data-row]").filter(has=page.locator(f"a[href*='{entry_id}']"))
        row.scroll_into_view_if_needed()
        expect(row.locator(".poster img")).to_be_visible()
    assert _revealed(console, asset_id) == 0
    assert faults == []


def test_a_signed_out_person_returns_after_sign_in(
    console: Console, browser: Browser, faults: list[str]
) -> None:
    """What htmx is refused the browser sends itself: its answer is a page."""
    key = console.organization()
    person = console.person("lookup", "review", key=key, password=True)
    _, asset_id = previews.registered(console, key)
    address = previews.compared(console, person)
    with previews.window(console, person) as client:
        client.get(address)
    previews.made(console, asset_id)
    with console.context(browser, person, locale="en-GB") as context:
        page = watched(context.new_page(), faults)
        page.goto(address)
        console.expire(person)
        page.get_by_role("button", name="Show clearly").first.click()
        sign_in(page, person, Words("en"))
        page.get_by_role("button", name="Show my form").click()
        page.get_by_role("button", name="Show clearly").first.click()
        expect(page.get_by_text("Shown. This is on record.")).to_be_visible()
    assert _revealed(console, asset_id) == 1
    assert [fault for fault in faults if "401" not in fault] == []


def test_without_a_script_and_without_the_right(console: Console) -> None:
    key = console.organization()
    person = console.person("lookup", "review", key=key)
    entry_id, asset_id = previews.registered(console, key)
    address = previews.compared(console, person)
    with previews.window(console, person) as client:
        assert "being made" in client.get(address).text
        previews.made(console, asset_id)
        page = client.get(address).text
        assert ("data:image/png" in page, "data:image/jpeg" in page) == (True, False)
        at = page.partition('name="at" value="')[2].partition('"')[0]
        payload = {"entry": entry_id, "asset": asset_id, "at": at, "of": address.partition("of=")[2]}
        ours = {"csrf": form_word(page)}
        assert client.post("/console/previews", data=payload).status_code == 403
        assert _revealed(console, asset_id) == 0
        shown = client.post("/console/previews", data=payload | ours)
        assert (shown.status_code, "data:image/jpeg" in shown.text) == (200, True)
        assert shown.headers["Cache-Control"] == "no-store"
        for wrong, code in (("1e9", "bad_instant"), ("x", "bad_instant"), ("nan", "bad_instant")):
            refused = client.post("/console/previews", data=payload | ours | {"at": wrong})
            assert (refused.status_code, code in refused.text) == (400, True)
            assert "data:image/jpeg" not in refused.text
        assert client.get("/console/previews?of=x.y").status_code == 400
        review = client.get(f"/console/review/{entry_id}").text
        assert "/console/previews?of=" in review
    assert _revealed(console, asset_id) == 1
    for roles, whose, words in (
        (("lookup",), key, "Your account is not shown pictures"),
        (("lookup", "takedown"), console.organization(), "Your account is not shown pictures"),
    ):
        other = console.person(*roles, key=whose)
        with previews.window(console, other) as client:
            page = client.get(address).text
            assert words in page or "You have no access to this file" in page
            assert "data:image" not in page
            answered = client.post("/console/previews", data=payload | {"csrf": form_word(page)})
            assert answered.status_code in {403, 404}
            assert "data:image" not in answered.text
    assert _revealed(console, asset_id) == 1
