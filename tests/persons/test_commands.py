"""`fakeprint persons` and `admin assessment` against a running `fakeprint up`: real broker, real worker."""

from __future__ import annotations

import hashlib
import stat
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.support import people as enrolment
from tests.support.media import clips as media
from tests.support.service.stack import Ran, Stack

Run = Callable[..., Ran]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Photos and papers."""
    made = tmp_path_factory.mktemp("enrolment")
    (made / "her ñ.jpg").write_bytes(enrolment.portrait())
    (made / "closer.jpg").write_bytes(enrolment.portrait((90, 0, 420, 300)))
    (made / "cup.jpg").write_bytes(enrolment.jpeg(media.photograph("coffee")))
    (made / "words.txt").write_text(enrolment.TEXT)
    (made / "signed.pdf").write_bytes(b"%PDF the signed paper")
    (made / "assessment.pdf").write_bytes(b"%PDF the assessment")
    return made


@pytest.fixture
def run(running_service: Stack, folder: Path) -> Run:
    """The command line, in a deployment that has an assessment."""
    done = running_service.fakeprint(
        *("admin", "assessment", "record", folder / "assessment.pdf", "--title", "Faces [bold]1", "--json"),
        *("--date", "2026-11-01"),
    )
    assert done.line["document_sha256"] == hashlib.sha256(b"%PDF the assessment").hexdigest()
    return running_service.fakeprint


def enrol(run: Run, folder: Path, *more: str | Path, **environment: str) -> Ran:
    papers = ("--consent", folder / "words.txt", "--shows-minor-sexually", "no")
    return run("persons", "enrol", enrolment.NAME, *papers, *more, **environment)


def second(run: Run) -> dict[str, str]:
    """The environment of somebody else of the same organization, who reviews."""
    made = run("admin", "caller", "add", "second", "--role", "review", "--role", "faces")
    return {"FAKEPRINT_KEY": made.stdout.strip()}


@pytest.mark.slow
def test_a_person_is_enrolled_reviewed_renewed_and_revoked(
    running_service: Stack, run: Run, folder: Path, tmp_path: Path
) -> None:
    done = enrol(
        run, folder, folder / "her ñ.jpg", folder / "closer.jpg", "--json", "--expires", "2027-06-30"
    )
    assert (done.status, done.stderr) == (0, "")
    made, *photos = done.lines
    assert (made["name"], made["state"], made["expires_at"][:4]) == (enrolment.NAME, "proposed", "2027")
    assert made["consents"][0]["text"] == enrolment.TEXT
    assert [Path(photo["path"]).name for photo in photos] == ["her ñ.jpg", "closer.jpg"]
    assert [photo["state"] for photo in photos] == ["usable", "usable"]
    person_id, code, other = made["person_id"], made["revocation_code"], second(run)
    assert any(line["person_id"] == person_id for line in run("persons", "list", "--json").lines)

    mine = run("persons", "review", person_id, "--accept", "--identity-checked", "--how", "passport")
    assert (mine.status, "[second_reviewer]" in mine.stderr) == (1, True)
    saved = tmp_path / "photo.jpg"
    looked = run("persons", "photo", person_id, photos[0]["photo_id"], "--output", saved, **other)
    assert looked.status == 0
    assert saved.read_bytes() == (folder / "her ñ.jpg").read_bytes()
    assert stat.S_IMODE(saved.stat().st_mode) == 0o600
    again = run("persons", "photo", person_id, photos[0]["photo_id"], "--output", saved, **other)
    assert again.status == 1, "nothing is overwritten"
    accept = ("persons", "review", person_id, "--accept", "--identity-checked", "--how", "passport", "--json")
    unseen = run(*accept, **other)
    assert (unseen.status, unseen.line["error"]["code"]) == (1, "photos_unseen")
    every = run("persons", "photos", person_id, "--output", tmp_path / "all", "--json", **other)
    assert [Path(line["path"]).name for line in every.lines] == ["01-usable.jpeg", "02-usable.jpeg"]
    assert (tmp_path / "all" / "02-usable.jpeg").read_bytes() == (folder / "closer.jpg").read_bytes()
    assert stat.S_IMODE((tmp_path / "all").stat().st_mode) == 0o700
    assert run("persons", "photos", person_id, "--output", tmp_path / "all", **other).status == 1
    assert run(*accept, **other).line["state"] == "active"

    papers = ("--consent", folder / "words.txt", "--document", folder / "signed.pdf", "--json")
    renewed = run("persons", "renew", person_id, *papers).line
    assert renewed["renewal"]["document_sha256"] == hashlib.sha256(b"%PDF the signed paper").hexdigest()
    assert run(*accept, **other).line["renewal_waits"] is False
    result = run("persons", "show", person_id)
    assert enrolment.NAME in result.stdout
    assert "renewed by caller" in result.stdout

    wrong = run("persons", "revoke", "--code", code[:-1] + ("0" if code[-1] != "0" else "1"))
    assert (wrong.status, "[bad_code]" in wrong.stderr) == (1, True)
    gone = run("persons", "revoke", "--code", code, "--url", running_service.url, "--json")
    assert (gone.status, gone.line["accepted"]) == (0, True)
    erased = run("persons", "show", person_id, "--json").line
    assert (erased["state"], erased["ended_as"], erased["name"]) == ("erased", "revoked", None)


@pytest.mark.slow
def test_each_photo_is_answered_with_its_reason(run: Run, folder: Path) -> None:
    done = enrol(
        *(run, folder, folder / "her ñ.jpg", folder / "cup.jpg", folder / "words.txt"),
        *(folder / "missing.jpg", folder / "her ñ.jpg", "--json"),
    )
    assert done.status == 1
    _, *photos = done.lines
    outcomes = [
        (Path(photo["path"]).name, photo["error"]["code"] if "error" in photo else photo["state"])
        for photo in photos
    ]
    assert outcomes == [
        ("missing.jpg", "missing_path"),
        ("her ñ.jpg", "usable"),
        ("cup.jpg", "no_face"),
        ("words.txt", "unreadable"),
        ("her ñ.jpg", "same_photo_twice"),
    ]
    assert photos[4]["error"]["next_step"] == f"The other is {folder / 'her ñ.jpg'}."
    person_id = photos[1]["person_id"]
    more = run("persons", "add-photos", person_id, folder / "closer.jpg")
    assert (more.status, "usable" in more.stdout) == (0, True)
    left = run("persons", "remove-photo", person_id, photos[2]["photo_id"], "--json").line
    assert [photo["state"] for photo in left["photos"]] == ["usable", "usable"]
    refused = run("persons", "review", person_id, "--refuse", "--reason", "photos", "--json", **second(run))
    assert (refused.line["ended_as"], refused.line["photos"]) == ("refused", [])


def test_times_have_offsets_and_dates_begin_at_midnight_here(run: Run, folder: Path) -> None:
    more = ("--given", "2026-11-01T08:00+14:00", "--expires", "2027-01-01", "--json")
    [line] = enrol(run, folder, *more).lines
    midnight = datetime(2027, 1, 1).astimezone(UTC)
    assert line["consented_at"] == "2026-10-31T18:00:00+00:00"
    assert line["expires_at"] == midnight.isoformat()


def test_an_attempt_that_is_repeated_is_one_person(run: Run, folder: Path) -> None:
    (folder / "marked.txt").write_bytes(b"\xef\xbb\xbf" + enrolment.TEXT.encode())
    papers = ("--consent", folder / "marked.txt", "--given", "2026-11-01", "--shows-minor-sexually", "no")
    repeated = ("--idempotency-key", "attempt-0001", "--json")
    first, second = (run("persons", "enrol", enrolment.NAME, *papers, *repeated).line for _ in range(2))
    assert (first["person_id"], first["revocation_code"]) == (second["person_id"], second["revocation_code"])
    assert (first["created"], second["created"]) == (True, False)
    [consent] = first["consents"]
    assert consent["text"] == enrolment.TEXT
    marked = hashlib.sha256((folder / "marked.txt").read_bytes()).hexdigest()
    assert consent["document_sha256"] == marked, "the file's own, as anybody can compute it"


@pytest.mark.parametrize(
    ("more", "status", "code"),
    [
        (("--shows-minor-sexually", "yes"), 1, "minor_protection"),
        (("--shows-minor-sexually", "perhaps"), 2, "usage"),
        (("--given", "yesterday"), 1, "bad_time"),
        (("--minor",), 1, "guardian_needed"),
        (("--idempotency-key", "0123456789"), 2, "usage"),
        (("--document", "/nowhere/signed.pdf"), 1, "missing_path"),
        (("--consent", "/nowhere/words.txt"), 1, "missing_path"),
        (("a.jpg",) * 21, 1, "too_many_photos"),
    ],
)
def test_an_enrolment_that_cannot_be(
    run: Run, folder: Path, more: tuple[str, ...], status: int, code: str
) -> None:
    done = enrol(run, folder, *more)
    assert (done.status, f"[{code}]" in done.stderr) == (status, True), done.stderr
    assert done.stdout == ""


def test_words_that_do_not_fit(run: Run, folder: Path) -> None:
    papers = ("--consent", folder / "words.txt", "--shows-minor-sexually", "no")
    assert run("persons", "enrol", folder / "closer.jpg", folder / "her ñ.jpg", *papers).status == 2
    assert run("persons", "revoke").status == 2
    assert run("persons", "review", "7c9e6679-7425-40de-944b-e07fc1f90ae7").status == 2
    both = ("--accept", "--refuse")
    assert run("persons", "review", "7c9e6679-7425-40de-944b-e07fc1f90ae7", *both).status == 2
    unknown = run("persons", "show", "7c9e6679-7425-40de-944b-e07fc1f90ae7", "--json")
    assert (unknown.status, unknown.line["error"]["code"]) == (1, "unknown_person")
    listed = run("admin", "assessment", "list", "--json").lines[0]
    assert listed["title"] == "Faces [bold]1"
