"""What the deployment's regimes ask for."""

from __future__ import annotations

from typing import Any

from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.takedown.campaigns.service import takedown
from registry.takedown.regimes.model import regime_shown


def list_regimes(service: Service, caller: Caller, language: str) -> dict[str, Any]:
    """The regimes of the program and of FAKEPRINT_REGIMES, by their ids, in one of `regime.LANGUAGES`. Needs
    `takedown`. Raises `BadInput` (`bad_regime`)."""
    caller.require("takedown")
    known = takedown.known(service)
    return {"regimes": [regime_shown.shown(known[name], language) for name in sorted(known)]}
