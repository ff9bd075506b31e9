"""Pages to look up a file, hashed in the browser or uploaded, or a fingerprint document; and the answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from starlette.responses import FileResponse, Response

from registry.catalogue.entries.service.entries import show_entry
from registry.catalogue.entries.service.visibility import hidden_cases
from registry.catalogue.fingerprints import browser_models
from registry.catalogue.media.service.uploads import uploads
from registry.catalogue.previews.pages import pictures
from registry.console import documents
from registry.console.area import Area
from registry.console.errors import NoDocument
from registry.console.languages import N_
from registry.console.spans import clock, contents, drawn
from registry.console.view import Nav, Page, Shown, as_uuid
from registry.core.errors import FakeprintError, NotFound
from registry.core.errors.http import NoFile
from registry.matching.lookups.model import Answer, Match
from registry.matching.lookups.pages.lookups import lookups
from registry.matching.lookups.service.records import fetch_document, get_lookup

HINT: Final = N_(
    "Check whether a file is a known fake, and which part of it. The file can stay on your device."
)

area = Area(
    "lookup",
    nav=(Nav("/lookup", N_("Look up"), "lookUp", HINT, 10),),
)

MOST: Final = 32 << 20
"""Most bytes of a pasted document."""
ASKED: Final = 5
"""Most matches for which the page shows pictures, and whether the original is registered."""

SAID: Final[Mapping[str, str]] = {
    "known_fake": N_("This shows a fake that is registered here."),
    "related": N_("This is similar to a registered file, but it may not be the fake. A person has to look."),
    "authentic_original": N_("This is closest to the genuine recording that fakes were made from."),
    "no_match": N_(
        "No registered file is like it. This does not mean that it is genuine: fakes that nobody "
        "registered are unknown here."
    ),
    "quick": N_(
        "The compared parts match no registered file. Not everything was compared, so it may still be a "
        "registered fake."
    ),
    "undecidable": N_("It cannot be compared: it is too short, blank or blurred."),
}
WHY: Final[Mapping[str, str]] = {
    "unreviewed": N_("Another organization registered the fake. Nobody has reviewed it yet."),
    "below_tier": N_("The tier of the entry is lower than the policy of its bank requires."),
    "single_frame": N_("One picture is not enough to decide. Look up the whole clip."),
    "weak": N_("Too few pictures agree, or not closely enough."),
    "low_information": N_("Its pictures are blank, dark or blurred."),
    "role_conflict": N_("The same file is registered as a fake and as an original."),
    "other_face": N_("Same footage, another face: this may be the original, or another fake of it."),
    "no_face": N_("The footage is the same, but the faces could not be compared."),
    "face_undecided": N_("The footage is the same, but it is unclear whether the faces are."),
    "same_scene": N_("The same scene, but perhaps another recording of it."),
    "original_close": N_("It matches the fake and the original equally well, so it is unclear which it is."),
    "original_claimed": N_("Somebody registered this as the original, but nobody has confirmed it."),
    "audio_only": N_("Only the sound agrees."),
    "same_person": N_("It shows an enrolled person, in other footage."),
    "known_harmless": N_("Your organization has marked it as harmless."),
    "truncated_media": N_("The file is cut off. The part that exists was compared."),
}
CHECKED: Final[Mapping[str, str]] = {
    "sha256": N_("Same file"),
    "frames": N_("Its pictures"),
    "embedding": N_("Strongly cropped or edited pictures"),
    "faces": N_("Faces"),
    "sound": N_("Sound"),
}
"""Signals that were compared (`checked`), in words for the reader."""
NOT_CHECKED: Final[Mapping[str, str]] = {
    "left_out": N_("It was not part of what was sent."),
    "not_computed": N_("The device that made the fingerprints cannot compare it."),
    "keyframes_only": N_("Only some pictures of the video were compared."),
    "not_read": N_("It could not be read, or this kind of check does not read it."),
    "not_sent": N_("Only a checksum or a hash was sent, not the file."),
    "partial": N_("Only a part of it was compared."),
}
"""Reasons why a signal was not compared (`not_checked`), in words for the reader."""
RELATIONS: Final[Mapping[str, str]] = {
    "copy": N_("A copy of the fake"),
    "same_footage_other_face": N_("Same footage, another face"),
    "original": N_("The genuine original"),
    "same_person": N_("The same person"),
    "audio": N_("The same sound"),
}


@area.page("/lookup", operation="lookUp")
def ask(page: Page) -> Shown:
    """Show the forms."""
    return page.show("lookup/ask.html", **_ways(page))


def _ways(page: Page) -> dict[str, Any]:
    """Return values for the form: limits, and the face models that a browser downloads."""
    settings = page.service.settings
    face_models = browser_models.installed(settings.face_files)
    return {
        "longest": int(settings.max_seconds),
        "largest": settings.max_pixels,
        "faces": {name: browser_models.PARTS[name].sha256 for name in face_models},
        "megabytes": round(sum(path.stat().st_size for path in face_models.values()) / 1e6),
    }


@area.page("/lookup/faces/{digest}", operation="lookUp")
def face_file(page: Page) -> Response:
    """Send a face model file to the browser, by its digest."""
    face_models = browser_models.installed(page.service.settings.face_files)
    for name, path in face_models.items():
        if browser_models.PARTS[name].sha256 == page.request.path_params["digest"]:
            headers = {"Cache-Control": "private, max-age=31536000, immutable"}
            return FileResponse(path, headers=headers, media_type="application/octet-stream")
    raise NotFound("There is no such file.")


@area.form("/lookup/document", operation="lookUp", again=ask, most=MOST, files=1)
def by_document(page: Page) -> Response:
    """Look up a fingerprint document: computed by the page's script, uploaded, pasted, or fetched from a
    URL."""
    found = lookups(page).document(page.request, page.service, page.caller, _document(page))
    return page.go(f"/lookup/{found['lookup_id']}")


def _document(page: Page) -> bytes:
    for file in page.files("document"):
        return documents.content(page, file)
    text = page.typed.text("said").strip()
    if not text:
        raise NoDocument("Choose a document, paste it, or give its address.")
    if text.startswith("{"):
        return text.encode()
    return fetch_document(page.service, page.caller, text)


@area.form("/lookup/file", operation="lookUp", again=ask, files=1)
def by_file(page: Page) -> Response:
    """Look up an uploaded file."""
    files = page.files("file")
    if len(files) != 1:
        raise NoFile("Choose exactly one file.")
    with uploads(page.service, files) as (upload,):
        lookup_id = lookups(page).file(page.service, page.caller, upload)
    return page.go(f"/lookup/{lookup_id}")


@area.page("/lookup/{lookup_id}", operation="showLookup")
def show(page: Page) -> Shown | Response:
    """Show the answer, or that it is still awaited."""
    lookup_id = page.uuid("lookup_id")
    full_answer = get_lookup(page.service, page.caller, lookup_id)
    if full_answer is None:
        waiting = page.show("lookup/waiting.html", lookup_id=str(lookup_id))
        return Response(status_code=204) if page.fragment else waiting
    answer = lookups(page).told(full_answer, page.caller)
    matches = answer["matches"]
    ids = [as_uuid(match["entry_id"]) for match in matches if match["entry_id"]]
    hidden = {str(case) for case in hidden_cases(page.service, page.caller, ids)}
    return page.show(
        "lookup/answer.html",
        answer=answer,
        matches=[
            (
                match,
                drawn(match),
                _original(page, match, matches),
                "" if match["entry_id"] in hidden else _pictures(page, match, matches, lookup_id),
            )
            for match in matches
        ],
        hidden=hidden,
        contents=contents(matches) if answer["mixed"] else (),
        why=[WHY[code] for code in (*answer["reasons"], *answer["notes"]) if code in WHY],
        reasons=WHY,
        relations=RELATIONS,
        linked=lambda reference: str(reference.get("url", "")).startswith("https://"),
        clock=lambda second, fine=False: _figures(page, clock(second, fine=fine)),
        **_rests_on(answer),
        **_ways(page),
    )


def _rests_on(answer: Answer) -> dict[str, Any]:
    """Return, in words, what was compared, what not, and what the answer means. A known fake lists nothing
    as not compared: its verdict is final."""
    is_known_fake = answer["verdict"] == "known_fake"
    omissions = [(entry["what"], entry["reason"]) for entry in answer["not_checked"]]
    partly = answer["verdict"] == "no_match" and bool(omissions)
    return {
        "checked": [CHECKED[signal] for signal in answer["checked"]],
        "not_checked": []
        if is_known_fake
        else [(CHECKED[signal], NOT_CHECKED[reason]) for signal, reason in omissions],
        "faceless": any(signal == "faces" for signal, _ in omissions),
        "partly": partly,
        "quick": partly and answer["next_step"] is not None,
        "next_step": answer["next_step"],
        "meaning": SAID["quick" if partly else answer["verdict"]],
    }


def _pictures(page: Page, match: Match, matches: Sequence[Match], lookup_id: UUID) -> str:
    """Return the signed parameter for the comparison of pictures. Empty after the first `ASKED` matches."""
    is_first = any(first is match for first in matches[:ASKED])
    return pictures.of_match(page, match, f"/lookup/{lookup_id}") if is_first else ""


def _figures(page: Page, clock_text: str) -> str:
    """Return a clock time with the digits of the reader's language."""
    return "".join(
        page.words.number(int(character)) if character in "0123456789" else character
        for character in clock_text
    )


def _original(page: Page, match: Match, matches: Sequence[Match]) -> str:
    """Return `here` if the original of a match's entry is one of the matches, `registered`, or empty."""
    entry_id = match["entry_id"]
    if match["relation"] == "original" or entry_id is None or match in matches[ASKED:]:
        return ""
    if any(match["relation"] == "original" and match["entry_id"] == entry_id for match in matches):
        return "here"
    try:
        entry = show_entry(page.service, page.caller, as_uuid(entry_id))
    except FakeprintError:
        return ""
    return "registered" if any(asset.role == "original" for asset in entry.assets) else ""
