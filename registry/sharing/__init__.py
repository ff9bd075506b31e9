"""Exchange with other systems: webhooks, hash lists, hash exchanges, feeds between registries."""
