"""The schema of notices: states change by legal moves only, and nothing is sent too early."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registry.core.database.pool import Connection
from registry.core.errors import Conflict
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.takedown.campaigns.service import access
from registry.takedown.notices.model import notice
from registry.takedown.notices.model.notice import ACTS, HINDRANCES, STATES, Act, State
from registry.takedown.notices.store import notices
from registry.takedown.notices.store.notices import Move
from tests.support.media import drawn
from tests.support.takedown import campaigns as campaigning
from tests.support.takedown.campaigns import Case
from tests.support.takedown.refusals import refused, undone


@pytest.fixture
def case(service: Service, owner: Caller) -> Case:
    return campaigning.case(service, owner)


MAY = "SELECT notice_may_move(%s, %s, %s) AS may"


def legal(act: Act, before: State) -> State | None:
    try:
        return notice.move(before, act)
    except Conflict:
        return None


def test_the_database_has_the_same_moves_as_the_model(service: Service) -> None:
    wanted: set[tuple[Act, State, State]] = {
        (act, before, after)
        for act, before in itertools.product(ACTS, STATES)
        if (after := legal(act, before)) is not None
    }
    with service.pool.transaction() as connection:
        found = {
            item
            for item in itertools.product(ACTS, STATES, STATES)
            if (row := connection.execute(MAY, item).fetchone()) and row["may"]
        }
        begins = {
            item
            for item in itertools.product(ACTS, STATES)
            if (row := connection.execute(MAY, [item[0], None, item[1]]).fetchone()) and row["may"]
        }
    assert found == wanted
    assert begins == {("add", "draft")}


def test_random_walks_end_where_the_domain_says(case: Case) -> None:
    (ready,) = case.ready()

    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(st.tuples(st.sampled_from(ACTS), st.sampled_from(STATES)), min_size=1, max_size=25))
    def walk(steps: list[tuple[Act, State]]) -> None:
        state: State = "ready"
        moves, removed = 2, False
        with undone(case) as connection:
            for act, guess in steps:
                after = legal(act, state) if act != "add" else None
                goal = guess if after is None else after
                pause = "held" if act in {"pause", "resume"} else None

                def go(act: Act = act, goal: State = goal, pause: Any = pause) -> None:
                    notices.move(connection, [ready], Move(act, goal, "tried", pause=pause))

                paused = bool(row_of(connection, ready)["paused_for"])
                stopped = refused(connection, go)
                # After a reopening nobody has confirmed anything: it is not ready before somebody does.
                hollow = act in {"prepare", "send"} and row_of(connection, ready)["ground"] is None
                waits = paused and act in notice.WAITS
                expected = (
                    after is not None and not waits and not hollow and not (act == "reopen" and not removed)
                )
                assert (stopped is None) == expected, (act, state, goal, stopped)
                if expected and after is not None:
                    state, moves = after, moves + 1
                    removed = removed or act == "remove"
            row = row_of(connection, ready)
            assert (row["state"], row["move_no"]) == (state, moves)
            found = notices.moves(connection, ready)
            assert [move["move_no"] for move in found] == list(range(1, moves + 1))
            assert all(a["to_state"] == b["from_state"] for a, b in itertools.pairwise(found))

    walk()


def row_of(connection: Connection, notice_id: UUID) -> dict[str, Any]:
    row = connection.execute("SELECT * FROM notice WHERE notice_id = %s", [notice_id]).fetchone()
    assert row
    return row


def test_nothing_but_a_move_changes_a_state(case: Case) -> None:
    (made,) = case.ready()
    forged = (
        "INSERT INTO notice_move (notice_id, move_no, act, from_state, to_state, reason_code)"
        " VALUES (%s, %s, %s, %s, %s, 'x')"
    )
    with undone(case) as connection:
        run = connection.execute
        assert (
            refused(connection, lambda: run("UPDATE notice SET state = 'sent'"))
            == "notice_moves_step_by_step"
        )
        assert (
            refused(connection, lambda: run("UPDATE notice SET paused_for = '{held}'"))
            == "notice_moves_step_by_step"
        )
        assert (
            refused(connection, lambda: run("UPDATE notice SET move_no = 9")) == "notice_moves_step_by_step"
        )
        # A move alone, or one that does not fit the row, does not do either.
        assert refused(connection, lambda: run(forged, [made, 3, "send", "draft", "sent"])) is not None
        assert refused(connection, lambda: run(forged, [made, 3, "remove", "ready", "removed"])) is not None
        assert refused(connection, lambda: run(forged, [made, 7, "close", "ready", "closed"])) is not None
        assert (
            refused(connection, lambda: run("UPDATE notice SET move_no = 3, state = 'closed'"))
            == "notice_state_is_its_last_moves"
        )
        assert (
            refused(connection, lambda: run("UPDATE notice SET entry_id = campaign_id"))
            == "notice_is_what_it_is"
        )
        assert refused(connection, lambda: run("DELETE FROM notice_move")) is not None
        assert refused(connection, lambda: run("UPDATE notice_move SET to_state = 'sent'")) is not None


def spoil(case: Case, code: str, made: UUID, run: Callable[..., Any]) -> None:
    """Let one thing be as it must not be, past the actions that would not do it."""
    one = [made]
    by_code = {
        "paused": "SELECT move_notices(ARRAY[%s]::uuid[], 'pause', NULL, 'x', NULL, 'held')",
        "campaign_closed": "UPDATE campaign SET state = 'closed', closed_at = now()",
        "client_erased": "UPDATE client SET sealed = NULL, erased_at = now()",
        "entry_withdrawn": "UPDATE entry SET status = 'withdrawn'",
        "entry_suspended": "UPDATE entry SET status = 'suspended'",
        "entry_unreviewed": "UPDATE entry SET tier = 'unreviewed'",
        "mandate_revoked": "UPDATE mandate SET revoked_at = now(), revoked_by = created_by",
        "mandate_not_begun": "UPDATE mandate SET valid_from = now() + interval '1 hour'",
        "mandate_expired": "UPDATE mandate SET valid_from = now() - interval '2 days',"
        " valid_until = now() - interval '1 day'",
        "no_signatory": "UPDATE campaign SET signatory_sealed = NULL",
        "address_unconfirmed": "UPDATE notice SET place_digest = sha256('other'),"
        " address_marks = '{ip_host}', confirmed_at = clock_timestamp()",
        "medium_unreviewed": "UPDATE entry_asset SET tier = 'unreviewed'",
    }
    if code in by_code:
        run(by_code[code], one if "%s" in by_code[code] else None)
    elif code == "entry_unseen":
        run("INSERT INTO organization (organization_id, name) VALUES (%s, 'others')", [case.mandate_id])
        run("UPDATE bank SET organization_id = %s, visibility = 'private'", [case.mandate_id])
    elif code == "entry_harmless":
        run("UPDATE bank SET visibility = 'private'")
        run("UPDATE bank SET kind = 'negative'")
    elif code in {"dispute_accepted", "entry_disputed"}:
        run(
            "INSERT INTO dispute (dispute_id, entry_id, kind, standing, opened_by, organization_id, owner_id,"
            " suspends, at_once, answer_due, accepted_by, accepted_at)"
            " SELECT gen_random_uuid(), n.entry_id, 'satire', 'author', n.created_by, n.organization_id,"
            " n.organization_id, false, false, now() + interval '7 days',"
            " CASE WHEN %(accepted)s THEN n.created_by END, CASE WHEN %(accepted)s THEN now() END"
            " FROM notice n",
            {"accepted": code == "dispute_accepted"},
        )
    else:
        nothing = "ground = NULL, confirmed_by = NULL, confirmed_at = NULL"
        hollow = {
            "not_ready": "",
            "elements_missing": "complete = false",
            "authentic_original": f"{nothing}, verdict = 'authentic_original'",
            "no_match": f"{nothing}, verdict = 'no_match'",
            "ground_unconfirmed": nothing,
            "scope_unasked": "in_scope = NULL, excepted = NULL, answered_by = NULL, answered_at = NULL",
            "out_of_scope": "in_scope = false",
            "excepted": "excepted = true",
        }[code]
        run("SELECT move_notices(ARRAY[%s]::uuid[], 'revise', 'draft', 'x')", one)
        if hollow:
            run(f"UPDATE notice SET {hollow}")  # noqa: S608 - written above


def test_whatever_hinders_a_notice_keeps_it_from_being_sent(case: Case) -> None:
    (made,) = case.ready()
    case.look_up(made)
    case.confirm(made, ground="match")
    assert case.prepare(made).prepared == 1
    with undone(case) as connection:
        case.send(connection, made)
        assert row_of(connection, made)["state"] == "sent"
    for code in HINDRANCES:
        with undone(case) as connection:
            spoil(case, code, made, connection.execute)
            found = notices.hindrances(connection, made)
            assert code in found
            # The domain says the same as the database, from the same facts.
            assert notice.hindrances(notices.facts(connection, [made])[made]) == found
            if row_of(connection, made)["state"] == "draft" and code != "not_ready":
                # It does not even become ready, whoever says so.
                assert (
                    refused(
                        connection, lambda: notices.move(connection, [made], Move("prepare", "ready", "x"))
                    )
                    == "notice_ready_is_whole"
                )
            stopped = refused(connection, lambda: case.send(connection, made))
            assert stopped in {"notice_gate", "notice_move_is_legal"}, code
            assert row_of(connection, made)["state"] != "sent"
            waiting = access.still_hindered(connection, made)
            assert (code in waiting) == (code != "not_ready")


def test_a_ground_is_of_its_place_and_holds(case: Case) -> None:
    (made,) = case.ready()
    with undone(case) as connection:
        run = connection.execute
        assert (
            refused(connection, lambda: run("UPDATE notice SET place_digest = sha256('other')"))
            == "notice_ground_is_of_its_place"
        )
        for verdict in ("no_match", "authentic_original"):
            stopped = refused(connection, partial(run, "UPDATE notice SET verdict = %s", [verdict]))
            assert stopped == "notice_ground_holds"
        assert refused(connection, lambda: run("UPDATE notice SET ground = 'match'")) == "notice_ground_holds"
        case.send(connection, made)
        assert (
            refused(
                connection,
                lambda: run("UPDATE notice SET place_digest = sha256('other'), confirmed_at = now()"),
            )
            == "notice_is_what_was_sent"
        )


def test_recorded_lookup_results_cannot_change(case: Case) -> None:
    (made,) = case.ready()
    assert case.look_up(made, drawn.clip("elsewhere")) == "no_match"
    with undone(case) as connection:
        unsaid = "UPDATE notice SET verdict = NULL, match = NULL, asset_id = NULL"
        assert refused(connection, lambda: connection.execute(unsaid)) == "notice_verdict_stays"


def test_the_same_place_is_one_notice_a_regime(case: Case) -> None:
    (made,) = case.add("https://videos.example.net/a?utm_source=x")
    with undone(case) as connection:
        row = row_of(connection, made)
        draft = notices.Draft(
            uuid4(), row["entry_id"], row["regime"], row["platform"], row["place_sealed"], row["place_digest"]
        )
        added = notices.add(
            connection,
            [draft],
            organization_id=row["organization_id"],
            campaign_id=row["campaign_id"],
            caller_id=row["created_by"],
        )
        assert added == set()
