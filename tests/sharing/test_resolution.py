"""C2PA's resolution of soft bindings with real processes: media that lost its manifest finds it again, and
nobody is given one that is not theirs to have.

No client of this API is to be had (c2pa-rs' was abandoned), so answers are held against what the
specification's own description says of them.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import c2pa
import httpx2
import pytest
from PIL import Image

from registry.sharing.soft_binding.model import ALGORITHM
from tests.support.media import clips as media
from tests.support.media.signing_media import chain
from tests.support.service.stack import Stack

BASE = "/c2pa/v1"


@dataclass
class Signed:
    """A signed clip and a signed picture, registered as originals beside fakes: where they lie, and the
    manifest stores that the library wrote into them."""

    stack: Stack
    folder: Path
    client: httpx2.Client
    clip: Path
    clip_store: bytes
    picture: Path
    picture_store: bytes
    fake_store: bytes

    def resolved(self, path: Path, kind: str, **more: str) -> list[dict[str, Any]]:
        answer = self.client.post(
            f"{BASE}/matches/byContent",
            params=more,
            content=path.read_bytes(),
            headers={"Content-Type": kind, "Prefer": "wait=60"},
        )
        return checked(answer)

    def fetched(self, manifest_id: str, **more: Any) -> httpx2.Response:
        return self.client.get(f"{BASE}/manifests/{manifest_id}", params=more)


def checked(answer: httpx2.Response) -> list[dict[str, Any]]:
    """The matches of an answer, as `c2pa.softBindingQueryResult` describes them."""
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json"
    body = answer.json()
    assert set(body) == {"matches"}
    for match in body["matches"]:
        assert set(match) == {"manifestId", "similarityScore"}
        assert isinstance(match["manifestId"], str)
        assert isinstance(match["similarityScore"], int)
        assert 0 <= match["similarityScore"] <= 100
    found: list[dict[str, Any]] = body["matches"]
    return found


def active(store: bytes, path: Path, kind: str) -> str:
    """The identifier of a store's active manifest, as c2pa's reader says it of a file."""
    with path.open("rb") as file:
        return str(c2pa.Reader(kind, file, manifest_data=store).get_active_manifest()["label"])


@pytest.fixture(scope="module")
def signed(running_service: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Signed]:
    folder = tmp_path_factory.mktemp("signed")
    newsroom = chain()
    plain = media.clip(folder / "plain.mp4", "coffee", seconds=4, size=(320, 240))
    raw, clip_store = newsroom.sign(plain.read_bytes(), "video/mp4")
    clip = folder / "clip.mp4"
    clip.write_bytes(raw)
    shown = io.BytesIO()
    seen = media.view(media.photograph("immunohistochemistry"), 480, 360, 0.4)
    Image.fromarray(seen).save(shown, "JPEG", quality=95)
    raw, picture_store = newsroom.sign(shown.getvalue(), "image/jpeg", pictures=True)
    picture = folder / "picture.jpg"
    picture.write_bytes(raw)
    made = media.encode(folder / "made.mp4", media.panning("astronaut", 320, 240, 75))
    raw, fake_store = newsroom.sign(made.read_bytes(), "video/mp4")
    fake = folder / "fake.mp4"
    fake.write_bytes(raw)
    done = running_service.fakeprint(
        "register", fake, "--original", clip, "--original", picture, "--manipulation", "synthetic", "--json"
    )
    assert done.status == 0, done.stdout + done.stderr
    key = (running_service.data / "admin.key").read_text().strip()
    headers = {"Authorization": f"Bearer {key}"}
    with httpx2.Client(base_url=running_service.url, headers=headers, timeout=90, trust_env=False) as client:
        yield Signed(running_service, folder, client, clip, clip_store, picture, picture_store, fake_store)


@pytest.mark.slow(10)
def test_media_whose_manifest_was_stripped_finds_it_again(signed: Signed) -> None:
    copied, again = signed.folder / "copied.mp4", signed.folder / "again.mp4"
    media.ffmpeg("-i", signed.clip, "-c", "copy", "-map_metadata", "-1", copied)
    media.ffmpeg("-i", signed.clip, "-vf", "scale=240:-2", "-crf", "33", "-map_metadata", "-1", again)
    label = active(signed.clip_store, signed.clip, "video/mp4")
    for path in (copied, again):
        with pytest.raises(c2pa.C2paError), path.open("rb") as file:
            c2pa.Reader("video/mp4", file)
        (found,) = signed.resolved(path, "video/mp4", alg=ALGORITHM)
        assert found["manifestId"] == label
        assert 85 <= found["similarityScore"] < 100
        store = signed.fetched(label)
        assert store.headers["content-type"] == "application/c2pa"
        assert store.content == signed.clip_store
    (same,) = signed.resolved(signed.clip, "video/mp4")
    assert same == {"manifestId": label, "similarityScore": 100}
    alone = signed.fetched(label, returnActiveManifest="true").content
    assert active(alone, signed.clip, "video/mp4") == label


@pytest.mark.slow
def test_a_soft_binding_finds_it_too(signed: Signed) -> None:
    small = signed.folder / "small.png"
    Image.open(signed.picture).resize((320, 240)).save(small)
    label = active(signed.picture_store, signed.picture, "image/jpeg")
    binding = signed.stack.fakeprint("hash", "--soft-binding", small).line
    assert binding["alg"] == ALGORITHM
    payload = {"alg": binding["alg"], "value": binding["value"]}
    (found,) = checked(signed.client.get(f"{BASE}/matches/byBinding", params=payload))
    assert found["manifestId"] == label
    assert found["similarityScore"] >= 85
    assert checked(signed.client.post(f"{BASE}/matches/byBinding", json=payload)) == [found]
    assert signed.fetched(label).content == signed.picture_store
    clip = signed.stack.fakeprint("hash", "--soft-binding", signed.clip).line
    hinted = signed.resolved(small, "image/png", hintAlg=ALGORITHM, hintValue=clip["value"][:8192])
    both = checked(signed.client.post(f"{BASE}/matches/byBinding", json={**payload, "value": clip["value"]}))
    assert [item["manifestId"] for item in both] == [active(signed.clip_store, signed.clip, "video/mp4")]
    assert {item["manifestId"] for item in hinted} == {label, both[0]["manifestId"]}
    assert len(signed.resolved(small, "image/png", maxResults="1")) == 1


def test_invalid_queries_get_an_error(signed: Signed) -> None:
    def refused(method: str, path: str, status: int, **more: Any) -> str:
        answer = signed.client.request(method, f"{BASE}{path}", **more)
        assert answer.status_code == status, answer.text
        return str(answer.json()["code"])

    value = base64.b64encode(b"\1\0").decode()
    for_binding = "/matches/byBinding"
    payload = {"alg": "com.adobe.trustmark.P", "value": value}
    assert refused("GET", for_binding, 400, params=payload) == "unknown_algorithm"
    payload = {"alg": ALGORITHM, "value": value}
    assert refused("GET", for_binding, 400, params=payload) == "bad_binding"
    assert refused("GET", for_binding, 400, params={**payload, "maxResults": "0"}) == "bad_input"
    assert refused("GET", for_binding, 400, params={"alg": ALGORITHM}) == "bad_input"
    assert refused("GET", for_binding, 414, params={**payload, "value": "A" * 8193}) == "address_too_long"
    assert refused("POST", for_binding, 400, json={"alg": ALGORITHM}) == "bad_input"
    pdf = {"content": b"%PDF", "headers": {"Content-Type": "application/pdf"}}
    assert refused("POST", "/matches/byContent", 415, **pdf) == "unsupported_content_type"
    text = {"content": b"no picture", "headers": {"Content-Type": "image/png"}}
    assert refused("POST", "/matches/byContent", 422, **text) == "not_media"
    nothing = {"content": b"", "headers": {"Content-Type": "image/png"}}
    assert refused("POST", "/matches/byContent", 422, **nothing) == "empty_file"
    soon = {
        "content": signed.clip.read_bytes()[:-9],
        "headers": {"Content-Type": "video/mp4", "Prefer": "wait=0"},
    }
    assert refused("POST", "/matches/byContent", 503, **soon) == "busy"
    assert refused("GET", "/manifests/urn:c2pa:none", 404) == "unknown_manifest"
    assert refused("GET", "/manifests/" + "x" * 300, 400) == "bad_manifest_id"
    known = httpx2.get(f"{signed.stack.url}{BASE}/services/supportedAlgorithms", trust_env=False)
    assert known.json() == {"watermarks": [], "fingerprints": [{"alg": ALGORITHM}]}
    assert httpx2.get(f"{signed.stack.url}{BASE}/manifests/urn:c2pa:1", trust_env=False).status_code == 401


def test_strangers_get_shared_manifests_without_pictures_of_fakes(signed: Signed) -> None:
    labels = {
        "clip": active(signed.clip_store, signed.clip, "video/mp4"),
        "picture": active(signed.picture_store, signed.picture, "image/jpeg"),
        "fake": active(signed.fake_store, signed.folder / "fake.mp4", "video/mp4"),
    }
    payload = {"organization": "Stranger", "name": "platform", "roles": ["lookup"]}
    made = signed.client.post("/v1/callers", json=payload).json()
    headers = {"Authorization": f"Bearer {made['key']}"}

    def seen(**policy: str) -> set[str]:
        signed.client.patch("/v1/banks/default", json={"policy": policy}).raise_for_status()
        with httpx2.Client(base_url=signed.stack.url, headers=headers, trust_env=False) as stranger:
            return {
                name
                for name, label in labels.items()
                if stranger.get(f"{BASE}/manifests/{label}").status_code == 200
            }

    assert {name for name, label in labels.items() if signed.fetched(label).status_code == 200} == set(labels)
    try:
        assert seen() == set()
        assert seen(share_manifests="without_pictures") == {"clip"}
        assert seen(share_manifests="all") == {"clip", "picture"}
    finally:
        signed.client.patch("/v1/banks/default", json={"policy": {"share_manifests": None}})
    wrong = signed.client.patch("/v1/banks/default", json={"policy": {"share_manifests": "some"}})
    assert (wrong.status_code, wrong.json()["code"]) == (400, "bad_policy")
