"""The TypeScript client: generate its types and operations, and compile it.

The tools are those of registry/client/typescript/package-lock.json. npm puts them
into `.cache/typescript`, once.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

from deploy.tools import node
from deploy.tools.supply import ROOT

PACKAGE: Final = ROOT / "registry" / "client" / "typescript"
GENERATED: Final = PACKAGE / "src" / "generated"
DESCRIPTION: Final = ROOT / "deploy" / "openapi.json"
CACHE: Final = ROOT / ".cache" / "typescript"
SETTINGS: Final = ("package.json", "package-lock.json", "tsconfig.json", "openapi-ts.config.ts")


def write() -> None:
    """Replace the generated files."""
    made = generated()
    shutil.rmtree(GENERATED, ignore_errors=True)
    shutil.copytree(made, GENERATED)


def generated() -> Path:
    """Generate from the description, and return the folder with the files."""
    folder = node.workshop(PACKAGE, CACHE, SETTINGS)
    into = folder / "generated"
    shutil.rmtree(into, ignore_errors=True)
    names = {"FAKEPRINT_DESCRIPTION": str(DESCRIPTION), "FAKEPRINT_GENERATED": str(into)}
    node.run(folder, "npm", "run", "--silent", "generate", "--", "--no-log-file", **names)
    return into


def compiled(*more: Path) -> Path:
    """Compile the client, with more programs beside its index, and return the folder with the modules. The
    same files are not compiled twice."""
    sources = [*sorted((PACKAGE / "src").rglob("*.ts")), PACKAGE / "package-lock.json", *more]
    digest = node.digest(*sources)
    folder = node.workshop(PACKAGE, CACHE, SETTINGS)
    stamp = folder / "compiled"
    if not stamp.exists() or stamp.read_text() != digest:
        for name in ("src", "dist"):
            shutil.rmtree(folder / name, ignore_errors=True)
        shutil.copytree(PACKAGE / "src", folder / "src")
        for path in more:
            shutil.copy(path, folder / "src")
        node.run(folder, "npm", "run", "--silent", "build")
        stamp.write_text(digest)
    return folder / "dist"
