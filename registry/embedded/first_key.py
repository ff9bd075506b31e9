"""The admin key of the data folder: written before the database knows it, so that it is never lost."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

from registry.actions.bootstrap import ORGANIZATION, bootstrap, new_key
from registry.actions.create_caller import create_caller
from registry.actions.service import Service
from registry.domain.caller import ROLES, SCOPES, Caller
from registry.embedded.folder import write_secret


def ensure_admin_key(service: Service, path: Path) -> bool:
    """Have an admin key in the file `path` (0600); True where it was written now.

    A key file that was deleted is replaced by a new key: who can write the data folder holds the database's
    password as well.
    """
    if path.exists():
        bootstrap(service, path.read_text(encoding="ascii").strip())
        return False
    fresh = path.with_suffix(".new")
    write_secret(fresh, new_key())
    if bootstrap(service, fresh.read_text(encoding="ascii").strip()) is None:
        owner = Caller(uuid4(), uuid4(), "owner of the data folder", frozenset({"admin"}))
        made = create_caller(
            service, owner, organization=ORGANIZATION, name="admin", roles=sorted(ROLES | SCOPES)
        )
        write_secret(fresh, made["key"])
    fresh.replace(path)
    return True
