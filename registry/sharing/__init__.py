"""Exchange with other systems: webhooks, hash lists, hash exchanges, feeds between registries. Notifications.

Events: `webhook.*`, `import.*`, `export.*`, `feed.*`, `peer.*`.

Where data enters and leaves:
1. Events: `webhooks/service/events.py` creates messages, `webhooks/service/deliveries.py` sends them.
2. Lists: `lists/service/imports.py` reads one into a bank, `lists/service/exports.py` writes one.
   `lists/model/hash_rows.py` parses rows, `lists/model/vpdq.py` vPDQ's features.
3. Sources such as NCMEC: `sources/service/reading.py` reads them with `sources/readers`.
4. Other registries: `federation/service/feeds.py` publishes, `federation/service/pull_peer.py` reads.
5. Clients of other systems: `hma/api/hash_and_match.py`, `soft_binding/api.py`, `fact_checking/api.py`.
   Standards: `prov`, `publishing`.
"""
