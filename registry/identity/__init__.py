"""Organizations, callers with API keys, people's accounts and sessions, rate limits and quotas."""
