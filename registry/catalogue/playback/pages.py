"""Two players in step: a fake and its original at the same moments, and the parts of files that they play."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any, Final

from starlette.responses import Response, StreamingResponse

from registry.catalogue.playback import model as playing
from registry.catalogue.playback.errors import PlaybackOver
from registry.catalogue.playback.service import open_media, stream_media
from registry.catalogue.previews.pages import pictures, previews
from registry.catalogue.previews.pages.pictures import Medium
from registry.console import guard
from registry.console.area import Area
from registry.console.languages import N_
from registry.console.view import Page, Shown
from registry.identity.accounts.service.sessions import form_secret

PRIVATE: Final = {
    "Accept-Ranges": "bytes",
    "Cache-Control": "private, no-store",
    "Content-Disposition": "inline",
    "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
}
"""Headers of a file's parts: no cache keeps them, and opened by itself the file runs nothing."""

area = Area(
    "playback",
    explains={
        "not_playable": N_("Browsers cannot play this kind of file. The pictures above show it."),
        "playback_over": N_("The permission to watch this file has ended. Open the players again."),
    },
)


def _refused(page: Page) -> Shown:
    """Show why there are no players, in their place."""
    return page.show("playback/refused.html")


@area.form("/playback", operation="revealPreviews", again=previews.shown, part=_refused)
def play(page: Page) -> Shown:
    """Record that the reader watches the media of a comparison, and show the players."""
    signed_text, plan = pictures.read(page)
    media = [pictures.ids((medium.entry_id, medium.asset_id)) for medium in plan.media]
    kinds = open_media(page.service, page.caller, [(entry_id, asset_id) for entry_id, asset_id in media])
    return page.show(
        "playback/part.html" if page.fragment else "playback/page.html",
        screens=[(previews.NAMES[medium.name], _address(page, medium)) for medium in plan.media],
        sounds="audio" in kinds,
        spans=plan.spans,
        word=signed_text,
        back=plan.back,
    )


@area.page("/playback/media", operation="revealPreviews")
def media(page: Page) -> Response:
    """Answer with a part of a file, to the caller for whom its opening was recorded."""
    fields = guard.verified(form_secret(page.service), page.query("of"))
    if fields.get("caller") != str(page.caller.caller_id) or fields.get("until", 0) < time.time():
        raise PlaybackOver("The permission to watch this file has ended.")
    entry_id, asset_id = pictures.ids(fields["play"])
    wanted = page.request.headers.get("range", "")
    streamed = stream_media(page.service, page.caller, entry_id, asset_id, wanted)
    part = streamed.part
    if part is None:
        return Response(status_code=416, headers=PRIVATE | {"Content-Range": f"bytes */{streamed.size}"})
    whole = part.end - part.start == part.size and not wanted
    headers = PRIVATE | {"Content-Length": str(part.end - part.start)}
    if not whole:
        headers["Content-Range"] = f"bytes {part.start}-{part.end - 1}/{part.size}"
    chunks: Iterator[bytes] = streamed.chunks
    return StreamingResponse(chunks, 200 if whole else 206, headers=headers, media_type=streamed.content_type)


def _address(page: Page, medium: Medium) -> str:
    until = int(time.time()) + playing.GRANTED_SECONDS
    granted: dict[str, Any] = {
        "play": [medium.entry_id, medium.asset_id],
        "caller": str(page.caller.caller_id),
        "until": until,
    }
    return f"/playback/media?of={guard.signed(form_secret(page.service), granted)}"
