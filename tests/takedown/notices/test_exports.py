"""What leaves: tables of notices, notices in Lumen's form, releases, and figures."""

from __future__ import annotations

import csv
import html
import io
import json
from base64 import b64encode
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from openpyxl import load_workbook

from registry.core.errors import BadInput, Conflict, NotFound
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.review.disputes.service.disputes import Contest
from registry.takedown.campaigns.model import RELEASED_FIELDS
from registry.takedown.campaigns.schemas import Releases
from registry.takedown.campaigns.service.release import list_releases, release_campaign, withhold_campaign
from registry.takedown.clients.service import erase_client
from registry.takedown.delivery.service.deliveries import decide_delivery, list_notice_deliveries
from registry.takedown.delivery.service.sending import send_notices
from registry.takedown.notices.model import notice_table
from registry.takedown.notices.model.notice import PersonMove
from registry.takedown.notices.service.moves import contest_notice, move_notice
from registry.takedown.notices.service.notices import change_notice
from registry.takedown.replies.service.statements_of_reasons import import_statements
from registry.takedown.reports.service import export_notices, report_statistics
from tests.support.steps import join
from tests.support.takedown.campaigns import SAID, SIGNS, WHO, Case, case
from tests.support.takedown.past import breach, copy_notice, hand_over_earlier, move_earlier
from tests.support.takedown.statements import statement

HOST = "ana-ejemplo-fakes.example.net"
URLS = (f"https://{HOST}/v/1", "https://t.me/canal/2", f"https://{HOST}/v/3")


@pytest.fixture
def about(service: Service, owner: Caller) -> Case:
    return case(service, owner)


def export(about: Case, **how: Any) -> bytes:
    return b"".join(export_notices(about.service, about.caller, about.campaign_id, **how))


def bodies(about: Case, **how: Any) -> list[dict[str, Any]]:
    lines = export(about, format_="lumen", **how).splitlines()
    return [json.loads(line)["notice"] for line in lines]


def handed_over(about: Case, *urls: str) -> list[UUID]:
    """Notices whose letters a person has handed over."""
    made = about.ready(*urls)
    send_notices(about.service, about.caller, about.campaign_id, notice_ids=made)
    found = list_notice_deliveries(about.service, about.caller, about.campaign_id, limit=200).deliveries
    for delivery in found:
        if UUID(delivery.notice_id) in made:
            decide_delivery(
                about.service,
                about.caller,
                UUID(delivery.delivery_id),
                "handed_over",
                at=datetime.now(UTC),
            )
    return made


def release(about: Case, *fields: str, recipient: str = "lumen", days: float = 1) -> Releases:
    until = datetime.now(UTC) + timedelta(days=days)
    return release_campaign(
        about.service, about.caller, about.campaign_id, recipient=recipient, fields=fields, valid_until=until
    )


def test_a_table_has_states_and_times_in_a_zone(about: Case) -> None:
    sent, unsent = (*about.sent(URLS[0]), *about.add("https://t.me/canal/=cmd|x!A1"))
    import_statements(
        about.service, about.caller, json.dumps(statement(reference=str(sent))).encode(), accept=True
    )
    raw = export(about, zone="Europe/Madrid")
    assert raw.startswith("\ufeff".encode())
    first, second = csv.DictReader(io.StringIO(raw.decode("utf-8-sig")))
    assert tuple(first) == notice_table.COLUMNS
    assert (first["notice_id"], first["state"], first["url"]) == (str(sent), "removed", URLS[0])
    assert (first["reason"], first["statement_outcome"]) == ("statement_of_reasons", "removed")
    assert (first["dsa_category"], first["time_zone"]) == (
        "STATEMENT_CATEGORY_NOT_SPECIFIED_NOTICE",
        "Europe/Madrid",
    )
    assert first["prepared_at"].endswith(("+01:00", "+02:00"))
    assert (second["notice_id"], second["prepared_at"], second["reason"]) == (str(unsent), "", "added")
    same = [json.loads(line) for line in export(about, format_="jsonl").splitlines()]
    assert datetime.fromisoformat(same[0]["prepared_at"]) == datetime.fromisoformat(first["prepared_at"])
    assert same[1]["prepared_at"] is None
    sheet = load_workbook(io.BytesIO(export(about, format_="xlsx", zone="Asia/Tokyo"))).active
    assert sheet is not None
    head, one, _ = sheet.iter_rows(values_only=True)
    shown = dict(zip(head, one, strict=True))
    assert shown["time_zone"] == "Asia/Tokyo"
    prepared_at = shown["prepared_at"]
    assert isinstance(prepared_at, datetime)
    assert prepared_at.replace(tzinfo=ZoneInfo("Asia/Tokyo"), microsecond=0) == datetime.fromisoformat(
        first["prepared_at"]
    ).replace(microsecond=0)


