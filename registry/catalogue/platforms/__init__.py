"""Where media is published: platforms, addresses on the web in one spelling, and the channels by which
platforms receive notices. Data in `platforms.toml`."""
