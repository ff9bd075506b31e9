"""Codes about clients, campaigns and notices: their status and their meaning, which never changes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

TAKEDOWN: Final[Mapping[str, tuple[str, str]]] = {
    "unknown_regime": ("400", "Not a regime that is known, or none of the campaign's."),
    "bad_regime": ("400", "A file of FAKEPRINT_REGIMES cannot be used; the message names file and key."),
    "notice_incomplete": ("400", "An element lacks or is not as asked; `elements` says which and why."),
    "no_wording": ("400", "The regime has no wording in that language."),
    "bad_figure": ("400", "A picture to be printed is not SVG, PNG or JPEG, or refers to others."),
    "print_too_large": ("400", "A document to be printed has too much text, or a picture is too large."),
    "may_not_sign": ("400", "Nobody of that capacity signs under the regime."),
    "mandate_expired": ("400", "The mandate has ended."),
    "bad_element": ("400", "An element is a text, true or false, by its id."),
    "no_rows": ("400", "There is no row in what was given."),
    "no_place": ("400", "In a row: neither a URL nor a platform with a content id."),
    "which_entry": ("400", "In a row: the campaign is about several entries, or none."),
    "regime_not_for_platform": ("400", "In a row: the platform is not asked under the campaign's regimes."),
    "bad_note": ("400", "In a row: a note has 2,000 characters at most."),
    "bad_zone": ("400", "Not a time zone, as Europe/Madrid."),
    "unknown_question": ("400", "The regime does not ask that."),
    "bad_answer": ("400", "Questions are answered yes or no."),
    "which_notices": ("400", "No notice is named, or more than 10,000."),
    "too_many_matches": ("400", "One request attaches 1 to 1,000 lookups."),
    "repeated_notice": ("400", "A notice is named twice."),
    "unknown_client": ("404", "No client of that id of the key's organization."),
    "unknown_mandate": ("404", "The client has no such mandate."),
    "unknown_campaign": ("404", "No campaign of that id of the key's organization."),
    "unknown_notice": ("404", "The campaign has no such notice."),
    "client_erased": ("409", "What was personal of the client was erased."),
    "campaign_closed": ("409", "The campaign is closed."),
    "other_regime": ("409", "The notice is under another regime."),
    "ground_refused": (
        "409",
        "A lookup says otherwise of the place, or there was none; `notice_ids` lists them.",
    ),
    "notice_hindered": ("409", "The notice cannot be sent; `hindrances` says why."),
    "notice_paused": ("409", "The notice is paused; `paused_for` says why."),
    "not_paused": ("409", "The notice waits for nothing that a person ends."),
    "dispute_open": ("409", "The dispute that the notice waits for is not decided."),
    "too_many_notices": ("413", "One request takes 10,000 rows, and a campaign has 100,000 notices at most."),
}
