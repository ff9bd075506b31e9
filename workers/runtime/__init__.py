"""What makes a process a worker: pools, leases, heartbeats, an orderly shutdown."""
