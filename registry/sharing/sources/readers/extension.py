"""Extension of the program `threatexchange` that reads published banks of a Fakeprint registry.

    threatexchange config extensions add registry.sharing.sources.readers.extension
    threatexchange config collab edit fakeprint NAME --create --privacy-group NUMBER \\
        --address https://registry.example/threatexchange/v1
    TX_ACCESS_TOKEN='00000000|KEY' threatexchange fetch

The protocol is that of ThreatExchange's `/threat_updates`. Only the address differs, and the program has no
setting for it.
"""

# No `from __future__ import annotations`: the program derives its options from the evaluated annotations.
from dataclasses import dataclass, field
from typing import Self

from threatexchange.exchanges.clients.fb_threatexchange.api import ThreatExchangeAPI
from threatexchange.exchanges.impl.fb_threatexchange_api import (
    FBThreatExchangeCollabConfig,
    FBThreatExchangeCredentials,
    FBThreatExchangeSignalExchangeAPI,
)
from threatexchange.extensions.manifest import ThreatExchangeExtensionManifest

NAME = "fakeprint"


@dataclass
class Config(FBThreatExchangeCollabConfig):
    """Where to read a bank. `privacy_group`: the bank's number."""

    address: str = field(
        kw_only=True, metadata={"help": "of the registry, with /threatexchange/v1", "metavar": "URL"}
    )
    api: str = field(init=False, default=NAME)


class Exchange(FBThreatExchangeSignalExchangeAPI):
    """The library's own ThreatExchange reader, with another address."""

    @classmethod
    def for_collab(
        cls, collab: FBThreatExchangeCollabConfig, credentials: FBThreatExchangeCredentials | None = None
    ) -> Self:
        """Return a reader for one bank."""
        login = credentials or FBThreatExchangeCredentials.get(cls)
        address = collab.address if isinstance(collab, Config) else None
        return cls(ThreatExchangeAPI(login.api_token, endpoint_override=address), collab)

    @classmethod
    def get_name(cls) -> str:
        """Return the name by which collaborations refer to this exchange."""
        return NAME

    @staticmethod
    def get_config_cls() -> type[Config]:
        """Return the class of a collaboration's settings."""
        return Config


TX_MANIFEST = ThreatExchangeExtensionManifest(apis=(Exchange,))
