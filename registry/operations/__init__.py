"""Metrics, canary lookups, partitions, and the spool of records while the primary is away.

Owns: `canary`, `work_time`.
"""
