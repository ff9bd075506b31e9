"""ClaimReview and MediaReview, checked by TypeScript against schema.org's types (Google's `schema-dts`)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from registry.catalogue.entries.model.details import Details
from tests.bench.interop.tools import node_modules, ran
from tests.catalogue.entries.test_published_review import reviews

_TYPES = """
import type {ClaimReview, MediaReview} from 'schema-dts';
declare module 'schema-dts' {  // the Duke Reporters' Lab's term
  interface VideoObjectLeaf { accessedOnUrl?: string }
  interface ImageObjectLeaf { accessedOnUrl?: string }
}
"""


def measure(_peers: Path) -> dict[str, int]:
    """Return how many of the reviews have only properties and values of schema.org, and that a wrong one is
    found."""
    folder = node_modules(["schema-dts@2", "typescript@5"])
    wanted = [*reviews(), *reviews(Details(), claim=None, references=[], manipulation="edited")]
    passed = sum(_is_typed(folder, review) for review in wanted)
    wrong = {"@type": "ClaimReview", "claimReviewd": "no such property"}
    return {"schema_org_typed": passed * int(not _is_typed(folder, wrong)), "schema_org_reviews": len(wanted)}


def _is_typed(folder: Path, review: dict[str, Any]) -> bool:
    kind = review["@type"]
    text = f"{_TYPES}\nexport const review: {kind} = {json.dumps(review, indent=1)};\n"
    (folder / "review.ts").write_text(text)
    done = ran("npx", "tsc", "--noEmit", "--strict", "--skipLibCheck", "review.ts", folder=folder)
    print(done.stdout[-1500:], end="")
    return done.returncode == 0
