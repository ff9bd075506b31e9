"""Lists of the takedown board with the files that rows name, mostly over HTTP: nothing given is lost or asked
without bound."""

from __future__ import annotations

import hashlib
import html
import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID

import httpx2
import pytest
from playwright.sync_api import Browser, FilePayload, expect

from registry.catalogue.fingerprints.model.document import to_document
from registry.identity.callers.service.keys import authenticate
from registry.matching.lookups.store import lookups
from registry.takedown.evidence.pages import proofs
from registry.takedown.notices.model.notice import PersonMove
from registry.takedown.notices.service.moves import move_notice
from registry.takedown.recurrences.pages import found
from tests.browser.conftest import PATIENCE, watched
from tests.support.browser.console import Console, Person, form_word
from tests.support.takedown.campaigns import Case, case

PLACE = "https://videos.example.net/l/"


@pytest.fixture
def lawyer(console: Console) -> Person:
    return console.person("takedown", "register", "lookup", key=console.organization())


@pytest.fixture
def mine(console: Console, lawyer: Person) -> Iterator[Case]:
    with console.started.service() as service:
        yield case(service, authenticate(service, lawyer.key))


class Board:
    """The pages of one campaign."""

    def __init__(self, client: httpx2.Client, mine: Case) -> None:
        self._client = client
        self.root = f"/console/takedown/{mine.campaign_id}"
        self.word = form_word(client.get(f"{self.root}/add").text)

    def post(self, path: str, *files: tuple[str, tuple[str, bytes]], **sent: Any) -> Any:
        """The status, and what is shown, as text."""
        response = self.asked(path, *files, **sent)
        return response.status_code, html.unescape(response.text)

    def asked(self, path: str, *files: tuple[str, tuple[str, bytes]], **sent: Any) -> httpx2.Response:
        """The answer to a form; with `fragment`, as htmx asks."""
        headers = {"HX-Request": "true", "Sec-Fetch-Site": "same-origin"} if "fragment" in sent else {}
        data = {"csrf": self.word} | sent
        return self._client.post(f"{self.root}{path}", data=data, files=list(files) or None, headers=headers)

    def sign_out(self) -> None:
        """As the browser's other tabs do."""
        self._client.cookies.clear()

    def get(self, path: str) -> str:
        return str(self._client.get(f"{self.root}{path}").text)

    def matched(self, mine: Case) -> int:
        """How many notices have the verdict of a lookup."""
        with mine.service.pool.transaction() as connection:
            row = connection.execute(
                "SELECT count(checked_at) AS matched FROM notice WHERE campaign_id = %s", (mine.campaign_id,)
            ).fetchone()
        assert row
        return int(row["matched"])


@pytest.fixture
def board(console: Console, lawyer: Person, mine: Case) -> Iterator[Board]:
    cookies = dict(lawyer.cookies)
    headers = {"Origin": console.url}
    with httpx2.Client(
        base_url=console.url, timeout=600, trust_env=False, headers=headers, cookies=cookies
    ) as client:
        yield Board(client, mine)


def _media(mine: Case, name: str) -> tuple[str, tuple[str, bytes]]:
    return "media", (name, json.dumps(to_document(mine.found, faces=True)).encode())


def _list_of(shown: str) -> str:
    return str(re.findall(r"<textarea[^>]* name=\"list\"[^>]*>\n(.*?)</textarea>", shown, re.DOTALL)[0])


def test_digests_are_looked_up_within_a_limit_and_the_others_after_resubmission(
    board: Board, mine: Case
) -> None:
    many = proofs.MOST + 3
    rows = "".join(f"{PLACE}{n},{hashlib.sha256(b'%d' % n).hexdigest()}\n" for n in range(many))
    status, shown = board.post("/add", list=f"url,sha256\n{rows}")
    assert (status, f"{many} addresses were added" in shown) == (200, True)
    assert "3 more rows were not looked up this time" in shown
    assert board.matched(mine) == proofs.MOST
    status, shown = board.post("/add", list=f"url,sha256\n{rows}")
    assert (status, "were not looked up this time" in shown) == (200, False)
    assert shown.count("/notices/") == 3 + shown.count('name="notice"')
    assert board.matched(mine) == many


