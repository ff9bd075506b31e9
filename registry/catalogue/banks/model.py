"""The matching policy of a bank, and the overlay with which another organization adapts it for itself.
Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Annotated, Any, Final, Literal, cast, get_args, get_type_hints

from registry.catalogue.banks.errors import BadPolicy, BeyondPolicy

Tier = Literal["unreviewed", "reviewed", "court_order"]

Manifests = Literal["none", "without_pictures", "all"]
"""Manifests that other organizations may fetch. `without_pictures` excludes manifest stores that hold
thumbnails of the media."""

TIERS: Final[tuple[Tier, ...]] = ("unreviewed", "reviewed", "court_order")
BANK: Final = "default"
"""Name of the first bank of a new organization."""
STRICTEST: Final = 0.97
"""Highest threshold that a bank may set. Only an identical file can be matched with higher confidence."""
LONGEST: Final = 36_500.0
"""Highest number of days that a bank may set."""
LICENCE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+-]{0,63}\Z")
_CODE: Final = re.compile(r"[a-z][a-z0-9_-]{0,31}\Z")


@dataclass(frozen=True, slots=True)
class Trust:
    """Trust tiers of a medium: `own` applies to its owner's organization, `others` to all other
    organizations."""

    own: Tier
    others: Tier


def rank(tier: Tier) -> int:
    """Return the rank of a tier: 0, 1 or 2. Higher is more trusted."""
    return TIERS.index(tier)


@dataclass(frozen=True, slots=True)
class Policy:
    """Settings with which a bank changes the rules of the answer. `EFFECTS` says what each does."""

    single_frame: Annotated[
        bool | None,
        "Whether a single frame decides. None: only by the part in which the fake and its "
        "registered original differ. True: by all that is alike. False: never, it is at most `related`.",
    ] = None
    strangers_see_unreviewed: Annotated[
        bool,
        "An unreviewed entry answers `known_fake` to other organizations too.",
    ] = False
    min_confidence: Annotated[
        float,
        "Lowest confidence for `known_fake` or `authentic_original`. Less gives `related`, reason `weak`.",
    ] = 0.9
    min_related: Annotated[float, "Matches with less confidence than this are not shown."] = 0.5
    audio: Annotated[
        bool,
        "A fake whose sound occurs under other pictures is `related`, reason `audio_only`.",
    ] = True
    face_retention_days: Annotated[
        float | None,
        "Days for which faces of its media are kept. None: as long as their entry. Without faces a "
        "face swap cannot be told from its footage, so copies are then `related`, reason `no_face`.",
    ] = None
    known_tier: Annotated[Tier, "Lowest tier that answers `known_fake`, to anybody."] = "unreviewed"
    answer_tier: Annotated[
        Tier,
        "Lowest tier that is shown at all. An original of a lower tier still protects the genuine clip.",
    ] = "unreviewed"
    known_fake_action: Annotated[str | None, "Recommended action of a `known_fake`, a short code."] = None
    related_action: Annotated[str | None, "Recommended action of a `related` match, a short code."] = None
    authentic_original_action: Annotated[
        str | None,
        "Recommended action of an `authentic_original`, a short code.",
    ] = None
    rollout: Annotated[float, "Share of lookups that the bank answers, 0 to 1."] = 1.0
    entry_retention_days: Annotated[
        float | None,
        "Older entries are withdrawn, except those under a court order or in dispute.",
    ] = None
    subscribers_list: Annotated[
        bool,
        "Organizations that the bank is shared with by name may list its entries.",
    ] = False
    subscribers_min_confidence: Annotated[
        float | None,
        "Lowest `min_confidence` that others may set for themselves. None: no lower than the bank's own.",
    ] = None
    subscribers_min_related: Annotated[
        float | None,
        "Lowest `min_related` that others may set for themselves. None: no lower than the bank's own.",
    ] = None
    subscribers_act: Annotated[bool, "Others may choose their own recommended actions."] = True
    review_by_another_organization: Annotated[
        bool,
        "Reviews by the owner alone do not make an entry `reviewed`, even for the owner.",
    ] = False
    source_original_tier: Annotated[
        Tier,
        "The owner's tier for an original that a source on the deployment's list has signed as "
        "recorded. `unreviewed`: it is proposed to reviewers, who decide.",
    ] = "unreviewed"
    assertions: Annotated[
        bool,
        "Callers who may see a reviewed entry may fetch a signed assertion about it.",
    ] = False
    share_manifests: Annotated[Manifests, "C2PA manifests of its originals that others may fetch."] = "none"
    published: Annotated[bool, "Other registries may read the bank's own entries."] = False
    share_claims: Annotated[bool, "The published feed includes titles, claims and references."] = False
    licence: Annotated[str | None, "Licence of the published data, an SPDX identifier."] = None
    public_tier: Annotated[
        Tier | None,
        "Entries of this tier or a higher one have a page that anybody may read. None: no entry has.",
    ] = None

    def shows_everybody(self, tier: Tier) -> bool:
        """Return whether an entry of that tier has a page that anybody may read."""
        return self.public_tier is not None and rank(tier) >= rank(self.public_tier)


EFFECTS: Final[Mapping[str, str]] = {
    name: hint.__metadata__[0] for name, hint in get_type_hints(Policy, include_extras=True).items()
}
"""What each setting does, by name."""
DEFAULTS: Final[Mapping[str, Any]] = {field.name: field.default for field in fields(Policy)}


def policy(raw: Mapping[str, Any]) -> Policy:
    """Parse a policy from a JSON object. Raises `BadInput` (code `bad_policy`), also for an unknown
    setting."""
    _require_known(raw, _SETTINGS)
    parsed = Policy(**{name: _SETTINGS[name](name, value) for name, value in raw.items()})
    if not parsed.min_related <= parsed.min_confidence:
        raise BadPolicy
    return parsed


def changed_policy(before: Mapping[str, Any], change: Mapping[str, Any]) -> dict[str, Any]:
    """Return the JSON object `before` with the settings of `change`. None resets a setting to its default.

    Raises as `policy`.
    """
    policy({name: DEFAULTS.get(name) if value is None else value for name, value in change.items()})
    after = {name: value for name, value in {**before, **change}.items() if value is not None}
    policy(after)
    return after


def overlaid(base: Policy, overlay: Mapping[str, Any]) -> Policy:
    """Return a bank's policy with an organization's overlay, limited to what the bank allows now."""
    settings = {name: _SETTINGS[name](name, value) for name, value in overlay.items() if name in _OVERLAY}
    combined = replace(base, **{name: _OVERLAY[name](base, value) for name, value in settings.items()})
    return replace(combined, min_related=min(combined.min_related, combined.min_confidence))


def checked_overlay(base: Policy, overlay: Mapping[str, Any]) -> dict[str, Any]:
    """Check the overlay that an organization sets for itself. Returns it as JSON, without null settings.

    Raises `BadInput`: `bad_policy`, or `beyond_policy` for a setting that the bank does not allow.
    """
    settings = {name: value for name, value in overlay.items() if value is not None}
    _require_known(settings, _OVERLAY)
    parsed = {name: _SETTINGS[name](name, value) for name, value in settings.items()}
    for name, value in parsed.items():
        if _OVERLAY[name](base, value) != value:
            raise BeyondPolicy(f"The bank does not allow others to set {name} so.")
    combined = replace(base, **parsed)
    if not combined.min_related <= combined.min_confidence:
        raise BadPolicy
    return settings


def recorded(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Return a policy's settings in the form recorded in the log: floats as text."""
    return {name: str(value) if isinstance(value, float) else value for name, value in raw.items()}


