"""The permission matrix: every operation against every role, scope and kind of key.

Every thing of another organization is also compared with one that does not exist. `python -m
tests.bench.registry.roles` prints the matrix.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import httpx2

from registry.identity.callers.model import ROLES, SCOPES
from registry.transparency.ledger.service.sequencing import sequence_events
from tests.bench.registry import calls, mixing, things
from tests.bench.registry.calls import Operation
from tests.bench.registry.things import ABSENT, EVERYTHING, Things
from tests.support.service import api as processes
from tests.support.service import servers as services
from tests.support.service.api import Api

DEAD: Final = (
    *("no key", "unknown key", "expired key", "expired caller", "revoked key", "revoked caller"),
    *("replaced key", "closed organization"),
)
SINGLE: Final = tuple(sorted(ROLES | SCOPES))
DOORS: Final = frozenset({"forbidden", "not_operator"})
"""Codes of a door that stays shut; any other 403 is of somebody who has come through it."""
LIMITED: Final = frozenset({"revokeByCode", "openCase", "followCase", "withdrawCase"})
"""Answered slowly and rarely to anybody: two calls are enough."""
OPERATED: Final = frozenset({"showOrganization", "showReconstruction", "showLimits"})
"""What the operator may see of others: that they are there, and by id whom and what it sets limits to."""
RENAMED: Final = ("request_id", "instance", "timing_ms", "lookup_id")


@dataclass
class Matrix:
    """`cells`: the status by operation and caller. `failures`: what is wrong, for people."""

    cells: dict[tuple[str, str], int] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)
    routes: set[str] = field(default_factory=set)
    calls: int = 0
    cross_tenant_reads: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)

    @property
    def routes_checked(self) -> int:
        return len(self.routes)

    def table(self) -> str:
        """Return the status of each call by operation and caller. 401 and 403 mean refused."""
        head = ["operator", "everything", *SINGLE, "all but one", *DEAD]
        rows = [f"{'':<22}" + " ".join(f"{name[:9]:>9}" for name in head)]
        for operation in sorted(self.routes):
            cells = (self.cells.get((operation, who)) for who in head)
            rows.append(f"{operation:<22}" + " ".join(f"{'' if cell is None else cell:>9}" for cell in cells))
        return "\n".join(rows)


def check(api: Api) -> Matrix:
    """Call everything on an API whose database belongs to this test alone."""
    matrix = Matrix()
    with ExitStack() as stack:
        with api.service() as service:
            sequence_events(service)  # which makes the ledger's key: some doors sign with it
        victim, own = things.make(api), things.make(api)
        for client in (*victim.clients, *own.clients):
            stack.callback(client.close)
        with api.client(api.key) as operator:
            found = list(calls.operations(operator.get("/openapi.json").json()))
        if missing := calls.unknown(found, victim):
            raise LookupError(f"tests/bench/registry/things.py makes nothing for: {', '.join(missing)}")
        people = People(api, stack)
        before = things.state(api, victim)
        for operation in found:
            matrix.routes.add(operation.name)
            for who, client, roles in people.for_door(operation.door):
                _door(matrix, operation, who, client, roles, victim)
            for who, client in people.dead(operation):
                _shut(matrix, operation, who, client, victim)
            for who in ("everything", "lookup", "operator"):
                if who != "operator" or not (operation.door["operator"] or operation.name in OPERATED):
                    _foreign(matrix, operation, who, people.client(who), victim)
            _mixed(matrix, operation, own, victim)
        _probe(matrix, people.client("everything"), victim)
        after = things.state(api, victim)
        for table in before:
            if before[table] != after[table]:
                matrix.failures.append(f"others have changed the victim's {table}")
    return matrix


class People:
    """Callers of one other organization by their permissions, and keys that no longer work."""

    def __init__(self, api: Api, stack: ExitStack) -> None:
        self._api, self._stack = api, stack
        self._admin = stack.enter_context(api.stranger("admin"))
        self._clients = {"operator": stack.enter_context(api.client(api.key))}
        self._dead = self._make_dead()

    def client(self, who: str, roles: Iterable[str] | None = None) -> httpx2.Client:
        """Return a caller with these roles, `everything`, or the single role of that name."""
        if who not in self._clients:
            wanted = list(roles) if roles is not None else EVERYTHING if who == "everything" else [who]
            self._clients[who] = self._keyed(self._add(wanted)["key"])
        return self._clients[who]

    def for_door(self, door: Mapping[str, Any]) -> Iterator[tuple[str, httpx2.Client, frozenset[str]]]:
        """Return the callers for a permission: each role alone, all roles, exactly the required ones, and
        all but one of these."""
        yield "operator", self._clients["operator"], frozenset(EVERYTHING)
        yield "everything", self.client("everything"), frozenset(EVERYTHING)
        for role in SINGLE:
            yield role, self.client(role), frozenset({role})
        for item in door["one_of"] or [None]:
            exact = {*door["all_of"], *([item] if item else [])}
            if len(exact) > 1:
                name = "+".join(sorted(exact))
                yield name, self.client(name, sorted(exact)), frozenset(exact)
        for role in door["all_of"]:
            rest = frozenset(EVERYTHING) - {role}
            yield "all but one", self.client(f"all but {role}", sorted(rest)), rest
        if door["one_of"]:
            rest = frozenset(EVERYTHING) - set(door["one_of"])
            yield "all but one", self.client(f"all but {sorted(door['one_of'])}", sorted(rest)), rest

    def dead(self, operation: Operation) -> Iterator[tuple[str, httpx2.Client]]:
        """Keys that no longer work."""
        limited = operation.name in LIMITED
        yield from ((who, self._dead[who]) for who in (DEAD[:2] if limited else DEAD))

    def _make_dead(self) -> dict[str, httpx2.Client]:
        keys: dict[str, str | None] = {"no key": None, "unknown key": f"fp_{uuid4().hex}{uuid4().hex}"}
        for who in ("expired caller", "expired key", "revoked key", "revoked caller", "replaced key"):
            made = self._add(EVERYTHING)
            keys[who] = made["key"]
            place = f"/v1/callers/{made['caller_id']}"
            if who == "revoked caller":
                self._admin.delete(place).raise_for_status()
            elif who == "revoked key":
                self._admin.delete(f"{place}/keys/{made['key_id']}").raise_for_status()
            elif who == "replaced key":
                self._admin.post(f"{place}/keys", json={"overlap_hours": 0}).raise_for_status()
            else:
                self._end(made, "caller" if who == "expired caller" else "api_key")
        closing = self._stack.enter_context(self._api.stranger(*EVERYTHING))
        whose = closing.get("/v1/callers/me").json()["organization"]["organization_id"]
        self._clients["operator"].delete(f"/v1/organizations/{whose}").raise_for_status()
        keys["closed organization"] = closing.headers["authorization"].removeprefix("Bearer ")
        return {who: self._keyed(key) for who, key in keys.items()}

    def _end(self, made: Mapping[str, str], table: str) -> None:
        """Let one caller or one key expire."""
        named = "caller_id" if table == "caller" else "key_id"
        with self._api.service() as service, service.pool.transaction() as connection:
            connection.execute(
                f"UPDATE {table} SET expires_at = now() - interval '1 second' WHERE {named} = %s".encode(),  # noqa: S608
                (made[named],),
            )

    def _add(self, roles: Sequence[str]) -> dict[str, str]:
        answered = self._admin.post("/v1/callers", json={"name": f"c {uuid4()}", "roles": list(roles)})
        assert answered.status_code == 201, answered.text
        made: dict[str, str] = answered.json()
        return made

    def _keyed(self, key: str | None) -> httpx2.Client:
        return self._stack.enter_context(self._api.client(key))


def _door(
    matrix: Matrix,
    operation: Operation,
    who: str,
    client: httpx2.Client,
    roles: frozenset[str],
    victim: Things,
) -> None:
    door = operation.door
    if operation.name in LIMITED:
        return
    opens = set(door["all_of"]) <= roles and (not door["one_of"] or bool(roles & set(door["one_of"])))
    opens = opens and (not door["operator"] or who == "operator")
    answered = operation.call(client, {})
    code = _code(answered)
    let_in = not (answered.status_code == 401 or (answered.status_code == 403 and code in DOORS))
    matrix.cells[operation.name, who] = answered.status_code
    _seen(matrix, operation, who, answered, victim, shown=who == "operator")
    if answered.status_code >= 500 and code != "busy":
        matrix.failures.append(f"{operation.name} as {who}: {answered.status_code} {answered.text[:200]}")
    if let_in != opens:
        matrix.failures.append(
            f"{operation.name} as {who}: {'let in' if let_in else 'shut out'}, {answered.status_code} {code}"
        )


def _shut(matrix: Matrix, operation: Operation, who: str, client: httpx2.Client, victim: Things) -> None:
    answered = operation.call(client, {})
    matrix.cells[operation.name, who] = answered.status_code
    _seen(matrix, operation, who, answered, victim)
    refused = (answered.status_code, _code(answered)) == (401, "unauthenticated")
    if refused != operation.door["key"]:
        matrix.failures.append(f"{operation.name} with {who}: {answered.status_code} {_code(answered)}")


DONE_ALREADY: Final = frozenset({"hmaDeleteBank", "hmaDeleteExchange"})
"""What is not there is deleted, to clients of Hasher-Matcher-Actioner; what is foreign stays."""


def _foreign(matrix: Matrix, operation: Operation, who: str, client: httpx2.Client, victim: Things) -> None:
    """Check that a foreign thing gets the answer of one that does not exist, in path, query and body."""
    if operation.name in LIMITED:
        return
    named = {name for name in victim.ids if name not in things.IN_PATHS or f"{{{name}}}" in operation.path}
    theirs = {name: victim.ids[name] for name in named}
    nobodys = {name: ("999999" if name in things.NUMBERED else ABSENT) for name in named}
    in_path = {
        parameter["name"] for parameter in operation.parameters if parameter["in"] == "path"
    } - things.NOT_THINGS
    foreign = operation.call(client, theirs, optional=True)
    absent = operation.call(client, nobodys, optional=True)
    _seen(matrix, operation, f"{who}, foreign", foreign, victim, asked=theirs)
    if _plain(foreign, theirs) != _plain(absent, nobodys):
        matrix.failures.append(
            f"{operation.name} as {who}: a foreign thing answers {foreign.status_code} {foreign.text[:200]}, "
            f"an absent one {absent.status_code} {absent.text[:200]}"
        )
    if in_path and foreign.status_code < 400 and operation.name not in DONE_ALREADY:
        matrix.cross_tenant_reads += 1
        matrix.failures.append(f"{operation.name} as {who}: a foreign thing answers {foreign.status_code}")


def _mixed(matrix: Matrix, operation: Operation, own: Things, victim: Things) -> None:
    """Check the same for one foreign thing among the caller's own."""
    for foreign, absent in mixing.mixed(operation, own.clients[0], own.ids, victim.ids):
        theirs, nobodys = {"one": foreign.value}, {"one": absent.value}
        what = f"{operation.name}, foreign in {'.'.join(map(str, foreign.where))}"
        _seen(matrix, operation, what, foreign.answered, victim, asked=theirs)
        if _plain(foreign.answered, theirs) != _plain(absent.answered, nobodys):
            matrix.failures.append(
                f"{what}: {foreign.answered.text[:200]}, absent: {absent.answered.text[:200]}"
            )
        elif foreign.where[0] != "query" and foreign.answered.status_code < 400:
            matrix.failures.append(f"{what}: done, {foreign.answered.status_code}")


