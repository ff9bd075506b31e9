"""The packages that the project takes: known vulnerabilities, and the software bill of materials.

    python -m deploy.tools.supply audit [--required]   ask OSV for known vulnerabilities
    python -m deploy.tools.supply sbom FILE            write CycloneDX 1.5 (JSON)

`uv` reads the lock file; nothing is installed. Without network the audit says so and passes, except with
`--required`. OSV_URL names another service of the same form, such as a mirror.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any, Final

from deploy.tools import vendor

ROOT: Final = Path(__file__).parents[2]
PLACES: Final = ("uv", ROOT / ".uv/bin/uv", ROOT / ".uv/flat/bin/uv", "~/.local/bin/uv", "~/.cargo/bin/uv")
"""Where `deploy/bootstrap.sh` finds or puts uv."""
FOUND: Final = 1
"""Exit status of `uv audit` if a package has a known vulnerability; a higher one is a failure of its own."""
QUICK: Final = {"UV_HTTP_TIMEOUT": "10", "UV_HTTP_RETRIES": "1"}


def main(arguments: list[str]) -> int:
    """Return the exit status: 1 if a package has a known vulnerability, 2 for wrong usage."""
    match arguments:
        case ["audit"]:
            return audit(required=False)
        case ["audit", "--required"]:
            return audit(required=True)
        case ["sbom", path]:
            write_bill(Path(path))
            return 0
    print(__doc__, file=sys.stderr)  # noqa: T201 - a command
    return 2


def audit(*, required: bool) -> int:
    """Print the known vulnerabilities of the locked packages. Return 1 if there are any, or if `required` and
    nobody could be asked."""
    address = os.environ.get("OSV_URL")
    service = ["--service-url", address] if address else []
    done = run_uv("audit", "--frozen", "--preview-features", "audit", *service, quick=True)
    if done.returncode in {0, FOUND}:
        print(done.stdout.strip() or done.stderr.strip())  # noqa: T201 - a command
        return done.returncode
    reason = next((line for line in done.stderr.splitlines() if line.startswith("error:")), "uv failed")
    print(f"not audited, which says nothing about the packages: {reason}", file=sys.stderr)  # noqa: T201
    return 1 if required else 0


def bill() -> dict[str, Any]:
    """Return the bill of materials: the packages of an installation with everything, and the npm packages
    that are served to browsers."""
    done = run_uv("export", "--frozen", "--format", "cyclonedx1.5", "--no-dev", "--all-extras", "--quiet")
    done.check_returncode()
    found: dict[str, Any] = json.loads(done.stdout)
    listed: dict[str, dict[str, Any]] = json.loads(vendor.LIST.read_text())
    locked = {
        (package["name"], package.get("version")): [*package.get("wheels", ()), package.get("sdist")]
        for package in tomllib.loads((ROOT / "uv.lock").read_text())["package"]
    }
    for component in found["components"]:  # uv names no package URL for what is built here, and no hashes
        component.setdefault("purl", f"pkg:pypi/{component['name']}@{component['version']}")
        component["externalReferences"] = [
            _distribution(file["url"], "SHA-256", file["hash"].removeprefix("sha256:"))
            for file in locked.get((component["name"], component["version"]), ())
            if file and "url" in file
        ]
    found["components"] += [
        {
            "type": "library",
            "bom-ref": f"npm/{name}@{package['version']}",
            "name": name,
            "version": package["version"],
            "purl": f"pkg:npm/{name.replace('@', '%40')}@{package['version']}",
            "licenses": [{"expression": package["licence"]}],
            "externalReferences": [
                _distribution(
                    f"{vendor.REGISTRY}/{name}/-/{name.rpartition('/')[2]}-{package['version']}.tgz",
                    "SHA-512",
                    base64.b64decode(package["integrity"].removeprefix("sha512-")).hex(),
                )
            ],
        }
        for name, package in listed.items()
        if any(path.startswith("registry/") for path in package["files"].values())
    ]
    return found


def _distribution(url: str, algorithm: str, digest: str) -> dict[str, Any]:
    """Return a file that is downloaded, as CycloneDX has it."""
    return {"type": "distribution", "url": url, "hashes": [{"alg": algorithm, "content": digest}]}


def write_bill(path: Path) -> None:
    """Write the bill of materials to a file."""
    path.write_text(json.dumps(bill(), indent=2) + "\n")


def run_uv(*arguments: str, quick: bool = False) -> subprocess.CompletedProcess[str]:
    """Run uv in the project's folder, wherever `deploy/bootstrap.sh` found or put it."""
    environment = os.environ | (QUICK if quick else {})
    for place in PLACES:
        try:
            return subprocess.run(
                [os.fspath(Path(place).expanduser() if os.sep in os.fspath(place) else place), *arguments],
                cwd=ROOT,
                env=environment,
                capture_output=True,
                text=True,
                check=False,
            )
        except FileNotFoundError:
            continue
    return subprocess.CompletedProcess(arguments, 127, "", "error: uv is not installed: run `make setup`")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
