"""The private page: a person without an account registers what shows them, by fingerprints made on their
device, and follows or withdraws the case by a number and a PIN. Neither stands in an address, a log or a
cookie.

Faces are compared on the page that looks up, where somebody with an account ticks it, and are not kept there.
Here they are not even offered: a case stays, so its faces would, and it needs none (`open_case`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, cast

import orjson
from starlette.responses import Response

from registry.catalogue.fingerprints.model.document import from_document
from registry.catalogue.fingerprints.model.fingerprint import Fingerprint
from registry.console.area import Area
from registry.console.languages import N_
from registry.console.view import Page, Shown
from registry.core.errors import BadDocument, FakeprintError
from registry.intake.errors import IncompleteCase, NotConfirmed
from registry.intake.model import MOST_FILES, STANDINGS, Standing
from registry.intake.schemas import Case
from registry.intake.service.cases import MOST_MET, Declaration, follow_case, open_case, withdraw_case
from registry.intake.service.settings import show_intake

MOST: Final = 8 << 20
"""Bytes of a case, as the API takes them."""
ADDRESSES: Final = {
    "elsewhere": "https://www.wikipedia.org/",
    "stopncii": "https://stopncii.org/",
    "takeitdown": "https://takeitdown.ncmec.org/",
    "inhope": "https://www.inhope.org/",
}
"""Where the way out leads, and who helps."""
MADE: Final = {
    "": N_("I do not know"),
    "face_swap": N_("A face was put onto somebody else"),
    "edited": N_("A real picture or video was altered"),
    "lip_sync": N_("Mouth or voice say what was never said"),
    "synthetic": N_("All of it was made by a machine"),
}
TITLES: Final[Mapping[str, str]] = {
    "waiting": N_("It waits for reviewers"),
    "confirmed": N_("It is confirmed"),
    "contested": N_("It is disputed"),
    "declined": N_("It was not accepted"),
    "withdrawn": N_("You have withdrawn it"),
    "ended": N_("It was ended"),
}
MEANINGS: Final[Mapping[str, str]] = {
    "waiting": N_(
        "The fingerprints are registered, and nobody has confirmed them yet. Platforms with which the "
        "organization shares its cases are told of a copy that it may be one: a person there has to look."
    ),
    "confirmed": N_(
        "Reviewers have confirmed it. Platforms with which the organization shares its cases are told of a "
        "copy that it is a known fake."
    ),
    "contested": N_(
        "Somebody disputes that it is a fake, or that it may be registered. Until reviewers have decided, "
        "platforms that meet a copy are told nothing."
    ),
    "declined": N_("Reviewers did not accept it. Platforms that meet a copy are told nothing."),
    "withdrawn": N_("Platforms that meet a copy are told nothing any more. Nobody can take that back."),
    "ended": N_(
        "The organization has ended it, or it was kept as long as it is kept. Platforms that meet a copy are "
        "told nothing any more."
    ),
}
NEXT: Final[Mapping[str, str]] = {
    "waiting": N_(
        "To confirm it, reviewers need a copy: from a place that you have named, or from a platform that met "
        "one. Yours is not asked for. Look here again in a few days."
    ),
    "confirmed": N_(
        "You need do nothing more. What a platform does with a copy is for the platform to decide."
    ),
    "contested": N_("A reviewer who takes no side in it decides. Look here again in a few days."),
    "declined": N_("You can open another case that says more, or ask an organization for help."),
    "withdrawn": N_("You can open another case at any time."),
    "ended": N_("You can open another case, or ask the organization why."),
}

NO_FILE: Final = N_("Choose a video or picture, or paste its fingerprints.")
NEEDED: Final[Mapping[str, str]] = {
    "adult": N_("Say whether everybody was 18 or older."),
    "standing": N_("Say whom the files show."),
    "intimate": N_("Say whether they are intimate."),
    "true": N_("Tick that it is so as you say."),
}
"""What the form needs, in its order, and what is said beside a field without an answer."""
WHERE: Final[Mapping[str, str]] = {
    "no_fake": "media",
    "low_information": "media",
    "too_many_files": "media",
    "bad_document": "said",
    "bad_detail": "seen",
    "bad_label": "note",
    "bad_case_number": "number",
    "wrong_case": "number",
    "not_confirmed": "sure",
}
"""By code: the field that it is about."""

area = Area(
    "private",
    explains={
        "minor_protection": N_(
            "Nothing was taken or kept. Where somebody younger than 18 is shown, or may be, the services "
            "named below help: they are made for that, and they are free."
        ),
        "incomplete_case": N_("The case is not open yet. Something is missing:"),
        "not_declared": N_("Answer each question, and say at the end that it is so."),
        "no_fake": N_("Choose a file: without its fingerprints there is nothing to find copies by."),
        "bad_document": N_("What you pasted is no fingerprint document as “fakeprint hash” writes it."),
        "bad_detail": N_(
            "A place cannot be read. Give one place a line: an address that begins with https://, or a "
            "platform’s name."
        ),
        "bad_label": N_("A text is too long, or holds characters that cannot be kept."),
        "too_many_files": N_("That is more than one case takes. Open another one for the rest."),
        "too_many_cases": N_(
            "Too many cases have come today, or from your network. Nothing is lost: try later."
        ),
        "no_private_cases": N_("This registry takes no private cases at present."),
        "bad_case_number": N_(
            "That is no case number: it has ten letters and digits. Look for a slip, and type it once more."
        ),
        "wrong_case": N_(
            "There is no case of that number and PIN. Look both up again. A PIN that is lost cannot be "
            "replaced."
        ),
        "case_locked": N_("Too many attempts with a wrong PIN. Wait a while before the next one."),
        "not_confirmed": N_("Nothing is withdrawn yet: say that you want it."),
        "low_information": N_(
            "A file shows nothing by which copies could be found: it is blank, dark or blurred."
        ),
    },
)


@area.page("/private", operation="openCase")
def ask(page: Page) -> Shown:
    """What this is, and the form."""
    settings = page.service.settings
    return _shown(
        page,
        "private/ask.html",
        intake=show_intake(page.service),
        seconds=int(settings.max_seconds),
        pixels=settings.max_pixels,
        most_files=MOST_FILES,
        made=[(code, page.words.text(said)) for code, said in MADE.items()],
    )


@area.form("/private", operation="openCase", again=ask, most=MOST)
def begin(page: Page) -> Shown:
    """Open a case. The answer is shown where the form was, once: no address leads to it."""
    try:
        _require_answers(page)
        documents = list(_documents(page.typed.text("said")))
        case = open_case(page.service, documents, _declaration(page), address=page.client)
    except FakeprintError as error:
        raise _marked(page, error) from None
    return _shown(page, "private/opened.html", status=201, case=case)


@area.page("/private/follow", operation="followCase")
def ask_follow(page: Page) -> Shown:
    """Number and PIN."""
    return _shown(page, "private/follow.html")


@area.form("/private/follow", operation="followCase", again=ask_follow)
def follow(page: Page) -> Shown:
    """What became of the case."""
    try:
        return _case(page, follow_case(page.service, *_key(page), address=page.client))
    except FakeprintError as error:
        raise _marked(page, error) from None


@area.page("/private/withdraw", operation="withdrawCase")
def ask_withdraw(page: Page) -> Shown:
    """Number, PIN, and that it is meant."""
    return _shown(page, "private/withdraw.html", days=page.service.settings.case_days)


@area.form("/private/withdraw", operation="withdrawCase", again=ask_withdraw)
def withdraw(page: Page) -> Shown | Response:
    """Withdraw the case."""
    try:
        if not page.typed.given("sure"):
            raise NotConfirmed("Say that you want to withdraw it.")
        return _case(page, withdraw_case(page.service, *_key(page), address=page.client))
    except FakeprintError as error:
        raise _marked(page, error) from None


def _shown(page: Page, template: str, /, status: int = 200, **context: Any) -> Shown:
    return page.show(template, status=status, addresses=ADDRESSES, **context)


def _case(page: Page, case: Case) -> Shown:
    state = case.state
    said: dict[str, Any] = {"title": TITLES[state], "meaning": MEANINGS[state], "next": NEXT[state]}
    said |= {"days": page.service.settings.case_days, "most_met": MOST_MET}
    return _shown(page, "private/case.html", case=case, **said)


def _require_answers(page: Page) -> None:
    """Raise `BadInput` (`incomplete_case`) with a sentence for each field that needs an answer and has none.
    Whoever may be shown as a minor is refused first, by `open_case`, whatever else is missing."""
    typed = page.typed
    if typed.text("adult") not in {"yes", ""}:
        return
    missing = [(name, said) for name, said in NEEDED.items() if not typed.given(name)]
    if not (typed.given("said") or typed.text("chosen", "0") != "0"):
        missing.insert(0, (_files(page), NO_FILE))
    if missing:
        raise IncompleteCase(
            "Something is missing.",
            extra={"errors": [{"where": name, "message": page.words.text(said)} for name, said in missing]},
        )


def _files(page: Page) -> str:
    """Where files are chosen: with a script, which says how many were; else a document is pasted."""
    return "media" if page.typed.given("chosen") else "said"


def _marked(page: Page, error: FakeprintError) -> FakeprintError:
    """The error, which names the field that it is about, in words."""
    where = WHERE.get(error.code)
    if where and not error.extra.get("errors"):
        name = _files(page) if where == "media" else where
        if error.code == "bad_label" and "`note`" not in error.message:
            name = "seen"
        said = area.explains[error.code]
        error.extra["errors"] = [{"where": name, "message": page.words.text(said)}]
    return error


def _key(page: Page) -> tuple[str, str]:
    return page.typed.text("number"), page.typed.text("pin")


def _declaration(page: Page) -> Declaration:
    typed = page.typed
    standing = typed.text("standing")
    seen = [line.strip() for line in typed.text("seen").split("\n") if line.strip()]
    return Declaration(
        standing=cast("Standing", standing),
        intimate=typed.text("intimate") == "yes",
        adult=typed.text("adult") in {"yes", ""},
        true=standing in STANDINGS and typed.given("true"),
        manipulation=typed.text("manipulation") or None,
        seen=[{"url" if line.startswith(("http://", "https://")) else "platform": line} for line in seen],
        note=typed.text("note"),
    )


def _documents(said: str) -> Iterator[Fingerprint]:
    """Fingerprint documents: one, or one a line as `fakeprint hash` writes them. No more than a case takes is
    read, and one to tell that there are more."""
    lines = [line for line in said.split("\n") if line.strip()]
    try:
        found = [orjson.loads(line) for line in lines[: MOST_FILES + 1]]
    except orjson.JSONDecodeError:
        try:
            found = [orjson.loads(said)]  # written over several lines
        except orjson.JSONDecodeError:
            raise BadDocument("The document is no JSON.") from None
    yield from map(from_document, found)