def _require_known(raw: Mapping[str, Any], settings: Mapping[str, object]) -> None:
    if unknown := set(raw) - set(settings):
        raise BadPolicy(
            f"Unknown policy setting: {', '.join(sorted(name[:50] for name in unknown))}.",
            next_step=f"Known settings: {', '.join(sorted(settings))}.",
        )


def _boolean(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise BadPolicy(f"Policy setting {name} is true or false.")
    return value


def _number(name: str, value: Any, most: float) -> float:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not 0 <= value <= most:
        raise BadPolicy(f"Policy setting {name} is a number from 0 to {most:g}.")
    return float(value)


def _threshold(name: str, value: Any) -> float:
    return _number(name, value, STRICTEST)


def _share(name: str, value: Any) -> float:
    return _number(name, value, 1.0)


def _days(name: str, value: Any) -> float:
    return _number(name, value, LONGEST)


def _tier(name: str, value: Any) -> Tier:
    if value not in TIERS:
        raise BadPolicy(f"Policy setting {name} is one of {', '.join(TIERS)}.")
    return cast("Tier", value)


def _reviewed(name: str, value: Any) -> Tier:
    if value == "court_order":
        raise BadPolicy(
            f"Policy setting {name} is unreviewed or reviewed. A signed file is not a court order."
        )
    return _tier(name, value)


def _action(name: str, value: Any) -> str:
    if not isinstance(value, str) or not _CODE.match(value):
        raise BadPolicy(
            f"Policy setting {name} is a short code: lower-case letters, digits, - and _, 32 at most.",
            next_step="Usual codes are block, review, label and none.",
        )
    return value


def _manifests(name: str, value: Any) -> Manifests:
    choices = get_args(Manifests)
    if value not in choices:
        raise BadPolicy(f"Policy setting {name} is one of {', '.join(choices)}.")
    return cast("Manifests", value)


def _licence(name: str, value: Any) -> str:
    if not isinstance(value, str) or not LICENCE.match(value):
        raise BadPolicy(
            f"Policy setting {name} is an identifier such as CC-BY-4.0.",
            next_step="See the SPDX list. Your own identifiers begin with LicenseRef-.",
        )
    return value


def _optional(check: Callable[[str, Any], Any]) -> Callable[[str, Any], Any]:
    return lambda name, value: None if value is None else check(name, value)


_SETTINGS: Final[Mapping[str, Callable[[str, Any], Any]]] = {
    "single_frame": _optional(_boolean),
    "strangers_see_unreviewed": _boolean,
    "min_confidence": _threshold,
    "min_related": _threshold,
    "audio": _boolean,
    "face_retention_days": _optional(_days),
    "known_tier": _tier,
    "answer_tier": _tier,
    "known_fake_action": _optional(_action),
    "related_action": _optional(_action),
    "authentic_original_action": _optional(_action),
    "rollout": _share,
    "entry_retention_days": _optional(_days),
    "subscribers_list": _boolean,
    "subscribers_min_confidence": _optional(_threshold),
    "subscribers_min_related": _optional(_threshold),
    "subscribers_act": _boolean,
    "review_by_another_organization": _boolean,
    "source_original_tier": _reviewed,
    "assertions": _boolean,
    "share_manifests": _manifests,
    "published": _boolean,
    "share_claims": _boolean,
    "licence": _optional(_licence),
    "public_tier": _optional(_tier),
}
"""Parser of each setting's value. Raises `BadInput`."""


def _lowest(own: float, allowed: float | None, value: float) -> float:
    return max(value, own if allowed is None else min(own, allowed))


def _higher(own: Tier, value: Tier) -> Tier:
    return max(own, value, key=rank)


_OVERLAY: Final[Mapping[str, Callable[[Policy, Any], Any]]] = {
    "single_frame": lambda base, value: value and base.single_frame,
    "min_confidence": lambda base, value: _lowest(
        base.min_confidence, base.subscribers_min_confidence, value
    ),
    "min_related": lambda base, value: _lowest(base.min_related, base.subscribers_min_related, value),
    "known_tier": lambda base, value: _higher(base.known_tier, value),
    "answer_tier": lambda base, value: _higher(base.answer_tier, value),
    "known_fake_action": lambda base, value: value if base.subscribers_act else base.known_fake_action,
    "related_action": lambda base, value: value if base.subscribers_act else base.related_action,
    "authentic_original_action": lambda base, value: (
        value if base.subscribers_act else base.authentic_original_action
    ),
}
"""Settings that an overlay may hold. Each function returns the value in force, limited by the bank's
policy."""


@dataclass(frozen=True, slots=True)
class Preset:
    """A policy to begin with. `make bench-calibration EVAL=FOLDER SOURCES=8` counts clips for it.

    `missed`: of COPIES, those that reach less than `min_confidence` with their own clip. `accused`: of
    STRANGERS, those that reach it with a clip that they have nothing to do with.
    """

    code: Literal["careful", "balanced", "broad"]
    settings: Mapping[str, Any]
    missed: int
    accused: int

    @property
    def min_confidence(self) -> float:
        return policy(self.settings).min_confidence


COPIES: Final = 78
"""Edited copies of registered clips that the presets were measured with."""
STRANGERS: Final = 203
"""Clips, edited or not, that were compared with clips that they have nothing to do with."""
PRESETS: Final = (
    Preset("careful", {"min_confidence": 0.97, "min_related": 0.5, "known_tier": "reviewed"}, 3, 0),
    Preset("balanced", {"min_confidence": 0.9, "min_related": 0.5, "known_tier": "unreviewed"}, 2, 0),
    Preset("broad", {"min_confidence": 0.7, "min_related": 0.3, "known_tier": "unreviewed"}, 1, 0),
)
