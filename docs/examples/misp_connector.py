"""Bring the known fakes of a bank into MISP as one event. A timer runs it, for example each hour.

pip install httpx2 pymisp. The environment: FAKEPRINT_URL, FAKEPRINT_KEY (role `review`), BANK,
MISP_URL, MISP_KEY. UNREVIEWED=true includes fakes that nobody has reviewed.
"""

import os
import sys

import httpx2
from pymisp import MISPEvent, PyMISP


def export() -> MISPEvent:
    """Return the fakes of the bank as an event, complete or not at all. Its UUID never changes."""
    answer = httpx2.get(
        f"{os.environ['FAKEPRINT_URL']}/v1/banks/{os.environ['BANK']}/export",
        params={"format": "misp", "unreviewed": os.environ.get("UNREVIEWED", "false")},
        headers={"Authorization": f"Bearer {os.environ['FAKEPRINT_KEY']}"},
        timeout=600,
    )
    event = MISPEvent()
    event.load(answer.raise_for_status().text)
    return event


def main() -> int:
    """Add the event or update it, and delete objects that the export no longer has: they were withdrawn."""
    event = export()
    misp = PyMISP(os.environ["MISP_URL"], os.environ["MISP_KEY"])
    deleted = 0
    if misp.event_exists(event.uuid):
        answer = misp.update_event(event)
        stored = misp.get_event(event.uuid, pythonify=True)
        current = {each.uuid for each in event.objects}
        for old in stored.objects if isinstance(stored, MISPEvent) else []:
            if old.uuid not in current:
                misp.delete_object(old)
                deleted += 1
    else:
        answer = misp.add_event(event)
    if "errors" in answer:
        print(f"MISP refused the event: {answer['errors']}")
        return 1
    print(f"{len(event.objects)} fakes in the event, {deleted} deleted")
    return 0


if __name__ == "__main__":
    sys.exit(main())
