"""Sessions of the console, where no page is needed."""

from __future__ import annotations

import os

import pytest

from registry.core.service import Service
from registry.identity.accounts.errors import SessionOver
from registry.identity.accounts.service.accounts import accept_invitation, add_account
from registry.identity.accounts.service.sessions import find_session, form_secret, sign_in
from registry.identity.callers.model import Caller
from tests.support.documents import runbook

pytestmark = pytest.mark.slow

PASSWORD = "correct horse battery staple"


def test_all_sessions_end_and_what_signs_forms_is_replaced(service: Service, owner: Caller) -> None:
    invited = add_account(service, owner, sign_in_name="ana@example.org", name="Ana", roles=["review"])
    word = invited.invitation.rpartition("/")[2]
    before = accept_invitation(service, word, password=PASSWORD, agent="")
    assert find_session(service, before).sign_in_name == "ana@example.org"
    secret = form_secret(service)
    runbook.typed("again. `OWNER` is the address", {"PATH": os.environ["PATH"], "OWNER": service.pool.url})
    with pytest.raises(SessionOver):
        find_session(service, before)
    form_secret.cache_clear()  # as a restart does
    assert form_secret(service) != secret
    after = sign_in(service, name="ana@example.org", password=PASSWORD, agent="", address="192.0.2.1")
    assert find_session(service, after).sign_in_name == "ana@example.org"
