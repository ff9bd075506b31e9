"""Bring the known fakes of a bank into OpenCTI as indicators. A timer runs it, for example each hour.

pip install httpx2 pycti, and libmagic of the system. The environment: FAKEPRINT_URL, FAKEPRINT_KEY (role
`review`), BANK, OPENCTI_URL, OPENCTI_TOKEN. UNREVIEWED=true includes fakes that nobody
has reviewed.
"""

import os
import sys
from typing import Any

import httpx2
from pycti import OpenCTIApiClient


def export() -> dict[str, Any]:
    """Return the fakes of the bank as a STIX 2.1 bundle, complete or not at all."""
    answer = httpx2.get(
        f"{os.environ['FAKEPRINT_URL']}/v1/banks/{os.environ['BANK']}/export",
        params={"format": "stix", "unreviewed": os.environ.get("UNREVIEWED", "false")},
        headers={"Authorization": f"Bearer {os.environ['FAKEPRINT_KEY']}"},
        timeout=600,
    )
    bundle: dict[str, Any] = answer.raise_for_status().json()
    return bundle


def revoke_missing(opencti: Any, objects: list[dict[str, Any]]) -> int:
    """Revoke the organization's indicators that the export no longer has: their fakes were withdrawn."""
    owner = next(each["id"] for each in objects if each["type"] == "identity")
    patterns = {each["pattern"] for each in objects if each["type"] == "indicator"}
    identity = opencti.identity.read(id=owner)
    of_owner = {"key": "createdBy", "values": [identity["id"]]}
    filters = {"mode": "and", "filters": [of_owner], "filterGroups": []}
    revoked = 0
    for indicator in opencti.indicator.list(getAll=True, filters=filters):
        if indicator["pattern"] not in patterns and not indicator["revoked"]:
            change = {"key": "revoked", "value": ["true"]}
            opencti.stix_domain_object.update_field(id=indicator["id"], input=change)
            revoked += 1
    return revoked


def main() -> int:
    """Import the bundle. OpenCTI knows an indicator by its pattern, so the same one is updated."""
    bundle = export()
    opencti = OpenCTIApiClient(os.environ["OPENCTI_URL"], os.environ["OPENCTI_TOKEN"], log_level="error")
    done, failed = opencti.stix2.import_bundle(bundle, update=True)
    if failed:
        print(f"{len(failed)} objects were refused; nothing was revoked")
        return 1
    print(f"{len(done)} objects imported, {revoke_missing(opencti, bundle['objects'])} indicators revoked")
    return 0


if __name__ == "__main__":
    sys.exit(main())