def _probe(matrix: Matrix, client: httpx2.Client, victim: Things) -> None:
    """Check that the holder of the same fake, or of one hash of it, learns nothing of a private bank."""
    frame = victim.document["algorithms"]["pdq.1"]["frames"][0]["value"]
    for query in (
        {"type": "document", "document": victim.document},
        {"type": "sha256", "sha256": victim.document["sha256"]},
        {"type": "hash", "algorithm": "pdq.1", "value": frame},
    ):
        answered = client.post("/v1/lookups", json=query)
        matrix.calls += 1
        if (
            answered.status_code != 200
            or answered.json()["verdict"] != "no_match"
            or answered.json()["matches"]
        ):
            matrix.cross_tenant_reads += 1
            matrix.failures.append(
                f"a lookup by {query['type']} finds what is private: {answered.text[:200]}"
            )


def _seen(
    matrix: Matrix,
    operation: Operation,
    who: str,
    answered: httpx2.Response,
    victim: Things,
    *,
    asked: Mapping[str, str] | None = None,
    shown: bool = False,
) -> None:
    """Count a call, and search its answer for data of the victim. `asked`: ids that the call itself
    contained. `shown`: what the operator may see: organizations, and the ids of the workers' jobs."""
    matrix.calls += 1
    matrix.outcomes[str(answered.status_code)] += 1
    text = answered.text + str(dict(answered.headers))
    for value in (asked or {}).values():
        text = text.replace(value, "") if len(value) > 8 else text
    allowed_ids = {victim.organization_id, victim.ids["job_id"]} if shown else set()
    if leaked := sorted(
        {what for secret, what in victim.secrets.items() if secret not in allowed_ids and secret in text}
    ):
        matrix.cross_tenant_reads += 1
        matrix.failures.append(f"{operation.name} as {who} tells of the victim's {', '.join(leaked)}")


