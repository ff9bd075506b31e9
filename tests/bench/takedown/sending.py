"""The middle of the scenario: notices are sent while the delivery worker and then the whole service are
killed.

One platform answers 500. A person settles deliveries with an unknown result. Letters are printed.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any, Final

from tests.bench.takedown.deployment import until
from tests.bench.takedown.rows import FAKES
from tests.bench.takedown.scenario import Scenario

OVER: Final = frozenset({"handed_over", "unsure", "dead", "stopped"})
PATIENCE: Final = 420.0


def notices_are_sent(story: Scenario) -> None:
    """notices are sent; workers and service are killed while sending, one platform answers 500"""
    there, service = story.there, story.service
    there.failing.add("tiktok")
    # The mail server says nothing to DATA: nothing was told, and it is sent again. An API that does not know
    # what it was told before takes a notice and does not answer: nobody knows.
    there.trap("DATA", "facebook")
    sent = story.lawyer("takedown", "send", story.campaign_id)
    story.expect("notices that move to sent", sent["prepared"], len(story.of(*FAKES)))
    again = story.lawyer("takedown", "send", story.campaign_id)
    story.expect("what is sent a second time", again["prepared"], 0)
    _await_traps(story, "facebook")
    # The mail server takes a message and does not say so: nobody knows. An API that knows it again is told
    # the same.
    there.trap(".", "x")
    service.kill_worker()
    _await_traps(story, "x")
    there.release()
    service.kill_all()
    until(lambda: there.refused["tiktok"] >= 1, PATIENCE)
    there.failing.clear()
    if not story.short:
        for share, kill in ((0.4, service.kill_worker), (0.6, service.kill_all), (0.8, service.kill_worker)):
            wanted = share * sum(delivery["channel"] != "paper" for delivery in deliveries(story))
            until(lambda wanted=wanted: len(there.arrived()) >= wanted, PATIENCE)  # type: ignore[misc]
            kill()
    if story.short:
        until(lambda: not [item for item in _machine(story) if not _rests(item)], PATIENCE)
        service.let_waits_end()
    until(lambda: all(item["status"] in OVER for item in _machine(story)), PATIENCE, lambda: _statuses(story))
    story.figures["refused_with_500"] = there.refused["tiktok"]


def _rests(row: dict[str, Any]) -> bool:
    return row["status"] in OVER or (row["status"] == "waiting" and row["attempts"] > 0)


def _await_traps(story: Scenario, platform: str) -> None:
    """Wait until mail and platform hang, each with at most the arrivals of that moment: several are
    delivered at once."""
    there = story.there

    def sprung() -> bool:
        if mailed := there.mail.came.is_set():
            there.mail.answers.clear()
        if posted := platform in there.held:
            there.holding.clear()
        return mailed and posted

    until(sprung, PATIENCE, lambda: _statuses(story))


def deliveries(story: Scenario) -> list[dict[str, Any]]:
    return story.lawyer.pages(f"/v1/campaigns/{story.campaign_id}/deliveries", "deliveries")


def _machine(story: Scenario) -> list[dict[str, Any]]:
    return [delivery for delivery in deliveries(story) if delivery["channel"] != "paper"]


def _statuses(story: Scenario) -> object:
    found = deliveries(story)
    return Counter(
        (delivery["platform"], delivery["channel"], delivery["status"], delivery["outcome"])
        for delivery in found
    )


def unsure_ones_are_settled(story: Scenario) -> None:
    """a person checks deliveries with an unknown result, and decides"""
    unsure = [delivery for delivery in deliveries(story) if delivery["status"] == "unsure"]
    story.figures["unsure"] = len(unsure)
    story.expect("whether killing left a mail and a keyed notice unsure", len(unsure) >= 2, True)
    got = {item.reference for item in story.there.arrived()}
    receipt = story.folder / "receipt.txt"
    receipt.write_text("The platform says that it has it.")
    command = ("takedown", "deliveries", story.campaign_id)
    for delivery in unsure:
        if delivery["reference"] in got:
            story.lawyer(*command, "--handed-over", delivery["delivery_id"], "--proof", receipt)
        else:
            story.lawyer(*command, "--again", delivery["delivery_id"])
    until(lambda: all(item["status"] == "handed_over" for item in _machine(story)), PATIENCE)


def letters_are_printed(story: Scenario) -> None:
    """letters are printed for platforms with a form of their own, and handed over"""
    folder = story.folder / "cartas"
    command = ("takedown", "deliveries", story.campaign_id)
    waiting = story.lawyer.lines(*command, "--to-print", "--into", folder, "--limit", "200")
    story.expect("letters", len(list(folder.glob("*.pdf"))), len(waiting))
    for line in waiting:
        letter: Path = folder / f"{line['reference']}.pdf"
        story.expect("a letter is a PDF", letter.read_bytes()[:5], b"%PDF-")
        done = story.lawyer(*command, "--handed-over", line["delivery_id"], "--proof", letter)
        if done["status"] == "handed_over":
            story.letters.append(line["notice_id"])
    left = [delivery for delivery in deliveries(story) if delivery["status"] != "handed_over"]
    story.expect("deliveries that did not arrive", left, [])
    found = story.count()
    wanted = len(story.of(*FAKES))
    story.expect("notices that arrived", found["notices_sent"], wanted)
