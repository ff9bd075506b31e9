"""What a bank changes of the rules of the answer, and what others change of a bank for themselves. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Final, Literal, cast, get_args

from registry.core.errors import BadInput

Tier = Literal["unreviewed", "reviewed", "court_order"]

Manifests = Literal["none", "without_pictures", "all"]
"""Whose pictures: small ones of the medium, which a manifest store may hold."""

TIERS: Final[tuple[Tier, ...]] = ("unreviewed", "reviewed", "court_order")
BANK: Final = "default"
"""The name of the bank that a new organization begins with."""
STRICTEST: Final = 0.97
"""The highest threshold that a bank may set: of other files than the very same nothing surer can be said."""
LONGEST: Final = 36_500.0
"""The most days that a bank may name."""
LICENCE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+-]{0,63}\Z")
_CODE: Final = re.compile(r"[a-z][a-z0-9_-]{0,31}\Z")


@dataclass(frozen=True, slots=True)
class Trust:
    """How far a medium may be trusted: `own` by its owner's organization, `others` by strangers."""

    own: Tier
    others: Tier


def rank(tier: Tier) -> int:
    """0, 1, 2: how far a tier is trusted."""
    return TIERS.index(tier)


@dataclass(frozen=True, slots=True)
class Policy:
    """What a bank changes of the rules of the answer, openly.

    `stills`: a single frame may decide (`known_fake`) instead of being at most `related`.
    `strangers_see_unreviewed`: an unreviewed entry answers `known_fake` to other organizations too.
    `min_confidence`: how sure it must be that the footage is the same for `known_fake` or
    `authentic_original`; less is `related`, reason `weak`. `min_related`: what is less sure than this is
    not shown. `audio`: a fake whose sound is heard under other pictures is `related`, reason `audio_only`.
    `face_retention_days`: how long faces of its media are kept, None: as long as their entry. Without them
    nobody can tell a face swap from its footage: its copies are `related`, reason `no_face`, from then on.
    `known_tier`: the least tier that answers `known_fake`, to anybody. `answer_tier`: the least that is shown
    at all; an original of less still protects the genuine clip. `…_action`: what to do about a match, a short
    code. `rollout`: the share of lookups that the bank answers. `entry_retention_days`: entries so old are
    withdrawn, but for a court's. `subscribers_list`: those it is shared with by name may list its entries.
    `subscribers_min_…`: how low others may set the threshold for themselves, None: no lower than the bank's.
    `subscribers_act`: they may choose actions of their own. `review_by_another_organization`: reviewers of
    the owner alone do not make an entry `reviewed` even for it (`review.queue.model.trust`).
    `source_original_tier`: what an original that a source of the deployment's list has signed as recorded is
    to the owner at once; `unreviewed`: it is proposed to reviewers, who decide. `assertions`: who may see a
    reviewed entry may have what the registry says of it, signed. `share_manifests`:
    whether others may fetch manifests of C2PA that its originals carried. `published`: other
    registries may read what the bank says of its own entries (`sharing.federation.model.feed`);
    `share_claims`: titles, claims
    and references too; `licence`: under which it is published, an SPDX identifier. `public_tier`: entries of
    this tier or a higher one have a page that anybody may read; None: none has.
    """

    stills: bool = False
    strangers_see_unreviewed: bool = False
    min_confidence: float = 0.9
    min_related: float = 0.5
    audio: bool = True
    face_retention_days: float | None = None
    known_tier: Tier = "unreviewed"
    answer_tier: Tier = "unreviewed"
    known_fake_action: str | None = None
    related_action: str | None = None
    authentic_original_action: str | None = None
    rollout: float = 1.0
    entry_retention_days: float | None = None
    subscribers_list: bool = False
    subscribers_min_confidence: float | None = None
    subscribers_min_related: float | None = None
    subscribers_act: bool = True
    review_by_another_organization: bool = False
    source_original_tier: Tier = "unreviewed"
    assertions: bool = False
    share_manifests: Manifests = "none"
    published: bool = False
    share_claims: bool = False
    licence: str | None = None
    public_tier: Tier | None = None

    def shows_everybody(self, tier: Tier) -> bool:
        """Whether an entry of that tier has a page that anybody may read."""
        return self.public_tier is not None and rank(tier) >= rank(self.public_tier)


def policy(raw: Mapping[str, Any]) -> Policy:
    """The policy that a JSON object says. Raises `BadInput` (code `bad_policy`) for what it does not know."""
    _known(raw, _SETTINGS)
    found = Policy(**{name: _SETTINGS[name](name, value) for name, value in raw.items()})
    if not found.min_related <= found.min_confidence:
        raise BadInput("min_related must not exceed min_confidence.", code="bad_policy")
    return found


def changed_policy(before: Mapping[str, Any], change: Mapping[str, Any]) -> dict[str, Any]:
    """The JSON object `before` with what `change` says; None takes a setting back to its default. Raises as
    `policy`."""
    defaults = {field.name: field.default for field in fields(Policy)}
    policy({name: defaults.get(name) if value is None else value for name, value in change.items()})
    after = {name: value for name, value in {**before, **change}.items() if value is not None}
    policy(after)
    return after


def overlaid(base: Policy, overlay: Mapping[str, Any]) -> Policy:
    """A bank's policy with an organization's own settings, as far as the bank allows them now: what it allows
    no longer counts as far as it does."""
    said = {name: _SETTINGS[name](name, value) for name, value in overlay.items() if name in _OVERLAY}
    made = replace(base, **{name: _OVERLAY[name](base, value) for name, value in said.items()})
    return replace(made, min_related=min(made.min_related, made.min_confidence))


