"""What alerts rest on lasts as long as what they are about, and no longer: as a scraper sees it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from prometheus_client.parser import text_string_to_metric_families

from registry.app.service.bootstrap import bootstrap
from registry.app.service.check_readiness import check_readiness
from registry.catalogue.banks.service.banks import create_bank, delete_bank
from registry.catalogue.entries.service.registration import Registration, register_entry
from registry.catalogue.fingerprints.model.document import to_document
from registry.core.errors import Unauthenticated
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.identity.callers.service.keys import authenticate
from registry.operations.api import database_metrics
from registry.operations.api.database_metrics import Readings
from registry.operations.api.instruments import Instruments
from registry.operations.service import look_up_canaries
from registry.sharing.federation.service.forks import receive_news
from registry.sharing.federation.service.peers import get_peer, resume_peer, suspend_peer
from registry.sharing.sources import store as exchanges
from registry.sharing.sources.schemas import NewExchange
from registry.sharing.sources.service.exchanges import add_exchange, remove_exchange
from registry.transparency.ledger.service.sequencing import sequence_events
from registry.transparency.timestamps.service.timestamps import stamp_ledger
from tests.support.identity import close_organizations
from tests.support.media import drawn
from tests.support.record.ledger import let_ledger_age, make_stamp_due
from tests.support.service import authority
from tests.support.service.authority import Authority
from tests.support.sharing import peering
from tests.support.sharing.exchanges import fetch_earlier, let_exchanges_age
from tests.support.sharing.publishing import Publisher, line


def measured(service: Service, metric: str) -> dict[str, float]:
    """A metric, by its label (none: empty)."""
    found: Readings = {}
    database_metrics.read(service, found, 5.0)
    text = Instruments().text(service, found).decode()
    return {
        "".join(sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == metric
    }


def chosen(service: Service, **settings: Any) -> Service:
    return replace(service, settings=service.settings.model_copy(update=settings))


def changed(service: Service, *statements: str) -> None:
    """By the database's superuser, whatever the rows' triggers say."""
    with service.pool.transaction() as connection:
        connection.execute("SET LOCAL session_replication_role = replica")
        for statement in statements:
            connection.execute(statement.encode())


def test_removed_canaries_raise_no_alert(service: Service, tmp_path: Path) -> None:
    """By no alert on what was answered last, nor on when: their lines are gone, or the setting."""
    key = bootstrap(service) or ""
    known, unknown = drawn.clip("known"), drawn.clip("unknown")
    register_entry(service, authenticate(service, key), Registration(fakes=[known], title="Canary"))
    file = tmp_path / "canaries.jsonl"
    lines = [json.dumps(to_document(item, faces=False)) for item in (known, unknown)]
    watched = chosen(service, canaries=str(file), canary_key=key)

    def found() -> list[float]:
        return sorted(measured(service, "fakeprint_canary_found").values())

    file.write_text("\n".join(lines))
    look_up_canaries(watched)
    assert found() == [0, 1]
    file.write_text(lines[0])
    with suppress(Unauthenticated):
        look_up_canaries(chosen(service, canaries=str(file), canary_key="fp_nobody"))
    assert found() == [1], "also while the key is wrong"
    look_up_canaries(watched)
    assert found() == [1]
    assert look_up_canaries(chosen(service, canaries="", canary_key=key)) == (0, 0)
    assert found() == []
    assert measured(service, "fakeprint_canary_asked_timestamp_seconds") == {}


@pytest.fixture
def tsa(tmp_path: Path) -> Iterator[Authority]:
    with authority.running(tmp_path) as made:
        yield made


def test_daily_time_stamps_are_overdue_after_a_day_if_configured(
    service: Service, owner: Caller, tsa: Authority
) -> None:
    daily = chosen(service, tsa_url=tsa.url, tsa_ca=str(tsa.ca), tsa_minutes=1440)

    def hours(asked: Service = daily) -> tuple[float, float]:
        """For how long a stamp has been due, and a checkpoint has waited."""
        due = measured(asked, "fakeprint_ledger_stamp_overdue_seconds")[""]
        waits = measured(asked, "fakeprint_ledger_unstamped_seconds")[""]
        return round(due / 3600, 1), round(waits / 3600, 1)

    def pass_hours(count: int) -> None:
        let_ledger_age(service, hours=count)

    def sign(name: str) -> None:
        register_entry(daily, owner, Registration(fakes=[drawn.clip(name)]))
        sequence_events(daily)

    assert hours() == (0, 0)
    sign("first")
    pass_hours(3)
    assert hours() == (3, 3), "nobody has asked for one yet, and somebody should have"
    assert stamp_ledger(daily)
    assert hours() == (0, 0)
    sign("second")
    pass_hours(23)
    assert hours() == (0, 23)
    assert hours(chosen(daily, tsa_minutes=10)) == (22.8, 23)
    pass_hours(4)
    assert hours() == (3, 27)
    for off in ({"tsa_minutes": 0}, {"tsa_url": "", "tsa_ca": ""}):
        for metric in ("stamp_overdue_seconds", "unstamped_seconds", "stamp_failures"):
            assert measured(chosen(daily, **off), f"fakeprint_ledger_{metric}") == {}
    make_stamp_due(service)
    assert stamp_ledger(daily)
    assert hours() == (0, 0)


def pull(service: Service, owner: Caller) -> str | None:
    """The code of what went wrong."""
    error = peering.pull_published(service, owner, Publisher("north")).error
    return str(error["code"]) if error else None


def in_trouble(service: Service) -> list[str]:
    return [state for state, count in measured(service, "fakeprint_peers").items() if count]


def overdue(service: Service) -> dict[str, float]:
    """In minutes."""
    found = measured(service, "fakeprint_exchange_overdue_seconds")
    return {kind: seconds // 60 for kind, seconds in found.items()}


def pass_an_hour(service: Service) -> None:
    let_exchanges_age(service, hours=1)


def test_a_reported_fork_alerts_like_an_observed_one(
    opened: Service, owner: Caller, north: Publisher
) -> None:
    peering.add_published(opened, owner, north)
    assert pull(opened, owner) is None
    assert in_trouble(opened) == ["well"]
    twin = Publisher("north", key=north.key)
    twin.publish(line("a"), line("x"))
    twin.publish(line("c"))
    peer_id = UUID(get_peer(opened, owner, "north").peer_id)
    assert not receive_news(opened, peer_id, feed_id=str(north.bank), checkpoint=twin.note())
    with opened.pool.transaction() as connection:
        exchanges.record_end(connection, peer_id)  # by a worker that was at its last page
    found = get_peer(opened, owner, "north")
    assert (found.state, found.error and found.error["code"]) == ("suspended", "peer_forked")
    assert in_trouble(opened) == ["forked"]
    assert not check_readiness(opened).checks["peers"].ok
    resume_peer(opened, owner, "north", restart=True)
    assert in_trouble(opened) == ["well"]
    assert check_readiness(opened).checks["peers"].ok


def test_a_peer_is_missed_until_it_is_read_or_is_to_be_read_no_more(
    opened: Service, owner: Caller, north: Publisher
) -> None:
    shut = chosen(opened, exchange_private=False)
    assert (in_trouble(opened), overdue(opened)) == ([], {})
    peering.add_published(opened, owner, north)
    pass_an_hour(opened)
    assert overdue(opened) == {"registry": 60}, "it was never read"
    assert pull(opened, owner) is None
    assert overdue(opened) == {"registry": 0}
    pass_an_hour(opened)
    assert overdue(opened) == {"registry": 59}, "it is to be read each minute"
    assert pull(shut, owner) == "address_refused"
    assert (in_trouble(opened), overdue(opened)) == (["failing"], {"registry": 59})
    suspend_peer(opened, owner, "north")
    assert (in_trouble(opened), overdue(opened)) == (["suspended"], {})
    resume_peer(opened, owner, "north")
    assert pull(opened, owner) is None
    assert (in_trouble(opened), overdue(opened)) == (["well"], {"registry": 0})
    pass_an_hour(opened)
    assert pull(shut, owner) == "address_refused"
    delete_bank(opened, owner, "north", withdraw=True)
    assert (in_trouble(opened), overdue(opened)) == ([], {})


def test_a_hash_exchange_is_missed_from_its_own_interval_on(opened: Service, owner: Caller) -> None:
    for name, every in (("hourly", 3600), ("daily", 86_400)):
        create_bank(opened, owner, name=name, visibility="private")
        new = NewExchange(name=name, kind="file", bank=name, address=f"{name}.txt", every=every)
        add_exchange(opened, owner, new)
    fetch_earlier(opened, hours=23)
    assert overdue(opened) == {"file": 22 * 60}
    remove_exchange(opened, owner, "hourly")
    assert overdue(opened) == {"file": 0}
    fetch_earlier(opened, hours=30)
    assert overdue(opened) == {"file": 6 * 60}
    close_organizations(opened)
    assert overdue(opened) == {}
