"""Hash exchanges read into banks: StopNCII, NCMEC, ThreatExchange, a file, another registry. Owns:
`exchange`."""