def test_stated_categories_are_filed(about: Case) -> None:
    about.add(URLS[1])
    (mine,) = about.add(URLS[0])
    own = {"against_women": True, "election": True, "intimate": True}
    change_notice(about.service, about.caller, about.campaign_id, mine, elements=own)
    rows = {item["notice_id"]: item for item in map(json.loads, export(about, format_="jsonl").splitlines())}
    assert rows[str(mine)]["dsa_category"] == "STATEMENT_CATEGORY_CYBER_VIOLENCE_AGAINST_WOMEN"
    assert rows[str(mine)]["dsa_keywords"] == [
        "KEYWORD_FEMALE_GENDERED_DISINFORMATION",
        "KEYWORD_MISINFORMATION_DISINFORMATION",
    ]
    assert {row["dsa_category"] for row in rows.values()} >= {"STATEMENT_CATEGORY_NOT_SPECIFIED_NOTICE"}


def test_nothing_in_a_table_is_computed(about: Case) -> None:
    (sent,) = about.sent(URLS[0])
    about.add("https://t.me/canal/4", note='=HYPERLINK("x")')
    text = "=1+1\n@x;=2"
    move_notice(about.service, about.caller, about.campaign_id, sent, PersonMove("refuse", "no", text))
    (row, _) = csv.DictReader(io.StringIO(export(about).decode("utf-8-sig")))
    assert row["reason_words"].startswith("'=1+1")
    sheet = load_workbook(io.BytesIO(export(about, format_="xlsx"))).active
    assert sheet is not None
    assert {cell.data_type for line in sheet.iter_rows() for cell in line} <= {"s", "d", "n", "inlineStr"}


def test_a_campaign_of_thousands_comes_page_by_page(about: Case) -> None:
    (template,) = about.add(URLS[0])
    copy_notice(about.service, template, 1200)
    pieces = list(export_notices(about.service, about.caller, about.campaign_id, format_="jsonl"))
    found = [json.loads(line)["notice_id"] for piece in pieces for line in piece.splitlines()]
    assert (len(found), len(set(found)), len(pieces)) == (1201, 1201, 3)


SECRETS = (
    *(WHO.name, WHO.depicted_name, WHO.email, SIGNS.name, SIGNS.email, SIGNS.address, HOST, *URLS),
    *(SAID["explanation"], SAID["legal_provision"], "canal/2", "Melilla", "Ejemplo", "Lucía", "bufete"),
    *("She agreed to it", "uploader@example.org"),
)


def forms(secret: str) -> set[str]:
    """A text as it might stand somewhere: in other letters, escaped, encoded."""
    plain = {secret, secret.casefold(), secret.upper()}
    for item in list(plain):
        raw = item.encode()
        plain |= {quote(item), quote(item, safe=""), html.escape(item), json.dumps(item)[1:-1], raw.hex()}
        plain |= {b64encode(bytes(pad) + raw).decode()[4:-4] for pad in range(3)}
    return {item for item in plain if len(item) > 3}


def contested(about: Case) -> UUID:
    """Three notices, one after the other, of which the first is contested."""
    sent = [handed_over(about, url)[0] for url in URLS]
    contest = Contest("own_consent", "author", "She agreed to it.", "uploader@example.org")
    contest_notice(about.service, about.caller, about.campaign_id, sent[0], contest)
    return sent[0]


