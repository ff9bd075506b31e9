"""The packages: what is locked is what is installed, known vulnerabilities are found, and all are listed."""

from __future__ import annotations

import json
import re
import threading
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, Final, override

import pytest

from deploy.tools import supply

ROOT: Final = Path(__file__).parents[2]
LOCK: Final = tomllib.loads((ROOT / "uv.lock").read_text())
INSTALLING: Final = sorted([ROOT / "deploy/bootstrap.sh", *(ROOT / "deploy").glob("*.Dockerfile")])


def test_every_locked_file_has_a_digest() -> None:
    files = [
        file
        for package in LOCK["package"]
        for file in [*package.get("wheels", []), *([package["sdist"]] if "sdist" in package else [])]
    ]
    assert len(files) > 1000
    assert [file["url"] for file in files if not re.match(r"sha256:[0-9a-f]{64}\Z", file["hash"])] == []
    other = [package["name"] for package in LOCK["package"] if "registry" not in package["source"]]
    assert other == ["fakeprint", "fakeprint-client"], "every other package comes from the registry"


@pytest.mark.parametrize("path", INSTALLING, ids=lambda path: path.name)
def test_installations_take_what_is_locked(path: Path) -> None:
    """uv compares each file with its digest in the lock file; pip installs nothing but a named uv."""
    text = path.read_text()
    syncs = re.findall(r"uv\"? sync[^\n]*", text)
    assert syncs
    assert [line for line in syncs if "--frozen" not in line and "--locked" not in line] == []
    assert [line for line in re.findall(r"pip install[^\n]*", text) if "uv" not in line] == []


def test_the_lock_file_fits_the_project() -> None:
    (own,) = (package for package in LOCK["package"] if package["name"] == "fakeprint")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    stated = [*project["project"]["dependencies"]]
    for more in project["project"]["optional-dependencies"].values():
        stated += more
    names = {re.split(r"[\[<>=!~; ]", line, maxsplit=1)[0].lower().replace("_", "-") for line in stated}
    locked = {entry["name"] for entry in own["metadata"]["requires-dist"]}
    assert names == locked


@contextmanager
def advisories(vulnerable: str | None) -> Iterator[str]:
    """Answer as OSV does, with one vulnerability of this package, and yield the address."""
    found = {
        "id": "GHSA-0000-test-0000",
        "modified": "2026-01-01T00:00:00Z",
        "summary": "A vulnerability for a test",
        "affected": [
            {
                "package": {"ecosystem": "PyPI", "name": vulnerable},
                "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "999"}]}],
            }
        ],
    }

    class Answers(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            queries = json.loads(self.rfile.read(int(self.headers["content-length"])))["queries"]
            known = {"vulns": [{"id": found["id"], "modified": found["modified"]}]}
            self._send(
                {"results": [known if query["package"]["name"] == vulnerable else {} for query in queries]}
            )

        def do_GET(self) -> None:
            self._send(found)

        def _send(self, value: Any) -> None:
            raw = json.dumps(value).encode()
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        @override
        def log_message(self, format: str, *_: Any) -> None:
            """Print nothing."""

    server = HTTPServer(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.slow
def test_a_known_vulnerability_fails_the_audit(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with advisories("pillow") as address:
        monkeypatch.setenv("OSV_URL", address)
        assert supply.main(["audit"]) == 1
    printed = capsys.readouterr().out
    assert "pillow" in printed
    assert "A vulnerability for a test" in printed


@pytest.mark.slow
def test_without_one_it_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    with advisories(None) as address:
        monkeypatch.setenv("OSV_URL", address)
        assert supply.main(["audit", "--required"]) == 0


@pytest.mark.slow
def test_without_network_it_says_so_and_passes(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OSV_URL", "http://127.0.0.1:9")
    assert supply.main(["audit"]) == 0
    assert "not audited" in capsys.readouterr().err
    assert supply.main(["audit", "--required"]) == 1


def test_the_bill_of_materials_lists_what_is_installed_and_served(tmp_path: Path) -> None:
    path = tmp_path / "bill.json"
    assert supply.main(["sbom", str(path)]) == 0
    bill = json.loads(path.read_text())
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.5")
    listed = {component["purl"].partition("@")[0]: component for component in bill["components"]}
    for name in ("pkg:pypi/fastapi", "pkg:pypi/av", "pkg:pypi/pillow", "pkg:npm/htmx.org"):
        assert name in listed
    assert "pkg:pypi/pytest" not in listed
    built_here = {
        component["name"] for component in bill["components"] if not component["externalReferences"]
    }
    assert built_here <= {"fakeprint", "fakeprint-client"}
    versions = {package["name"]: package.get("version") for package in LOCK["package"]}
    wrong = [
        component["purl"]
        for component in bill["components"]
        if component["purl"].startswith("pkg:pypi/") and versions[component["name"]] != component["version"]
    ]
    assert wrong == []
