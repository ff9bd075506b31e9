"""The requirements of a regime in one language, as JSON for the API. Pure."""

from __future__ import annotations

from typing import Any

from registry.takedown.regimes.model.regime import Regime


def shown(regime: Regime, language: str) -> dict[str, Any]:
    """Return the elements that a person fills in, the questions, the signatories, the term and the legal
    sources.

    Elements filled from records are left out. `language`: one of `regime.LANGUAGES`.
    """
    rule = regime.rule
    return {
        "regime": regime.id,
        "version": regime.version,
        "jurisdiction": regime.jurisdiction,
        "title": regime.title[language],
        "sources": [{"law": it.law, "article": it.article, "url": it.url} for it in regime.sources],
        "due": {
            "unit": rule.unit,
            "amount": rule.amount,
            "zone": rule.zone,
            "starts": rule.starts,
            "binding": rule.binding,
            "why": rule.why[language],
        },
        "may_sign": list(regime.signatories),
        "elements": [
            {
                "id": it.id,
                "kind": it.kind,
                "required": it.required,
                "question": it.question[language],
                "statement": it.statement[language] if it.statement is not None else None,
            }
            for it in regime.elements
            if it.filled_by == "person"
        ],
        "questions": [
            {"id": it.id, "needs": it.needs, "ask": it.ask[language], "why": it.why[language]}
            for it in regime.questions
        ],
    }