def test_nothing_of_a_campaign_leaves_unreleased(about: Case) -> None:
    contested(about)
    release(about, *RELEASED_FIELDS, recipient="somebody-else")
    for how in ({}, {"recipient": "lumen"}):
        raw = export(about, format_="lumen", **how).decode()
        text = raw + json.dumps([json.loads(line) for line in raw.splitlines()], ensure_ascii=False)
        found = {secret for secret in SECRETS for form in forms(str(secret)) if form in text}
        assert not found
        assert str(about.entry_id) not in text
        assert str(about.client_id) not in text


def test_lumen_gets_its_own_fields(about: Case) -> None:
    contested(about)
    about.add(f"https://{HOST}/unsent")
    found = bodies(about)
    assert [body["type"] for body in found] == ["Other", "Counternotice", "Other", "Other"]
    assert found[0]["date_sent"] == datetime.now(UTC).date().isoformat()
    assert found[0]["jurisdiction_list"] == "EU"
    assert found[2]["title"] == "Notice to Telegram"
    assert found[0]["title"] == "Notice to [REDACTED]"
    roles = {
        attribute["name"]: attribute["entity_attributes"]["name"]
        for attribute in found[2]["entity_notice_roles_attributes"]
    }
    assert roles == {"recipient": "Telegram", "sender": "[REDACTED]", "principal": "[REDACTED]"}
    assert found[0]["works_attributes"][0]["infringing_urls_attributes"] == []


def test_released_data_goes_to_its_recipient_only(about: Case) -> None:
    handed_over(about, URLS[0])
    held = release(about, "places", "client")
    (mine,) = held.releases
    assert (mine.recipient, mine.fields, mine.holds) == ("lumen", ["places", "client"], True)
    first = bodies(about, recipient="Lumen")[0]
    assert first["works_attributes"][0]["infringing_urls_attributes"] == [{"url": URLS[0]}]
    assert first["title"].endswith(HOST)
    roles = {
        attribute["name"]: attribute["entity_attributes"]
        for attribute in first["entity_notice_roles_attributes"]
    }
    assert roles["principal"]["name"] == WHO.name
    assert roles["sender"] == {"name": "[REDACTED]", "kind": "individual"}
    assert WHO.depicted_name not in json.dumps(first, ensure_ascii=False)
    assert bodies(about)[0]["works_attributes"][0]["infringing_urls_attributes"] == []
    release(about, *RELEASED_FIELDS)
    whole = bodies(about, recipient="lumen")[0]
    assert whole["entity_notice_roles_attributes"][1]["entity_attributes"]["email"] == SIGNS.email
    assert WHO.depicted_name in whole["works_attributes"][0]["description"]
    for item in list_releases(about.service, about.caller, about.campaign_id).releases:
        ended = withhold_campaign(about.service, about.caller, about.campaign_id, UUID(item.release_id))
        withhold_campaign(about.service, about.caller, about.campaign_id, UUID(item.release_id))
    assert not any(item.holds for item in ended.releases)
    assert bodies(about, recipient="lumen")[0]["works_attributes"][0]["infringing_urls_attributes"] == []
    with about.service.pool.transaction() as connection:
        rows = connection.execute(
            "SELECT kind, said FROM event WHERE kind LIKE 'campaign.%%' AND subject->>'campaign_id' = %s"
            " ORDER BY event_id",
            [str(about.campaign_id)],
        ).fetchall()
    kinds = [row["kind"] for row in rows]
    assert kinds.count("campaign.released") == kinds.count("campaign.withheld") == 2
    assert {tuple(row["said"]["released"]) for row in rows if row["kind"] == "campaign.exported"} >= {
        (),
        ("client", "places"),
    }


@pytest.mark.parametrize(
    ("fields", "recipient", "days", "code"),
    [
        ((), "lumen", 1, "bad_release"),
        (("faces",), "lumen", 1, "bad_release"),
        (("texts", "places"), "lumen", 1, "bad_release"),
        (("places",), "Ana Ejemplo", 1, "bad_receiver"),
        (("places",), "lumen", -1, "bad_time"),
        (("places",), "lumen", 400, "bad_time"),
    ],
)
def test_a_release_has_fields_recipient_and_end(
    about: Case, fields: tuple[str, ...], recipient: str, days: float, code: str
) -> None:
    with pytest.raises(BadInput) as error:
        release(about, *fields, recipient=recipient, days=days)
    assert error.value.code == code


