"""Keys that sign a ledger."""

from __future__ import annotations

from registry.core.service import Service
from registry.transparency.ledger.model import signing
from registry.transparency.ledger.model.note import Signer
from registry.transparency.ledger.service.sequencing import ledger_folder


def signers(service: Service) -> list[Signer]:
    return signing.signers(ledger_folder(service.settings), service.settings.ledger_origin, create=False)
