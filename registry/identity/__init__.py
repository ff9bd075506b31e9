"""Who calls: organizations, callers with their API keys, people's accounts and sessions, and what each may
use."""
