"""The policy of a bank in plain words, with a preview of what it would change in the last lookups."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from babel.numbers import NumberFormatError, parse_decimal
from starlette.responses import Response

from registry.catalogue.banks import model as policies
from registry.catalogue.banks.model import PRESETS
from registry.catalogue.banks.pages import in_force
from registry.catalogue.banks.service.banks import change_bank, show_bank
from registry.console.fields import area, wrong
from registry.console.languages import N_
from registry.console.view import Page, Shown
from registry.core.errors import BadInput
from registry.matching.lookups.service.preview import LAST, preview_policy

PRESET_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "careful": (
        N_("Careful"),
        N_("A person has reviewed the fake, and the pictures agree almost perfectly. Good for blocking."),
    ),
    "balanced": (
        N_("Balanced"),
        N_("The default. Also your own fakes that nobody has reviewed yet lead to “Known fake”."),
    ),
    "broad": (
        N_("Broad"),
        N_("Weaker similarity is enough. Use it if people look at every match anyway."),
    ),
}
UNSEEN: Final[Mapping[str, str]] = {
    "more_related": N_("Matches weaker than the present limit were not recorded. More of them could appear."),
    "lower_tier": N_("Entries that are not shown at present were not recorded. More of them could appear."),
    "single_frame": N_(
        "Single pictures out of clips are not counted. Their movement would have to be compared again."
    ),
    "audio": N_("Sounds were not recorded while they were not shown. More of them could appear."),
}
"""What the preview cannot show, by code."""
PERCENT: Final = ("min_confidence", "min_related")
DEFAULT: Final = "default"
"""What the form sends for a setting without a value of its own."""
CHOICES: Final = ("known_tier", "answer_tier", "single_frame", "audio")


@area.page("/admin/banks/{bank_id}/policy", operation="changeBank")
def policy(page: Page) -> Shown:
    """Show the settings and what they would change: the page, or for htmx the preview alone."""
    name = str(page.uuid("bank_id"))
    bank = show_bank(page.service, page.caller, name)
    now = _fields(bank.policy or {})
    preset = next((item for item in PRESETS if item.code == page.query("preset")), None)
    filled = now | (_fields({**(bank.policy or {}), **preset.settings}) if preset else {})
    filled |= {field: page.query(field) for field in now if page.query(field)}
    filled |= {field: page.typed.text(field) for field in now if page.typed.text(field)}
    refused, preview = "", None
    try:
        if settings := _settings(page, now, filled):
            preview = preview_policy(page.service, page.caller, name, settings)
    except BadInput:
        refused = N_("Enter percentages from 0 to 97. The second must not be higher than the first.")
    return page.show(
        f"admin/policy/{'preview' if page.fragment else 'policy'}.html",
        bank=bank,
        filled=filled,
        presets=[(item, *PRESET_WORDS[item.code]) for item in PRESETS],
        chosen=_preset_of(filled),
        preview=preview,
        unseen=[text for code, text in UNSEEN.items() if preview and code in preview.unseen],
        refused=refused,
        last=LAST,
        copies=policies.COPIES,
        strangers=policies.STRANGERS,
    )


@area.form("/admin/banks/{bank_id}/policy", operation="changeBank", again=policy)
def save(page: Page) -> Response:
    """Save the settings that were previewed."""
    name = str(page.uuid("bank_id"))
    now = _fields(show_bank(page.service, page.caller, name).policy or {})
    settings = _settings(page, now, {field: page.typed.text(field) or now[field] for field in now})
    change_bank(page.service, page.caller, name, settings)
    return page.go(f"/admin/banks/{name}/policy", "bank_changed")


def _fields(policy: Mapping[str, Any]) -> dict[str, str]:
    """Return the settings as the fields of the form hold them: percentages for probabilities."""
    texts, parsed = in_force(policy), policies.policy(policy)
    percent = {name: f"{getattr(parsed, name) * 100:g}" for name in PERCENT}
    return percent | {name: texts[name] or DEFAULT for name in CHOICES}


def _settings(page: Page, now: Mapping[str, str], filled: Mapping[str, str]) -> dict[str, Any]:
    """Return the settings that differ from those in force. Raises `BadInput` (`bad_policy`)."""
    settings: dict[str, Any] = {}
    for name, text in filled.items():
        if text == now[name]:
            continue
        if name in PERCENT:
            settings[name] = _share(page, name, text)
        else:
            settings[name] = {"true": True, "false": False, DEFAULT: None}.get(text, text)
    policies.changed_policy({}, settings)
    return settings


def _share(page: Page, name: str, text: str) -> float:
    try:
        percent = float(parse_decimal(text[:20].strip(), locale=page.words.locale))
    except NumberFormatError:
        raise wrong("bad_policy", name, page.words.text("A number is expected.")) from None
    return round(percent / 100, 4)


def _preset_of(filled: Mapping[str, str]) -> str:
    """Return the code of the preset that the fields hold; empty if they hold none."""
    held = {name: filled[name] for name in (*PERCENT, "known_tier")}
    for item in PRESETS:
        fields = _fields(item.settings)
        if {name: fields[name] for name in held} == held:
            return item.code
    return ""