def test_a_caller_over_its_rate_limit_gets_an_error_and_keeps_its_rows(
    console: Console, board: Board, lawyer: Person, mine: Case
) -> None:
    _limited(console, mine, lawyer, 2)
    rows = "".join(f"{PLACE}{n},{hashlib.sha256(b'%d' % n).hexdigest()}\n" for n in range(6))
    status, shown = board.post("/add", list=f"url,sha256\n{rows}")
    assert (status, "6 addresses were added" in shown, "quota_exhausted" in shown) == (200, True, True)
    assert "3 more rows were not looked up this time" in shown
    assert board.matched(mine) == 2


def _limited(console: Console, mine: Case, person: Person, day: int) -> None:
    with mine.service.pool.transaction() as connection:
        found = connection.execute(
            "SELECT caller_id FROM account WHERE account_id = %s", (person.account_id,)
        )
        row = found.fetchone()
    assert row
    with console.api() as client:
        answered = client.put(f"/v1/callers/{row['caller_id']}/limits", json={"daily": day})
        assert answered.status_code == 200, answered.text


def test_one_clip_at_many_places_is_attached_once_to_each(board: Board, mine: Case) -> None:
    many = proofs.MOST + 4
    rows = "url,file\n" + "".join(f"{PLACE}{n},clip.json\n" for n in range(many))
    seen = []
    for _ in range(3):
        shown = board.post("/add", _media(mine, "clip.json"), list=rows)[1]
        seen.append(("4 more rows were not looked up" in shown, shown.count("verdict-known_fake")))
    assert seen == [(True, proofs.MOST), (False, 4), (False, 0)]
    assert board.matched(mine) == many


def test_a_waiting_proof_keeps_its_place_and_is_not_looked_up_again(board: Board, mine: Case) -> None:
    shown = board.post("/add", ("media", ("a.mp4", b"a")), list=f"url,file\n{PLACE}w,a.mp4\n")[1]
    (waits,) = re.findall(r'name="proof" value="([^"]+)"', shown)
    rows = "".join(f"{PLACE}{n},{hashlib.sha256(b'%d' % n).hexdigest()},\n" for n in range(proofs.MOST))
    text = f"url,sha256,file\n{rows}{PLACE}w,,a.mp4\n"
    shown = board.post("/add", ("media", ("a.mp4", b"a")), list=text, proof=waits)[1]
    assert re.findall(r'name="proof" value="([^"]+)"', shown) == [waits]
    assert "1 more row was not looked up this time" in shown
    assert board.matched(mine) == proofs.MOST - 1


def test_a_row_is_proved_by_its_digest_where_its_file_did_not_come(board: Board, mine: Case) -> None:
    digest = hashlib.sha256(b"film").hexdigest()
    board.post("/add", list=f"url\n{PLACE}1\n")
    text = f"url,file,sha256\n{PLACE}1,a.mp4,{digest}\n{PLACE}2,a.mp4,{digest}\n"
    shown = board.post("/add", list=text)[1]
    assert ("missing_path" in shown, board.matched(mine)) == (False, 2)


def test_a_file_that_did_not_come_is_given_later(board: Board, mine: Case) -> None:
    rows = f"url,file\n{PLACE}1,a.json\n{PLACE}2,b.json\n"
    shown = board.post("/add", _media(mine, "a.json"), list=rows)[1]
    assert ("missing_path" in shown, board.matched(mine)) == (True, 1)
    shown = board.post("/add", _media(mine, "b.json"), list=rows)[1]
    assert ("2 were already known" in shown, "verdict-known_fake" in shown) == (True, True)
    assert ("missing_path" in shown, board.matched(mine)) == (False, 2)


