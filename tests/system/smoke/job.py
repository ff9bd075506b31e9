"""The main job through the proxy, and the deployment's rules meanwhile. Each step raises `AssertionError`
if something is wrong.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import psycopg
import s3fs
from standardwebhooks.webhooks import Webhook

from deploy.demo.media import Clips
from deploy.demo.questions import QUESTIONS, judge
from tests.support.documents import runbook
from tests.support.service.deployment import draw
from tests.support.takedown.endpoints import Endpoint, endpoint, says
from tests.system.smoke.caller import Caller, ended, until
from tests.system.smoke.cells import HERE, Cell
from tests.system.smoke.engine import Engine
from tests.system.smoke.topology import Topology

SECRET: Final = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
HOOKS_PORT: Final = 9000
RESUME_SECONDS: Final = 120.0
TEAMS: Final = {
    "Verificadores": {"desk": ["register", "lookup"], "editor": ["review"]},
    "Faktisk": {"checker": ["review", "lookup"]},
    "Bufete": {"lawyer": ["takedown", "lookup"]},
}
YES: Final = ("in_union", "hosting")
NO: Final = ("minor", "consent", "satire", "reporting")


@dataclass
class Trial:
    """The state so far."""

    topology: Topology
    engine: Engine
    clips: Clips
    folder: Path
    hooks: Endpoint
    people: dict[str, Caller] = field(default_factory=dict)
    entry_id: str = ""
    webhook_secret: str = ""

    @property
    def url(self) -> str:
        return f"http://{self.topology.wires.names['proxy'][0]}:8000"

    def caller(self, key: str) -> Caller:
        return Caller(self.url, key, self.folder)

    def row(self, query: str) -> tuple[Any, ...] | None:
        """Return the first row of a query by the tables' owner."""
        url = (self.topology.folder / "secrets" / "owner_database_url").read_text()
        address = self.topology.wires.names["postgres"][0]
        with psycopg.connect(url.replace("@postgres/", f"@{address}/")) as connection:
            return connection.execute(query.encode()).fetchone()


def opened(topology: Topology, clips: Clips, folder: Path, ends: ExitStack) -> Trial:
    """Return a trial whose webhooks are received until `ends` is closed."""
    hooks = ends.enter_context(endpoint(says(204), address=HERE["outside"], port=HOOKS_PORT))
    return Trial(topology, Engine(topology), clips, folder, hooks)


def through_the_proxy(trial: Trial) -> str:
    """the proxy answers for the APIs, keeps their metrics private and writes no key to its log"""
    anyone = trial.caller("")
    until(lambda: anyone.get("/health/ready").status_code == 200, 60)
    ready = anyone.get("/health/ready")
    assert anyone.get("/metrics").status_code == 404
    assert "server" not in ready.headers
    assert anyone.get("/threatexchange/v1/1/threat_updates/?access_token=1|fp_secret").status_code == 401
    log = trial.topology.of("proxy")[0].said
    until(lambda: "/threatexchange/v1/1/threat_updates/" in log(), 10, log)
    assert "fp_secret" not in log(), log()
    return json.dumps(ready.json())[:200]


def behind_walls(trial: Trial) -> str:
    """none of our processes is root, writes its code, sees others' secrets or reaches other networks"""
    cells = [
        cell
        for name, service in trial.topology.composed.services.items()
        if service.dockerfile and name != "migrate"
        for cell in trial.topology.of(name)
    ]
    for cell in cells:
        service = trial.topology.composed.services[cell.host]
        for process in cell.processes():
            status = Path(f"/proc/{process.pid}/status").read_text()
            assert process.uids().real == 10001, (cell.name, process)
            assert re.search(r"CapEff:\s+0+\n(.|\n)*NoNewPrivs:\s+1\n", status), (cell.name, status)
        printed = cell.within(
            "sh", "-c", "touch /opt/fakeprint/x; touch /etc/x; ls /run/secrets"
        ).stdout.split()
        assert sorted(printed) == sorted(Path(secret).name for secret in service.secrets), (
            cell.name,
            printed,
        )
        wanted = "outside" in service.networks
        assert _reaches(cell, HERE["outside"], HOOKS_PORT) is wanted, cell.name
        pixels = cell.host != "api"
        for module in ("cv2", "onnxruntime", "av", "PIL"):
            assert (cell.within("python", "-c", f"import {module}").returncode == 0) is pixels, (
                cell.name,
                module,
            )
    refused = trial.topology.of("api")[0].within("python", "-c", _FORGED).stdout.strip()
    assert refused == "InsufficientPrivilege", refused
    return f"{len(cells)} containers' worth, {sum(len(cell.processes()) for cell in cells)} processes"


_FORGED: Final = """
import psycopg
import s3fs
from registry.core.settings import settings
with psycopg.connect(settings().database_url) as connection:
    try:
        connection.execute("UPDATE event SET kind = kind")
    except psycopg.Error as error:
        print(type(error).__name__)
"""


def _reaches(cell: Cell, host: str, port: int) -> bool:
    code = f"import socket; socket.create_connection(({host!r}, {port}), 2)"
    return cell.within("python", "-c", code).returncode == 0


