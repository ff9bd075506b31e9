"""The admin key of the data folder: written before the database knows it, so that it is never lost."""

from __future__ import annotations

from pathlib import Path

from registry.app.embedded.folder import write_secret
from registry.app.service.bootstrap import another_admin, bootstrap
from registry.core.service import Service
from registry.identity.callers.model import new_key


def ensure_admin_key(service: Service, path: Path) -> bool:
    """Have an admin key in the file `path` (0600); True where it was written now.

    A key file that was deleted is replaced by a new key: who can write the data folder holds the database's
    password as well.
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
