"""A bot for a newsroom or a party: somebody forwards a clip and learns whether it is a registered fake. It is
a client of the service, and fingerprints files where it runs."""
