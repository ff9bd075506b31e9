"""Search in takedown: campaigns, clients and notices, by texts that are encrypted. Owns no table."""
