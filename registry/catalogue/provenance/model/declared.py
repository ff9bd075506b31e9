"""How a medium came to be, as its manifest of C2PA declares it: digital source types, and actions. Pure.

What is declared is no more than what a signer says. A capture is believed where the signer is believed, and
where nothing in the manifest, or in those of what it was made from, says anything else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, Literal

Declared = Literal["trained_algorithmic_media", "composite", "edited", "capture", "other"]
"""trained_algorithmic_media: some of it was made by a trained model. composite: put together from others.
edited: changed by people or by filters. capture: recorded as it is. other: something else is said."""
GRAVITY: Final[tuple[Declared, ...]] = (
    "other",
    "capture",
    "edited",
    "composite",
    "trained_algorithmic_media",
)
"""The gravest is what is told."""
MOST: Final = 5_000
"""Manifests, assertions and actions that are looked at; of one with more nothing is believed."""
_TYPES: Final[Mapping[str, Declared]] = {
    "trainedAlgorithmicMedia": "trained_algorithmic_media",
    "compositeWithTrainedAlgorithmicMedia": "trained_algorithmic_media",
    "trainedAlgorithmicData": "trained_algorithmic_media",
    "compositeSynthetic": "composite",
    "composite": "composite",
    "compositeCapture": "composite",
    "algorithmicallyEnhanced": "edited",
    "humanEdits": "edited",
    "minorHumanEdits": "edited",
    "digitalCapture": "capture",
    "computationalCapture": "capture",
    "negativeFilm": "capture",
    "positiveFilm": "capture",
}
"""The last part of the addresses at cv.iptc.org/newscodes/digitalsourcetype (2024) and c2pa.org."""
_CREATED: Final = "c2pa.created"
_HARMLESS: Final = frozenset(
    {
        *(_CREATED, "c2pa.opened", "c2pa.transcoded", "c2pa.repackaged", "c2pa.published", "c2pa.converted"),
        *("c2pa.resized", "c2pa.resized.proportional", "c2pa.cropped", "c2pa.trimmed", "c2pa.orientation"),
        *("c2pa.edited.metadata", "c2pa.watermarked", "c2pa.watermarked.bound", "c2pa.watermarked.unbound"),
    }
)
"""What a source may have done to what it recorded (C2PA 2.2, actions) without anything else being shown."""


def declared(report: Mapping[str, Any]) -> Declared | None:
    """The gravest that a report of c2pa's reader holds, in the manifest or in those of what went into it;
    None where none speaks of it."""
    found = [
        _of_type(action["digitalSourceType"])
        for action in _actions(report)
        if action.get("digitalSourceType")
    ]
    return max(found, key=GRAVITY.index, default=None)


def only_captured(report: Mapping[str, Any]) -> bool:
    """Whether all that is said is that it was recorded and handed on: what was created was captured, no
    action may have changed what is shown, and everything it was made from has a manifest that holds."""
    manifests = list(_mapping(report.get("manifests")).values())
    acts = list(_actions(report))
    if len(manifests) > MOST or len(acts) > MOST:
        return False
    created = [act for act in acts if act.get("action") == _CREATED]
    return (
        bool(created)
        and all(_of_type(act.get("digitalSourceType")) == "capture" for act in created)
        and all(act.get("action") in _HARMLESS for act in acts)
        and all(_of_type(act.get("digitalSourceType") or "digitalCapture") == "capture" for act in acts)
        and all(_whole(manifest, len(manifests)) for manifest in manifests)
        and not any(True for _ in _failures(report))
    )


def _whole(manifest: object, manifests: int) -> bool:
    """Whether a manifest's ingredients are at most the one it continues, which has a manifest itself."""
    ingredients = list(items(_mapping(manifest).get("ingredients")))
    return not ingredients or (
        len(ingredients) == 1
        and manifests > 1
        and ingredients[0].get("relationship") == "parentOf"
        and bool(ingredients[0].get("active_manifest"))
    )


def _failures(report: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """What does not hold of the ingredients' manifests, an unknown signer excepted: who signs the whole
    answers for them."""
    results = _mapping(report.get("validation_results"))
    for delta in items(results.get("ingredientDeltas")):
        for item in items(_mapping(delta.get("validationDeltas")).get("failure")):
            if item.get("code") != "signingCredential.untrusted":
                yield item


def _actions(report: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for manifest in list(_mapping(report.get("manifests")).values())[: MOST + 1]:
        for assertion in items(_mapping(manifest).get("assertions")):
            if str(assertion.get("label")).startswith("c2pa.actions"):
                yield from items(_mapping(assertion.get("data")).get("actions"))


def _of_type(value: object) -> Declared:
    name = str(value).rstrip("/").rpartition("/")[2]
    return _TYPES.get(name, "other")


def items(value: object, most: int = MOST) -> Iterable[Mapping[str, Any]]:
    """The objects of a list, as far as it is one, and no more than `most` of them."""
    if isinstance(value, Sequence) and not isinstance(value, str):
        yield from (item for item in value[: most + 1] if isinstance(item, Mapping))


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
