"""Register a known fake: its files, what it claims, where it was seen; what is near it is shown first."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import orjson
from starlette.responses import Response

from registry.catalogue.entries.errors import NoFake
from registry.catalogue.entries.pages.entries import MANIPULATIONS, own_banks
from registry.catalogue.entries.service.media import Source
from registry.catalogue.entries.service.registration import Registration, register_entry
from registry.catalogue.fingerprints.model.document import from_document, to_document
from registry.catalogue.media.model import Role
from registry.catalogue.media.service import Upload, uploads
from registry.console import documents
from registry.console.area import Area
from registry.console.languages import N_
from registry.console.view import Nav, Page, Shown, Typed, as_uuid
from registry.core.errors import BadDocument, BadInput, NotFound, TooMany, Unavailable
from registry.lineage.service import asking, find_near
from registry.matching.lookups.pages.lookups import lookups
from registry.takedown.errors import WrongEntry

FILES: Final = 4
"""The files of a form together may be so many times the largest, as those of `POST /v1/entries`."""
PATIENCE: Final = 8.0
"""Seconds at most that a form waits for workers to look for what is near its files, where no script does."""
MOST_MATCHES: Final = 20
ROLES: Final[tuple[Role, ...]] = ("fake", "original")
LANGUAGES: Final = (
    *(
        "ar",
        "bn",
        "ca",
        "de",
        "el",
        "en",
        "es",
        "eu",
        "fa",
        "fr",
        "gl",
        "he",
        "hi",
        "hu",
        "id",
        "it",
        "ja",
        "ko",
    ),
    *("ms", "nl", "pl", "pt", "ro", "ru", "so", "sr", "sw", "ta", "tr", "uk", "ur", "vi", "zgh", "zh"),
)
"""Of titles and claims that are offered; others by the API and the command line."""
RELATIONS: Final = {
    "copy": N_("the same fake"),
    "same_footage_other_face": N_("same footage, another face"),
    "original": N_("it is registered as an original"),
    "same_person": N_("the same enrolled person"),
    "audio": N_("the same sound"),
}
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d(?=\s|$)")

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
    """What lookups of the files found: matches. `asked`: those lookups; `waiting`: workers have not answered
    all of them yet; `unlooked`: for some nobody could look, so that a person says whether to go on."""

    matches: tuple[Mapping[str, Any], ...]
    asked: tuple[UUID, ...]
    waiting: bool
    unlooked: bool


@area.page("/register", operation="registerEntry")
def ask(page: Page) -> Shown:
    """The form."""
    return _form(page, None)


@area.form("/register", operation="registerEntry", again=ask, files=FILES)
def register(page: Page) -> Shown | Response:
    """Look for what is near; where nothing is, or the reader is sure, register."""
    page.typed = _with_kin(page.typed)
    said = _said(page)
    with _sources(page) as given:
        if not page.typed.given("sure"):
            near = _near(page, given["fake"])
            if near.matches or near.waiting or near.unlooked:
                return _form(page, near)
        try:
            made = register_entry(
                page.service,
                page.caller,
                Registration(fakes=given["fake"], originals=given["original"], **said),
            )
        except NotFound as error:  # a bank or an entry that a field names: the form is shown again
            raise BadInput.of_code(error.code, error.message, next_step=error.next_step) from None
    path, word = f"/entries/{made.entry_id}", "registered" if made.created else "registered_there"
    answered = page.go(path, word)
    if page.typed.given("follows"):
        answered.status_code = 201  # the script goes there itself, so that what is said is said to the reader
    return answered


@area.page("/register/near", operation="registerEntry")
def near_part(page: Page) -> Shown | Response:
    """What was found meanwhile, for a page that waits."""
    if not page.fragment:
        return page.go("/register")
    asked = page.request.query_params
    ids = tuple(as_uuid(item) for item in asked.getlist("lookup")[:50])
    near = _answers(page, ids, unlooked="unlooked" in asked)
    return page.show("register/near_part.html", near=near, relations=RELATIONS)


def _form(page: Page, near: Near | None) -> Shown:
    named = page.words.locale.languages
    return page.show(
        "register/form.html",
        banks=own_banks(page),
        manipulations=[(code, page.words.text(said), "") for code, said in MANIPULATIONS.items()],
        tongues=sorted(
            ((code, str(named.get(code, code))) for code in LANGUAGES), key=lambda language: language[1]
        ),
        near=near,
        relations=RELATIONS,
        most=page.service.settings.max_upload_bytes,
        altogether=FILES * page.service.settings.max_upload_bytes,
    )


@contextmanager
def _sources(page: Page) -> Iterator[dict[Role, list[Source]]]:
    """Media as blobs, and documents read. Raises `BadInput` (`no_fake`), `BadDocument`, `TooLarge`."""
    if not page.files("fake"):
        raise NoFake(next_step="Choose its file.")
    chosen = [(role, file) for role in ROLES for file in page.files(role)]
    given: dict[Role, list[Source]] = {role: [] for role in ROLES}
    for role, one in chosen:
        if documents.is_document(one):
            given[role].append(from_document(_parsed(documents.content(page, one))))
    media = [(role, one) for role, one in chosen if not documents.is_document(one)]
    with uploads(page.service, [one for _, one in media]) as kept:
        for (role, _), upload in zip(media, kept, strict=True):
            given[role].append(upload)
        yield given


def _parsed(raw: bytes) -> object:
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError:
        raise BadDocument("The document is no JSON.") from None


def _near(page: Page, fakes: Sequence[Source]) -> Near:
    """Ask of each fake what is near it, as a lookup does; `find_near` says who is told what of it."""
    ids: list[UUID] = []
    unlooked = False
    for fake in fakes:
        try:
            ids.append(_asked(page, fake))
        except (TooMany, Unavailable):
            unlooked = True
            break  # each may have waited for its turn
    until = time.monotonic() + (0.0 if page.typed.given("follows") else PATIENCE)
    while (near := _answers(page, ids, unlooked=unlooked)).waiting and time.monotonic() < until:
        time.sleep(0.25)
    return near


def _asked(page: Page, fake: Source) -> UUID:
    asker = asking(page.caller)
    if isinstance(fake, Upload):
        return lookups(page).file(page.service, asker, fake)
    raw = orjson.dumps(to_document(fake, faces=True))
    found = lookups(page).document(page.request, page.service, asker, raw)
    return as_uuid(str(found["lookup_id"]))


def _answers(page: Page, ids: Sequence[UUID], *, unlooked: bool) -> Near:
    matches: dict[str, Mapping[str, Any]] = {}
    waiting = False
    for lookup_id in ids:
        found = find_near(page.service, page.caller, lookup_id)
        unlooked, waiting = unlooked or found.unlooked, waiting or found.waits
        for match in found.matches:
            matches.setdefault(match["entry_id"], match)
    return Near(tuple(matches.values())[:MOST_MATCHES], tuple(ids), waiting, unlooked)


def _said(page: Page) -> dict[str, Any]:
    """What the fields say, as `register_entry` takes it."""
    typed = page.typed
    named = ("bank", "title", "manipulation", "claim", "language")
    plain = {name: typed.text(name).strip() for name in named}
    said: dict[str, Any] = {name: value or None for name, value in plain.items()}
    said["claim"] = " ".join(plain["claim"].split()) or None
    said["references"] = [{"url": line} for line in _lines(typed.text("references"))]
    said["seen"] = [_place(line, typed.text("channel")) for line in _lines(typed.text("seen"))]
    public = typed.given("public")
    said["depicted"] = [
        {"name": line} | ({"public": True} if public else {}) for line in _lines(typed.text("depicted"))
    ]
    said["evidence"] = typed.text("evidence").strip() or None
    if typed.given("variant_of"):
        said["variant_of"] = _named(typed.text("variant_of").strip())
    return said


def _with_kin(typed: Typed) -> Typed:
    """As if the number of the entry that was chosen among those that are near had been typed."""
    if not typed.given("kin"):
        return typed
    others = tuple(pair for pair in typed.pairs if pair[0] not in {"kin", "variant_of"})
    return Typed((*others, ("variant_of", typed.text("kin"))))


def _named(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise WrongEntry(f"{text[:40]!r} is no number of an entry.") from None


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.split("\n") if line.strip()]


def _place(line: str, channel: str) -> dict[str, str]:
    """A line: a day where it is known, then an address, or what it was where there is none."""
    day = _DAY.match(line)
    rest = line[day.end() :].strip() if day else line
    place = {"url": rest} if rest.startswith(("http://", "https://")) else {"platform": rest}
    if "platform" in place:
        place["channel"] = "messaging" if channel == "messaging" else "other"
    return place | ({"at": day[0]} if day else {})
