"""A registry is backed up while it runs, and restored where nothing is."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import pyrage
import pytest
from click.testing import CliRunner, Result

from registry.app.commands.backup import backup, restore
from registry.catalogue.entries.service.registration import Registration, enrol_fingerprint, register_entry
from registry.catalogue.media.service.uploads import Upload
from registry.core.database.pool import Pool
from registry.core.service import Service, open_service
from registry.core.settings import Settings, settings
from registry.identity.callers.model import Caller
from registry.matching.lookups.service.answers import answer_sha256
from registry.transparency.ledger.service.sequencing import sequence_events
from tests.support import persons as protected
from tests.support import steps
from tests.support.service import servers as services
from tests.support.service.fixtures import Recorder

IDENTITY = pyrage.x25519.Identity.generate()
TO = ("--to", str(IDENTITY.to_public()))


@pytest.fixture
def key(tmp_path: Path) -> Path:
    path = tmp_path / "backup.key"
    path.write_text(f"# created: today\n{IDENTITY}\n")
    return path


@pytest.fixture
def fake(service: Service, owner: Caller, recorder: Recorder) -> Upload:
    """A registered fake, on the ledger."""
    made = steps.upload(service, b"the fake itself")
    register_entry(service, owner, Registration(fakes=[made], title="Ceuta & Melilla", manipulation="edited"))
    job = steps.claimed(service, recorder)
    enrol_fingerprint(service, job, steps.fingerprint_of(made, "ceuta"))
    sequence_events(service)
    return made


@pytest.fixture(autouse=True)
def _settings_are_read_again() -> Iterator[None]:
    settings.cache_clear()
    yield
    settings.cache_clear()


def run(
    monkeypatch: pytest.MonkeyPatch, url: str, data: Path, command: str, arguments: Sequence[object]
) -> Result:
    monkeypatch.setenv("FAKEPRINT_DATABASE_URL", url)
    monkeypatch.setenv("FAKEPRINT_DATA", str(data))
    settings.cache_clear()
    chosen = {"backup": backup, "restore": restore}[command]
    return CliRunner().invoke(chosen, [str(word) for word in arguments], standalone_mode=False)


@pytest.mark.slow
def test_what_was_registered_is_known_after_a_restore(
    service: Service,
    owner: Caller,
    fake: Upload,
    key: Path,
    tmp_path: Path,
    embedded_postgres: services.PostgresServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The ledger goes on from where it was, and the medium is there."""
    protected.enrol(service, owner, "ada")
    url = service.settings.database_url
    made = run(monkeypatch, url, tmp_path, "backup", [tmp_path / "kept", *TO])
    assert made.return_value == 0, made.output
    folder = Path(made.stdout.strip())
    everything = b"".join(path.read_bytes() for path in folder.iterdir())
    assert b"Ceuta" not in everything
    assert b"the fake itself" not in everything
    parts = {"database.dump.age", "ledger.tar.age", "media.tar.age", "manifest.json"}
    assert {path.name for path in folder.iterdir()} == parts  # no key of a person
    with embedded_postgres.empty() as other:
        there = tmp_path / "there"
        found = run(monkeypatch, other, there, "restore", [folder, "--identity", key])
        assert (found.return_value, found.stdout[:4]) == (0, "good"), found.output
        restored = open_service(Settings(database_url=other, data=there))
        try:
            assert answer_sha256(restored, owner, fake.blob.sha256)["verdict"] == "known_fake"
            with restored.blobs.local_path(fake.blob.key) as path:
                assert path.read_bytes() == b"the fake itself"
            steps.join(restored, owner, "A new organization")
            assert sequence_events(restored) > 0
        finally:
            restored.close()
        again = run(monkeypatch, other, there, "restore", [folder, "--identity", key])
        assert getattr(again.exception, "code", None) == "restore_not_empty"


