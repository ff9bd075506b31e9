"""The admin key of the data folder. It is written before it enters the database, so that it is never lost."""

from __future__ import annotations

from pathlib import Path

from registry.app.embedded.folder import write_secret
from registry.app.service.bootstrap import another_admin, bootstrap
from registry.core.service import Service
from registry.identity.callers.model import new_key


def ensure_admin_key(service: Service, path: Path) -> bool:
    """Ensure that the file `path` (0600) holds an admin key. Return True if it was written now.

    A deleted key file gets a new key: anybody who can write the data folder also has the database's password.
    """
    if path.exists():
        bootstrap(service, path.read_text(encoding="ascii").strip())
        return False
    fresh = path.with_suffix(".new")
    key = new_key()
    write_secret(fresh, key)
    another_admin(service, key)
    fresh.replace(path)
    return True
