"""What a notice is about in the words of the DSA transparency database."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from registry.takedown.regimes.model.classification import classify


def classified(row: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Of a notice's row with what `notice_statements.media` says of its entry, and its elements."""
    return classify(
        regime=row["regime"],
        manipulation=row["manipulation"],
        kinds=row["kinds"],
        answers=row["answers"],
        elements=values,
    ).record()
