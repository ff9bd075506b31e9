"""People to enrol in tests: photos from scikit-image, and consents."""

from __future__ import annotations

import io
from dataclasses import replace
from functools import cache
from typing import Any, Final
from uuid import uuid4

import httpx2
import numpy as np
from PIL import Image
from skimage import data

from registry.persons.photos.model import Reading, SeenFace
from tests.support.media import clips as media
from tests.support.media import drawn

NAME: Final = "Dolores Ibáñez-Quiroga"
TEXT: Final = "Consiento que comparen mi cara. سلمى\nSegunda línea: sólo un año."
NOTES: Final = "Candidata número siete del ayuntamiento."
ACTING: Final = "Carmen Zubizarreta, abogada"
HOW: Final = "Pasaporte visto por videollamada con su letrada."
DOCUMENT: Final = "c0ffee" * 10 + "abcd"
MANDATE: Final = "decade" * 10 + "0123"


def person(**changed: Any) -> dict[str, Any]:
    """Return the request body of an enrolment."""
    return {
        "name": NAME,
        "notes": NOTES,
        "shows_minor_sexually": False,
        "consent": consent(),
    } | changed


def consent(**changed: Any) -> dict[str, Any]:
    """Return a consent given by a representative."""
    return {
        "by": "representative",
        "text": TEXT,
        "document_sha256": DOCUMENT,
        "given_at": "2026-01-31T10:00:00+01:00",
        "expires_at": "2026-12-31",
        "scope": ["lookups", "entries"],
        "acting": ACTING,
        "mandate_sha256": MANDATE,
    } | changed


def accepted(**changed: Any) -> dict[str, Any]:
    """Return the request body of a review that accepts."""
    checked = {"identity_checked": True, "mandate_checked": True, "how": HOW}
    return {"decision": "accept", **checked} | changed


def portrait(crop: tuple[int, int, int, int] = (0, 0, 512, 512), *, quality: int = 92) -> bytes:
    """Return a JPEG of the astronaut. Crops that contain her whole face serve as different photos of one
    person."""
    return jpeg(np.asarray(Image.fromarray(media.photograph("astronaut")).crop(crop)), quality=quality)


def jpeg(pixels: media.Pixels, *, quality: int = 92) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()


@cache
def somebody_else() -> media.Pixels:
    """Return another face: 25 x 25 pixels of Labeled Faces in the Wild (from scikit-image), enlarged."""
    faces = data.lfw_subset()  # type: ignore[no-untyped-call]
    grey = Image.fromarray((faces[12] * 255).astype(np.uint8)).convert("RGB")
    canvas = Image.new("RGB", (500, 500), (128, 128, 128))
    canvas.paste(grey.resize((300, 300), Image.Resampling.LANCZOS), (100, 100))
    return np.asarray(canvas)


def face(who: str, take: int = 0, **changed: Any) -> SeenFace:
    """A good face of `who`; takes differ as photographs do (cosine about .8)."""
    base = drawn.unit(drawn.generator(f"face {who}"), 128)
    vector = base + 0.5 * drawn.unit(drawn.generator(f"face {who} {take}"), 128)
    good = SeenFace((0.3, 0.2, 0.3, 0.4), 120.0, 0.93, 0.9, 100.0, 120.0, 0.01, drawn.packed(vector))
    return replace(good, **changed)


def reading(who: str, take: int = 0, **changed: Any) -> Reading:
    numbers = drawn.generator(f"picture {who} {take}")
    return Reading(numbers.bytes(32), numbers.bytes(32), (face(who, take, **changed),))


def keys(admin: httpx2.Client, *roles: str) -> list[str]:
    """Create callers of one new organization and return their keys. Each has the scope `faces` and one of the
    roles."""
    name = f"o {uuid4()}"
    made = [
        admin.post("/v1/callers", json={"organization": name, "name": role, "roles": [role, "faces"]})
        for role in roles
    ]
    return [role.json()["key"] for role in made]
