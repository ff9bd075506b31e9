"""What a manifest declares: the gravest counts, and a source is believed only where nothing else is said."""

from __future__ import annotations

from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.catalogue.provenance.model import declared, provenance

IPTC: Final = "http://cv.iptc.org/newscodes/digitalsourcetype/"
CREATED: Final = {"action": "c2pa.created", "digitalSourceType": f"{IPTC}digitalCapture"}
PARENT: Final = {"relationship": "parentOf", "active_manifest": "b"}
JSON: Final = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=20), inner, max_size=4),
)
NAMED: Final = ("manifests", "active_manifest", "validation_results", "validation_state", "a")


def report(*actions: Any, ingredients: Any = (), other: Any = None, failures: Any = ()) -> dict[str, Any]:
    """A report of the manifest `a`, of another where one is given, and of what does not hold of that."""
    label = "c2pa.actions.v2"
    made = {
        "assertions": [{"label": label, "data": {"actions": list(actions)}}],
        "ingredients": list(ingredients),
    }
    more = {} if other is None else {"b": {"assertions": [{"label": label, "data": {"actions": [other]}}]}}
    deltas = [{"validationDeltas": {"failure": [{"code": failure} for failure in failures]}}]
    return {
        "active_manifest": "a",
        "validation_state": "Trusted",
        "manifests": {"a": made, **more},
        "validation_results": {"activeManifest": {}, "ingredientDeltas": deltas},
    }


@pytest.mark.parametrize(
    ("said", "found", "source"),
    [
        (report(CREATED), "capture", True),
        (report(CREATED, {"action": "c2pa.published"}), "capture", True),
        (report({"action": "c2pa.opened"}, ingredients=[PARENT], other=CREATED), "capture", True),
        (report({"action": "c2pa.opened"}, ingredients=[{"relationship": "parentOf"}]), None, False),
        (report({"action": "c2pa.opened"}), None, False),
        (report(), None, False),
        (report(CREATED, {"action": "c2pa.placed"}), "capture", False),
        (
            report(CREATED, {"action": "c2pa.published", "digitalSourceType": f"{IPTC}composite"}),
            "composite",
            False,
        ),
        (
            report(CREATED, ingredients=[{**PARENT, "relationship": "componentOf"}], other=CREATED),
            "capture",
            False,
        ),
        (report(CREATED, failures=["assertion.dataHash.mismatch"]), "capture", False),
        (report(CREATED, failures=["signingCredential.untrusted"]), "capture", True),
        (report({**CREATED, "digitalSourceType": f"{IPTC}virtualRecording"}), "other", False),
        (
            report(
                CREATED,
                ingredients=[PARENT],
                other={"action": "c2pa.created", "digitalSourceType": f"{IPTC}trainedAlgorithmicMedia"},
            ),
            "trained_algorithmic_media",
            False,
        ),
        (report(*[CREATED] * 5_001), "capture", False),
    ],
)
def test_the_gravest_declaration_counts_and_only_captures_are_captures(
    said: Any, found: str | None, source: bool
) -> None:
    assert declared.declared(said) == found
    assert declared.only_captured(said) is source
    manifest = provenance.of_report(said, b"", None, "reader", source=True)
    assert (manifest.declared, manifest.source) == (found, source)


@pytest.mark.slow
@given(st.dictionaries(st.sampled_from(NAMED), JSON | st.dictionaries(st.sampled_from(NAMED), JSON)))
def test_whatever_a_report_holds_ends_in_a_state(said: dict[str, Any]) -> None:
    found = provenance.of_report(said, b"", None, "reader", source=True, revoked={1})
    assert found.state in {"trusted", "valid", "invalid"}
    assert not found.source
