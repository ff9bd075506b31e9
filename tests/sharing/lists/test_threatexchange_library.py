"""Lists that Meta's library `threatexchange` writes and reads, with the library itself."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import httpx2
import pytest
from PIL import Image
from threatexchange.exchanges.impl.file_api import FileCollaborationConfig, LocalFileSignalExchangeAPI
from threatexchange.signal_type.md5 import VideoMD5Signal
from threatexchange.signal_type.pdq.signal import PdqSignal

from tests.support.media import clips as media
from tests.support.service.stack import Stack


@dataclass
class Bank:
    """A bank with a picture and a video, registered from files."""

    stack: Stack
    client: httpx2.Client
    name: str
    picture: Path
    clip: Path

    def exported(self, tmp_path: Path) -> dict[str, list[str]]:
        """Return what the library reads of its export: values by signal type."""
        path = tmp_path / "list.txt"
        done = self.stack.fakeprint("export", "--bank", self.name, "--format", "text", "-o", path)
        assert done.status == 0, done.stderr
        config = FileCollaborationConfig(name="Fakes", filename=str(path))
        (delta,) = LocalFileSignalExchangeAPI.for_collab(config).fetch_iter([], None)
        values: dict[str, list[str]] = {}
        for type_, value in delta.updates:
            values.setdefault(type_, []).append(value)
        return values

    def lookup(self, type_: str, signal: str, bank: str) -> list[str]:
        """Return the banks that an HMA client finds."""
        payload = {"signal": signal, "signal_type": type_, "banks": bank}
        answer = self.client.get("/m/lookup", params=payload)
        assert answer.status_code == 200, answer.text
        return list(answer.json())


@pytest.fixture(scope="module")
def bank(running_service: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bank]:
    folder, name = tmp_path_factory.mktemp("tx"), f"tx-{uuid4().hex[:8]}"
    key = (running_service.data / "admin.key").read_text().strip()
    headers = {"Authorization": f"Bearer {key}"}
    picture = folder / "picture.png"
    Image.fromarray(media.view(media.photograph("chelsea"), 640, 480, 0.7)).save(picture)
    clip = media.clip(folder / "clip.mp4", "coffee", seconds=4, size=(320, 240))
    with httpx2.Client(base_url=running_service.url, headers=headers, timeout=90, trust_env=False) as client:
        assert client.post("/v1/banks", json={"name": name}).status_code == 201
        for path in (picture, clip):
            done = running_service.fakeprint("register", path, "--bank", name, "--json")
            assert done.status == 0, done.stdout + done.stderr
        yield Bank(running_service, client, name, picture, clip)


def test_the_library_finds_a_re_encoded_picture_and_the_video_by_its_md5(bank: Bank, tmp_path: Path) -> None:
    values = bank.exported(tmp_path)
    copy = tmp_path / "copy.jpg"
    Image.open(bank.picture).resize((500, 375)).convert("RGB").save(copy, quality=60)
    (pdq,) = values["pdq"]
    assert PdqSignal.compare_hash(pdq, PdqSignal.hash_from_file(copy)).match
    assert values["video_md5"] == [VideoMD5Signal.hash_from_file(bank.clip)]
    assert len(values["video_sha256"]) == len(values["vpdq"]) == 1


def test_an_hma_client_finds_a_registered_video_by_its_md5(bank: Bank) -> None:
    assert bank.lookup("video_md5", VideoMD5Signal.hash_from_file(bank.clip), bank.name)


def test_the_librarys_own_table_is_imported(bank: Bank, tmp_path: Path) -> None:
    """`tx dataset --csv` writes these columns."""
    target = f"tx-{uuid4().hex[:8]}"
    assert bank.client.post("/v1/banks", json={"name": target}).status_code == 201
    table = io.StringIO()
    writer = csv.DictWriter(table, ["signal_type", "signal_str", "collab", "category", "tags"])
    writer.writeheader()
    values = bank.exported(tmp_path)
    for type_ in ("pdq", "video_md5", "vpdq"):
        row = {"signal_type": type_, "signal_str": values[type_][0], "collab": "Fakes"}
        writer.writerow(row | {"category": "POSITIVE_CLASS", "tags": ""})
    path = tmp_path / "dataset.csv"
    path.write_text(table.getvalue())
    done = bank.stack.fakeprint("import", path, "--bank", target)
    assert done.status == 0, done.stdout + done.stderr
    assert "3 new" in done.stdout
    for type_ in ("pdq", "video_md5", "vpdq"):
        assert bank.lookup(type_, values[type_][0], target), type_


def test_the_text_list_is_imported_again(bank: Bank, tmp_path: Path) -> None:
    target = f"tx-{uuid4().hex[:8]}"
    assert bank.client.post("/v1/banks", json={"name": target}).status_code == 201
    values = bank.exported(tmp_path)
    done = bank.stack.fakeprint("import", tmp_path / "list.txt", "--bank", target)
    assert done.status == 0, done.stdout + done.stderr
    assert f"{sum(map(len, values.values()))} new" in done.stdout
