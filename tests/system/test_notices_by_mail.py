"""From the command line to a mail server, by real workers, and the deadline raised by the beat."""

from __future__ import annotations

from pathlib import Path

import pytest

from registry.app.embedded import location
from registry.app.embedded.folder import DataFolder
from registry.app.embedded.postgres import Cluster
from registry.core.service import open_service
from registry.core.settings import Settings, settings
from registry.identity.callers.service.keys import authenticate
from tests.support.service import stack
from tests.support.story import until
from tests.support.takedown.campaigns import case
from tests.support.takedown.delivery import MAILED
from tests.support.takedown.mail import mail_server
from tests.support.takedown.past import end_terms

pytestmark = pytest.mark.slow(16)

TABLE = """
[[platform]]
id = "mailed"
name = "Mailed"
hosts = ["mailed.example.net"]
channels = [{ kind = "email", address = "legal@mailed.example.net", confirmed = true }]
"""


def test_a_notice_is_mailed_and_its_term_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table = tmp_path / "platforms.toml"
    table.write_text(TABLE)
    monkeypatch.setenv("FAKEPRINT_PLATFORMS", str(table))
    with (
        mail_server() as there,
        stack.running(
            FAKEPRINT_PLATFORMS=str(table),
            FAKEPRINT_SMTP_URL=f"smtp://127.0.0.1:{there.port}?tls=none",
            FAKEPRINT_SMTP_FROM="notices@legal.example.org",
        ) as run,
    ):
        folder = DataFolder(run.data)
        cluster = Cluster(location.home(run.data), folder.password, folder.log("postgres"))
        said = (cluster.data / "postmaster.pid").read_text().splitlines()
        cluster.sockets = Path(said[4])  # where the server that `up` has started listens
        key = (run.data / "admin.key").read_text().strip()
        settings.cache_clear()
        service = open_service(Settings(database_url=cluster.url, data=run.data))
        try:
            about = case(service, authenticate(service, key))
            (notice,) = about.ready(MAILED + "1")
            sent = run.fakeprint("takedown", "send", str(about.campaign_id), "--json").line
            assert sent["ways"] == {"email": 1}
            until(lambda: len(there.taken) == 1)
            until(lambda: about.row(notice).due_at is not None)
            body = there.taken[0].message.get_body(("plain",))
            assert body
            assert MAILED + "1" in body.get_content()
            end_terms(service)
            until(lambda: about.state(notice) == "expired")
            report = run.fakeprint("takedown", "breaches", "--json").line
            assert [platform["overdue"] for platform in report["platforms"]] == [1]
            assert len(there.seen) == 1
        finally:
            service.close()
    monkeypatch.undo()
    settings.cache_clear()
