"""What a client of Hasher-Matcher-Actioner 2 calls, as it calls it, against a whole running service."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from PIL import Image
from threatexchange.signal_type.pdq.signal import PdqSignal

from tests.support.media import clips as media
from tests.support.service.file_server import serving
from tests.support.service.stack import Stack

SIZE = (320, 240)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A picture and a copy of it, another, a clip and a copy of it."""
    folder = tmp_path_factory.mktemp("hma")
    for name in ("chelsea", "coffee"):
        media.clip(folder / f"{name}.mp4", name, seconds=4, size=SIZE)
        media.ffmpeg("-i", folder / f"{name}.mp4", "-frames:v", "1", folder / f"{name}.png")
    media.ffmpeg("-i", folder / "chelsea.png", "-q:v", "12", folder / "copy.jpg")
    return folder


@pytest.fixture(scope="module")
def addresses(files: Path) -> Iterator[str]:
    """The files over HTTP; `/to/NAME` redirects to NAME."""
    with serving(files) as address:
        yield address


@pytest.fixture(scope="module")
def client(private_service: Stack) -> Iterator[httpx2.Client]:
    """A client that knows no keys but the one its header is set to."""
    roles = [word for role in ("hma", "lookup", "register", "admin") for word in ("--role", role)]
    made = private_service.fakeprint("admin", "caller", "add", "a", "--organization", "hma", *roles, "--json")
    assert made.status == 0, made.stderr
    headers = {"X-API-Key": made.line["key"]}
    with httpx2.Client(base_url=private_service.url, headers=headers, timeout=90, trust_env=False) as found:
        yield found


@pytest.fixture
def bank(client: httpx2.Client) -> str:
    name = f"BANK_{uuid4().hex[:8].upper()}"
    made = client.post("/c/banks", json={"name": name, "enabled_ratio": 1.0})
    assert (made.status_code, made.json()) == (201, {"name": name, "matching_enabled_ratio": 1.0})
    return name


def hash_of(client: httpx2.Client, path: Path, content: str) -> dict[str, str]:
    with path.open("rb") as file:
        types = {"photo": "pdq", "video": "video_md5,vpdq"}[content]
        found = client.post("/h/hash", params={"types": types}, files={content: (path.name, file)})
    assert found.status_code == 200, found.text
    return dict(found.json())


def test_a_signal_is_banked_and_matched_at_once(client: httpx2.Client, bank: str, files: Path) -> None:
    signal = hash_of(client, files / "chelsea.png", "photo")["pdq"]
    assert len(signal) == 64
    near = f"{int(signal, 16) ^ 0b1011:064x}"
    added = client.post(f"/c/bank/{bank}/signal", json={"pdq": signal})
    assert added.status_code == 200, added.text
    number = added.json()["id"]
    assert client.post(f"/c/bank/{bank}/signal", json={"pdq": signal}).json()["id"] == number
    payload = {"signal": near, "signal_type": "pdq", "banks": bank}
    assert client.get("/m/lookup", params=payload).json() == {
        bank: [{"bank_content_id": number, "distance": "3"}]
    }
    assert client.get("/m/raw_lookup", params=payload).json() == {"matches": [number]}
    raw = client.get("/m/raw_lookup", params=payload | {"include_distance": "true"}).json()
    assert raw == {"matches": [{"bank_content_id": number, "distance": "3"}]}
    far = {**payload, "signal": f"{int(signal, 16) ^ ((1 << 32) - 1):064x}"}
    assert client.get("/m/lookup", params=far).json() == {}
    with (files / "copy.jpg").open("rb") as file:
        found = client.post("/m/lookup", params={"banks": bank}, files={"photo": ("copy.jpg", file)}).json()
    assert [item["bank_content_id"] for item in found["pdq"][bank]] == [number]
    assert client.delete(f"/c/bank/{bank}/content/{number}").json() == {"deleted": 1}
    assert client.delete(f"/c/bank/{bank}/content/{number}").json() == {"deleted": 0}
    assert client.get("/m/lookup", params=payload).json() == {}


