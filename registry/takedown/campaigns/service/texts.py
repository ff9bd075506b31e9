"""Texts that are encrypted under the key of a client or an organization."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from pydantic import TypeAdapter

from registry.core.audit import service as statements
from registry.core.audit.model.ledger import Commitment
from registry.core.crypto.keys import Key
from registry.takedown.campaigns.model import CampaignTexts, Client, Elements, Signatory
from registry.takedown.notices.model.texts import MoveWords, NoticeAddress


@dataclass(frozen=True, slots=True)
class EncryptedText[T]:
    """A kind of encrypted JSON object. It does not decrypt under another purpose."""

    purpose: str
    content: TypeAdapter[T] = field(repr=False)

    def encrypt(self, key: Key, value: T) -> tuple[bytes, Commitment]:
        """Return the encrypted value, and the commitment that the audit event holds instead."""
        return statements.pack(key, self.content.dump_python(value, mode="json"), self.purpose)

    def decrypt(self, key: Key | None, sealed: bytes | None) -> T | None:
        """Return the value; None if it was erased or never existed. Raises `Unavailable`
        (`sealed_damaged`)."""
        content = statements.unpack(key, sealed, self.purpose)
        return None if content is None else self.content.validate_python(content)


CLIENT: Final = EncryptedText("client", TypeAdapter(Client))
CAMPAIGN: Final = EncryptedText("campaign", TypeAdapter(CampaignTexts))
SIGNATORY: Final = EncryptedText("signatory", TypeAdapter(Signatory))
ADDRESS: Final = EncryptedText("place", TypeAdapter(NoticeAddress))
ELEMENTS: Final = EncryptedText[Elements]("elements", TypeAdapter(Elements))
WORDS: Final = EncryptedText("words", TypeAdapter(MoveWords))