def test_two_files_of_one_name_are_no_proof(board: Board, mine: Case) -> None:
    files = (_media(mine, "a.json"), ("media", ("a.json", b"{")))
    for path, said in (("/add", "1 address was added"), ("/found", "1 row was refused")):
        shown = board.post(path, *files, list=f"url,file\n{PLACE}1,a.json\n")[1]
        assert ("repeated_file" in shown, said in shown) == (True, True)
    assert board.matched(mine) == 0


def test_waiting_proofs_are_polled_without_sending_the_form(board: Board, mine: Case) -> None:
    rows = f"url,file\n{PLACE}1,a.mp4\n{PLACE}2,b.mp4\njavascript:1,c.mp4\n"
    files = tuple(("media", (f"{name}.mp4", name.encode())) for name in "ab")
    shown = board.post("/add", *files, list=rows)[1]
    waits = re.findall(r'name="proof" value="([^"]+)"', shown)
    assert (len(waits), 'hx-params="proof,round"' in shown, "dangerous_scheme" in shown) == (2, True, True)
    with mine.service.pool.transaction() as connection:
        lookups.fail(connection, UUID(waits[0].split(" ")[2]), "not_media", "It is no film.")
    status, part = board.post("/add/media", fragment="yes", proof=waits, round="0", list=f"{PLACE}9")
    assert (status, "<html" in part, "<textarea" in part) == (200, False, False)
    assert ("not_media" in part, re.findall(r'name="proof" value="([^"]+)"', part)) == (True, waits[1:])
    assert (_pause(part), 'name="round" value="1"' in part) == (4.5, True)
    last = board.post("/add/media", fragment="yes", proof=waits[1:], round=str(proofs.ROUNDS - 1))[1]
    assert (_pause(last), "Press the button again" in last, waits[1] in last) == (None, True, True)
    whole = board.post("/add/media", proof=waits[1:], list=f"{PLACE}9")[1]
    assert ("<html" in whole, waits[1] in whole) == (True, True)
    assert len(re.findall(r'name="notice"', board.get("/notices"))) == 2


def test_polling_survives_the_end_of_a_session_and_shows_the_next_step(
    console: Console, board: Board, lawyer: Person, mine: Case
) -> None:
    shown = board.post("/add", ("media", ("a.mp4", b"a")), list=f"url,file\n{PLACE}1,a.mp4\n")[1]
    (waits,) = re.findall(r'name="proof" value="([^"]+)"', shown)
    sent = {"fragment": "yes", "proof": [waits, '<b> "'], "round": "3"}
    word, board.word = board.word, "of-another-session"
    status, part = board.post("/add/media", **sent)
    assert (status, "form_outdated" in part, _carries(part)) == (200, True, [waits])
    (board.word,) = re.findall(r'{"X-Csrf": "([^"]+)"}', part)
    assert (board.word, _pause(part), "<html" in part, "<b>" in part) == (word, None, False, False)
    status, part = board.post("/add/media", **sent | {"proof": waits})
    assert (status, _pause(part), _carries(part)) == (200, proofs.pause(4), [waits])
    console.expire(lawyer)
    status, part = board.post("/add/media", **sent)
    assert (status, "/console/sign-in" in part, _carries(part), _pause(part)) == (200, True, [waits], None)
    board.sign_out()
    answered = board.asked("/add/media", **sent)
    assert (answered.status_code, "HX-Refresh" in answered.headers) == (200, False)
    part = html.unescape(answered.text)
    assert ("/console/sign-in" in part, _carries(part)) == (True, [waits])
    kept = board.asked("/add/media", kept="x", **sent)
    assert (kept.status_code, "HX-Refresh" in kept.headers) == (401, False)


def _carries(part: str) -> list[str]:
    return re.findall(r'name="proof" value="([^"]+)"', part)