def test_a_bank_that_is_switched_off_matches_nothing(client: httpx2.Client, bank: str, files: Path) -> None:
    signal = hash_of(client, files / "coffee.png", "photo")["pdq"]
    client.post(f"/c/bank/{bank}/signal", json={"pdq": signal, "metadata": {"content_id": "c-1"}})
    payload = {"signal": signal, "signal_type": "pdq", "banks": bank}
    assert bank in client.get("/m/lookup", params=payload).json()
    off = client.put(f"/c/bank/{bank}", json={"enabled": False}).json()
    assert off == {"name": bank, "matching_enabled_ratio": 0.0}
    assert client.get("/m/lookup", params=payload).json() == {}
    assert client.get(f"/c/bank/{bank}").json() == off
    assert off in client.get("/c/banks").json()
    client.put(f"/c/bank/{bank}", json={"enabled_ratio": "1.0", "name": f"{bank}_2"})
    assert f"{bank}_2" in client.get("/m/lookup", params={**payload, "banks": f"{bank}_2"}).json()
    assert client.delete(f"/c/bank/{bank}_2").json() == {"message": "Done"}
    assert client.get(f"/c/bank/{bank}_2").status_code == 404
    assert client.get("/m/lookup", params=payload).json() == {}


def test_a_video_is_banked_by_file_and_found_by_its_hashes(
    client: httpx2.Client, private_service: Stack, bank: str, files: Path, addresses: str
) -> None:
    clip = files / "chelsea.mp4"
    with clip.open("rb") as file:
        types = {"types": "video_md5,vpdq"}
        added = client.post(f"/c/bank/{bank}/content", params=types, files={"video": ("clip.mp4", file)})
    assert added.status_code == 200, added.text
    body = added.json()
    assert set(body["signals"]) == {"video_md5", "vpdq"}
    shown = client.get(f"/c/bank/{bank}/content/{body['id']}").json()
    done = private_service.fakeprint("entries", shown["entry_id"], FAKEPRINT_KEY=client.headers["X-API-Key"])
    assert done.status == 0
    found: Any = {}
    ends = time.monotonic() + 60
    while not found and time.monotonic() < ends:
        time.sleep(0.1)
        found = client.get(
            "/m/lookup",
            params={"signal": body["signals"]["vpdq"], "signal_type": "vpdq", "banks": bank},
        ).json()
    assert [item["bank_content_id"] for item in found[bank]] == [body["id"]]
    at = client.get("/h/hash", params={"url": f"{addresses}/to/chelsea.mp4", "types": "video_md5"})
    assert at.json() == {"video_md5": body["signals"]["video_md5"]}
    features = json.loads(hash_of(client, clip, "video")["vpdq"])
    assert [feature.split(",")[2] for feature in features] == ["0.000", "1.000", "2.000", "3.000"]


