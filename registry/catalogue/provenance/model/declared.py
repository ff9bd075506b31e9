"""The origin of a medium as its C2PA manifest declares it: digital source types and actions. Pure.

A declaration is only a statement of the signer. A capture is believed if the signer is trusted and no
manifest, including those of ingredients, contradicts it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, Literal

Declared = Literal["trained_algorithmic_media", "composite", "edited", "capture", "other"]
"""trained_algorithmic_media: a trained model made some of it. composite: put together from other media.
edited: changed by people or by filters. capture: recorded as it is. other: any other declaration."""
GRAVITY: Final[tuple[Declared, ...]] = (
    "other",
    "capture",
    "edited",
    "composite",
    "trained_algorithmic_media",
)
"""Declarations from least to most severe. The most severe one is reported."""
MOST: Final = 5_000
"""Most manifests, assertions and actions that are examined. Beyond that, no capture is believed."""
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
"""Source types by the last part of their addresses at cv.iptc.org/newscodes/digitalsourcetype (2024) and
c2pa.org."""
_CREATED: Final = "c2pa.created"
_HARMLESS: Final = frozenset(
    {
        *(_CREATED, "c2pa.opened", "c2pa.transcoded", "c2pa.repackaged", "c2pa.published", "c2pa.converted"),
        *("c2pa.resized", "c2pa.resized.proportional", "c2pa.cropped", "c2pa.trimmed", "c2pa.orientation"),
        *("c2pa.edited.metadata", "c2pa.watermarked", "c2pa.watermarked.bound", "c2pa.watermarked.unbound"),
    }
)
"""Actions (C2PA 2.2) after which a recording still counts as captured, because they show nothing else."""


def declared(report: Mapping[str, Any]) -> Declared | None:
    """Return the most severe declaration in a report of the c2pa reader, ingredients included. None if there
    is none."""
    types = [
        _of_type(action["digitalSourceType"])
        for action in _actions(report)
        if action.get("digitalSourceType")
    ]
    return max(types, key=GRAVITY.index, default=None)


def only_captured(report: Mapping[str, Any]) -> bool:
    """Return whether the report declares nothing but a recording.

    Everything created was captured, no action changed what is shown, and every ingredient has a valid
    manifest.
    """
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
    """Return whether a manifest has no ingredient except the parent that it continues, which has a
    manifest."""
    ingredients = list(items(_mapping(manifest).get("ingredients")))
    return not ingredients or (
        len(ingredients) == 1
        and manifests > 1
        and ingredients[0].get("relationship") == "parentOf"
        and bool(ingredients[0].get("active_manifest"))
    )


def _failures(report: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield validation failures of the ingredients' manifests, except an unknown signer.

    The signer of the whole answers for unknown signers of its ingredients.
    """
    results = _mapping(report.get("validation_results"))
    for delta in items(results.get("ingredientDeltas")):
        for failure in items(_mapping(delta.get("validationDeltas")).get("failure")):
            if failure.get("code") != "signingCredential.untrusted":
                yield failure


def _actions(report: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for manifest in list(_mapping(report.get("manifests")).values())[: MOST + 1]:
        for assertion in items(_mapping(manifest).get("assertions")):
            if str(assertion.get("label")).startswith("c2pa.actions"):
                yield from items(_mapping(assertion.get("data")).get("actions"))


def _of_type(value: object) -> Declared:
    name = str(value).rstrip("/").rpartition("/")[2]
    return _TYPES.get(name, "other")


def items(value: object, most: int = MOST) -> Iterable[Mapping[str, Any]]:
    """Yield the objects among the first `most` + 1 elements of a list. Yields nothing if the value is not a
    list."""
    if isinstance(value, Sequence) and not isinstance(value, str):
        yield from (element for element in value[: most + 1] if isinstance(element, Mapping))


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
