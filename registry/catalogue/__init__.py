"""What is known: media and their fingerprints, the entries they belong to, the banks that hold entries."""
