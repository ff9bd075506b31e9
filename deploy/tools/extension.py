"""The browser extension: build it, and pack it.

    python -m deploy.tools.extension FILE    write the ZIP archive that browsers' shops take

WXT builds in `.cache/extension`. The extension computes fingerprints by the
console's own modules, which are copied from registry/console/static, with the models that the console serves.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from deploy.tools import node
from deploy.tools.supply import ROOT
from registry.catalogue.fingerprints import browser_models
from registry.console.languages import Words
from registry.matching.lookups.pages import verdicts
from registry.matching.lookups.pages.frame import area

PACKAGE: Final = ROOT / "registry" / "client" / "extension"
CLIENT: Final = ROOT / "registry" / "client" / "typescript" / "src"
STATIC: Final = ROOT / "registry" / "console" / "static"
CACHE: Final = ROOT / ".cache" / "extension"
SETTINGS: Final = ("package.json", "package-lock.json", "tsconfig.json", "wxt.config.ts")
COPIED: Final = (
    *("hashing", "console.css", "lookup.css", "vendor/mediabunny.min.mjs", "vendor/ort.wasm.bundle.min.mjs"),
    *("vendor/libheif-bundle.mjs", "vendor/vazirmatn-latin.woff2", "vendor/vazirmatn-latin-ext.woff2"),
    *("vendor/vazirmatn-arabic.woff2", "vendor/mediabunny.LICENCE.txt", "vendor/ort.LICENCE.txt"),
    *("vendor/libheif.LICENCE.txt", "vendor/vazirmatn.LICENCE.txt"),
    *("vendor/sha256.min.mjs", "vendor/sha256.LICENCE.txt"),
)
"""Parts of the console that the extension has too."""
LANGUAGES: Final = ("en", "es", "fr", "ar")
SENTENCES: Final[Mapping[str, Mapping[str, str]]] = {
    "known": verdicts.KNOWN,
    "doubts": verdicts.DOUBTS,
    "otherwise": verdicts.OTHERWISE,
    "why": verdicts.WHY,
    "relations": verdicts.RELATIONS,
}


def built() -> Path:
    """Build the extension and return its folder, which a browser loads. The same files are built once."""
    folder = node.workshop(PACKAGE, CACHE, SETTINGS)
    _lay(folder)
    laid = [*_files(folder / "src"), *_files(folder / "public"), *_files(CLIENT)]
    digest = node.digest(*laid, *(folder / name for name in SETTINGS))
    stamp, made = folder / "built", folder / ".output" / "chrome-mv3"
    if not stamp.exists() or stamp.read_text() != digest:
        stamp.unlink(missing_ok=True)
        node.run(folder, "npm", "run", "--silent", "check", FAKEPRINT_REPOSITORY=str(ROOT))
        node.run(folder, "npm", "run", "--silent", "build", FAKEPRINT_REPOSITORY=str(ROOT))
        stamp.write_text(digest)
    return made


def pack(file: Path) -> None:
    """Write the extension as a ZIP archive."""
    folder = built()
    file.parent.mkdir(parents=True, exist_ok=True)
    made = shutil.make_archive(str(CACHE / "extension"), "zip", folder)
    shutil.copy(made, file)


def _lay(folder: Path) -> None:
    """Put sources, and files that the extension takes along unchanged, where WXT finds them."""
    for name in ("src", "public"):
        shutil.rmtree(folder / name, ignore_errors=True)
        shutil.copytree(PACKAGE / name, folder / name)
    public = folder / "public"
    for name in COPIED:
        source, target = STATIC / name, public / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(source, target) if source.is_dir() else shutil.copy(source, target)
    shutil.copy(STATIC / "img" / "icon.svg", public)
    shutil.copy(ROOT / "LICENSE", public)
    models = browser_models.installed("")
    if not models:
        raise SystemExit("The models are missing. Run `make setup` with a connection to npm.")
    (public / "faces").mkdir()
    for name, path in models.items():
        shutil.copy(path, public / "faces" / f"{name}{path.suffix}")
    (public / "verdicts").mkdir()
    for language in LANGUAGES:
        words = Words(language, area=area.name)
        texts = {
            group: {code: words.text(text) for code, text in sentences.items()}
            for group, sentences in SENTENCES.items()
        }
        (public / "verdicts" / f"{language}.json").write_text(json.dumps(texts, ensure_ascii=False))


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    pack(Path(sys.argv[1]))
