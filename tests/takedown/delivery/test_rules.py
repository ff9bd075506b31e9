"""By which way a notice goes, what is sent, when it is tried again; and the clock it starts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.parser import BytesParser
from email.policy import default
from pathlib import Path
from uuid import UUID

import orjson
import pytest

from registry.catalogue import platforms
from registry.catalogue.platforms.model.platforms import Channel, Platform
from registry.core.errors import BadInput
from registry.takedown.delivery.model import delivery
from registry.takedown.delivery.model.delivery import Header, WrittenLetter
from registry.takedown.delivery.service import sending, smtp
from registry.takedown.regimes import service as regimes
from registry.takedown.regimes.model.wording import Letter, Paragraph, Piece

MAIL = Channel("email", "legal@p.example", languages=("fr", "en"), confirmed=True)
API = Channel("api", "https://p.example/notices", confirmed=True)
FORM = Channel("form", "https://p.example/form")
ID = UUID("4c1e4bb2-1f0f-4c3c-9d4b-6f0c2f6c7f13")
LETTER = Letter("Aviso\u2066", (Paragraph(((Piece("."), Piece("ana", "name")),), heading=True),), "es", "1")


def platform(*channels: Channel) -> Platform:
    return Platform("p", "P", ("p.example",), channels=channels)


@pytest.mark.parametrize(
    ("channels", "mail", "keyed", "way", "why"),
    [
        ((API, MAIL), True, {"p"}, "api", None),
        ((API, MAIL), True, set(), "email", None),
        ((MAIL,), False, set(), "paper", "no_mail_server"),
        ((API,), True, set(), "paper", "no_platform_key"),
        ((replace(MAIL, confirmed=False),), True, set(), "paper", "not_confirmed"),
        ((FORM, MAIL), True, set(), "email", None),
        ((FORM,), True, set(), "paper", "no_channel"),
        ((), True, set(), "paper", "no_channel"),
        ((replace(MAIL, regimes=("court_order",)),), True, set(), "paper", "no_channel"),
    ],
)
def test_the_way(
    channels: tuple[Channel, ...], mail: bool, keyed: set[str], way: str, why: str | None
) -> None:
    found = delivery.route(
        platform(*channels), regimes.load()["dsa16"], "es", mail=mail, keyed=frozenset(keyed)
    )
    assert (found.way, found.why) == (way, why)


def test_authorities_are_addressed_directly() -> None:
    found = delivery.route(platform(MAIL), regimes.load()["aepd"], "es", mail=True, keyed=frozenset())
    assert (found.way, found.why) == ("paper", "authority")


@pytest.mark.parametrize(("asked", "worded"), [("es", "fr"), ("en", "en"), ("ar", "fr")])
def test_the_letter_uses_the_recipients_language(asked: str, worded: str) -> None:
    found = delivery.route(platform(MAIL), regimes.load()["dsa16"], asked, mail=True, keyed=frozenset())
    assert found.language == worded


def test_a_message_is_the_same_bytes_each_time() -> None:
    text = "línea\n.\nFrom here\n" + "x" * 2000
    written = WrittenLetter(LETTER, text, "<p>línea</p>", {"url": "u"})
    header = Header(ID, ID, "dsa16", "MZXW6YTBOI2DEMZU", datetime(2026, 1, 31, tzinfo=UTC))

    def made() -> bytes:
        return delivery.mail(written, header, sender="Ana <a@legal.example>", recipient="b@p.example")

    assert made() == made()
    assert max(len(line) for line in made().split(b"\r\n")) < 998
    read = BytesParser(policy=default).parsebytes(made())
    assert read["Message-ID"] == f"<notice.{ID.hex}@legal.example>"
    assert read["Subject"].endswith("[FP-MZXW6YTBOI2DEMZU]")


def test_an_api_request_names_its_subject() -> None:
    about = {"category": "STATEMENT_CATEGORY_CYBER_VIOLENCE"}
    header = Header(ID, ID, "dsa16", "M", datetime(2026, 1, 31, tzinfo=UTC))
    for dsa in (about, {}):
        sent = delivery.body(WrittenLetter(LETTER, "x", "<p>x</p>", {}, dsa), header)
        assert orjson.loads(sent)["data"]["dsa"] == dsa


def test_a_letter_is_decrypted_as_it_was_written() -> None:
    written = WrittenLetter(LETTER, "x", "<p>x</p>", {"url": "u", "no_consent": True}, {"category": "c"})
    stored = sending.LETTER.content.dump_json(written)
    assert sending.LETTER.content.validate_json(stored) == written


@pytest.mark.parametrize("sender", ["", "a@b, c@d", "a", "a@b\nBcc: x@y", "ñ@legal.example"])
def test_a_sender_is_one_address(sender: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - whichever the library raises
        delivery.sender_address(sender)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("smtps://u:p%40x@mail.example", smtp.Server("mail.example", 465, "implicit", "u", "p@x")),
        ("smtp://mail.example", smtp.Server("mail.example", 587, "starttls")),
        ("smtp://127.0.0.1:2525?tls=none", smtp.Server("127.0.0.1", 2525, "none")),
    ],
)
def test_mail_servers(url: str, expected: smtp.Server) -> None:
    assert smtp.server_of(url) == expected


@pytest.mark.parametrize(
    "url",
    ["", "http://x", "smtp://", "smtp://x/path", "smtps://x?tls=none", "smtp://x?a=b", "smtp://x:99999"],
)
def test_invalid_mail_servers(url: str) -> None:
    with pytest.raises(BadInput) as error:
        smtp.server_of(url)
    assert error.value.code == "bad_setting"


@pytest.mark.parametrize(
    "text",
    [
        "x",
        "[p]",
        "[p]\nsecret = 'no'",
        "[p]\nheader = 'Host: x'",
        '[p]\nheader = "A: b\\nC: d"',
        "[p]\nheader = 'A: b'\nidempotent = 1",
        "p = 1",
    ],
)
def test_files_of_keys_that_are_wrong(tmp_path: Path, text: str) -> None:
    path = tmp_path / "keys.toml"
    path.write_text(text)
    with pytest.raises(BadInput) as error:
        platforms.load_keys(str(path))
    assert error.value.code == "bad_platform_keys"


def test_time_runs_from_when_it_arrived() -> None:
    """48 hours are 48 hours over the night in which clocks change, and over 29 February."""
    rule = regimes.load()["take_it_down"]
    for start in (datetime(2026, 3, 7, 22, tzinfo=UTC), datetime(2028, 2, 28, 12, tzinfo=UTC)):
        due, planned = delivery.alarms(rule, start, {})
        assert due == start + timedelta(hours=48)
        assert planned[-1] == delivery.Alarm("breach", 0, due)
        assert [item.kind for item in planned[:-1]] == ["reminder"] * (len(planned) - 1)
        assert all(start < item.planned_at < due for item in planned[:-1])
    ours = delivery.alarms(regimes.load()["dsa16"], datetime(2026, 1, 30, tzinfo=UTC), {})
    assert ours[1][-1].kind == "overdue"
    assert delivery.alarms(regimes.load()["court_order"], datetime(2026, 1, 30, tzinfo=UTC), {}) == (None, [])
    late = delivery.alarms(
        regimes.load()["court_order"], datetime(2026, 1, 30, tzinfo=UTC), {"comply_by": "2026-01-02"}
    )
    assert late[0] == datetime(2026, 1, 30, tzinfo=UTC)
