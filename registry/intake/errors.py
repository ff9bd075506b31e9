"""Error codes of intake cases. Data only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

PRIVATE: Final[Mapping[str, tuple[str, str]]] = {
    "no_private_cases": (
        "409",
        "The operator has named no bank that takes private cases, or it may no longer.",
    ),
    "unfit_bank": ("409", "A bank that takes private cases needs settings of its own; `needs` lists them."),
    "not_declared": ("400", "A private case needs the word of whoever opens it."),
    "too_many_files": ("413", "A private case has 20 files and 50 places at most."),
    "too_many_cases": ("429", "Too many private cases have come today, or from there; see `Retry-After`."),
    "bad_case_number": ("400", "It can be no case number: mistyped, or another text."),
    "wrong_case": ("403", "There is no private case of that number and PIN."),
    "case_locked": ("429", "Too many attempts with a wrong PIN, or from there; see `Retry-After`."),
    "not_confirmed": ("400", "On a page: what cannot be undone was not confirmed."),
    "case_withdrawn": ("409", "Whoever opened the private case has withdrawn it; nobody restores it."),
}
