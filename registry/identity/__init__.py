"""Organizations, callers with API keys, people's accounts and sessions, rate limits and quotas.

Events: `organization.*`, `caller.*`, `account.*`, `key.*`.

How a request gets its permissions:
1. `callers/api/access.py` reads the key of an API request or the session of a page.
2. `callers/service/keys.py` verifies a key, `accounts/service/sessions.py` a session.
3. `registry/app/api/permissions.py` says which roles an operation needs.
4. `quotas/api/admission.py` limits concurrent lookups and takes a token; `quotas/api/token_leases.py` leases
   tokens in advance; `quotas/model/rate_limit.py` computes a lease.
5. `organizations/service/organizations.py`: organizations own callers, banks and data.
"""