def people_join(trial: Trial) -> str:
    """three organizations join by the key that the migration printed; Prometheus gets a key of its own"""
    printed = trial.topology.cells["migrate"].said()
    found = re.search(r"^admin key (\S+)$", printed, re.MULTILINE)
    assert found, printed
    admin = trial.people["admin"] = trial.caller(found[1])
    trial.engine.run(runbook.commands("Prometheus reads /metrics"), FAKEPRINT_KEY=found[1])
    for organization, team in TEAMS.items():
        flags = ("--role", "admin", "--organization", organization)
        boss = trial.caller(admin("admin", "caller", "add", "administrator", *flags)["key"])
        trial.people[organization] = boss
        for name, roles in team.items():
            options = [word for role in roles for word in ("--role", role)]
            trial.people[name] = trial.caller(boss("admin", "caller", "add", name, *options)["key"])
    owner = trial.people["Verificadores"]
    owner("admin", "bank", "add", "elecciones", "--visibility", "shared")
    for other in ("Faktisk", "Bufete"):
        owner("admin", "bank", "share", "elecciones", other)
    address = f"http://hooks.example:{HOOKS_PORT}/events"
    trial.webhook_secret = owner("admin", "webhook", "add", address, "--kind", "entry.*")["secret"]
    return f"{len(trial.people)} callers"


def registered(trial: Trial) -> str:
    """a fake and its original are registered with all fingerprints; media are stored encrypted in S3"""
    clips = trial.clips
    made = trial.people["desk"](
        *("register", clips.path("fake"), "--original", clips.path("original"), "--bank", "elecciones"),
        *("--title", "La consejera, con otra cara", "--manipulation", "face_swap"),
    )
    assert made["status"] == "matchable", made
    stored = "SELECT count(videohash) FROM file_fingerprint WHERE iscc_content IS NOT NULL"
    until(lambda: trial.row(stored) == (2,), 120, lambda: _worker_notes(trial))
    trial.entry_id = made["entry_id"]
    kept = _objects(trial)
    assert len(kept) == 2, list(kept)
    assert all(item.startswith(b"age-encryption.org/v1") for item in kept.values()), list(kept)
    return f"entry {trial.entry_id}, {len(kept)} objects sealed with age"


def _worker_notes(trial: Trial) -> str:
    """Return what media workers report as left out."""
    logs = [cell.said(100_000) for cell in trial.topology.of("worker-media")]
    return "\n".join(line for log in logs for line in log.splitlines() if "videohash" in line)


def _objects(trial: Trial) -> dict[str, bytes]:
    """Return the objects in the bucket by name, read with the gateway's keys."""
    secrets = trial.topology.folder / "secrets"
    store = s3fs.S3FileSystem(
        key=(secrets / "aws_access_key_id").read_text(),
        secret=(secrets / "aws_secret_access_key").read_text(),
        endpoint_url=f"http://{trial.topology.wires.names['s3'][0]}:7070",
        use_listings_cache=False,
    )
    return {name: store.cat_file(name) for name in store.find("fakeprint")}


def looked_up(trial: Trial) -> str:
    """copies are found, the original is not accused, an unrelated clip matches nothing"""
    paths = {question.clip: trial.clips.path(question.clip) for question in QUESTIONS}
    desk = trial.people["desk"]
    answers = {Path(line["path"]).stem: line for line in desk.lines("lookup", *paths.values())}
    wrong = {
        question.clip: found
        for question in QUESTIONS
        if (found := judge(question, answers[question.clip], trial.entry_id))
    }
    assert wrong == {}, wrong
    sent = desk("lookup", "--upload", paths["copy-mirrored"])
    assert sent["verdict"] == "known_fake", sent
    verdicts = sorted({answer["verdict"] for answer in answers.values()})
    return f"{len(answers)} documents and a file: {', '.join(verdicts)}"


def told_by_webhook(trial: Trial) -> str:
    """two organizations review it, and a signed webhook reports it"""
    for name in ("editor", "checker"):
        trial.people[name]("review", "claim", trial.entry_id)
        decided = ("review", "decide", trial.entry_id, "approve", "--reason", "Comparado con la emisión.")
        tier = trial.people[name](*decided)["tier"]
    assert tier == "reviewed", tier
    events = until(
        lambda: [item for item in _received(trial, "/events") if item["type"] == "entry.reviewed"], 60
    )
    for item in trial.hooks.received:
        if item.target == "/events":
            Webhook(trial.webhook_secret).verify(item.body, item.headers)
    return f"{len(_received(trial, '/events'))} messages, {events[0]['type']} among them"


def _received(trial: Trial, target: str) -> list[dict[str, Any]]:
    return [json.loads(item.body) for item in list(trial.hooks.received) if item.target == target]


