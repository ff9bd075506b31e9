"""Pages of hash exchanges that are read into banks."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from starlette.responses import Response

from registry.catalogue.banks.schemas import ListedBank
from registry.catalogue.banks.service.banks import list_banks
from registry.console.fields import area, wrong
from registry.console.languages import N_
from registry.console.view import Page, Shown
from registry.core.http.received import checked
from registry.core.labels import blank
from registry.sharing.sources.model import ADDRESSES, CREDENTIALS
from registry.sharing.sources.schemas import NewExchange
from registry.sharing.sources.service.exchanges import (
    add_exchange,
    list_exchanges,
    remove_exchange,
    request_exchange,
)

KINDS: Final[Mapping[str, tuple[str, str]]] = {
    "stopncii": (N_("StopNCII"), N_("Hashes of intimate pictures that people asked to be blocked.")),
    "ncmec": (
        N_("NCMEC"),
        N_("The hash sharing of the US National Center for Missing & Exploited Children."),
    ),
    "threatexchange": (N_("ThreatExchange"), N_("A privacy group of Meta’s exchange.")),
    "file": (N_("A file on the server"), N_("A list that the operator puts into the service’s folder.")),
    "sample": (N_("Sample hashes"), ""),
}
ADDED_HERE: Final = {kind: words for kind, words in KINDS.items() if kind != "sample"}
CREDENTIAL_LABELS: Final[Mapping[str, str]] = {
    "function_key": N_("Function key"),
    "subscription_key": N_("Subscription key"),
    "user": N_("User name"),
    "password": N_("Password"),
    "token": N_("Access token"),
}
INTERVALS: Final = ((3600, N_("Every hour")), (6 * 3600, N_("Every six hours")), (86_400, N_("Every day")))
FAILURES: Final[Mapping[str, str]] = {
    "address_refused": N_("The address is not public."),
    "bad_credentials": N_("The credentials do not fit this kind of list."),
    "exchange_refused": N_("The exchange refuses the credentials."),
    "exchange_unreachable": N_("The exchange does not answer."),
    "exchange_garbled": N_("The answer of the exchange cannot be read."),
    "no_exchange_file": N_("The file is not in the folder for exchange files."),
    "bank_published": N_("The bank is published. Data from other sources needs a bank that is not."),
    "keys_unavailable": N_("The credentials cannot be decrypted at the moment."),
}
"""Why the last reading failed, in plain words, by code."""

area.says = {
    **area.says,
    "exchange_added": N_("The hash list is added. The service reads it soon."),
    "exchange_requested": N_("The service reads it now. Open this page again to see the result."),
    "exchange_removed": N_("The hash list is no longer read. Its entries stay in the bank."),
}
area.explains = {
    **area.explains,
    "bad_address": N_("The address has to begin with https:// and hold no password. A file is named alone."),
    "bad_credentials": N_("Fill in every credential, as the exchange gave it to you."),
    "bad_options": N_("A number of the group or of the members is missing or wrong."),
    "exchange_exists": N_("There is already a list of that name, or one that fills that bank."),
    "exchange_suspended": N_("This list is switched off, so it is not read."),
    "bank_not_private": N_(
        "Choose a bank that only your organization sees. Exchanges share with members only."
    ),
    "bank_published": N_("That bank is published. Data from other sources needs a bank that is not."),
    "no_exchange": N_("This list is no longer read. Somebody may have removed it."),
}
_NUMBERS: Final = re.compile(r"\d{1,18}")


@area.page("/admin/exchanges", operation="listExchanges")
def exchanges(page: Page) -> Shown:
    """List the exchanges that the organization reads."""
    rows = list_exchanges(page.service, page.caller)
    return page.show("admin/sources/exchanges.html", exchanges=rows, kinds=KINDS, failures=FAILURES)


@area.page("/admin/exchanges/new", operation="addExchange")
def new(page: Page) -> Shown:
    """Show the kinds of exchanges, or the form for one of them."""
    kind = page.typed.text("kind") or page.query("kind")
    return page.show(
        "admin/sources/exchange_new.html",
        kind=kind if kind in ADDED_HERE else "",
        kinds=ADDED_HERE,
        banks=own_banks(page, private=True),
        credentials={name: CREDENTIAL_LABELS[name] for name in _credentials(kind)},
        address=next((address for known, address in ADDRESSES.items() if known == kind), ""),
        intervals=INTERVALS,
    )


@area.form("/admin/exchanges/new", operation="addExchange", again=new)
def add(page: Page) -> Response:
    """Add an exchange."""
    typed = page.typed
    kind = typed.text("kind")
    if not typed.given("bank"):
        raise wrong("bad_input", "bank", page.words.text("Choose a bank."))
    body: dict[str, Any] = {
        "name": typed.text("name"),
        "kind": kind,
        "bank": typed.text("bank"),
        "address": typed.text("address").strip(),
        "options": _options(kind, page),
        "credentials": {name: typed.text(name).strip() for name in _credentials(kind)},
        "every": interval(page),
    }
    add_exchange(page.service, page.caller, checked(body, NewExchange.model_validate))
    return page.go("/admin/exchanges", "exchange_added")


@area.form("/admin/exchanges/fetch", operation="fetchExchange", again=exchanges)
def fetch(page: Page) -> Response:
    """Read an exchange now."""
    request_exchange(page.service, page.caller, page.typed.text("exchange"))
    return page.go("/admin/exchanges", "exchange_requested")


@area.form("/admin/exchanges/remove", operation="removeExchange", again=exchanges)
def remove(page: Page) -> Response:
    """Stop reading an exchange."""
    remove_exchange(page.service, page.caller, page.typed.text("exchange"))
    return page.go("/admin/exchanges", "exchange_removed")


def own_banks(page: Page, *, private: bool) -> list[ListedBank]:
    """Return the organization's banks of fakes, which another source may fill. `private`: only private
    ones."""
    return [
        bank
        for bank in list_banks(page.service, page.caller)
        if bank.own and (bank.kind == "fakes" or private) and (bank.visibility == "private" or not private)
    ]


def interval(page: Page) -> int:
    """Return the seconds between two readings."""
    text = page.typed.text("every")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else INTERVALS[0][0]


def _credentials(kind: str) -> tuple[str, ...]:
    return next((names for known, names in CREDENTIALS.items() if known == kind), ())


def _options(kind: str, page: Page) -> dict[str, Any]:
    typed = page.typed
    group, members = typed.text("privacy_group").strip(), _NUMBERS.findall(typed.text("only_esp_ids"))
    if kind == "threatexchange":
        return {"privacy_group": int(group) if _NUMBERS.fullmatch(group) else 0}
    if kind == "ncmec" and members:
        return {"only_esp_ids": [int(member) for member in members]}
    if kind == "file" and not blank(typed.text("type")):
        return {"type": typed.text("type").strip()}
    return {}
