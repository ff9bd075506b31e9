"""Work that spans rooms: bootstrap, readiness, closing an organization, sweeping."""