def test_polling_does_not_change_typed_text(
    console: Console, browser: Browser, faults: list[str], lawyer: Person, mine: Case
) -> None:
    sent: list[str] = []
    with console.context(browser, lawyer, locale="en-GB") as context:
        page = watched(context.new_page(), faults)
        page.goto(f"/console/takedown/{mine.campaign_id}/add")
        page.get_by_role("textbox", name="Addresses").fill(f"url,file\n{PLACE}1,a.mp4\nbad,b.mp4")
        film = FilePayload(name="a.mp4", mimeType="video/mp4", buffer=b"no film")
        page.get_by_label("The files that the rows name").set_input_files(film)
        page.get_by_role("button", name="Add them").click()
        expect(page.get_by_text("1 file is still being read")).to_be_visible()
        page.on("request", lambda item: sent.append(item.post_data or "") if item.method == "POST" else None)
        page.get_by_role("textbox", name="Addresses").fill("typed meanwhile")
        (_, _, lookup_id) = page.locator("input[name=proof]").input_value().split(" ")
        with mine.service.pool.transaction() as connection:
            lookups.fail(connection, UUID(lookup_id), "not_media", "It is no film.")
        expect(page.get_by_text("not_media")).to_be_visible(timeout=PATIENCE)
        expect(page.get_by_text("1 address was added")).to_be_visible()
        expect(page.get_by_label("Line 3")).to_have_value("bad,b.mp4")
        assert page.get_by_role("textbox", name="Addresses").input_value() == "typed meanwhile"
    assert sent
    assert all({name for name, _ in parse_qsl(item)} == {"proof", "round"} for item in sent)
    assert faults == []


def _pause(shown: str) -> float | None:
    found = re.search(r'hx-trigger="load delay:([0-9.]+)s,', shown)
    return float(found[1]) if found else None


def test_an_error_keeps_corrections_and_waiting_proofs(board: Board, mine: Case) -> None:
    waits = f"2 {mine.campaign_id} {mine.entry_id}"
    sent = {"list": "url,file\nbad,a.mp4", "was-2": "bad,a.mp4", "row-2": f"{PLACE}1,a.mp4", "proof": waits}
    old = ("file", ("old.xls", b"\xd0\xcf\x11\xe0" + bytes(600)))
    status, shown = board.post("/add", old, **sent)
    assert (status, _list_of(shown)) == (400, f"url,file\n{PLACE}1,a.mp4")
    assert f'name="proof" value="{waits}"' in shown
    binary = ("file", ("list.xlsx", b"PK\3\4" + bytes(600)))
    status, shown = board.post("/found", binary, **sent)
    assert (status, "not_text" in shown, _list_of(shown)) == (400, True, f"url,file\n{PLACE}1,a.mp4")


def test_addresses_are_confirmed_while_files_of_a_workbook_are_read(board: Board, mine: Case) -> None:
    shown = board.post("/add", ("media", ("a.mp4", b"a")), list=f"url,file\n{PLACE}1,a.mp4\n")[1]
    (waits,) = re.findall(r'name="proof" value="([^"]+)"', shown)
    marked = str(mine.add("http://10.example.net/x")[0])
    status, shown = board.post("/add/looked", list="", notice=marked, proof=waits)
    assert (status, waits in shown) == (200, True)


def test_a_longer_list_has_its_turn_in_parts(board: Board, mine: Case) -> None:
    _removed(mine)
    many = found.MOST + 3
    rows = "".join(f"none{n}.json;{PLACE}f{n}\n" for n in range(many - 1))
    status, shown = board.post("/found", _media(mine, "a.json"), list=f"file;url\na.json;{PLACE}new\n{rows}")
    assert (status, "1 notice is open again" in shown) == (200, True)
    assert ("2 rows are still to be processed" in shown, "200 rows were refused" in shown) == (True, True)
    left = _list_of(shown).splitlines()
    assert (left[0], len(left)) == ("url,file,lookup", many)
    assert left[1] == f"{PLACE}f{found.MOST},none{found.MOST}.json,"
    assert left[-1] == f"{PLACE}f{found.MOST - 1},none{found.MOST - 1}.json,"


