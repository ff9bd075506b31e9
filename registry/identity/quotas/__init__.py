"""Rate limits and quotas, shared between processes by leases of tokens. Owns: `quota`."""
