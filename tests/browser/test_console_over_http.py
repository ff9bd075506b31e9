"""Forms, sessions, roles, sign-in limits and addresses of the console, tested over HTTP without a browser."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from uuid import uuid4

import httpx2
import pytest

from registry.app.api.permissions import PERMISSIONS
from registry.app.pages.app import areas
from registry.console.area import EVERYBODY
from registry.core.errors import Forbidden
from registry.identity.callers.model import Caller
from tests.support.browser.console import PASSWORD, Console, form_word
from tests.support.identity import forget_failed_sign_ins
from tests.support.service.servers import wait_until


@pytest.fixture
def client(console: Console) -> Iterator[httpx2.Client]:
    """A browser without scripts."""
    with httpx2.Client(
        base_url=console.url,
        timeout=60,
        trust_env=False,
        headers={"Origin": console.url, "Accept": "text/html"},
    ) as made:
        yield made


def _sign_in(client: httpx2.Client, name: str, password: str = PASSWORD, **more: str) -> httpx2.Response:
    word = form_word(client.get("/console/sign-in").text)
    return client.post("/console/sign-in", data={"csrf": word, "name": name, "password": password, **more})


def test_browsers_are_redirected_to_the_console_and_programs_get_json(client: httpx2.Client) -> None:
    assert client.get("/").headers["location"] == "/console/"
    assert client.get("/console").headers["location"] == "/console/"
    response = client.get("/", headers={"Accept": "application/json"})
    assert (response.status_code, response.json()["code"]) == (404, "not_found")
    nothing = client.get("/console/nothing")
    assert nothing.status_code == 404
    assert "<code>not_found</code>" in nothing.text
    assert client.delete("/console/account").status_code == 405


def test_every_answer_has_a_content_security_policy(client: httpx2.Client) -> None:
    for path in ("/console/sign-in", "/console/account", "/console/nothing", "/console/static/no/thing.css"):
        headers = client.get(path).headers
        assert "default-src 'none'; script-src 'self'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-frame-options"] == "DENY"
        assert headers["cache-control"] == "no-store"
        assert headers["x-request-id"]


def test_style_and_scripts_may_be_kept_for_good(client: httpx2.Client) -> None:
    page = client.get("/console/sign-in").text
    sheet = page.partition('rel="stylesheet" href="')[2].partition('"')[0]
    found = client.get(sheet)
    assert found.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert found.headers["content-type"].startswith("text/css")
    other = sheet.replace(sheet.split("/")[3], "0" * 16)
    assert client.get(other).status_code == 404
    assert client.get("/console/static/x/../../console.py").status_code == 404


def test_style_and_scripts_are_sent_compressed_and_pages_are_not(client: httpx2.Client) -> None:
    page = client.get("/console/sign-in")
    assert "content-encoding" not in page.headers, "its length would reveal the form token"
    sheet = page.text.partition('rel="stylesheet" href="')[2].partition('"')[0]
    compressed = client.get(sheet, headers={"Accept-Encoding": "gzip"})
    plain = client.get(sheet, headers={"Accept-Encoding": "identity"})
    assert compressed.headers["content-encoding"] == "gzip"
    assert int(compressed.headers["content-length"]) < len(plain.content) / 2
    assert compressed.text == plain.text
    assert compressed.headers["vary"] == plain.headers["vary"] == "Accept-Encoding"


def test_nobody_signs_in_by_a_foreign_form(console: Console, client: httpx2.Client) -> None:
    person = console.person("lookup", password=True)
    word = form_word(client.get("/console/sign-in").text)
    sent = {"csrf": word, "name": person.sign_in_name, "password": PASSWORD}
    foreign = [
        ({"csrf": word[::-1]}, {}),
        ({"csrf": ""}, {}),
        ({}, {"Origin": "https://elsewhere.example"}),
        ({}, {"Sec-Fetch-Site": "cross-site"}),
    ]
    for data, headers in foreign:
        refused = client.post("/console/sign-in", data=sent | data, headers=headers)
        assert refused.status_code == 403, (data, headers)
        assert "<code>form_refused</code>" in refused.text
    other = httpx2.post(f"{console.url}/console/sign-in", data=sent, trust_env=False)
    assert other.status_code == 403
    assert client.post("/console/sign-in", data=sent).status_code == 303


def test_a_wrong_name_and_a_wrong_password_get_the_same_slow_answer(
    console: Console, client: httpx2.Client
) -> None:
    person = console.person("lookup", password=True)
    bodies = set()
    for name in (person.sign_in_name, f"{uuid4().hex}@example.org", "no such name/", "x" * 500, ""):
        refused = _sign_in(client, name, "wrong words all of them")
        assert refused.status_code == 401
        bodies.add("wrong_credentials" in refused.text and PASSWORD not in refused.text)
    assert bodies == {True}
    for _ in range(4):
        assert _sign_in(client, person.sign_in_name, "wrong").status_code == 401
    slowed = _sign_in(client, person.sign_in_name)
    assert slowed.status_code == 429
    assert int(slowed.headers["retry-after"]) > 0
    assert "too_many_attempts" in slowed.text
    with console.started.service() as service:
        forget_failed_sign_ins(service)
    assert _sign_in(client, person.sign_in_name.upper()).status_code == 303


def test_an_invitation_works_once_and_a_weak_password_does_not(
    console: Console, client: httpx2.Client
) -> None:
    made = console.invited("lookup")
    path = made["invitation"]
    word = form_word(client.get(path).text)
    for new, again, code in (
        ("short", "short", "weak_password"),
        (made["sign_in_name"], made["sign_in_name"], "weak_password"),
        (PASSWORD, PASSWORD + "x", "passwords_differ"),
        ("x9" * 200, "x9" * 200, "bad_password"),
    ):
        refused = client.post(path, data={"csrf": word, "new": new, "new_again": again})
        assert refused.status_code == 400
        assert code in refused.text
    taken = client.post(path, data={"csrf": word, "new": PASSWORD, "new_again": PASSWORD})
    assert (taken.status_code, taken.headers["location"]) == (303, "/console/")
    assert client.get("/console/account").status_code == 200
    again = client.get(path)
    assert (again.status_code, "unknown_invitation" in again.text) == (404, True)
    with console.api(made["key"]) as admin:
        anew = admin.post(f"/v1/accounts/{made['account_id']}/invitation")
        assert anew.status_code == 201
        (listed,) = admin.get("/v1/accounts").json()["accounts"]
        assert (listed["state"], listed["password"]) == ("active", True)
        assert admin.delete(f"/v1/accounts/{made['account_id']}").status_code == 200
        assert admin.get("/v1/accounts").json()["accounts"] == []
    assert client.get("/console/account").status_code == 401
    assert client.get(anew.json()["invitation"]).status_code == 404


def test_roles_open_pages_and_guesses_do_not(console: Console, client: httpx2.Client) -> None:
    for name, value in console.person("lookup").cookies.items():
        client.cookies.set(name, value)
    assert client.get("/console/account").status_code == 200
    assert "/console/review" not in client.get("/console/").text
    for name, value in (("fakeprint_session", "guess"), ("fakeprint_session", "x" * 5000)):
        with httpx2.Client(base_url=console.url, cookies={name: value}, trust_env=False) as other:
            assert other.get("/console/account").status_code == 401


def _places() -> list[tuple[str, str, str]]:
    """Return method, address and permission of every console route, with ids that do not exist."""
    return [
        (place.method, re.sub(r"\{\w+\}", str(uuid4()), place.path), place.operation)
        for area in areas()
        for place in area.places
        if place.operation != EVERYBODY and PERMISSIONS[place.operation].key
    ]


def test_guessed_addresses_are_refused(console: Console) -> None:
    """Of all areas: to nobody who is not signed in, and to nobody without the role."""
    person = console.person("lookup", password=True)
    held = Caller(uuid4(), uuid4(), person.sign_in_name, frozenset({"lookup"}))
    headers = {"Origin": console.url, "Accept": "text/html"}

    def window(cookies: dict[str, str]) -> httpx2.Client:
        return httpx2.Client(
            base_url=console.url, timeout=60, trust_env=False, headers=headers, cookies=cookies
        )

    with window({}) as nobody, window(dict(person.cookies)) as guest:
        word = {"csrf": form_word(guest.get("/console/account").text)}
        wrong = []
        for method, path, door in _places():
            sent = word if method == "POST" else None
            response = nobody.request(method, path, data=sent)
            if response.status_code not in {401, 403}:
                wrong.append((method, path, "nobody", response.status_code))
            try:
                PERMISSIONS[door].require(held)
                shut = PERMISSIONS[door].operator
            except Forbidden:
                shut = True
            if shut and (response := guest.request(method, path, data=sent)).status_code != 403:
                wrong.append((method, path, "guest", response.status_code))
    assert wrong == []


def test_sign_in_returns_to_the_same_page_and_to_no_other_site(
    console: Console, client: httpx2.Client
) -> None:
    person = console.person("lookup", password=True)
    assert 'name="back" value="/console/account?x=1"' in client.get("/console/account?x=1").text
    for back, there in (
        ("/console/account?x=1", "/console/account?x=1"),
        ("https://elsewhere.example/", "/console/"),
        ("//elsewhere.example/", "/console/"),
        ("/\\elsewhere.example/", "/console/"),
        ("", "/console/"),
    ):
        client.cookies.clear()
        assert _sign_in(client, person.sign_in_name, back=back).headers["location"] == there


def test_script_in_a_name_is_shown_and_not_run(console: Console, client: httpx2.Client) -> None:
    name = "<script>alert(1)</script>\"'{{7*7}}%(x)s"
    for cookie, value in console.person("lookup", name=name).cookies.items():
        client.cookies.set(cookie, value)
    page = client.get("/console/account").text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "{{7*7}}%(x)s" in page


def test_a_form_is_kept_for_nobody_else(console: Console, client: httpx2.Client) -> None:
    person, other = console.person("lookup", password=True), console.person("lookup", password=True)
    for name, value in person.cookies.items():
        client.cookies.set(name, value)
    word = form_word(client.get("/console/account").text)
    console.expire(person)
    typed = {"csrf": word, "passkey_name": "typed words", "token": "", "credential": ""}
    response = client.post("/console/account/passkeys", data=typed)
    assert response.status_code == 401
    kept = response.text.partition('name="kept_form" value="')[2].partition('"')[0]
    sent = {"csrf": form_word(response.text), "name": other.sign_in_name, "password": PASSWORD}
    came = client.post(
        "/console/sign-in", data=sent | {"back": "/console/account/passkeys", "kept_form": kept}
    )
    assert came.status_code == 200
    shown = client.post("/console/account/passkeys", data={"kept": kept})
    assert "typed words" not in shown.text
    assert client.post("/console/account/passkeys", data={"kept": kept[:-2]}).status_code == 400


def test_a_form_opened_before_a_new_sign_in_is_shown_again(console: Console, client: httpx2.Client) -> None:
    """As in a second tab. What a browser does not say to come from here is refused."""
    person = console.person("lookup", password=True)
    assert _sign_in(client, person.sign_in_name).status_code == 303
    there = "/console/account/passkeys"
    typed = {"csrf": form_word(client.get("/console/account").text), "passkey_name": "typed words"}
    client.cookies.clear()
    assert _sign_in(client, person.sign_in_name).status_code == 303
    here = {"Sec-Fetch-Site": "same-origin"}
    shown = client.post(there, data=typed, headers=here)
    assert (shown.status_code, "form_outdated" in shown.text, "typed words" in shown.text) == (
        403,
        True,
        True,
    )
    assert form_word(shown.text) != typed["csrf"]
    for headers in ({}, {"Sec-Fetch-Site": "none"}, here | {"Origin": "https://elsewhere.example"}):
        refused = client.post(there, data=typed, headers=headers)
        assert (refused.status_code, "form_refused" in refused.text) == (403, True)
        assert "typed words" not in refused.text
    bare = {"csrf": typed["csrf"], "name": "Íñigo", "password": PASSWORD}
    shown = httpx2.post(f"{console.url}/console/sign-in", data=bare, headers=here, trust_env=False)
    assert (shown.status_code, "form_without_cookie" in shown.text, "Íñigo" in shown.text) == (
        403,
        True,
        True,
    )
    left = client.post("/console/sign-out", data={"csrf": typed["csrf"]}, headers=here)
    assert left.status_code == 303, "who signs out in an old tab is signed out"
    assert client.get("/console/account").status_code == 401
    client.cookies.clear()
    response = client.post(there, data=typed, headers=here)
    assert (response.status_code, "typed words" in response.text) == (401, False)


def test_a_revoked_caller_is_signed_out(console: Console, client: httpx2.Client) -> None:
    made = console.person("lookup", password=True)
    for name, value in made.cookies.items():
        client.cookies.set(name, value)
    assert client.get("/console/").status_code == 200
    with console.api(made.key) as admin:
        (account,) = admin.get("/v1/accounts").json()["accounts"]
        assert admin.delete(f"/v1/callers/{account['caller_id']}").status_code == 200
    assert client.get("/console/").status_code == 401
    assert _sign_in(client, made.sign_in_name).status_code in {401, 429}


def test_files_come_within_bounds_and_after_the_word(console: Console, client: httpx2.Client) -> None:
    """The console has no form with files of its own: one is tried that other areas declare."""
    for name, value in console.person("lookup").cookies.items():
        client.cookies.set(name, value)
    word = form_word(client.get("/console/account").text)
    file = {"file": ("a.mp4", b"x" * 100, "video/mp4")}
    refused = client.post("/console/account/password", data={"csrf": word}, files=file)
    assert (refused.status_code, "bad_input" in refused.text) == (400, True)
    large = client.post("/console/account/password", data={"csrf": word, "new": "x" * (2 << 20)})
    assert (large.status_code, "too_large" in large.text) == (413, True)
    broken = client.post(
        "/console/account/password",
        content=b"csrf=%ff&new=\xff",
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )
    assert broken.status_code == 400


def test_a_tab_that_is_closed_in_mid_upload_leaves_nothing(console: Console, client: httpx2.Client) -> None:
    for name, value in console.person("lookup").cookies.items():
        client.cookies.set(name, value)
    before, told = console.started.blobs(), len(console.started.log.read_bytes())
    word, end = form_word(client.get("/console/lookup").text), "\r\n"
    part = f"--x{end}Content-Disposition: form-data; name=%s{end}{end}"
    body = part % '"csrf"' + word + end + part % '"file"; filename="a.mp4"'
    head = {"Host": client.base_url.netloc.decode(), "Origin": console.url, "Content-Length": "3000000"}
    head |= {"Cookie": "; ".join(f"{name}={value}" for name, value in client.cookies.items())}
    head |= {"Content-Type": "multipart/form-data; boundary=x"}
    lines = ["POST /console/lookup/file HTTP/1.1", *(f"{name}: {value}" for name, value in head.items())]
    with socket.create_connection((client.base_url.host, client.base_url.port or 80)) as half:
        half.sendall(f"{end.join(lines)}{end}{end}{body}".encode() + bytes(1_500_000))
    log = console.started.log
    wait_until(lambda: re.search(rb"lookup/file.*status\W+499", log.read_bytes()[told:]) is not None, 10)
    assert console.started.blobs() == before
