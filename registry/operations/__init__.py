"""How the service is running: metrics, canary lookups, partitions, the spool of unrecorded lookups.
Owns: `canary`, `work_time`."""
