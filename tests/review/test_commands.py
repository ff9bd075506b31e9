"""`fakeprint review`, `dispute`, `opinion` and `entries withdraw` against a running `fakeprint up`."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.support.media import clips as media
from tests.support.service.stack import Ran, Stack

pytestmark = pytest.mark.slow(20)

Run = Callable[..., Ran]
NOBODY = "7c9e6679-7425-40de-944b-e07fc1f90ae7"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("review")
    for number in range(3):
        media.clip(made / f"vídeo {number}.mp4", "astronaut", seconds=3 + number)
    (made / "order.pdf").write_bytes(b"%PDF the order")
    (made / "words.txt").write_text("Es una sátira.\nNo «noticia» 🎭.")
    return made


@pytest.fixture
def run(running_service: Stack) -> Run:
    return running_service.fakeprint


def caller(run: Run, *roles: str, organization: str | None = None) -> dict[str, str]:
    """The environment of a new caller with these roles."""
    where = ("--organization", organization) if organization else ()
    flags = [flag for role in roles for flag in ("--role", role)]
    made = run("admin", "caller", "add", f"c {uuid4()}", *flags, *where)
    assert made.status == 0, made.stderr
    return {"FAKEPRINT_KEY": made.stdout.strip()}


def taken(run: Run, entry_id: str, decision: str, *more: str | Path, **who: str) -> Ran:
    """Claim and decide."""
    claimed = run("review", "claim", entry_id, "--json", **who)
    assert claimed.status == 0, claimed.stderr
    return run("review", "decide", entry_id, decision, *more, "--json", **who)


def test_from_a_document_to_a_dispute(run: Run, folder: Path) -> None:
    clip = folder / "vídeo 0.mp4"
    made = run("register", clip, "--hash-only", "--title", "La líder «dimite» 🎭", "--json").line
    entry_id = made["entry_id"]
    own = caller(run, "review")
    # One organization, with one caller of many roles: it has no administrator but the operator.
    abroad = caller(run, "review", "lookup", organization=f"Verificadores {uuid4()}")

    waiting = {
        line["entry_id"]: line for line in run("review", "list", "--limit", "200", "--json", **own).lines
    }
    assert (waiting[entry_id]["reason"], waiting[entry_id]["unverified"]) == ("unreviewed", True)
    result = run("review", "list", "--limit", "200", **own)
    assert "unreviewed, from a document alone" in result.stdout
    assert "La líder «dimite» 🎭" in result.stdout

    for chosen, there in (
        (("--text", "dimite líder", "--tier", "unreviewed", "--since", "2026-11-25"), True),
        (("--text", "«dimite» nunca"), False),
        (("--person", "Nadie Ñ"), False),
        (("--until", "2020-01-01"), False),
    ):
        found = run("review", "list", "--limit", "200", "--json", *chosen, **own).lines
        assert (entry_id in [line["entry_id"] for line in found if "entry_id" in line]) is there, chosen
    amiss = run("review", "list", "--since", "mañana", "--json", **own)
    assert (amiss.status, amiss.line["error"]["code"]) == (1, "bad_time")

    early = taken(run, entry_id, "approve", **own)
    assert (early.status, early.line["error"]["code"]) == (1, "unverified")
    wrong = run("review", "verify", entry_id, folder / "vídeo 1.mp4", "--json", **own)
    assert (wrong.status, wrong.line["error"]["code"]) == (1, "not_that_file")
    verified = run("review", "verify", entry_id, clip, "--json", **own)
    assert verified.status == 0, verified.stderr
    assert verified.line["media"][0]["recomputed"] is True
    assert verified.line["status"] == "matchable", "the document was true to its file"

    first = run("review", "decide", entry_id, "approve", "--covers", "fake", "--reason", "Visto.", **own)
    assert "Visto." in first.stdout
    second = taken(run, entry_id, "approve", **abroad).line
    assert second["tier"] == "reviewed"

    looked = run("lookup", clip, "--json", **abroad).line
    assert looked["verdict"] == "known_fake"
    denied = run("opinion", looked["lookup_id"], entry_id, "false", "--json", **abroad)
    assert denied.line["opinion"] == "false_positive"
    kept = run("admin", "opinions", "--entry", entry_id, "--json").line
    assert (kept["opinion"], kept["exact"]) == ("false_positive", True)
    assert kept["confidence"] is not None
    assert "false positive" in run("admin", "opinions", "--entry", entry_id).stdout

    author, judge = (
        caller(run, *roles, organization=f"Otros {uuid4()}") for roles in (["lookup"], ["review"])
    )
    opened = run(
        *("dispute", "open", entry_id, "--kind", "satire", "--standing", "author"),
        *("--statement", (folder / "words.txt").read_text(), "--contact", "teatro@example.org", "--json"),
        **author,
    ).line
    assert (opened["suspends"], opened["state"]) == (False, "open")
    dispute_id = opened["dispute_id"]
    answered = run("dispute", "answer", dispute_id, "--statement", "Circuló sin aviso.")
    assert (answered.status, "Circuló sin aviso." in answered.stdout) == (0, True)
    assert run("review", "claim", entry_id, **judge).status == 0
    ruled = run(
        *(
            "dispute",
            "decide",
            dispute_id,
            "uphold",
            "--code",
            "shown_satire",
            "--remedy",
            "withdrawn",
            "--json",
        ),
        **judge,
    ).line
    assert (ruled["outcome"], ruled["entry_status"]) == ("upheld", "withdrawn")
    shown = run("dispute", "show", dispute_id, **author)
    assert "No «noticia» 🎭." in shown.stdout
    assert "upheld, withdrawn" in shown.stdout
    assert re.search(r"opened \d{4}-\d\d-\d\d \d\d:\d\d [+-]\d{4} by", shown.stdout)
    listed = run("dispute", "list", "--closed", "--entry", entry_id, "--json", **author).line
    assert listed["dispute_id"] == dispute_id
    assert run("lookup", clip, "--json", **abroad).line["verdict"] != "known_fake"
    assert "erased" in run("dispute", "erase", dispute_id, **author).stdout


def test_an_order_is_named_by_the_digest_of_its_document(run: Run, folder: Path) -> None:
    entry_id = run("register", folder / "vídeo 1.mp4", "--json").line["entry_id"]
    first, second = caller(run, "review"), caller(run, "review", "admin")
    named = ("--court", "Juzgado n.º 2", "--docket", "DP 1/26", "--date", "2026-01-30")
    order = (*named, "--document", str(folder / "order.pdf"))
    taken(run, entry_id, "court_order", *order, **first)
    found = taken(run, entry_id, "court_order", *order, **second).line
    assert (found["own_tier"], found["tier"]) == ("court_order", "unreviewed")
    assert found["decisions"][0]["order"]["document_sha256"] == hashlib.sha256(b"%PDF the order").hexdigest()
    result = run("review", "show", entry_id, **first)
    assert "Juzgado n.º 2, DP 1/26, 2026-01-30, document sha256" in result.stdout
    assert "court order by your own" in result.stdout
    review_id = found["decisions"][0]["review_id"]
    assert run("review", "erase", review_id, **first).stdout == "erased\n"
    assert "Juzgado" in run("review", "show", entry_id, **first).stdout, "the other's words stay"


def test_an_entry_is_withdrawn_and_restored(run: Run, folder: Path) -> None:
    entry_id = run("register", folder / "vídeo 2.mp4", "--json").line["entry_id"]
    taken_back = run(
        "entries", "withdraw", entry_id, "--code", "mistaken", "--reason", "Otro clip.", "--json"
    )
    assert taken_back.line["status"] == "withdrawn"
    again = run("entries", "withdraw", entry_id, "--code", "mistaken", "--json")
    assert (again.status, again.line["error"]["code"]) == (1, "entry_withdrawn")
    for _ in range(2):
        found = taken(run, entry_id, "restore", **caller(run, "review")).line
    assert found["status"] == "matchable"


def test_a_claim_is_released_and_empty_lists_say_so(run: Run, folder: Path) -> None:
    entry_id = run("register", folder / "vídeo 2.mp4", "--json").line["entry_id"]
    who = caller(run, "review")
    assert run("review", "claim", entry_id, "--minutes", "5", **who).status == 0
    other = run("review", "claim", entry_id, "--json", **caller(run, "review"))
    assert (other.status, other.line["error"]["code"]) == (1, "claimed_by_another")
    assert run("review", "release", entry_id, **who).stdout == "released\n"
    assert run("review", "release", entry_id, **who).stdout == "you had not claimed it\n"
    empty = run("review", "list", "--claimed", "mine", "--reason", "dispute", **caller(run, "review"))
    assert "No such entries wait." in empty.stdout
    nobody = caller(run, "lookup", organization=f"o {uuid4()}")
    assert "No such disputes." in run("dispute", "list", **nobody).stdout
    assert run("dispute", "list", "--json", **nobody).stdout == ""


@pytest.mark.parametrize(
    ("words", "status", "code"),
    [
        (["review", "show", NOBODY], 1, "unknown_entry"),
        (["review", "claim", "not-an-id"], 2, "usage"),
        (["review", "decide", NOBODY, "perhaps"], 2, "usage"),
        (["review", "decide", NOBODY, "court_order", "--court", "x"], 2, "usage"),
        (["review", "decide", NOBODY, "court_order"], 1, "needs_order"),
        (["review", "decide", NOBODY, "reject"], 1, "needs_reason"),
        (["review", "verify", NOBODY, "/nowhere.mp4"], 1, "missing_path"),
        (["review", "list", "--bank", "no such bank"], 1, "unknown_bank"),
        (["review", "list", "--after", "x"], 1, "bad_cursor"),
        (["dispute", "open", NOBODY, "--kind", "satire", "--standing", "author"], 2, "usage"),
        (["dispute", "show", NOBODY], 1, "unknown_dispute"),
        (["dispute", "answer", NOBODY, "--statement", "x"], 1, "unknown_dispute"),
        (["dispute", "decide", NOBODY, "uphold", "--code", "other"], 1, "needs_remedy"),
        (["dispute", "withdraw", NOBODY], 1, "unknown_dispute"),
        (["opinion", NOBODY, NOBODY, "maybe"], 2, "usage"),
        (["opinion", NOBODY, NOBODY, "true"], 1, "unknown_lookup"),
        (["entries", "withdraw", NOBODY], 2, "usage"),
        (["entries", "withdraw", NOBODY, "--code", "other"], 1, "unknown_entry"),
    ],
)
def test_words_that_do_not_fit(run: Run, words: list[str], status: int, code: str) -> None:
    done = run(*words, *([] if status == 2 else ["--json"]))
    assert (done.status, f"[{code}]" in done.stderr) == (status, True), done.stderr
    if status == 1:
        error: dict[str, Any] = done.line["error"]
        assert error["code"] == code
