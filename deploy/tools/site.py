"""The docs site: `python -m deploy.tools.site` builds it in `.cache/site/html`; `--serve` shows it meanwhile.

The pages are those of `docs`, the documents beside the README and in `deploy`, and the reference pages, which
are made from the code. They are laid into one folder, and their links rewritten: a link to a page leads to
the page, a link to another file to the file in the repository. Zensical builds the site and, being strict,
refuses links to pages that do not exist. Neither the build nor a reader fetches anything from elsewhere.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Final

from deploy.tools import reference, schema_diagram

ROOT: Final = Path(__file__).resolve().parents[2]
DOCS: Final = ROOT / "docs"
BUILD: Final = ROOT / ".cache" / "site"
_PROJECT: Final = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
SOURCE: Final = f"{_PROJECT['urls']['Homepage']}/blob/main"
"""Where files of the repository are shown."""
BESIDE: Final = {
    "README.md": "index.md",
    "ARCHITECTURE.md": "architecture.md",
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "LICENCES.md": "licences.md",
    "SECURITY.md": "security.md",
    "deploy/runbook.md": "runbook.md",
    "deploy/media.md": "media.md",
    "deploy/monitoring/monitoring.md": "monitoring.md",
}
"""Documents outside `docs`, and the page that each becomes."""
_LINK: Final = re.compile(r"(\]\()([^)\s#:]+)(#[^)\s]*)?(\))")
_COMMENT: Final = re.compile(r"^<!-- (terminal|files|not run|continues|english): .*? -->\n", re.MULTILINE)


def pages() -> Iterator[tuple[Path, str]]:
    """Yield each document with the address of its page, relative to the site."""
    for path in sorted(DOCS.rglob("*.md")):
        yield path, str(path.relative_to(DOCS)).replace("/README.md", "/index.md")
    for name, page in BESIDE.items():
        yield ROOT / name, page


def lay(folder: Path) -> None:
    """Write all pages and pictures into `folder`, which is emptied first. Raises `ValueError` for a link to a
    file that does not exist."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    places = {path.resolve(): page for path, page in pages()}
    for path, page in pages():
        text = _COMMENT.sub("", path.read_text(encoding="utf-8"))
        led = partial(_led, path=path, page=page, places=places, folder=folder)
        _write(folder / page, _LINK.sub(led, text))
    for name, made in reference.PAGES.items():
        _write(folder / "reference" / f"{name}.md", made())
    for room, drawn in schema_diagram.diagrams().items():
        _write(folder / "pictures" / f"schema-{room}.svg", drawn)
    shutil.copyfile(DOCS / "site.css", folder / "site.css")


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _led(link: re.Match[str], path: Path, page: str, places: dict[Path, str], folder: Path) -> str:
    """Return a link of a document as it is on the site. A picture is copied."""
    opening, target, anchor, closing = link[1], link[2], link[3] or "", link[4]
    found = (path.parent / target).resolve()
    if not found.exists():
        raise ValueError(f"{path.relative_to(ROOT)} links to {target}, which does not exist.")
    if found in places:
        return f"{opening}{_relative(places[found], page)}{anchor}{closing}"
    inside = found.relative_to(ROOT)
    if found.suffix in {".svg", ".png", ".webp"}:
        copy = folder / "pictures" / inside.name
        copy.parent.mkdir(exist_ok=True)
        shutil.copyfile(found, copy)
        return f"{opening}{_relative(f'pictures/{inside.name}', page)}{closing}"
    return f"{opening}{SOURCE}/{inside}{anchor}{closing}"


def _relative(target: str, page: str) -> str:
    return os.path.relpath(target, Path(page).parent)


def build(*, serve: bool = False) -> None:
    """Build the site, or serve it on a port of its own until it is interrupted."""
    lay(BUILD / "pages")
    shutil.copyfile(DOCS / "zensical.toml", BUILD / "zensical.toml")
    program = [str(Path(sys.executable).with_name("zensical")), "serve" if serve else "build"]
    options = [] if serve else ["--clean", "--strict"]
    subprocess.run([*program, "-f", str(BUILD / "zensical.toml"), *options], check=True)


if __name__ == "__main__":
    build(serve="--serve" in sys.argv)
    sys.stdout.write(f"The site is in {BUILD.relative_to(ROOT)}/html.\n")
