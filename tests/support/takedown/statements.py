"""A statement of reasons as a platform sends it."""

from __future__ import annotations

from typing import Any
from uuid import uuid4


def statement(**other: Any) -> dict[str, Any]:
    """Return a statement that content was removed as illegal, with its own number. `other`: replacements of
    fields."""
    payload = {
        "decision_visibility": ["DECISION_VISIBILITY_CONTENT_REMOVED"],
        "decision_ground": "DECISION_GROUND_ILLEGAL_CONTENT",
        "illegal_content_legal_ground": "Article 197.7 of the Spanish Criminal Code",
        "illegal_content_explanation": "It shows a person in acts they never took part in.",
        "content_type": ["CONTENT_TYPE_VIDEO", "CONTENT_TYPE_SYNTHETIC_MEDIA"],
        "category": "STATEMENT_CATEGORY_CYBER_VIOLENCE",
        "category_specification": ["KEYWORD_NON_CONSENSUAL_MATERIAL_DEEPFAKE"],
        "content_date": "2026-01-20",
        "application_date": "2026-01-31",
        "decision_facts": "The video was reported.",
        "source_type": "SOURCE_ARTICLE_16",
        "automated_detection": "No",
        "automated_decision": "AUTOMATED_DECISION_PARTIALLY",
        "puid": uuid4().hex,
    }
    return payload | other