@pytest.mark.slow
def test_a_backup_is_checked_in_a_place_of_its_own(
    service: Service, fake: Upload, key: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = service.settings.database_url
    folder = Path(run(monkeypatch, url, tmp_path, "backup", [tmp_path / "kept", *TO]).stdout.strip())
    good = run(monkeypatch, url, tmp_path, "restore", [folder, "--identity", key, "--check"])
    assert (good.return_value, good.stdout[:5]) == (0, "good:"), good.output
    assert fake.blob.new


@pytest.mark.parametrize("harm", ["other key", "no key", "changed", "cut", "lost", "no manifest"])
def test_a_backup_that_cannot_be_used_is_named_and_nothing_is_restored(
    service: Service,
    fake: Upload,
    key: Path,
    tmp_path: Path,
    embedded_postgres: services.PostgresServer,
    monkeypatch: pytest.MonkeyPatch,
    harm: str,
) -> None:
    url = service.settings.database_url
    folder = Path(run(monkeypatch, url, tmp_path, "backup", [tmp_path / "kept", *TO]).stdout.strip())
    part = folder / "database.dump.age"
    if harm == "other key":
        key.write_text(str(pyrage.x25519.Identity.generate()))
    elif harm == "changed":
        content = part.read_bytes()
        part.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    elif harm == "cut":
        part.write_bytes(part.read_bytes()[:100])
    elif harm in {"lost", "no manifest"}:
        (part if harm == "lost" else folder / "manifest.json").unlink()
    code = {"other key": "not_deciphered", "no key": "backup_key_needed"}.get(harm, "bad_backup")
    identity = [] if harm == "no key" else ["--identity", key]
    with embedded_postgres.empty() as other:
        found = run(monkeypatch, other, tmp_path / "there", "restore", [folder, *identity])
        assert getattr(found.exception, "code", None) == code, found.exception
        pool = Pool(other, size=2, statement_timeout_ms=5000)
        pool.open()
        with pool.transaction() as connection:
            assert connection.execute("SELECT to_regclass('entry') AS there").fetchone() == {"there": None}
        pool.close()
    assert fake.blob.new


@pytest.mark.slow
def test_a_ledger_that_differs_from_what_was_signed_is_reported(
    service: Service,
    fake: Upload,
    tmp_path: Path,
    embedded_postgres: services.PostgresServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    url = service.settings.database_url
    made = run(monkeypatch, url, tmp_path, "backup", [tmp_path / "kept", "--unencrypted"])
    folder = Path(made.stdout.strip())
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["checkpoint"], fake
    lines = manifest["checkpoint"].split("\n")
    lines[2] = "A" * 43 + "="
    manifest["checkpoint"] = "\n".join(lines)
    (folder / "manifest.json").write_text(json.dumps(manifest))
    with embedded_postgres.empty() as other:
        found = run(monkeypatch, other, tmp_path / "there", "restore", [folder])
        assert (found.return_value, found.stdout[:8]) == (1, "NOT GOOD"), found.output


@pytest.mark.slow
@pytest.mark.parametrize("name", ["../outside", "/tmp/outside", "ab/abcd"])
def test_a_backup_writes_nothing_outside_the_media(
    service: Service,
    fake: Upload,
    tmp_path: Path,
    embedded_postgres: services.PostgresServer,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
) -> None:
    url = service.settings.database_url
    made = run(monkeypatch, url, tmp_path, "backup", [tmp_path / "kept", "--unencrypted"])
    folder = Path(made.stdout.strip())
    with tarfile.open(folder / "media.tar", "w") as tar:
        member = tarfile.TarInfo(name)
        member.size = len(b"harm")
        tar.addfile(member, io.BytesIO(b"harm"))
    manifest = json.loads((folder / "manifest.json").read_text())
    (part,) = (part for part in manifest["parts"] if part["name"] == "media.tar")
    part["sha256"] = hashlib.sha256((folder / "media.tar").read_bytes()).hexdigest()
    (folder / "manifest.json").write_text(json.dumps(manifest))
    with embedded_postgres.empty() as other:
        found = run(monkeypatch, other, tmp_path / "there", "restore", [folder])
        assert getattr(found.exception, "code", None) == "bad_backup"
    assert not list(tmp_path.rglob("outside")), fake


@pytest.mark.slow
def test_only_the_newest_backups_are_kept_and_none_is_half(
    service: Service, fake: Upload, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, kept = service.settings.database_url, tmp_path / "kept"
    for day in range(1, 4):
        (kept / f"fakeprint-2026010{day}T020000Z").mkdir(parents=True)
    (kept / "of somebody else").mkdir()
    made = run(monkeypatch, url, tmp_path, "backup", [kept, "--unencrypted", "--keep", "2"])
    assert sorted(path.name for path in kept.iterdir()) == [
        "fakeprint-20260103T020000Z",
        Path(made.stdout.strip()).name,
        "of somebody else",
    ]
    gone = url.replace("/test_", "/gone_")
    failed = run(monkeypatch, gone, tmp_path, "backup", [kept, "--unencrypted"])
    assert failed.exception is not None
    assert len(list(kept.iterdir())) == 3
    assert fake.blob.new


def test_encryption_is_chosen_knowingly(tmp_path: Path) -> None:
    without = CliRunner().invoke(backup, [str(tmp_path)])
    assert without.exit_code == 2
    assert "--unencrypted" in without.output
