"""Read external hash sources into banks: StopNCII, NCMEC, ThreatExchange, files, other registries.

Owns: `exchange`.
"""
