"""Pictures of registered media: made by a worker, blurred until somebody asks, and on record then."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Final
from uuid import UUID, uuid4

import httpx2
import pytest
from PIL import Image

from registry.catalogue.entries.service.media import add_asset
from registry.catalogue.entries.service.registration import Registration, enrol_fingerprint, register_entry
from registry.catalogue.fingerprints.model.document import to_document
from registry.catalogue.media.service.retention import sweep_blobs
from registry.catalogue.previews import model as blurring
from registry.catalogue.previews.service import PATIENCE, request_previews, reveal_previews, sweep_previews
from registry.core.blobs.age_keys import new_key
from registry.core.errors import BadInput, Conflict, FakeprintError, Forbidden, NotFound, TooMany, Unavailable
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.identity.callers.service.keys import authenticate, create_caller
from registry.jobs import Job
from registry.jobs.service.jobs import claim_job, fail_job
from registry.matching.lookups.service.records import queue_lookup
from registry.review.queue.schemas import EntryReview
from registry.review.queue.service.decisions import Decision, decide_entry, withdraw_entry
from registry.review.queue.service.queue import claim_entry, get_review
from tests.support import steps
from tests.support.entries import (
    let_previews_age,
    let_previews_rest,
    lose_media,
    lose_previews,
    set_duration,
    set_visibility,
    suspend,
)
from tests.support.jobs import set_deferrals
from tests.support.media import clips as media
from tests.support.media import drawn
from tests.support.service import servers as services
from tests.support.service.deployment import deployment
from tests.support.takedown.campaigns import case
from workers.tasks import make_previews

AT: Final = (0.5, 1.5)
ABSENT: Final = UUID("00000000-0000-4000-8000-00000000abcd")


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return media.clip(tmp_path_factory.mktemp("media") / "clip.mp4", seconds=2, size=(320, 180)).read_bytes()


@pytest.fixture
def known(service: Service, owner: Caller, clip: bytes) -> tuple[UUID, UUID]:
    """A registered fake whose file is kept: entry and medium."""
    return registered(service, owner, clip)


def registered(service: Service, owner: Caller, clip: bytes, **fields: Any) -> tuple[UUID, UUID]:
    file = steps.upload(service, clip)
    fields = {"manipulation": "edited"} | fields
    made = register_entry(service, owner, Registration(fakes=[file], **fields))
    job = _job(service, "fingerprint_asset")
    found = steps.renamed(drawn.clip("body", seconds=2), file.blob.sha256)
    enrol_fingerprint(service, job, found)
    return UUID(made.entry_id), UUID(made.assets[0].asset_id)


def _job(service: Service, task: str) -> Job:
    with service.pool.transaction() as connection:
        row = connection.execute(
            "SELECT job_id FROM job WHERE task = %s AND status = 'queued' ORDER BY created_at DESC LIMIT 1",
            (task,),
        ).fetchone()
    assert row, task
    job = claim_job(service, row["job_id"])
    assert job
    return job


def work(service: Service) -> None:
    """Do what the worker does."""
    job = _job(service, "make_previews")
    assert job.blob_key
    with service.blobs.local_path(job.blob_key) as path:
        make_previews._make(service, job, path, steps.unwatched)


def rows(service: Service) -> list[dict[str, Any]]:
    with service.pool.transaction() as connection:
        return connection.execute("SELECT * FROM preview ORDER BY at_ms").fetchall()


def change(service: Service, statement: str, *values: object) -> None:
    with service.pool.transaction() as connection:
        connection.execute(statement.encode(), values or None)


def events(service: Service) -> list[dict[str, Any]]:
    with service.pool.transaction() as connection:
        return connection.execute(
            "SELECT * FROM event WHERE kind = 'asset.revealed' ORDER BY event_id"
        ).fetchall()


def code_of(act: Callable[[], object], kind: type[FakeprintError]) -> str:
    with pytest.raises(kind) as caught:
        act()
    return caught.value.code


def picture(text: str | None) -> Image.Image:
    assert text is not None
    return Image.open(io.BytesIO(base64.b64decode(text.rpartition(",")[2])))


def test_blurred_ones_are_made_once_and_clear_ones_shown_on_record(
    service: Service, owner: Caller, known: tuple[UUID, UUID]
) -> None:
    previews = request_previews(service, owner, *known, AT)
    assert (previews.ready, previews.revealable, previews.original) == (False, True, None)
    assert [preview.state for preview in previews.previews] == ["waiting", "waiting"]
    assert code_of(lambda: reveal_previews(service, owner, *known, AT), Conflict) == "preview_not_ready"
    request_previews(service, owner, *known, [1.52, 0.5])  # on the same grid, twice
    work(service)
    found = request_previews(service, owner, *known, [*AT, 1.0])
    assert [preview.state for preview in found.previews] == ["ready", "ready", "waiting"]
    blurred = picture(found.previews[0].blurred)
    assert blurred.size == (7, 4), "of 16:9"
    assert len(rows(service)) == 3
    assert events(service) == []

    revealed = reveal_previews(service, owner, *known, AT)
    clear = [picture(preview.picture) for preview in revealed.previews]
    assert [(preview.format, preview.size) for preview in clear] == [("JPEG", (320, 180))] * 2
    (event,) = events(service)
    assert (event["caller_id"], event["entry_id"]) == (owner.caller_id, known[0])
    assert event["organization_id"] == owner.organization_id
    assert (event["subject"], event["said"]) == ({"asset_id": str(known[1])}, {"at_ms": [500, 1500]})
    work(service)
    assert request_previews(service, owner, *known, [1.0]).ready


def test_an_approval_records_whether_pictures_were_seen(
    service: Service, owner: Caller, known: tuple[UUID, UUID]
) -> None:
    entry_id, asset_id = known
    careful, hasty = (_with_roles(service, owner, "review") for _ in range(2))
    request_previews(service, careful, *known, AT)
    work(service)

    def approve(reviewer: Caller, *, unseen_ok: bool) -> EntryReview:
        claim_entry(service, reviewer, entry_id)
        return decide_entry(service, reviewer, entry_id, Decision("approve", unseen_ok=unseen_ok))

    assert code_of(lambda: approve(careful, unseen_ok=False), Conflict) == "pictures_unseen"
    assert get_review(service, careful, entry_id).media[0].seen_by_you is False
    reveal_previews(service, careful, *known, AT)
    assert get_review(service, careful, entry_id).media[0].seen_by_you is True
    approve(careful, unseen_ok=False)
    found = approve(hasty, unseen_ok=True)
    assert [decision.unseen for decision in found.decisions] == [0, 1]
    with service.pool.transaction() as connection:
        said = connection.execute(
            "SELECT said -> 'unseen' AS unseen FROM event WHERE kind = 'review.decided' ORDER BY event_id"
        ).fetchall()
    assert [row["unseen"] for row in said] == [[], [str(asset_id)]]


@pytest.mark.slow
def test_bad_instants_and_too_many(service: Service, owner: Caller, known: tuple[UUID, UUID]) -> None:
    for at in ([-0.1], [2.4], [float("nan")], [float("inf")], []):
        assert code_of(lambda at=at: request_previews(service, owner, *known, at), BadInput) == "bad_instant"  # type: ignore[misc]
        assert code_of(lambda at=at: reveal_previews(service, owner, *known, at), BadInput) == "bad_instant"  # type: ignore[misc]
    many = [item / 1000 for item in range(1000)]
    assert code_of(lambda: request_previews(service, owner, *known, many), BadInput) == "too_many_instants"
    assert rows(service) == []
    set_duration(service, 60)
    for start in range(blurring.MOST_WAITING // blurring.MOST_INSTANTS):
        at = [3 * start + item / 10 for item in range(blurring.MOST_INSTANTS)]
        request_previews(service, owner, *known, at)
    one_more = [59.9]
    assert code_of(lambda: request_previews(service, owner, *known, one_more), TooMany) == "too_many_previews"
    work(service)  # the file is shorter than was said
    assert {row["error_code"] for row in rows(service) if row["at_ms"] > 4000} == {"truncated_media"}
    assert sweep_previews(service) > 0
    assert len(rows(service)) == blurring.MOST_KEPT


def _with_roles(service: Service, owner: Caller, *roles: str, elsewhere: bool = False) -> Caller:
    where = f"org {uuid4().hex[:6]}" if elsewhere else None
    made = create_caller(service, owner, organization=where, name=uuid4().hex[:6], roles=list(roles))
    return authenticate(service, made.key)


def test_access_by_role_and_owner(service: Service, owner: Caller, known: tuple[UUID, UUID]) -> None:
    request_previews(service, owner, *known, AT)
    work(service)
    colleague = _with_roles(service, owner, "lookup")
    assert code_of(lambda: request_previews(service, colleague, *known, AT), Forbidden) == "not_shown"
    signals = _with_roles(service, owner, "lookup", "signals", elsewhere=True)
    reviewer = _with_roles(service, owner, "review", elsewhere=True)
    set_visibility(service, "private")
    for stranger in (signals, reviewer):
        request = partial(request_previews, service, stranger, *known, AT)
        revealed = partial(reveal_previews, service, stranger, *known, AT)
        assert code_of(request, NotFound) == "unknown_asset"
        assert code_of(revealed, NotFound) == "unknown_asset"
    set_visibility(service, "public")
    assert request_previews(service, signals, *known, AT).revealable is False
    assert code_of(lambda: reveal_previews(service, signals, *known, AT), Forbidden) == "reveal_refused"
    assert len(reveal_previews(service, reviewer, *known, AT).previews) == 2
    recipients = {event["organization_id"] for event in events(service)}
    assert recipients == {owner.organization_id, reviewer.organization_id}, (
        "the owner can read who has looked"
    )
    suspend(service, reason="dispute")
    assert code_of(lambda: request_previews(service, signals, *known, AT), NotFound) == "unknown_asset"
    assert request_previews(service, reviewer, *known, AT).ready
    missing = (known[0], ABSENT)
    assert code_of(lambda: request_previews(service, owner, *missing, AT), NotFound) == "unknown_asset"


def test_deleted_media_has_no_pictures(
    service: Service, owner: Caller, known: tuple[UUID, UUID], clip: bytes
) -> None:
    request_previews(service, owner, *known, AT)
    work(service)
    places = {row["blob_key"] for row in rows(service)}
    hash_only = replace(service, settings=service.settings.model_copy(update={"keep_media": False}))
    assert code_of(lambda: request_previews(hash_only, owner, *known, AT), Conflict) == "media_not_kept"
    assert code_of(lambda: reveal_previews(hash_only, owner, *known, AT), Conflict) == "media_not_kept"
    made = register_entry(service, owner, Registration(fakes=[drawn.clip("document")], manipulation="edited"))
    document = UUID(made.entry_id), UUID(made.assets[0].asset_id)
    assert code_of(lambda: request_previews(service, owner, *document, AT), Conflict) == "media_not_kept"
    waiting = register_entry(
        service, owner, Registration(fakes=[steps.upload(service, clip + b"\0")], manipulation="edited")
    )
    early = UUID(waiting.entry_id), UUID(waiting.assets[0].asset_id)
    assert code_of(lambda: request_previews(service, owner, *early, AT), Conflict) == "not_fingerprinted"

    assert sweep_previews(service) == 0
    assert sweep_blobs(service, unchanged_for=0) == 0
    assert all(service.blobs.exists(place) for place in places)
    withdraw_entry(service, owner, known[0], reason_code="request")
    assert code_of(lambda: reveal_previews(service, owner, *known, AT), Conflict) == "entry_withdrawn"
    assert sweep_previews(service) == 2
    assert rows(service) == []
    assert not any(service.blobs.exists(place) for place in places)


@pytest.mark.parametrize(
    "gone",
    [lose_media, let_previews_age, None],
    ids=["medium", "time", "minor"],
)
def test_they_go_with_their_medium_and_with_time(
    service: Service, owner: Caller, known: tuple[UUID, UUID], gone: Callable[[Service], None] | None
) -> None:
    request_previews(service, owner, *known, AT)
    work(service)
    places = {row["blob_key"] for row in rows(service)}
    if not gone:
        about = case(service, owner, entry_id=known[0])
        about.answer(about.add("https://videos.example.net/x"), minor="yes")
        assert code_of(lambda: request_previews(service, owner, *known, AT), Forbidden) == "minor_protection"
    else:
        gone(service)
    assert sweep_previews(service) == 2
    assert not any(service.blobs.exists(place) for place in places)


def test_previews_are_deleted_even_if_the_process_is_killed(
    service: Service, owner: Caller, known: tuple[UUID, UUID]
) -> None:
    request_previews(service, owner, *known, AT)
    work(service)
    places = {row["blob_key"] for row in rows(service)}
    lose_previews(service)
    sweep_blobs(service)
    assert not any(service.blobs.exists(place) for place in places)


def test_a_lost_blob_is_made_again(service: Service, owner: Caller, known: tuple[UUID, UUID]) -> None:
    request_previews(service, owner, *known, AT[:1])
    work(service)
    service.blobs.delete(rows(service)[0]["blob_key"])
    assert request_previews(service, owner, *known, AT[:1]).previews[0].error_code == "media_gone"
    assert request_previews(service, owner, *known, AT[:1]).previews[0].state == "waiting"
    work(service)
    assert request_previews(service, owner, *known, AT[:1]).ready


def test_an_unreadable_medium_has_a_reason_and_is_retried_later(service: Service, owner: Caller) -> None:
    known = registered(service, owner, b"no media at all")
    request_previews(service, owner, *known, AT)
    job = _job(service, "make_previews")
    assert job.blob_key
    with service.blobs.local_path(job.blob_key) as path, pytest.raises(FakeprintError) as caught:
        make_previews._make(service, job, path, steps.unwatched)
    fail_job(service, job, caught.value)
    previews = request_previews(service, owner, *known, AT)
    assert (previews.ready, previews.previews[0].error_code) == (True, "not_media")
    let_previews_rest(service)
    assert request_previews(service, owner, *known, AT).previews[0].state == "waiting"


def test_pictures_give_way_to_lookups(
    service: Service, owner: Caller, known: tuple[UUID, UUID], clip: bytes
) -> None:
    request_previews(service, owner, *known, AT)
    queue_lookup(service, owner, steps.upload(service, clip + b"\0"))
    job = _job(service, "make_previews")
    assert job.blob_key
    with service.blobs.local_path(job.blob_key) as path, pytest.raises(Unavailable) as caught:
        make_previews._make(service, job, path, steps.unwatched)
    assert caught.value.code == "gives_way"
    fail_job(service, job, caught.value)
    set_deferrals(service, "make_previews", PATIENCE)
    work(service)
    assert request_previews(service, owner, *known, AT).ready


def test_the_original_is_shown_at_the_same_moment(service: Service, owner: Caller, clip: bytes) -> None:
    known = registered(service, owner, clip)
    original = steps.renamed(drawn.clip("body", seconds=2, noise=0.05, file="o"), "ab" * 32)
    add_asset(service, owner, known[0], original, role="original")
    steps.relate(service)
    original_preview = request_previews(service, owner, *known, AT).original
    assert original_preview is not None
    assert original_preview.at == pytest.approx(list(AT), abs=0.3)


def test_the_doors(admin: httpx2.Client) -> None:
    document = to_document(drawn.clip(uuid4().hex), faces=False)
    made = admin.post("/v1/entries", json={"fakes": [document], "manipulation": "edited"}).json()
    asset_id = made["assets"][0]["asset_id"]
    for path in ("previews", "previews/reveal"):
        place = f"/v1/entries/{made['entry_id']}/{path}"
        for body, status, code in (
            ({"asset_id": asset_id, "at": [0]}, 409, "media_not_kept"),
            ({"asset_id": str(ABSENT), "at": [0]}, 404, "unknown_asset"),
            ({"asset_id": "x", "at": [0]}, 404, "not_found"),
            ({"asset_id": asset_id, "at": []}, 400, "bad_input"),
            ({"asset_id": asset_id, "at": [0] * 1001}, 400, "bad_input"),
        ):
            answered = admin.post(place, json=body)
            assert (answered.status_code, answered.json()["code"]) == (status, code)
            assert answered.headers["Cache-Control"] == "no-store"


@pytest.mark.slow
def test_a_worker_makes_them_and_seals_them(
    embedded_postgres: services.PostgresServer, tmp_path: Path, clip: bytes
) -> None:
    with (
        embedded_postgres.clone() as url,
        deployment(url, "", tmp_path, blobs_keys=new_key()) as deployed,
    ):
        known = registered(deployed.service, deployed.caller, clip)
        deployed.worker("--queues", "interactive")
        request_previews(deployed.service, deployed.caller, *known, AT)
        deployed.await_row("SELECT 1 AS made FROM job WHERE task = 'make_previews' AND status = 'done'", 60)
        assert request_previews(deployed.service, deployed.caller, *known, AT).ready
        for row in rows(deployed.service):
            (kept,) = (tmp_path / "blobs").glob(f"{row['blob_key']}*")
            assert kept.read_bytes().startswith(b"age-encryption.org/v1")
