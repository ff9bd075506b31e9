"""An uploaded file: answered at once where its digest decides, else by a worker."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any, BinaryIO
from uuid import UUID

import pytest

from registry.catalogue.banks.service.banks import create_bank
from registry.catalogue.entries.service.registration import Registration, register_entry
from registry.catalogue.media.service.uploads import Upload, uploads
from registry.catalogue.provenance import store as manifests
from registry.core.errors import NotFound
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.matching.lookups.model import Options
from registry.matching.lookups.service.files import look_up_file
from registry.matching.lookups.service.records import get_lookup
from tests.support import persons as protected
from tests.support.media import drawn
from tests.support.media.origins import SOURCE
from tests.support.steps import join, renamed, review, upload

FAKE = drawn.clip("body", face="victim")


@pytest.fixture
def file(service: Service) -> Upload:
    """A file that was received."""
    return upload(service, b"the very file")


@pytest.fixture
def stranger(service: Service, owner: Caller) -> Caller:
    """A caller of another organization."""
    return join(service, owner, "Strangers")


@pytest.fixture
def entry_id(service: Service, owner: Caller, file: Upload) -> str:
    """The entry of it, a face swap, in the first organization's bank."""
    fakes = [renamed(FAKE, file.blob.sha256)]
    made = register_entry(service, owner, Registration(fakes=fakes, manipulation="face_swap"))
    return str(made.entry_id)


def answered(service: Service, caller: Caller, file: Upload, **wanted: Any) -> Any:
    """The answer at once, or None."""
    return get_lookup(service, caller, look_up_file(service, caller, file, Options(**wanted)))


def jobs(service: Service) -> int:
    """How many wait to read a file that was looked up."""
    with service.pool.transaction() as connection:
        rows = connection.execute("SELECT FROM job WHERE task = 'answer_lookup'").fetchall()
    return len(rows)


def test_a_registered_file_is_answered_at_once_and_its_media_are_let_go(
    service: Service, owner: Caller, file: Upload, entry_id: str
) -> None:
    answer = answered(service, owner, file)
    assert (answer["verdict"], answer["sampling"], answer["notes"]) == ("known_fake", "digest", [])
    (match,) = answer["matches"]
    assert (match["entry_id"], match["exact"]) == (entry_id, True)
    assert answer["checked"] == ["sha256"]
    assert {item["reason"] for item in answer["not_checked"]} == {"not_read"}
    assert answer["next_step"] is None
    assert jobs(service) == 0


def test_nothing_is_left_of_a_file_that_was_answered_at_once(
    service: Service, owner: Caller, entry_id: str
) -> None:
    class Part:
        filename = "clip.mp4"

        def open(self) -> BinaryIO:
            return io.BytesIO(b"the very file")

    with uploads(service, [Part()]) as (received,):
        assert answered(service, owner, received)["matches"][0]["entry_id"] == entry_id
    assert not service.blobs.exists(received.blob.key)


def test_the_registered_files_manifest_is_reported(
    service: Service, owner: Caller, file: Upload, entry_id: str
) -> None:
    asset_id = answered(service, owner, file)["matches"][0]["asset_id"]
    with service.pool.transaction() as connection:
        manifests.write(connection, UUID(asset_id), SOURCE)
    answer = answered(service, owner, file)
    assert answer["provenance"]["state"] == SOURCE.state
    assert answer["provenance"]["signer"] == SOURCE.signer


def test_an_unknown_file_waits_for_a_worker(service: Service, owner: Caller, file: Upload) -> None:
    assert answered(service, owner, file) is None
    assert jobs(service) == 1


def test_a_file_that_is_registered_as_an_original_too_is_read(
    service: Service, owner: Caller, file: Upload, entry_id: str
) -> None:
    original = renamed(FAKE, file.blob.sha256)
    register_entry(service, owner, Registration(fakes=[drawn.clip("other")], originals=[original]))
    assert answered(service, owner, file) is None


def test_an_original_is_read(service: Service, owner: Caller, file: Upload) -> None:
    original = renamed(FAKE, file.blob.sha256)
    register_entry(service, owner, Registration(fakes=[drawn.clip("other")], originals=[original]))
    assert answered(service, owner, file) is None


def test_to_strangers_an_entry_decides_once_it_is_reviewed(
    service: Service, stranger: Caller, file: Upload, entry_id: str
) -> None:
    assert answered(service, stranger, file) is None
    review(service, entry_id)
    assert answered(service, stranger, file)["verdict"] == "known_fake"


def test_a_named_bank_limits_the_lookup(service: Service, owner: Caller, file: Upload, entry_id: str) -> None:
    create_bank(service, owner, name="empty")
    assert answered(service, owner, file, bank="empty") is None
    with pytest.raises(NotFound):
        look_up_file(service, owner, file, Options(bank="none such"))


def test_a_file_is_read_where_enrolled_persons_are_looked_for(
    service: Service, owner: Caller, file: Upload, entry_id: str
) -> None:
    protected.enrol(service, owner, "ada")
    seeing = replace(owner, roles=owner.roles | {"faces"})
    blind = replace(owner, roles=owner.roles - {"faces"})
    assert answered(service, blind, file)["verdict"] == "known_fake"
    assert answered(service, seeing, file) is None


def test_a_file_that_is_watched_is_read(service: Service, owner: Caller, file: Upload, entry_id: str) -> None:
    assert answered(service, owner, file, watch_days=3) is None
