"""The letter that retracts a notice, in the languages of notices. Pure.

It states as plainly as the notice that the notice was wrong or is withdrawn, and asks the platform to undo
its measures. It names only the signatory; the depicted person is named in the retracted notice alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from registry.takedown.regimes.model.wording import Letter, Paragraph, Piece, clean

DUE: Final = "dispute_upheld"
"""Reason code of a closing that makes a retraction due. After other reasons a person decides."""
HINDRANCES: Final[Mapping[str, str]] = {
    "not_closed": "the notice is not closed",
    "not_told": "its platform never received it",
    "on_its_way": "it is being handed over now",
    "already_retracted": "it was retracted already",
}
"""Why a notice cannot be retracted, by code."""


@dataclass(frozen=True, slots=True)
class Sent:
    """One sending of a notice: the address it named, its mark (FP-…) and the day (ISO 8601, UTC)."""

    url: str
    reference: str
    day: str


@dataclass(frozen=True, slots=True)
class _Words:
    subject: str
    heading: str
    what: str
    upheld: str
    closed: str
    asks: str
    place: str
    number: str
    sent: str
    regards: str


_WORDS: Final[Mapping[str, _Words]] = {
    "en": _Words(
        "Withdrawal of our notice {reference}",
        "Withdrawal of a notice",
        "We withdraw the notice named below. Please treat it as not having been sent.",
        "What it asserted was contested, and the objection was upheld.",
        "We no longer maintain what it asserted.",
        "If you removed or restricted the content, or took measures against an account, on account of this "
        "notice alone, please undo that, and tell those concerned that the notice was withdrawn.",
        "Address: ",
        "Notice: ",
        "Sent on (UTC): ",
        "Signed: ",
    ),
    "es": _Words(
        "Retirada de nuestra notificación {reference}",
        "Retirada de una notificación",
        "Retiramos la notificación que se indica a continuación. Les rogamos que la tengan por no enviada.",
        "Lo que en ella se afirmaba fue impugnado, y la objeción fue estimada.",
        "Ya no mantenemos lo que en ella se afirmaba.",
        "Si retiraron o restringieron el contenido, o tomaron medidas contra una cuenta, únicamente por esta "
        "notificación, les rogamos que lo reviertan y que informen a los afectados de su retirada.",
        "Dirección: ",
        "Notificación: ",
        "Enviada el (UTC): ",
        "Firmado: ",
    ),
    "fr": _Words(
        "Retrait de notre notification {reference}",
        "Retrait d'une notification",
        "Nous retirons la notification indiquée ci-dessous. Veuillez la considérer comme non avenue.",
        "Ce qu'elle affirmait a été contesté, et l'objection a été retenue.",
        "Nous ne maintenons plus ce qu'elle affirmait.",
        "Si vous avez retiré ou restreint le contenu, ou pris des mesures contre un compte, en raison de "
        "cette seule notification, veuillez revenir sur ces mesures et informer les personnes "
        "concernées du retrait.",
        "Adresse : ",
        "Notification : ",
        "Envoyée le (UTC) : ",
        "Signé : ",
    ),
    "ar": _Words(
        "سحب إشعارنا {reference}",
        "سحب إشعار",
        "نسحب الإشعار المذكور أدناه، ونرجو اعتباره كأنه لم يُرسل.",
        "اعتُرض على ما ورد فيه، وقُبل الاعتراض.",
        "لم نعد نتمسك بما ورد فيه.",
        "إذا كنتم قد أزلتم المحتوى أو قيّدتموه أو اتخذتم إجراءات ضد حساب بسبب هذا الإشعار وحده، فنرجو التراجع "
        "عن ذلك وإبلاغ المعنيين بسحب الإشعار.",
        "العنوان: ",
        "الإشعار: ",
        "أُرسل في (التوقيت العالمي): ",
        "التوقيع: ",
    ),
}
LANGUAGES: Final = tuple(_WORDS)


def heading(language: str) -> str:
    """Return the heading of a retraction; English if the language has no wording."""
    return _WORDS.get(language, _WORDS["en"]).heading


def letter(language: str, *, sent: Sequence[Sent], signatory: str, number: str, upheld: bool) -> Letter:
    """Return the letter; English if the language has no wording.

    `sent`: every sending of the notice, at least one, latest last. `number`: the id of the notice. `upheld`:
    a dispute was upheld; otherwise the notice is withdrawn for another reason.
    """
    language = language if language in _WORDS else "en"
    words = _WORDS[language]
    before, _, after = words.subject.partition("{reference}")
    reference = sent[-1].reference
    times = [
        Paragraph(
            (
                (Piece(words.place), Piece(clean(sending.url), "url", "ltr")),
                (Piece(words.number), Piece(f"{sending.reference}, {number}", "text", "ltr")),
                (Piece(words.sent), Piece(sending.day, "day", "ltr")),
            )
        )
        for sending in sent
    ]
    paragraphs = (
        Paragraph(((Piece(words.heading),),), heading=True),
        Paragraph(((Piece(words.what),), (Piece(words.upheld if upheld else words.closed),))),
        *times,
        Paragraph(((Piece(words.asks),),)),
        Paragraph(((Piece(words.regards), Piece(clean(signatory), "text", "auto")),)),
    )
    return Letter(f"{before}{reference}{after}", paragraphs, language, number)
