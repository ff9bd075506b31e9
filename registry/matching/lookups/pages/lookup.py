"""Pages to look up files, hashed in the browser or uploaded, or a fingerprint document."""

from __future__ import annotations

from typing import Final

from starlette.responses import FileResponse, Response

from registry.catalogue.fingerprints import browser_models
from registry.catalogue.media.service.uploads import uploads
from registry.console import documents
from registry.console.errors import NoDocument
from registry.console.view import Page, Shown
from registry.core.errors import BadInput, NotFound
from registry.core.errors.http import NoFile
from registry.matching.lookups.errors import TooManyFiles
from registry.matching.lookups.pages import answer, history
from registry.matching.lookups.pages.frame import area
from registry.matching.lookups.pages.lookups import lookups
from registry.matching.lookups.service.records import fetch_document

__all__ = ["answer", "area", "history"]

MOST: Final = 32 << 20
"""Most bytes of a pasted document."""
MOST_FILES: Final = 20
"""Most files of one form. With scripts, files are sent one by one."""
LARGEST: Final = 4
"""Size limit of the files of one form, as a multiple of the largest accepted file."""


@area.page("/lookup", operation="lookUp")
def ask(page: Page) -> Shown:
    """Show the forms."""
    return page.show("lookup/ask.html", **answer.ways(page))


def failed(page: Page) -> Shown:
    """Show an error in a row of the table of files."""
    return page.show("lookup/row.html", state="failed", lookup_id="")


@area.page("/lookup/faces/{digest}", operation="lookUp")
def face_file(page: Page) -> Response:
    """Send a face model file to the browser, by its digest."""
    face_models = browser_models.installed(page.service.settings.face_files)
    for name, path in face_models.items():
        if browser_models.PARTS[name].sha256 == page.request.path_params["digest"]:
            headers = {"Cache-Control": "private, max-age=31536000, immutable"}
            return FileResponse(path, headers=headers, media_type="application/octet-stream")
    raise NotFound("There is no such file.")


@area.form("/lookup/document", operation="lookUp", again=ask, part=failed, most=MOST, files=1)
def by_document(page: Page) -> Shown | Response:
    """Look up a fingerprint document: computed by the page's script, uploaded, pasted, or fetched from a
    URL."""
    found = lookups(page).document(page.request, page.service, page.caller, _document(page), _days(page))
    return answer.row_of(page, found) if page.fragment else page.go(f"/lookup/{found['lookup_id']}")


def _document(page: Page) -> bytes:
    for file in page.files("document"):
        return documents.content(page, file)
    text = page.typed.text("said").strip()
    if not text:
        raise NoDocument("Choose a document, paste it, or give its address.")
    if text.startswith("{"):
        return text.encode()
    return fetch_document(page.service, page.caller, text)


@area.form("/lookup/file", operation="lookUp", again=ask, part=failed, files=LARGEST)
def by_file(page: Page) -> Shown | Response:
    """Look up uploaded files. Several are listed with the earlier lookups."""
    files = page.files("file")
    if not files:
        raise NoFile("Choose a file.")
    if len(files) > MOST_FILES:
        raise TooManyFiles(f"{len(files)} files were sent; a form may have {MOST_FILES}.")
    with uploads(page.service, files) as stored:
        ids = [lookups(page).file(page.service, page.caller, upload, _days(page)) for upload in stored]
    if page.fragment:
        return answer.row(page, ids[0])
    return page.go(f"/lookup/{ids[0]}") if len(ids) == 1 else page.go("/lookup/history", "files_sent")


def _days(page: Page) -> int | None:
    """Return for how many days to watch the lookup; None: not at all."""
    text = page.typed.text("watch")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 6):
        raise BadInput("`watch` is a number of days.")
    return int(text)
