"""What was said in error is taken back, once, and nobody else is told."""

from __future__ import annotations

import threading
from uuid import UUID

import psycopg
import pytest

from registry.core.errors import BadInput
from registry.takedown.campaigns.service.campaigns import show_campaign
from registry.takedown.delivery.schemas import Retractions
from registry.takedown.delivery.service.retraction import retract_notices
from tests.support.disputes import uphold
from tests.support.service.fixtures import Recorder
from tests.support.service.rows import forge
from tests.support.takedown.campaigns import Case
from tests.support.takedown.delivery import MAILED, deliveries, send, statuses, work
from tests.support.takedown.mail import MailServer


def retracted(about: Case) -> int:
    with about.service.pool.transaction() as connection:
        row = connection.execute("SELECT count(*) AS n FROM event WHERE kind = 'notice.retracted'").fetchone()
    return int(row["n"]) if row else 0


def test_a_wrong_notification_is_retracted_once(about: Case, recorder: Recorder, mailing: MailServer) -> None:
    contested, other, printed = about.ready(MAILED + "1", MAILED + "2", "https://unknown.example.net/1")
    (unsent,) = about.ready(MAILED + "3")
    send(about, contested, other, printed)
    work(about.service, recorder)
    uphold(about, contested)
    # Those that were sent for it are closed with it. What was printed, and not sent, nobody was told.
    states = [about.state(item) for item in (contested, other, printed, unsent)]
    assert states == ["closed", "closed", "closed", "ready"]
    assert show_campaign(about.service, about.caller, about.campaign_id).retractions_due == 2

    def retract(*ids: UUID, dry_run: bool = False) -> Retractions:
        return retract_notices(
            about.service, about.caller, about.campaign_id, notice_ids=ids or None, dry_run=dry_run
        )

    with pytest.raises(BadInput) as unnamed:
        retract()
    assert unnamed.value.code == "which_notices"
    drafted = retract(dry_run=True)
    assert (drafted.would_be, drafted.retracted) == (2, 0)
    assert {notice.notice_id for notice in drafted.notices} == {str(contested), str(other)}
    assert all(notice.due and notice.channel == "email" for notice in drafted.notices)
    assert MAILED + "1" in " ".join(str(notice.text) for notice in drafted.notices)
    before = len(mailing.taken)
    assert retract(contested, printed, unsent).retracted == 1
    hindered = {notice.notice_id: notice.hindrance for notice in retract(contested, printed, unsent).notices}
    assert hindered == {
        str(contested): "already_retracted",
        str(printed): "not_told",
        str(unsent): "not_closed",
    }
    threads = [threading.Thread(target=retract, args=(other,)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    work(about.service, recorder)
    work(about.service, recorder)
    assert len(mailing.taken) == before + 2
    assert "Retirada de nuestra notificación FP-" in str(mailing.taken[-1].message["Subject"])
    kinds = [
        (delivery.kind, delivery.status) for delivery in deliveries(about) if delivery.channel == "email"
    ]
    assert sorted(kinds) == [("notice", "handed_over")] * 2 + [("retraction", "handed_over")] * 2
    assert retracted(about) == 2
    assert show_campaign(about.service, about.caller, about.campaign_id).retractions_due == 0
    assert len(statuses(about)) == 5
    # The database itself takes back nothing that nobody was told, and nothing twice.
    forged = (
        "INSERT INTO notice_delivery (delivery_id, notice_id, organization_id, move_no, platform, channel,"
        " address, language, token, sealed, content_sha256, kind, created_by)"
        " SELECT gen_random_uuid(), d.notice_id, d.organization_id, %s, platform, channel, address, language,"
        " 'AAAABBBBCCCCDDDD', sealed, content_sha256, %s, d.created_by FROM notice_delivery d"
        " WHERE d.notice_id = %s LIMIT 1"
    )
    for which, kind, constraint in (
        (printed, "retraction", "notice_delivery_takes_back_what_was_told"),
        (printed, "notice", "notice_delivery_follows_its_move"),
        (contested, "retraction", "notice_delivery_notice_id_move_no_key"),
    ):
        with pytest.raises(psycopg.errors.IntegrityError) as stopped:
            forge(about.service, forged, about.row(which).move_no, kind, which)
        assert stopped.value.diag.constraint_name == constraint