def test_coop_s_calls_as_it_makes_them(
    client: httpx2.Client, private_service: Stack, files: Path, addresses: str
) -> None:
    """In the order and the shapes of roostorg/coop, server/services/hmaService/index.ts."""
    base = f"{private_service.url}/"  # HMA_SERVICE_URL as it is where nobody sets it: with a slash
    name = f"COOP_{uuid4().hex[:8].upper()}_FAKES"
    send = partial(client.request, follow_redirects=True)
    assert "ncmec" in send("GET", f"{base}/c/exchanges/apis").json()
    made = send("POST", f"{base}/c/banks", json={"name": name, "enabled_ratio": "1"})
    assert (made.status_code, made.json()["name"]) == (201, name)
    assert send("GET", f"{base}/c/exchange/{name}").status_code == 404
    with (files / "chelsea.png").open("rb") as file:
        added = send(
            "POST",
            f"{base}/c/bank/{name}/content",
            files={"photo": ("blob", file)},
            data={"content_id": "item-7", "metadata": '{"queue": "a"}', "note": "seen «twice»"},
        )
    assert added.status_code == 200, added.text
    by_url = send(
        "POST",
        f"{base}/c/bank/{name}/content",
        params={"url": f"{addresses}/coffee.png", "content_id": "item-8", "metadata": '{"queue": "b"}'},
        json={"note": "n"},
    )
    assert by_url.status_code == 200, by_url.text
    assert set(by_url.json()) == {"id", "signals"}
    shown = send("GET", f"{base}/c/bank/{name}/content/{by_url.json()['id']}").json()
    assert shown["metadata"] == {"content_id": "item-8", "json": {"queue": "b"}}
    assert shown["note"] == "n"
    broken: dict[str, Any] = {"params": {"url": f"{addresses}/coffee.png", "metadata": "{"}}
    assert send("POST", f"{base}/c/bank/{name}/content", **broken).json()["code"] == "bad_json"
    invalid = {"metadata": {"invalid": 5}}
    wrong: dict[str, Any] = {"params": {"url": f"{addresses}/coffee.png"}, "json": invalid}
    assert send("POST", f"{base}/c/bank/{name}/content", **wrong).status_code == 400
    number, pdq = added.json()["id"], added.json()["signals"]["pdq"]
    entry_id = send("GET", f"{base}/c/bank/{name}/content/{number}").json()["entry_id"]
    body = json.loads(client.get(f"/v1/entries/{entry_id}").json()["evidence"])
    assert body == {
        "metadata": {"content_id": "item-7", "json": {"queue": "a"}},
        "note": "seen «twice»",
    }
    ends = time.monotonic() + 60
    while send("GET", f"{base}/c/bank/{name}/content/{number}").json()["disable_until_ts"] != 1:
        assert time.monotonic() < ends
        time.sleep(0.1)
    hashed = send("GET", f"{base}/h/hash", params={"url": f"{addresses}/copy.jpg"}).json()
    found = send("GET", f"{base}/m/lookup", params={"signal_type": "pdq", "signal": hashed["pdq"]}).json()
    assert [item["bank_content_id"] for item in found[name]] == [number]
    assert all(isinstance(item["distance"], str) for item in found[name])
    payload = {"url": f"{addresses}/chelsea.png", "content_type": "photo"}
    assert number in [
        item["bank_content_id"]
        for item in send("GET", f"{base}/m/lookup", params=payload).json()["pdq"][name]
    ]
    alone = send("GET", f"{base}/m/lookup", params={**payload, "signal_type": "pdq"}).json()
    assert number in [item["bank_content_id"] for item in alone[name]]
    assert pdq == hash_of(client, files / "chelsea.png", "photo")["pdq"]
    half = send("PUT", f"{base}/c/bank/{name}", json={"enabled_ratio": 0.5}).json()
    assert half == {"name": name, "matching_enabled_ratio": 0.5}
    assert send("DELETE", f"{base}/c/bank/{name}").status_code == 200
    assert send("GET", f"{base}/c/bank/{name}").status_code == 404


def test_a_photo_that_exif_turns_is_hashed_as_in_hma_and_found_as_it_is_shown(
    client: httpx2.Client, bank: str, tmp_path: Path
) -> None:
    shown = Image.fromarray(media.view(media.photograph("astronaut"), 600, 400, 0.6))
    exif = Image.Exif()
    exif[0x0112] = 6
    shown.transpose(Image.Transpose.ROTATE_90).save(tmp_path / "phone.jpg", exif=exif, quality=90)
    shown.save(tmp_path / "shown.png")
    in_the_file = PdqSignal.hash_from_file(tmp_path / "phone.jpg")
    assert hash_of(client, tmp_path / "phone.jpg", "photo") == {"pdq": in_the_file}
    as_shown = hash_of(client, tmp_path / "shown.png", "photo")["pdq"]
    number = client.post(f"/c/bank/{bank}/signal", json={"pdq": as_shown}).json()["id"]
    with (tmp_path / "phone.jpg").open("rb") as file:
        found = client.post("/m/lookup", params={"banks": bank}, files={"photo": file}).json()
    assert [item["bank_content_id"] for item in found["pdq"][bank]] == [number]
    with (tmp_path / "phone.jpg").open("rb") as file:
        added = client.post(f"/c/bank/{bank}/content", files={"photo": file}).json()
    assert added["signals"] == {"pdq": in_the_file}
    payload = {"signal": in_the_file, "signal_type": "pdq", "banks": bank}
    ends = time.monotonic() + 60
    while not (banked := client.get("/m/lookup", params=payload).json()):
        assert time.monotonic() < ends
        time.sleep(0.1)
    assert banked == {bank: [{"bank_content_id": added["id"], "distance": "0"}]}
    exported = client.get(f"/c/bank/{bank}/content/{added['id']}", params={"include_signals": "true"}).json()
    assert exported["signals"] == {"pdq": in_the_file}


