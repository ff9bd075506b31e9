"""The scenario as a whole: what it needs is set up, its steps are done in their order, all is ended again."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import Final

from registry.core.settings import settings
from tests.bench.takedown import following, material, preparing, sending
from tests.bench.takedown.deployment import deployment
from tests.bench.takedown.receivers import receivers
from tests.bench.takedown.scenario import FEW, ROWS, Scenario
from tests.support.service import servers as services

LEASE: Final = (5, 2)
"""Seconds after which a job whose worker is silent is resumed, in a long run and in a short one."""
STEPS: Final = (
    preparing.people_join,
    preparing.fake_is_registered,
    preparing.campaign_begins,
    preparing.list_is_added,
    preparing.people_confirm,
    preparing.notices_are_prepared,
    sending.notices_are_sent,
    sending.unsure_ones_are_settled,
    sending.letters_are_printed,
    following.replies_come,
    following.notice_is_contested,
    following.terms_end,
    following.contest_is_decided,
    following.fake_comes_back,
    following.file_is_made,
    following.file_is_altered,
    following.all_is_counted,
)


def run(evaluation: Path | None, *, short: bool) -> Scenario:
    """The scenario, once it was told to its end; `wrong` says what came out otherwise than it must. Raises
    `AssertionError` and `TimeoutError` where it cannot go on."""
    begun = time.monotonic()
    with services.open_temporary_folder("takedown") as folder, receivers() as there:
        began = time.monotonic()
        media = material.make(folder / "medios", evaluation, most=3 if short else 5)
        made = time.monotonic() - began
        table, keys = there.table(folder)
        given = {
            "FAKEPRINT_PLATFORMS": str(table),
            "FAKEPRINT_PLATFORM_KEYS": str(keys),
            "FAKEPRINT_WEBHOOK_PRIVATE": "true",
            "FAKEPRINT_SMTP_URL": f"smtp://127.0.0.1:{there.mail.port}?tls=none",
            "FAKEPRINT_SMTP_FROM": "Bufete de Ejemplo <avisos@bufete.example>",
            "FAKEPRINT_LEASE_SECONDS": str(LEASE[short]),
        }
        began = time.monotonic()
        with deployment(folder, given) as service:
            story = Scenario(folder, media, there, service, short)
            story.seconds["media are made"] = round(made, 2)
            story.seconds["the service starts"] = round(time.monotonic() - began, 2)
            with story.step("the list is written, media are fingerprinted"):
                preparing.list_is_written(story, FEW if short else ROWS)
            try:
                story.go(*(STEPS if short else (*STEPS, following.many_are_added)))
            except BaseException:
                _tell(story)
                raise
            finally:
                settings.cache_clear()
    story.seconds["in all"] = round(time.monotonic() - begun, 2)
    return story


def _tell(story: Scenario) -> None:
    """What was wrong until it stopped, and the ends of the service's logs for who asks for them."""
    for item in story.wrong:
        sys.stderr.write(f"WRONG {item}\n")
    if os.environ.get("LOGS"):
        for log in sorted((story.service.data / "logs").glob("*.log")):
            sys.stderr.write(f"--- {log.name}\n{log.read_text(errors='replace')[-3000:]}\n")
