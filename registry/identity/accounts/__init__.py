"""People who sign in to the console: passwords, passkeys, single sign-on, sessions, saved views.

Owns: `account`, `account_passkey`, `account_session`, `account_ceremony`, `account_attempt`, `account_view`,
`console_secret`.
"""
