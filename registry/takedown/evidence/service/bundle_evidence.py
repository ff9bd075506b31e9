"""Put together what proves a campaign's notices, or one of them: a signed archive for a court."""

from __future__ import annotations

from uuid import UUID

from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.takedown.evidence.model import bundle
from registry.takedown.evidence.service.gather_evidence import gather_evidence, reported, stamping_of


def bundle_evidence(
    service: Service,
    caller: Caller,
    campaign_id: UUID,
    *,
    notice_id: UUID | None = None,
    stamp: bool = True,
) -> bytes:
    """The archive (`registry.takedown.evidence.model.bundle`) of a campaign of the caller's organization,
    or of one of its
    notices; the same bytes as long as nothing of it has changed. Needs `takedown`. What other organizations
    keep to themselves of entries is not in it, nor any media, nor any face. `stamp`: with a time stamp, where
    the deployment has an authority.

    Raises `NotFound` (`unknown_campaign`, `unknown_notice`, `no_checkpoint`), `Conflict` (`client_erased`,
    `no_notices`), `TooLarge` (`bundle_too_large`), `Unavailable` (`ledger_key_unavailable`,
    `tsa_unreachable`, `tsa_refused`, `bad_time_stamp`), `BadInput` (`bad_tsa`), `NotInstalled`
    (`not_installed`).
    """
    stamping, certificates = stamping_of(service, caller, wanted=stamp)
    found = gather_evidence(service, caller, campaign_id, notice_id)
    files = reported(service, found, stamped=stamping is not None, media=False) | certificates
    return bundle.pack(files, found.said, found.signers, stamping=stamping)
