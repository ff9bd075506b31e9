"""`fakeprint takedown` against a running `fakeprint up`: from a title to notices that could be sent."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.media import clips as media
from tests.support.service.stack import Ran, Stack

pytestmark = pytest.mark.slow(17)

Run = Callable[..., Ran]
ANSWERS = [
    *("--answer", "in_union=yes", "--answer", "hosting=yes", "--answer", "minor=no"),
    *("--answer", "consent=no", "--answer", "satire=no", "--answer", "reporting=no"),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("takedown")
    # In a size of its own: tests that share the service register, and withdraw, the same clip in another.
    media.clip(made / "vídeo.mp4", "astronaut", seconds=3, size=(480, 270))
    (made / "mandate.pdf").write_bytes(b"%PDF the mandate")
    (made / "urls.csv").write_text(
        "url;nota;archivo\n"
        "https://videos.example.net/1?utm_source=x;primera;vídeo.mp4\n"
        "https://videos.example.net/2;;\n"
        "https://videos.example.net/2#t=10;;\n"
        "javascript:alert(1);;\n",
        encoding="utf-8",
    )
    return made


@pytest.fixture
def run(running_service: Stack) -> Run:
    return running_service.fakeprint


def test_from_a_title_to_letters_ready_to_send(run: Run, folder: Path) -> None:
    entry_id = run("register", folder / "vídeo.mp4", "--hash-only", "--json").line["entry_id"]
    made = run(
        *("takedown", "new", "Caras de Ana 🎭", "--entry", entry_id, "--regime", "dsa16"),
        *("--client", "Partido", "--depicted", "Ana Ejemplo", "--mandate", folder / "mandate.pdf"),
        *("--until", "2036-01-31", "--signatory", "Lucía Letrada", "--email", "l@bufete.example"),
        *("--good-faith", "--language", "es", "--say", "explanation=Nunca lo hizo."),
        *("--say", "legal_provision=Art. 197.7 CP", "--json"),
    )
    assert made.status == 0, made.stderr
    campaign = made.line["campaign_id"]
    assert made.line["mandate"]["holds"] is True

    added = run("takedown", "add", campaign, folder / "urls.csv", "--media", "--json")
    assert added.status == 1  # a row was refused
    said = added.line
    assert (said["added"], said["duplicates"], said["rejected"]) == (2, 1, 1), added.stdout
    assert [match["verdict"] for match in said["matches"]] == ["known_fake"]
    shown = run("takedown", "add", campaign, folder / "urls.csv")
    assert "0 added, 3 there already, 1 refused, of 4 rows" in shown.stdout
    assert "dangerous_scheme" in shown.stderr

    lacking = run("takedown", "check", campaign)
    assert lacking.status == 0
    assert "no person has confirmed the match" in lacking.stdout
    assert "not answered under dsa16: in_union" in lacking.stdout
    unsure = run("takedown", "check", campaign, "--all-matched", "--regime", "dsa16", *ANSWERS)
    assert unsure.status == 1  # nobody said yes
    one = said["matches"][0]["notice_id"]
    (other,) = {each["notice_id"] for each in said["notices"]} - {one}
    done = run(
        *("takedown", "check", campaign, "--all-matched", "--yes", "--seen", other),
        *("--regime", "dsa16", *ANSWERS, "--prepare", "--json"),
    )
    assert done.status == 0, done.stderr
    # All is there but what only reviewers give: the entry's tier.
    assert done.line["prepared"] == 2
    assert done.line["hindrances"] == {"entry_unreviewed": 2, "medium_unreviewed": 1}

    status = run("takedown", "status", campaign)
    assert "Caras de Ana 🎭" in status.stdout
    assert "ready" in status.stdout
    listed = run("takedown", "status", campaign, "--notices", "--json").lines
    assert {each["notice_id"] for each in listed} == {one, other}
    assert campaign in run("takedown", "status").stdout


def test_wrong_usage_and_bad_input_get_errors(run: Run, folder: Path) -> None:
    nobody = "7c9e6679-7425-40de-944b-e07fc1f90ae7"
    assert run("takedown", "new", "x", "--entry", nobody, "--regime", "dsa16").status == 2
    assert run("takedown", "check", nobody, "--answer", "satire=no").status == 2
    assert run("takedown", "check", nobody, "--regime", "dsa16", "--answer", "satire=perhaps").status == 2
    missing = run("takedown", "add", nobody, folder / "none.csv", "--json")
    assert (missing.status, missing.line["error"]["code"]) == (1, "missing_path")
    (folder / "empty.csv").write_text("\n")
    empty = run("takedown", "add", nobody, folder / "empty.csv", "--json")
    assert (empty.status, empty.line["error"]["code"]) == (1, "no_rows")
    unknown = run("takedown", "add", nobody, folder / "urls.csv", "--json")
    assert (unknown.status, unknown.line["error"]["code"]) == (1, "unknown_campaign")
    (folder / "mandate.pdf").write_bytes(b"%PDF-1.7 mandate")
    begin: list[str | Path] = [
        "takedown",
        "new",
        "x",
        "--entry",
        nobody,
        "--regime",
        "dsa16",
        "--client",
        "P",
        "--depicted",
        "A",
    ]
    begin += ["--mandate", folder / "mandate.pdf", "--until", "2037-01-31", "--signatory", "L"]
    for wrong in ("lucia", "a@b.example, c@d.example", "Lucía <l@b.example>"):
        # Before anything is recorded: there is no client to go on with.
        refused = run(*begin, "--email", wrong, "--json")
        assert (refused.status, refused.line["error"]["code"]) == (1, "bad_email")
        assert "client_id" not in refused.line
