"""The docs site: `python -m deploy.tools.site` builds it in `.cache/site/html`; `--serve` shows it meanwhile.

The pages are those of `docs`, the documents beside the README and in `deploy`, and the reference pages, which
are made from the code. They are laid into one folder, and their links rewritten: a link to a page leads to
the page, a link to another file to the file in the repository. Zensical builds the site and, being strict,
refuses links to pages that do not exist. Neither the build nor a reader fetches anything from elsewhere.
The translations are sites of their own below it, since Zensical builds a site in one language.
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
from deploy.tools.translations import LANGUAGES

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
    """Yield each document with the address of its page, relative to the site. Translations are in a folder of
    their language, which is a site of its own."""
    for path in sorted(DOCS.rglob("*.md")):
        yield path, re.sub(r"(^|/)README\.md$", r"\1index.md", str(path.relative_to(DOCS)))
    for name, page in BESIDE.items():
        yield ROOT / name, page


def _site(page: str) -> str:
    """The language of a page's site; empty: English."""
    first = page.partition("/")[0]
    return first if first in LANGUAGES else ""


def lay(folder: Path) -> None:
    """Write all pages and pictures into `folder`, and translations into folders beside it. All are emptied
    first. Raises `ValueError` for a link to a file that does not exist."""
    folders = {"": folder} | {code: folder.with_name(f"{folder.name}-{code}") for code in LANGUAGES}
    for each in folders.values():
        shutil.rmtree(each, ignore_errors=True)
        each.mkdir(parents=True)
        shutil.copyfile(DOCS / "site.css", each / "site.css")
    places = {path.resolve(): page for path, page in pages()}
    for path, page in pages():
        text, code = _COMMENT.sub("", path.read_text(encoding="utf-8")), _site(page)
        led = partial(_led, path=path, page=page, places=places, folder=folders[code])
        _write(folders[code] / page.removeprefix(f"{code}/"), _LINK.sub(led, text))
    for name, made in reference.PAGES.items():
        _write(folder / "reference" / f"{name}.md", made())
    for room, drawn in schema_diagram.diagrams().items():
        _write(folder / "pictures" / f"schema-{room}.svg", drawn)


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
        to = places[found]
        led = _relative(to, page) if _site(to) == _site(page) else _address(to, page)
        return f"{opening}{led}{anchor}{closing}"
    inside = found.relative_to(ROOT)
    if found.suffix in {".svg", ".png", ".webp"}:
        copy = folder / "pictures" / inside.name
        copy.parent.mkdir(exist_ok=True)
        shutil.copyfile(found, copy)
        return f"{opening}{_relative(f'pictures/{inside.name}', page)}{closing}"
    return f"{opening}{SOURCE}/{inside}{anchor}{closing}"


def _relative(target: str, page: str) -> str:
    return os.path.relpath(target, Path(page).parent)


def _address(target: str, page: str) -> str:
    """From a page to the folder that a page of another site becomes."""
    return _relative(re.sub(r"(^|/)index$", "", target.removesuffix(".md")) or ".", page) + "/"


def _configuration(code: str) -> str:
    """The configuration of a site: that of the English one, with what a language changes."""
    text = (DOCS / "zensical.toml").read_text(encoding="utf-8")
    if code:
        names = [page.removeprefix(f"{code}/") for _, page in pages() if _site(page) == code]
        nav = ["index.md", *(name for name in names if name != "index.md")]
        text = re.sub(r"^nav = \[.*?^\]$", f"nav = {nav!r}", text, flags=re.MULTILINE | re.DOTALL)
        text = text.replace('"pages"', f'"pages-{code}"').replace('"html"', f'"html/{code}"')
        text = text.replace("[project.theme]", f'[project.theme]\nlanguage = "{code}"')
    home = "../" if code else "./"
    links = [("en", "English", home), *((key, name, f"{home}{key}/") for key, name in LANGUAGES.items())]
    return text + "".join(
        f'\n[[project.extra.alternate]]\nlang = "{key}"\nname = "{name}"\nlink = "{link}"\n'
        for key, name, link in links
    )


def build(*, serve: bool = False) -> None:
    """Build the site, or serve it on a port of its own until it is interrupted."""
    lay(BUILD / "pages")
    program = str(Path(sys.executable).with_name("zensical"))
    for code in ("", *LANGUAGES):
        chosen = BUILD / f"zensical{code and '-'}{code}.toml"
        chosen.write_text(_configuration(code), encoding="utf-8")
        if serve and not code:
            subprocess.run([program, "serve", "-f", str(chosen)], check=True)
            return
        subprocess.run([program, "build", "-f", str(chosen), "--clean", "--strict"], check=True)


if __name__ == "__main__":
    build(serve="--serve" in sys.argv)
    sys.stdout.write(f"The site is in {BUILD.relative_to(ROOT)}/html.\n")