def test_exports_are_private_and_omit_erased_data(about: Case, owner: Caller) -> None:
    about.sent(URLS[0])
    other = replace(join(about.service, owner, "another desk"), roles=frozenset({"takedown"}))
    for act in (export_notices, list_releases):
        with pytest.raises(NotFound):
            act(about.service, other, about.campaign_id)
    with pytest.raises(NotFound):
        withhold_campaign(about.service, about.caller, about.campaign_id, uuid4())
    with pytest.raises(NotFound):
        report_statistics(about.service, other, campaign_id=about.campaign_id)
    assert report_statistics(about.service, other).groups == []
    with pytest.raises(BadInput) as error:
        export(about, recipient="lumen")
    assert error.value.code == "which_recipient"
    erase_client(about.service, about.caller, about.client_id)
    (row,) = csv.DictReader(io.StringIO(export(about).decode("utf-8-sig")))
    assert (row["url"], row["regime"]) == ("", "dsa16")
    with pytest.raises(Conflict) as gone:
        export(about, format_="lumen")
    assert gone.value.code == "client_erased"


def moved(about: Case, notice_id: UUID, act: Any) -> None:
    move_notice(about.service, about.caller, about.campaign_id, notice_id, PersonMove(act, "said"))


def too_late(about: Case, notice_id: UUID) -> None:
    """The platform had the notice, and the law's term is over without an answer."""
    breach(about.service, notice_id)


def test_figures_count_open_notices_separately(about: Case) -> None:
    one = (f"https://one.example.net/{number}" for number in range(5))
    ids = handed_over(about, *one, "https://t.me/canal/9")
    about.add("https://t.me/canal/10")
    removed, refused, closed, late, again, telegram = ids
    too_late(about, late)
    moved(about, removed, "acknowledge")
    moved(about, removed, "remove")
    moved(about, refused, "refuse")
    moved(about, closed, "close")
    moved(about, again, "remove")
    moved(about, telegram, "remove")
    # It took the second two hours; it came again, and was sent again.
    move_earlier(about.service, timedelta(hours=2), again, but="remove")
    hand_over_earlier(about.service, again, timedelta(hours=2))
    with about.service.pool.transaction() as connection:
        connection.execute("SELECT move_notices(ARRAY[%s]::uuid[], 'reopen', 'reopened', 'found')", [again])
    about.answer([again])
    about.confirm(again)
    about.prepare(again)
    with about.service.pool.transaction() as connection:
        about.send(connection, again)
    said = [statement(reference=str(item)) for item in (removed, again)]
    said[0]["automated_decision"] = "AUTOMATED_DECISION_FULLY"
    import_statements(about.service, about.caller, json.dumps(said).encode())
    (total,) = report_statistics(about.service, about.caller, campaign_id=about.campaign_id).groups
    expected: dict[str, float] = {
        "notices": 7,
        "not_prepared": 1,
        "prepared_notices": 6,
        "prepared": 7,
        "acknowledged": 1,
    }
    expected |= {"removed": 3, "refused": 1, "closed": 1, "open": 2, "open_in_time": 1}
    expected |= {"handed_over": 6, "delivered": 1}
    expected |= {"judged": 5, "late": 1, "breaches": 1, "overdue": 0, "breach_rate": 0.2, "reopened": 1}
    expected |= {"counter_notices": 0}
    expected |= {"statements": 2, "automated": 1, "automated_share": 0.5}
    expected |= {"median_hours_to_removal": 0.0, "p90_hours_to_removal": 1.6}
    assert {name: getattr(total, name) for name in expected} == expected
    by = {group.name: group for group in report_statistics(about.service, about.caller, by="platform").groups}
    assert {name: (one.prepared, one.not_prepared) for name, one in by.items()} == {
        "one.example.net": (6, 0),
        "telegram": (1, 1),
    }
    months = report_statistics(about.service, about.caller, by="month", zone="Pacific/Kiritimati").groups
    assert sum(month.prepared for month in months) == 7
    assert (months[-1].name, months[-1].not_prepared, months[-1].prepared) == (None, 1, 0)
    with pytest.raises(BadInput) as error:
        report_statistics(about.service, about.caller, zone="Mars/Olympus")
    assert error.value.code == "bad_zone"