def test_hashes_are_those_of_the_reference(client: httpx2.Client, files: Path) -> None:
    for name in ("chelsea.png", "coffee.png", "copy.jpg"):
        assert hash_of(client, files / name, "photo")["pdq"] == PdqSignal.hash_from_file(files / name)


@pytest.mark.parametrize(
    ("method", "path", "params", "code"),
    [
        ("GET", "/m/lookup", {}, "no_signal"),
        ("GET", "/m/lookup", {"signal": "ab", "signal_type": "pdq"}, "bad_hash"),
        ("GET", "/m/lookup", {"signal": "ab", "signal_type": "tlsh"}, "unknown_signal_type"),
        ("GET", "/m/raw_lookup", {"signal": "x", "signal_type": "video_md5"}, "bad_md5"),
        ("GET", "/m/raw_lookup", {"signal": "[", "signal_type": "vpdq"}, "bad_hash"),
        ("GET", "/h/hash", {"url": "file:///etc/passwd"}, "bad_url"),
        ("GET", "/h/hash", {"url": "http://127.0.0.1:9/"}, "not_fetched"),
        ("GET", "/h/hash", {"url": "http://127.0.0.1:9/", "types": "tmk"}, "unknown_signal_type"),
    ],
)
def test_invalid_requests(
    client: httpx2.Client, method: str, path: str, params: dict[str, str], code: str
) -> None:
    refused = client.request(method, path, params=params)
    assert (refused.status_code, refused.json()["code"]) == (400, code)


def blank_picture() -> bytes:
    from io import BytesIO

    from PIL import Image

    with BytesIO() as file:
        Image.new("RGB", (300, 300)).save(file, "PNG")
        return file.getvalue()


def test_files_that_are_none_and_none_at_all(client: httpx2.Client, bank: str) -> None:
    broken = client.post("/h/hash", files={"photo": ("a.png", b"no picture")})
    assert (broken.status_code, broken.json()["code"]) == (422, "not_media")
    assert client.post("/h/hash", files={"sound": ("a.wav", b"x")}).status_code == 400
    blank = {"photo": ("a.png", blank_picture())}
    assert client.post("/h/hash", files=blank).json() == {"pdq": ""}
    for path in (f"/c/bank/{bank}/content", "/m/lookup"):
        assert client.post(path, files=blank).status_code == 400
    assert client.post(f"/c/bank/{bank}/signal", json={}).json()["code"] == "no_signals"
    assert client.post(f"/c/bank/{bank}/signal", json={"pdq": "0" * 64}).status_code in {400, 422}
    assert client.post("/c/bank/ABSENT/signal", json={"pdq": "0" * 64}).status_code in {400, 404, 422}


def test_status_and_authentication(client: httpx2.Client, private_service: Stack) -> None:
    with httpx2.Client(base_url=private_service.url, trust_env=False) as nobody:
        assert nobody.get("/status").text == "I-AM-ALIVE"
        assert nobody.get("/status/live").text == "I-AM-ALIVE"
        assert nobody.get("/c/banks").status_code == 401
    made = private_service.fakeprint("admin", "caller", "add", "lookup only", "--role", "lookup", "--json")
    plain = httpx2.get(
        f"{private_service.url}/c/banks", headers={"X-API-Key": made.line["key"]}, trust_env=False
    )
    assert (plain.status_code, plain.json()["code"]) == (403, "forbidden")
    assert client.get("/c/signal_type").json()[0] == {"name": "pdq", "enabled_ratio": 1.0}
