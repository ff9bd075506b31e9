"""The provenance of an entry as a W3C PROV graph: its media and who said what about them. Also draws the
graph."""
