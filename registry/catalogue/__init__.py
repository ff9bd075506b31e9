"""Media, their fingerprints, the entries they belong to, and the banks that hold the entries.

Events: `bank.*`, `entry.*`, `asset.*`.

How a fake becomes matchable:
1. `entries/api/entries.py` receives files or fingerprint documents; `media/service/uploads.py` stores files,
   and `media/service/retention.py` deletes them.
2. `entries/service/registration.py` writes entry, assets and one job a file in one transaction.
3. `workers/tasks/fingerprints.py` computes the fingerprint of a file.
4. `fingerprints/service.py` stores it. The last file of an entry makes all its files matchable at once.
5. `entries/service/status.py` records the event.
"""
