"""Metrics, canary lookups, partitions, and the spool of records while the primary is away.

Owns: `canary`.

How the service is observed:
1. `api/instruments.py` counts in the process; `api/metrics.py` answers Prometheus.
2. `api/work_metrics.py` and `api/database_metrics.py` read what only the database knows.
3. `workers/tasks/ask_canaries.py` sends lookups whose answers are known.
4. `service.py` keeps the records of lookups on disk while the primary is away, and stores them after it.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from registry.operations.store.lookup_days import unread_since
    from registry.operations.store.partitions import MOST as MOST_PARTITIONS
    from registry.operations.store.partitions import repartition
    from registry.operations.store.server import condition, withheld_tables
else:
    from registry.core.faces import lazily

    __getattr__ = lazily(__name__)

__all__ = ["MOST_PARTITIONS", "condition", "repartition", "unread_since", "withheld_tables"]