def test_rows_whose_files_came_have_their_turn_before_those_that_lack_theirs(
    board: Board, mine: Case
) -> None:
    _removed(mine)
    lacking = "".join(f"{PLACE}n{n},none{n}.json\n" for n in range(found.MOST + 1))
    text = f"url,file\n{lacking}{PLACE}last,a.json\n"
    shown = board.post("/found", _media(mine, "a.json"), list=text)[1]
    assert ("1 notice is open again" in shown, "1 row is still to be processed" in shown) == (True, True)
    shown = board.post("/add", _media(mine, "a.json"), list=text)[1]
    assert f"{found.MOST + 1 - proofs.MOST} more rows were not looked up" in shown
    assert (board.matched(mine), shown.count("<code>missing_path")) == (1, proofs.MOST)


def test_reopened_notices_are_counted_beyond_those_that_are_listed(board: Board, mine: Case) -> None:
    _removed(mine)
    before = [f"{mine.campaign_id} {PLACE}b{n}" for n in range(found.MOST + 50)]
    text = f"url,file\n{PLACE}1,a.json\n"
    shown = board.post("/found", _media(mine, "a.json"), list=text, done=before, opened="450")[1]
    assert ("451 notices are open again" in shown, 'name="opened" value="451"' in shown) == (True, True)
    assert shown.count('name="done"') == found.MOST + 1


def test_a_quotation_mark_that_none_closes_loses_no_row(board: Board, mine: Case) -> None:
    _removed(mine)
    text = f'url,file\n{PLACE}1,a.json\n"{PLACE}2,a.json\n{PLACE}3,a.json'
    status, shown = board.post("/found", _media(mine, "a.json"), list=text)
    assert (status, _list_of(shown), "unclosed_quote" in shown) == (400, text, True)
    assert f'name="row-3" value=""{PLACE}2,a.json"' in shown
    fixed = {"was-3": f'"{PLACE}2,a.json', "row-3": f"{PLACE}2,a.json"}
    status, shown = board.post("/found", _media(mine, "a.json"), list=text, **fixed)
    assert (status, "3 notices are open again" in shown) == (200, True)


def test_refused_rows_of_any_list_can_be_corrected(board: Board, mine: Case) -> None:
    _removed(mine)
    status, shown = board.post("/found", list=f"file;url\nclip.json;\n;{PLACE}2\n")
    assert (status, _list_of(shown)) == (200, f"url,file,lookup\n,clip.json,\n{PLACE}2,,")
    sent = {"list": _list_of(shown), "was-2": ",clip.json,", "row-2": f"{PLACE}1,clip.json,"}
    sent |= {"was-3": f"{PLACE}2,,", "row-3": ""}
    shown = board.post("/found", _media(mine, "clip.json"), **sent)[1]
    assert ("1 notice is open again" in shown, _list_of(shown)) == (True, "")


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16", "utf-8-sig"])
def test_an_uploaded_list_is_combined_with_typed_rows(board: Board, mine: Case, encoding: str) -> None:
    _removed(mine)
    listed = f"url;archivo\r\n{PLACE}1;canción.json\r\n".encode(encoding)
    typed = f"url,file\n{PLACE}2,gone.json"
    shown = board.post("/found", ("file", ("list.csv", listed)), _media(mine, "canción.json"), list=typed)[1]
    assert ("1 notice is open again" in shown, "missing_path" in shown) == (True, True)
    assert _list_of(shown) == f"url,file,lookup\n{PLACE}2,gone.json,"


def test_a_list_that_is_too_large_gets_an_error(board: Board) -> None:
    large = ("file", ("list.csv", b"url,file\n" + b"#" * found.LARGEST))
    status, shown = board.post("/found", large, list="url,file")
    assert (status, "too_many_rows" in shown, _list_of(shown)) == (413, True, "url,file")
    status, shown = board.post("/found", ("file", ("list.csv", b"a,b\n1,2\n")), list="")
    assert (status, "no_header" in shown, "url and note" in shown) == (400, True, False)


def _removed(mine: Case) -> None:
    (first,) = mine.sent(f"{PLACE}first")
    move_notice(mine.service, mine.caller, mine.campaign_id, first, PersonMove("remove", "told"))