def notice_is_sent(trial: Trial) -> str:
    """a notice goes from the fake's address to the platform's API, once"""
    lawyer = trial.people["lawyer"]
    mandate, places = trial.folder / "mandate.pdf", trial.folder / "places.txt"
    mandate.write_bytes(b"%PDF-1.7 the mandate")
    places.write_text("https://t.me/melilla_1/1\n")
    campaign = lawyer(
        *("takedown", "new", "Caras de Ana 🎭", "--entry", trial.entry_id, "--language", "es"),
        *("--regime", "dsa16", "--client", "Partido de Ejemplo", "--depicted", "Ana Ejemplo"),
        *("--mandate", mandate, "--until", "2036-01-31", "--signatory", "Lucía Letrada"),
        *("--email", "lucia@bufete.example", "--good-faith", "--say", "explanation=Nunca lo hizo."),
        *("--say", "legal_provision=Artículo 18.1 de la Constitución."),
    )["campaign_id"]
    [notice] = lawyer("takedown", "add", campaign, places)["notices"]
    scope_answers = [f"{name}=yes" for name in YES] + [f"{name}=no" for name in NO]
    answers = [word for ye in scope_answers for word in ("--answer", ye)]
    check = ("takedown", "check", campaign)
    lawyer(*check, "--regime", "dsa16", *answers, "--seen", notice["notice_id"], "--prepare")
    sent = lawyer("takedown", "send", campaign)
    assert sent["ways"] == {"api": 1}, sent
    until(lambda: _received(trial, "/telegram"), 60, trial.topology.of("worker-delivery")[0].said)
    until(lambda: lawyer("takedown", "status", campaign) and _handed_over(trial), 60)
    [raw] = [item for item in trial.hooks.received if item.target == "/telegram"]
    Webhook(SECRET).verify(raw.body, raw.headers)
    return f"{json.loads(raw.body)['data']['reference']} handed over"


def _handed_over(trial: Trial) -> bool:
    found = trial.row("SELECT status FROM notice_delivery")
    return found is not None and found[0] == "handed_over"


def survives(trial: Trial) -> str:
    """an API and a worker are killed: no request is lost, and both come back"""
    desk, topology = trial.people["desk"], trial.topology
    clip = draw(trial.folder / "long.mp4", seconds=60)
    running = desk.begin("register", clip, "--manipulation", "edited", "--json")
    until(lambda: trial.row("SELECT 1 FROM job WHERE task = 'fingerprint_asset' AND status = 'running'"), 120)
    worker = _busiest(topology.of("worker-media"))
    worker.kill()
    begun = time.monotonic()
    api = topology.of("api")[0]
    api.kill()
    question = {"type": "sha256", "sha256": "0" * 64}
    answers = [desk.post("/v1/lookups", question).status_code for _ in range(40)]
    assert answers == [200] * len(answers), answers
    [made] = ended(running)
    assert made["status"] == "matchable", made
    seconds = time.monotonic() - begun
    assert seconds < RESUME_SECONDS, seconds
    worker.start()
    api.start()
    for service in ("worker-media", "api"):
        topology.await_healthy(service)
    return f"{worker.name}, {api.name}: {len(answers)} of 40 answered, registered {seconds:.0f} s later"


def _busiest(cells: list[Cell]) -> Cell:
    """Return the busiest worker."""

    def spent(cell: Cell) -> float:
        return sum(sum(each.cpu_times()[:2]) for each in cell.processes())

    before = [spent(cell) for cell in cells]
    time.sleep(1.0)
    return max(zip(cells, before, strict=True), key=lambda pair: spent(pair[0]) - pair[1])[0]


def verified(trial: Trial) -> str:
    """the ledger verifies, leaf by leaf"""
    found = trial.people["admin"]("verify", "--service", "--full")
    assert found["sound"] is True, found
    return "; ".join(found["checked"])


def watched(trial: Trial) -> str:
    """Prometheus reads both APIs with its key, has the rules, and knows whom to alert"""
    address = f"http://{trial.topology.wires.names['prometheus'][0]}:9090"
    prometheus = Caller(address, "", trial.folder)

    def ask(query: str) -> list[dict[str, Any]]:
        found = prometheus.get(f"/api/v1/query?query={query}").json()["data"]["result"]
        return [item for item in found if float(item["value"][1]) > 0]

    until(lambda: len(ask("up")) == 2, 90, lambda: prometheus.get("/api/v1/targets").text[:2000])
    until(lambda: ask("sum(fakeprint_lookup_stage_seconds_count)"), 90)
    until(lambda: ask("sum(fakeprint_work_seconds_count)"), 90)
    groups = prometheus.get("/api/v1/rules").json()["data"]["groups"]
    rules = [rule for group in groups for rule in group["rules"]]
    assert rules
    bad = [rule["name"] for rule in rules if rule["health"] == "err"]
    assert bad == [], bad
    assert {"fakeprint", "compose"} <= {group["name"] for group in groups}
    until(lambda: prometheus.get("/api/v1/alertmanagers").json()["data"]["activeAlertmanagers"], 90)
    log = trial.topology.of("prometheus")[0].said(100_000)
    assert "level=error" not in log.lower(), log
    return f"2 targets up, {len(rules)} rules, Alertmanager"


STEPS: Final[tuple[Callable[[Trial], str], ...]] = (
    through_the_proxy,
    behind_walls,
    people_join,
    registered,
    looked_up,
    told_by_webhook,
    notice_is_sent,
    survives,
    verified,
    watched,
)
