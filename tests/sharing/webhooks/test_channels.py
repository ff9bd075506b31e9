"""Channels of people as webhooks: Slack, Teams, Matrix, Mattermost and mail, by the library apprise."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from uuid import UUID

import pytest

from registry.core.audit.service import record_event
from registry.core.errors import BadInput, Conflict
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.sharing.webhooks import model as webhook
from registry.sharing.webhooks.service import channels
from registry.sharing.webhooks.service.channels import shown_address
from registry.sharing.webhooks.service.deliveries import send_test_message
from registry.sharing.webhooks.service.webhooks import change_webhook, create_webhook, rotate_webhook
from tests.support.service.fixtures import Recorder
from tests.support.sharing.webhooks import go_on, statuses, work
from tests.support.takedown.endpoints import Endpoint, endpoint, says

TOKEN = "abcdefghijklmnopqrstuvwxyz"
ENTRY = "3f9d6a52-0c1e-4b7a-9a35-6f6f1f0f7d11"


def mattermost(there: Endpoint) -> str:
    return f"mmost://127.0.0.1:{there.port}/{TOKEN}"


@pytest.mark.slow
def test_an_event_is_a_sentence_with_a_link_and_without_names(
    local: Service, owner: Caller, recorder: Recorder, there: Endpoint
) -> None:
    public = local.settings.model_copy(update={"public_url": "https://registry.example"})
    local = replace(local, settings=public)
    there.answer = says(200, b"ok")
    made = create_webhook(local, owner, url=mattermost(there), kinds=["notice.*"])
    assert made.secret is None
    with local.pool.transaction() as connection:
        record_event(connection, owner, "notice.overdue", subject={"notice_id": ENTRY})
    go_on(local, recorder)
    assert statuses(local, owner, made) == [("delivered", "delivered", 1)]
    (request,) = there.received
    assert request.target == f"/hooks/{TOKEN}"
    title, at, kind, link = json.loads(request.body)["text"].splitlines()
    assert title == "Fakeprint: A platform missed a deadline."
    assert at.endswith(" UTC")
    assert (kind, link) == ("Event: notice.overdue", "https://registry.example/console/notifications")


def test_a_message_about_an_entry_leads_to_it() -> None:
    message = {
        "type": "dispute.opened",
        "timestamp": "2026-01-31T09:30:00+00:00",
        "data": {"entry_id": ENTRY, "title": "secret"},
    }
    title, text = channels.sentence(message, "https://registry.example/")
    assert title == "Fakeprint: Somebody disputes an entry."
    assert text.splitlines()[-1] == f"https://registry.example/console/entries/{ENTRY}"
    assert "secret" not in text


@pytest.mark.slow
def test_the_address_is_stored_encrypted_and_shown_without_its_secrets(
    local: Service, owner: Caller, recorder: Recorder, there: Endpoint
) -> None:
    there.answer = says(200, b"ok")
    made = create_webhook(local, owner, url=mattermost(there), kinds=["*"])
    assert made.url == f"mmost://127.0.0.1:{there.port}/a...z/"
    with local.pool.transaction() as connection:
        for table in ("webhook", "webhook_secret", "event"):
            rows = connection.execute(f"SELECT * FROM {table}").fetchall()  # noqa: S608
            assert TOKEN not in str(rows)
            assert TOKEN.encode() not in b"".join(
                value for row in rows for value in row.values() if isinstance(value, bytes)
            )
    webhook_id = UUID(made.webhook_id)
    changed = change_webhook(local, owner, webhook_id, url=made.url, kinds=["entry.*"])
    assert changed.url == made.url, "the form sends the address that it shows"
    other = mattermost(there).replace(TOKEN, TOKEN[::-1])
    assert change_webhook(local, owner, webhook_id, url=other).url.endswith("/z...a/")
    send_test_message(local, owner, webhook_id)
    work(local, recorder)
    assert there.received[-1].target == f"/hooks/{TOKEN[::-1]}"
    with pytest.raises(Conflict) as refused:
        rotate_webhook(local, owner, webhook_id)
    assert refused.value.code == "channel_without_secret"
    with pytest.raises(BadInput, match="cannot become a channel"):
        change_webhook(local, owner, webhook_id, url=there.url())


@pytest.mark.slow
def test_matrix_signs_in_joins_the_room_and_writes(local: Service, owner: Caller, recorder: Recorder) -> None:
    answer = {"user_id": "@desk:here", "access_token": "t", "home_server": "here", "room_id": "!room:here"}
    with endpoint(says(200, json.dumps(answer).encode(), **{"Content-Type": "application/json"})) as there:
        url = f"matrix://desk:word@127.0.0.1:{there.port}/#newsroom"
        made = create_webhook(local, owner, url=url, kinds=["dispute.*"])
        assert "word" not in made.url
        send_test_message(local, owner, UUID(made.webhook_id))
        work(local, recorder)
    assert statuses(local, owner, made) == [("delivered", "delivered", 1)]
    written = [item for item in there.received if "/send/m.room.message/" in item.target]
    assert "This is a test." in json.loads(written[0].body)["body"]


@pytest.mark.slow
def test_a_channel_that_leads_to_a_private_address_gets_nothing(
    local: Service, service: Service, owner: Caller, recorder: Recorder, there: Endpoint
) -> None:
    made = create_webhook(local, owner, url=mattermost(there), kinds=["*"])
    send_test_message(service, owner, UUID(made.webhook_id))
    work(service, recorder)
    assert statuses(service, owner, made)[-1] == ("dead", "address_refused", 1)
    assert there.received == []


@pytest.mark.slow
def test_a_redirect_is_not_followed(local: Service, owner: Caller, recorder: Recorder) -> None:
    with endpoint(says(200)) as elsewhere, endpoint(says(302, Location=elsewhere.url())) as there:
        made = create_webhook(local, owner, url=mattermost(there), kinds=["*"])
        send_test_message(local, owner, UUID(made.webhook_id))
        work(local, recorder)
        assert statuses(local, owner, made)[-1] == ("dead", "refused", 1)
    assert elsewhere.received == []


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        (f"mmost://chat.example/{TOKEN}", "for TLS"),
        ("file:///etc/passwd", "must begin with https"),
        ("json://127.0.0.1/", "must begin with https"),
        ("syslog://localhost", "must begin with https"),
        ("slack://", "nothing follows"),
        ("slack://only", "parts that slack"),
        ("mailtos://mail.example?to=desk@news.example&pgp=yes&pgppub=/etc/passwd", "'pgp'"),
        (f"workflows://prod.example/{TOKEN}/{TOKEN}?template=/etc/passwd", "'template'"),
        (f"mmosts://chat.example/{TOKEN}?verify=no", "'verify'"),
        (f"mmosts://chat.example/{TOKEN}?redirect=yes", "'redirect'"),
        (f"mmosts://chat.example/{TOKEN}?%74emplate=/etc/passwd", "'template'"),
        ("slack://ŧ/b/c", "outside ASCII"),
    ],
)
def test_an_address_that_is_none_or_reaches_too_far_is_refused(
    service: Service, owner: Caller, url: str, reason: str
) -> None:
    with pytest.raises(BadInput) as refused:
        create_webhook(service, owner, url=url, kinds=["*"])
    assert refused.value.code == "bad_webhook_url"
    assert reason in str(refused.value)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("url", "shown"),
    [
        (f"slack://T1JJ3T3L2/A1BRTD4JD/{TOKEN[:24]}/#desk", "slack://T...2/A...D/a...x/%23desk/"),
        (f"workflows://prod.example/{TOKEN}/ABCDEF_sig", "workflow://prod.example/a...z/A...g/"),
        ("matrixs://desk:word@matrix.example/#desk", "matrixs://desk:****@matrix.example/%23desk"),
        ("mailtos://desk:word@mail.example?to=a@news.example", "mailtos://desk:****@mail.example/"),
    ],
)
def test_addresses_of_each_service_are_read_and_shown_without_secrets(
    service: Service, url: str, shown: str
) -> None:
    assert shown_address(service, url).startswith(shown)
    assert webhook.is_channel(shown)


def test_the_process_opens_no_file_program_or_private_connection() -> None:
    """Whatever apprise might do: the walls are Python's audit events, not the list of options."""
    program = """
import socket, subprocess, sys
from registry.sharing.webhooks.service.channel_process import _Walls
sys.addaudithook(_Walls(private=False))
for act in (
    lambda: open("/etc/hostname"), lambda: open("/tmp/x", "w"), lambda: subprocess.run(["true"]),
    lambda: socket.create_connection(("127.0.0.1", 1)), lambda: socket.create_connection(("::1", 1)),
    lambda: socket.socket(socket.AF_UNIX).connect("/run/x"), lambda: __import__("os").system("true"),
):
    try:
        act()
    except PermissionError as error:
        print("refused")
    else:
        print("done")
import json.tool  # Python's own files are readable
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["refused"] * 7, done.stderr
