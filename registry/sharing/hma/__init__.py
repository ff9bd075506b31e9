"""The HTTP API of Hasher-Matcher-Actioner, for its clients. Owns: `hashing`."""
