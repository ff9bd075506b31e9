"""Exports in the formats of threat intelligence: STIX and MISP."""
