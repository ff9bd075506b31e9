"""Small pictures in a medium's manifest of C2PA, which are kept no longer than the medium."""

from __future__ import annotations

import time
from dataclasses import replace
from uuid import UUID

import pytest

from registry.catalogue.entries.service.entries import show_entry
from registry.catalogue.entries.service.registration import Registration, enrol_fingerprint, register_entry
from registry.catalogue.previews.service import sweep_previews
from registry.catalogue.provenance import store as manifests
from registry.catalogue.provenance.model.provenance import Manifest
from registry.core.service import Service
from registry.identity.callers.model import Caller
from tests.support.entries import lose_media
from tests.support.service.fixtures import Recorder
from tests.support.steps import claimed, fingerprint_of, read_whole, upload

_SHOWN = Manifest("valid", "reader 1", b"store with a thumbnail", "0" * 64, 22, pictures=True, signer="News")


def _kept(service: Service, asset_id: UUID) -> tuple[bool, bool]:
    """Whether the manifest's store is kept, and whether it is known what it said."""
    with service.pool.transaction() as connection:
        manifest = manifests.of_assets(connection, [asset_id])[asset_id]
        return manifests.manifest_store(connection, asset_id) is not None, manifest["signer"] == "News"


def test_small_pictures_go_with_media_that_were_kept_before(
    service: Service, owner: Caller, recorder: Recorder
) -> None:
    """The deployment keeps media no longer, and the file comes again."""
    media = upload(service, b"fake")
    made = register_entry(service, owner, Registration(fakes=[media]))
    enrol_fingerprint(service, claimed(service, recorder), fingerprint_of(media, "body"), _SHOWN)
    asset_id = UUID(show_entry(service, owner, UUID(made.entry_id)).assets[0].asset_id)
    assert _kept(service, asset_id) == (True, True)
    bare = replace(service, settings=service.settings.model_copy(update={"keep_media": False}))
    read_whole(bare, recorder)
    register_entry(bare, owner, Registration(fakes=[upload(bare, b"fake")]))
    assert not show_entry(bare, owner, UUID(made.entry_id)).assets[0].media_kept
    assert _kept(service, asset_id) == (False, True)


def test_small_pictures_that_an_earlier_release_left_are_swept(
    service: Service, owner: Caller, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    assets = []
    for content in (b"kept", b"not kept"):
        media = upload(service, content)
        made = register_entry(service, owner, Registration(fakes=[media]))
        found = fingerprint_of(media, content.decode())
        enrol_fingerprint(service, claimed(service, recorder), found, _SHOWN)
        assets.append(UUID(show_entry(service, owner, UUID(made.entry_id)).assets[0].asset_id))
    lose_media(service, assets[1])
    swept = []
    for minute in range(64):
        monkeypatch.setattr(time, "time", lambda at=minute: 60.0 * at)
        swept.append(sweep_previews(service))
    assert sorted(swept) == [*[0] * 63, 1]
    assert swept.index(1) == assets[1].int >> 122
    assert [_kept(service, asset) for asset in assets] == [(True, True), (False, True)]
