"""Runtime of a worker process: pools, leases, heartbeats, orderly shutdown."""