def checked_overlay(base: Policy, overlay: Mapping[str, Any]) -> dict[str, Any]:
    """The settings that an organization asks for itself, as JSON; those that are null are left out. Raises
    `BadInput` (`bad_policy`; `beyond_policy` for what the bank does not allow)."""
    given = {name: value for name, value in overlay.items() if value is not None}
    _known(given, _OVERLAY)
    said = {name: _SETTINGS[name](name, value) for name, value in given.items()}
    for name, value in said.items():
        if _OVERLAY[name](base, value) != value:
            raise BadInput(
                f"The bank does not allow others to set {name} so.",
                code="beyond_policy",
                next_step="Set it stricter; the bank's owner decides how far it may be looser.",
            )
    made = replace(base, **said)
    if not made.min_related <= made.min_confidence:
        raise BadInput("min_related must not exceed min_confidence.", code="bad_policy")
    return given


def recorded(raw: Mapping[str, Any]) -> dict[str, Any]:
    """A policy's settings as the record has them: numbers as text."""
    return {name: str(value) if isinstance(value, float) else value for name, value in raw.items()}


def _known(raw: Mapping[str, Any], settings: Mapping[str, object]) -> None:
    if wrong := set(raw) - set(settings):
        raise BadInput(
            f"Unknown policy setting: {', '.join(sorted(item[:50] for item in wrong))}.",
            code="bad_policy",
            next_step=f"Known settings: {', '.join(sorted(settings))}.",
        )


def _boolean(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise BadInput(f"Policy setting {name} is true or false.", code="bad_policy")
    return value


def _number(name: str, value: Any, most: float) -> float:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not 0 <= value <= most:
        raise BadInput(f"Policy setting {name} is a number from 0 to {most:g}.", code="bad_policy")
    return float(value)


def _threshold(name: str, value: Any) -> float:
    return _number(name, value, STRICTEST)


def _share(name: str, value: Any) -> float:
    return _number(name, value, 1.0)


def _days(name: str, value: Any) -> float:
    return _number(name, value, LONGEST)


def _tier(name: str, value: Any) -> Tier:
    if value not in TIERS:
        raise BadInput(f"Policy setting {name} is one of {', '.join(TIERS)}.", code="bad_policy")
    return cast("Tier", value)


def _reviewed(name: str, value: Any) -> Tier:
    if value == "court_order":
        raise BadInput(
            f"Policy setting {name} is unreviewed or reviewed: no file is a court.", code="bad_policy"
        )
    return _tier(name, value)


def _action(name: str, value: Any) -> str:
    if not isinstance(value, str) or not _CODE.match(value):
        raise BadInput(
            f"Policy setting {name} is a short code: lower-case letters, digits, - and _, 32 at most.",
            code="bad_policy",
            next_step="Usual ones are block, review, label and none.",
        )
    return value


def _manifests(name: str, value: Any) -> Manifests:
    known = get_args(Manifests)
    if value not in known:
        raise BadInput(f"Policy setting {name} is one of {', '.join(known)}.", code="bad_policy")
    return cast("Manifests", value)


def _licence(name: str, value: Any) -> str:
    if not isinstance(value, str) or not LICENCE.match(value):
        raise BadInput(
            f"Policy setting {name} is an identifier such as CC-BY-4.0.",
            code="bad_policy",
            next_step="SPDX lists them; one of your own begins with LicenseRef-.",
        )
    return value


def _maybe(check: Callable[[str, Any], Any]) -> Callable[[str, Any], Any]:
    return lambda name, value: None if value is None else check(name, value)


_SETTINGS: Final[Mapping[str, Callable[[str, Any], Any]]] = {
    "stills": _boolean,
    "strangers_see_unreviewed": _boolean,
    "min_confidence": _threshold,
    "min_related": _threshold,
    "audio": _boolean,
    "face_retention_days": _maybe(_days),
    "known_tier": _tier,
    "answer_tier": _tier,
    "known_fake_action": _maybe(_action),
    "related_action": _maybe(_action),
    "authentic_original_action": _maybe(_action),
    "rollout": _share,
    "entry_retention_days": _maybe(_days),
    "subscribers_list": _boolean,
    "subscribers_min_confidence": _maybe(_threshold),
    "subscribers_min_related": _maybe(_threshold),
    "subscribers_act": _boolean,
    "review_by_another_organization": _boolean,
    "source_original_tier": _reviewed,
    "assertions": _boolean,
    "share_manifests": _manifests,
    "published": _boolean,
    "share_claims": _boolean,
    "licence": _maybe(_licence),
    "public_tier": _maybe(_tier),
}
"""How each setting's value is read. Raises `BadInput`."""


def _least(own: float, allowed: float | None, value: float) -> float:
    return max(value, own if allowed is None else min(own, allowed))


def _higher(own: Tier, value: Tier) -> Tier:
    return max(own, value, key=rank)


_OVERLAY: Final[Mapping[str, Callable[[Policy, Any], Any]]] = {
    "stills": lambda base, value: value and base.stills,
    "min_confidence": lambda base, value: _least(base.min_confidence, base.subscribers_min_confidence, value),
    "min_related": lambda base, value: _least(base.min_related, base.subscribers_min_related, value),
    "known_tier": lambda base, value: _higher(base.known_tier, value),
    "answer_tier": lambda base, value: _higher(base.answer_tier, value),
    "known_fake_action": lambda base, value: value if base.subscribers_act else base.known_fake_action,
    "related_action": lambda base, value: value if base.subscribers_act else base.related_action,
    "authentic_original_action": lambda base, value: (
        value if base.subscribers_act else base.authentic_original_action
    ),
}
"""What others may set for themselves, and what it comes to where the bank does not allow that."""
