"""Recognises columns of an address list by their names in English, Spanish, French or Arabic. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Final

_NAMES: Final[Mapping[str, str]] = {
    **dict.fromkeys(
        (
            *("url", "urls", "uri", "link", "links", "address", "web address", "location", "page", "weblink"),
            *(
                "enlace",
                "enlaces",
                "direccion",
                "direccion web",
                "direccion url",
                "vinculo",
                "pagina",
                "ubicacion",
            ),
            *("lien", "liens", "adresse", "adresse web", "adresse url", "page web", "emplacement"),
            *("رابط", "الرابط", "الروابط", "روابط", "عنوان", "العنوان", "عنوان url", "الصفحه", "الصفحة"),
        ),
        "url",
    ),
    **dict.fromkeys(
        (
            *("note", "notes", "comment", "comments", "remark", "remarks", "description"),
            *("nota", "notas", "comentario", "comentarios", "observacion", "observaciones", "descripcion"),
            *("commentaire", "commentaires", "remarque", "remarques", "observations"),
            *("ملاحظه", "ملاحظة", "ملاحظات", "الملاحظات", "تعليق", "وصف"),
        ),
        "note",
    ),
    **dict.fromkeys(
        (
            *("seen at", "seen", "seen on", "date", "date seen", "found at", "timestamp"),
            *("visto", "visto el", "fecha", "fecha visto", "fecha de hallazgo", "fecha y hora"),
            *("vu le", "vu", "date de constat", "date vue", "constate le"),
            *("تاريخ", "التاريخ", "تاريخ المشاهده", "تاريخ المشاهدة", "شوهد في"),
        ),
        "seen_at",
    ),
    **dict.fromkeys(
        (
            *("file", "filename", "file name", "media", "archivo", "fichero", "fichier", "nom du fichier"),
            *("ملف", "الملف", "اسم الملف"),
        ),
        "file",
    ),
    **dict.fromkeys(("sha256", "sha 256", "hash"), "sha256"),
    **dict.fromkeys(
        ("platform", "site", "plataforma", "red social", "plateforme", "منصه", "منصة", "المنصه", "المنصة"),
        "platform",
    ),
    **dict.fromkeys(
        (
            "content id",
            "id",
            "video id",
            "post id",
            "id de contenido",
            "id contenido",
            "id du contenu",
            "معرف",
        ),
        "content_id",
    ),
}
"""Column names without case, accents and punctuation."""


def column(name: object) -> str | None:
    """Return what a column contains, by its name in English, Spanish, French or Arabic; None if unknown."""
    if not isinstance(name, str) or len(name) > 60:
        return None
    plain = "".join(
        character
        for character in unicodedata.normalize("NFKD", name.casefold())
        if not unicodedata.combining(character)
    )
    words = re.sub(r"[\W_]+", " ", plain).strip()
    return _NAMES.get(words) or _NAMES.get(re.sub(r" ?\d+$", "", words))
