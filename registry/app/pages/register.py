"""Register a known fake: files, claim, places where it was seen. Similar entries are shown first."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import orjson
from starlette.responses import Response

from registry.catalogue.entries.errors import NoFake
from registry.catalogue.entries.pages.entries import MANIPULATIONS, own_banks
from registry.catalogue.entries.pages.fields import languages, lines, place, sources_of
from registry.catalogue.entries.pages.picker import offered
from registry.catalogue.entries.service.media import Source
from registry.catalogue.entries.service.registration import Registration, register_entry
from registry.catalogue.fingerprints.model.document import to_document
from registry.catalogue.media.service.uploads import Upload
from registry.console.area import Area
from registry.console.languages import N_
from registry.console.view import Nav, Page, Shown, Typed, as_uuid
from registry.core.errors import BadInput, NotFound, TooMany, Unavailable
from registry.lineage.service import asking, find_near
from registry.matching.lookups.pages.lookups import lookups
from registry.takedown.errors import WrongEntry

FILES: Final = 4
"""Size limit of all files of a form, as a multiple of the largest file, as in `POST /v1/entries`."""
PATIENCE: Final = 8.0
"""Most seconds that a form without a script waits for the lookups of its files."""
MOST_MATCHES: Final = 20
RELATIONS: Final = {
    "copy": N_("the same fake"),
    "same_footage_other_face": N_("same footage, another face"),
    "original": N_("it is registered as an original"),
    "same_person": N_("the same enrolled person"),
    "audio": N_("the same sound"),
}

area = Area(
    "register",
    nav=(Nav("/register", N_("Register"), "registerEntry", N_("Register a known fake with its files."), 20),),
    says={
        "registered": N_("Registered. Its files are being read. After that, lookups find it."),
        "registered_there": N_("This bank already has an entry with these files. You see it here."),
    },
    explains={
        "unknown_entry": N_("No entry with that id exists, or you may not see it."),
        "no_fake": N_("Choose the file of the fake: an entry needs at least one."),
        "bad_document": N_("A fingerprint document cannot be read. Create it again with `fakeprint hash`."),
        "role_conflict": N_(
            "The same file was chosen as fake and as original. Choose the genuine footage as the original."
        ),
        "bad_reference": N_(
            "One of the fact-check addresses is not valid. Write one a line, each beginning with https://."
        ),
        "bad_detail": N_(
            "A place where it was seen cannot be read. Write one a line: an address or a platform, with "
            "or without a day before it."
        ),
        "bank_full": N_("The bank is full. Choose another, or ask an administrator to raise its limit."),
    },
)


@dataclass(frozen=True, slots=True)
class Near:
    """The matches of lookups of the files. `asked`: ids of the lookups. `waiting`: some are not answered yet.
    `unlooked`: some could not be made, so a person decides whether to continue."""

    matches: tuple[Mapping[str, Any], ...]
    asked: tuple[UUID, ...]
    waiting: bool
    unlooked: bool


@area.page("/register", operation="registerEntry")
def form(page: Page) -> Shown:
    """Show the form."""
    return _form(page, None)


@area.form("/register", operation="registerEntry", again=form, files=FILES)
def register(page: Page) -> Shown | Response:
    """Look for similar entries. Register if there are none, or the reader is sure."""
    page.typed = _with_kin(page.typed)
    if page.typed.given("find"):
        return _form(page, None)
    fields = _fields(page)
    if not page.files("fake"):
        raise NoFake(next_step="Choose its file.")
    with sources_of(page) as sources:
        if not page.typed.given("sure"):
            near = _find_near(page, sources["fake"])
            if near.matches or near.waiting or near.unlooked:
                return _form(page, near)
        try:
            entry = register_entry(
                page.service,
                page.caller,
                Registration(fakes=sources["fake"], originals=sources["original"], **fields),
            )
        except NotFound as error:  # a bank or an entry that a field names: the form is shown again
            raise BadInput.of_code(error.code, error.message, next_step=error.next_step) from None
    path, word = f"/entries/{entry.entry_id}", "registered" if entry.created else "registered_there"
    response = page.go(path, word)
    if page.typed.given("follows"):
        response.status_code = 201  # the script follows it, so that the message is shown to the reader
    return response


@area.page("/register/near", operation="registerEntry")
def near_part(page: Page) -> Shown | Response:
    """Show the matches found since, for a page that waits."""
    if not page.fragment:
        return page.go("/register")
    query = page.request.query_params
    ids = tuple(as_uuid(lookup_id) for lookup_id in query.getlist("lookup")[:50])
    near = _answers(page, ids, unlooked="unlooked" in query)
    return page.show("register/near_part.html", near=near, relations=RELATIONS)


def _form(page: Page, near: Near | None) -> Shown:
    return page.show(
        "register/form.html",
        banks=own_banks(page),
        manipulations=[(code, page.words.text(label), "") for code, label in MANIPULATIONS.items()],
        tongues=languages(page),
        **offered(page, "variant_of"),
        near=near,
        relations=RELATIONS,
        most=page.service.settings.max_upload_bytes,
        altogether=FILES * page.service.settings.max_upload_bytes,
    )


def _find_near(page: Page, fakes: Sequence[Source]) -> Near:
    """Look up each fake. `find_near` limits what the reader sees of the matches."""
    ids: list[UUID] = []
    unlooked = False
    for fake in fakes:
        try:
            ids.append(_look_up(page, fake))
        except (TooMany, Unavailable):
            unlooked = True
            break  # each attempt may have waited for its turn
    until = time.monotonic() + (0.0 if page.typed.given("follows") else PATIENCE)
    while (near := _answers(page, ids, unlooked=unlooked)).waiting and time.monotonic() < until:
        time.sleep(0.25)
    return near


def _look_up(page: Page, fake: Source) -> UUID:
    asker = asking(page.caller)
    if isinstance(fake, Upload):
        return lookups(page).file(page.service, asker, fake)
    raw = orjson.dumps(to_document(fake, faces=True))
    lookup = lookups(page).document(page.request, page.service, asker, raw)
    return as_uuid(str(lookup["lookup_id"]))


def _answers(page: Page, ids: Sequence[UUID], *, unlooked: bool) -> Near:
    matches: dict[str, Mapping[str, Any]] = {}
    waiting = False
    for lookup_id in ids:
        result = find_near(page.service, page.caller, lookup_id)
        unlooked, waiting = unlooked or result.unlooked, waiting or result.waits
        for match in result.matches:
            matches.setdefault(match["entry_id"], match)
    return Near(tuple(matches.values())[:MOST_MATCHES], tuple(ids), waiting, unlooked)


def _fields(page: Page) -> dict[str, Any]:
    """Return the fields as arguments of `register_entry`."""
    typed = page.typed
    names = ("bank", "title", "manipulation", "claim", "language")
    plain = {name: typed.text(name).strip() for name in names}
    fields: dict[str, Any] = {name: value or None for name, value in plain.items()}
    fields["claim"] = " ".join(plain["claim"].split()) or None
    fields["references"] = [{"url": line} for line in lines(typed.text("references"))]
    fields["seen"] = [place(line, typed.text("channel")) for line in lines(typed.text("seen"))]
    public = typed.given("public")
    fields["depicted"] = [
        {"name": line} | ({"public": True} if public else {}) for line in lines(typed.text("depicted"))
    ]
    fields["evidence"] = typed.text("evidence").strip() or None
    if typed.given("variant_of"):
        try:
            fields["variant_of"] = as_uuid(typed.text("variant_of"))
        except NotFound as error:
            raise WrongEntry(error.message) from None
    return fields


def _with_kin(typed: Typed) -> Typed:
    """Put the id of the chosen similar entry into the field `variant_of`."""
    if not typed.given("kin"):
        return typed
    pairs = tuple(pair for pair in typed.pairs if pair[0] not in {"kin", "variant_of"})
    return Typed((*pairs, ("variant_of", typed.text("kin"))))
