"""Campaigns: each has a client, a mandate, entries and legal regimes. Owns: `client`, `mandate`, `campaign`,
`campaign_entry`."""
