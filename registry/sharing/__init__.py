"""Exchange with other systems: webhooks, hash lists, hash exchanges, feeds between registries.

Events: `webhook.*`, `import.*`, `export.*`, `feed.*`, `peer.*`.

How knowledge leaves and arrives:
1. Events: `webhooks/service/events.py` makes messages, `webhooks/service/deliveries.py` sends them.
2. Lists: `lists/service/imports.py` reads one into a bank, `lists/service/exports.py` writes one.
3. Sources such as NCMEC: `sources/service/reading.py` reads them by `sources/readers`.
4. Other registries: `federation/service/feeds.py` publishes, `federation/service/pull_peer.py` reads.
5. Clients of other systems: `hma/api/hma.py`, `soft_binding/api.py`; standards: `prov`, `publishing`.
"""
