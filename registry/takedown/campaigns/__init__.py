"""Campaigns: a client, a mandate, entries and regimes. Owns: `client`, `mandate`, `campaign`,
`campaign_entry`."""
