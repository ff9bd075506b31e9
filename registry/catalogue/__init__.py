"""Media, their fingerprints, the entries they belong to, and the banks that hold the entries."""
