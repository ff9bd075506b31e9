"""An extension of the program `threatexchange`: it reads the published banks of a Fakeprint registry.

    threatexchange config extensions add registry.sharing.sources.readers.extension
    threatexchange config collab edit fakeprint NAME --create --privacy-group NUMBER \\
        --address https://registry.example/threatexchange/v1
    TX_ACCESS_TOKEN='00000000|KEY' threatexchange fetch

The library speaks its own `/threat_updates`; nothing but the address is another one, for which it has no
setting.
"""

# No annotations of the future: the program makes its options of what they say.
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
    """Where a bank is read; `privacy_group`: its number."""

    address: str = field(
        kw_only=True, metadata={"help": "of the registry, with /threatexchange/v1", "metavar": "URL"}
    )
    api: str = field(init=False, default=NAME)


class Exchange(FBThreatExchangeSignalExchangeAPI):
    """The library's own reader, at another address."""

    @classmethod
    def for_collab(
        cls, collab: FBThreatExchangeCollabConfig, credentials: FBThreatExchangeCredentials | None = None
    ) -> Self:
        """A reader of one bank."""
        known = credentials or FBThreatExchangeCredentials.get(cls)
        address = collab.address if isinstance(collab, Config) else None
        return cls(ThreatExchangeAPI(known.api_token, endpoint_override=address), collab)

    @classmethod
    def get_name(cls) -> str:
        """By which collaborations name it."""
        return NAME

    @staticmethod
    def get_config_cls() -> type[Config]:
        """What a collaboration has to say."""
        return Config


TX_MANIFEST = ThreatExchangeExtensionManifest(apis=(Exchange,))