def _plain(answered: httpx2.Response, given: Mapping[str, str]) -> tuple[int, Any]:
    """Return status and body, with requested ids replaced by their parameter's name."""
    text = answered.text
    for value in sorted(given.values(), key=len, reverse=True):
        if len(value) > 8:
            text = text.replace(value, "THING")
    try:
        body = httpx2.Response(200, text=text).json()
    except ValueError:
        return answered.status_code, ""
    if answered.status_code < 400:
        return answered.status_code, sorted(body) if isinstance(body, dict) else ""
    return answered.status_code, {name: body[name] for name in body if name not in RENAMED}


def _code(answered: httpx2.Response) -> str:
    if answered.headers.get("content-type", "") != "application/problem+json":
        return ""
    code: str = answered.json()["code"]
    return code


def main() -> None:
    """Print the matrix of this version, on an API and a database of its own."""
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        url = stack.enter_context(stack.enter_context(services.postgres()).clone())
        matrix = check(stack.enter_context(processes.running(url, Path(folder))))
    print(matrix.table())
    print(f"{matrix.routes_checked} operations, {matrix.calls} calls: {dict(matrix.outcomes)}")
    print(f"{matrix.cross_tenant_reads} cross-tenant reads, {len(matrix.failures)} failures")
    print(*matrix.failures, sep="\n")


if __name__ == "__main__":
    main()
