"""Complete values of a notice for every regime, as a starting point for tests."""

from __future__ import annotations

from collections.abc import Mapping

VALUES: Mapping[str, object] = {
    "reference": "N-2026-000123",
    "date": "2026-11-25",
    "platform": "Ejemplo Vídeos",
    "url": "https://www.example.com/watch?v=AbC_123-xyz&t=12s",
    "content_id": "AbC_123-xyz",
    "entry_reference": "0193a1f2-7c3d-7000-8a11-5d2f1e9c0b7a",
    "ground": "Copy: seconds 12.0 to 20.1 show its seconds 0.0 to 8.1.\nConfirmed by J. Pérez.",
    "depicted_name": "Fátima Núñez",
    "signatory_name": "María José Ñíguez",
    "signatory_email": "mj@abogadas.example",
    "signatory_address": "Calle Mayor 1\n52001 Melilla",
    "capacity": "representative",
    "explanation": "The face was put in by machine.",
    "legal_provision": "Art. 18.1 CE; LO 1/1982",
    "good_faith": True,
    "no_consent": True,
    "signature": "María José Ñíguez",
    "circumstances": "Spread in messaging groups.",
    "platform_attempt": "Asked on 2026-11-21.",
    "prior_actions": "Complaint 77/2026.",
    "vulnerability": "Does not apply.",
    "court": "Juzgado n.º 3 de Melilla",
    "order_number": "412/2026",
    "order_date": "2026-11-20",
    "legal_basis": "LO 1/1982, art. 9",
    "territorial_scope": "European Union",
    "comply_by": "2026-11-30",
    "effect_to": "Juzgado n.º 1 de Málaga",
    "redress": "Appeal within 20 days.",
    "policy_name": "Synthetic media",
    "policy_url": "https://www.example.com/policies/synthetic",
}
