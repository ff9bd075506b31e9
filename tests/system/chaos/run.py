"""Run chaos on one system: set up, fingerprint references undisturbed, inject faults under load, check
after each.
"""

from __future__ import annotations

import os
import shutil
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np
import pytest

from registry.app.service.bootstrap import bootstrap
from registry.app.wiring import wire
from registry.core.service import Service, open_service
from registry.core.settings import Settings, settings
from registry.identity.callers.service.keys import authenticate
from registry.sharing.webhooks.service.webhooks import create_webhook
from tests.support.media import clips as media
from tests.support.service import servers as services
from tests.support.takedown import campaigns as campaigning
from tests.support.takedown.delivery import SECRET
from tests.support.takedown.endpoints import endpoint, says
from tests.support.takedown.mail import mail_server
from tests.system.chaos import claims, places
from tests.system.chaos.checks import Checks, Receivers
from tests.system.chaos.embedded import Embedded, embedded
from tests.system.chaos.failures import Failures
from tests.system.chaos.faults import CUT_SECONDS, Faults, Hit, Say
from tests.system.chaos.load import Load
from tests.system.chaos.model import Finding, Model, drawing
from tests.system.chaos.standing import Standing
from tests.system.chaos.system import TOLD, System, await_workers, servers
from tests.system.chaos.system import rows as system_rows

PHOTOGRAPHS: Final = ("astronaut", "coffee", "chelsea")
GROUP: Final = 50
"""Faults between two checks of all that is stored."""
SOME: Final = 10
"""Faults after which it is seen, under load, that nothing stands still."""
LONG_SECONDS: Final = 125
"""Of the medium that is read in segments."""
PLATFORMS: Final = ("mailed", "asked", "own")
REFERENCE_SECONDS: Final = 300.0


@dataclass(frozen=True)
class Plan:
    """The size of a run. `faults`: how many. `seconds`: average time between two. `kinds`: empty means
    all. `clips`, `notices`: how many. `long`: one medium is read in segments. `cut_seconds`: how long a
    network is cut. `small`: with fewer processes and clients."""

    faults: int
    seconds: float
    seed: str
    kinds: tuple[str, ...] = ()
    clips: int = 6
    notices: int = 60
    long: bool = True
    cut_seconds: float = CUT_SECONDS
    small: bool = False


@dataclass
class Result:
    """The faults and the findings."""

    broker: str
    injected: Counter[str] = field(default_factory=Counter)
    findings: list[Finding] = field(default_factory=list)
    calls: Counter[str] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)
    exhausted: Counter[str] = field(default_factory=Counter)
    """Jobs that were given up by rule, since each of their tries was hit."""
    unsure: int = 0
    """Notices of which nobody knows whether they were told, after a hit."""
    stuck_after: float = 0.0
    stood_most: float = 0.0
    """Seconds that anything might stand still, and that anything did."""
    seconds: float = 0.0

    def count(self, kind: str) -> int:
        return sum(finding.kind == kind for finding in self.findings)


def run(broker: str, plan: Plan, say: Say) -> Result:
    """Run everything on `rabbitmq`, `redis` or `pgmq` (`fakeprint up`)."""
    began = time.monotonic()
    result, model = Result(broker), Model(told=say)
    with ExitStack() as ends:
        folder = ends.enter_context(services.open_temporary_folder("chaos"))
        ends.callback(_keep_logs, folder, broker)
        there = Receivers(
            ends.enter_context(endpoint(says(204))),
            ends.enter_context(endpoint(says(202))),
            ends.enter_context(mail_server()),
        )
        platform_settings = _platforms(folder, there)
        ends.enter_context(_told(platform_settings))
        system = _system(broker, folder, ends, platform_settings, small=plan.small)
        started = time.monotonic()
        system.await_ready()
        await_workers(system)
        boot = time.monotonic() - started
        say(f"{broker}: ready after {time.monotonic() - began:.0f} s")
        faults = Faults(system, drawing(plan.seed), say, plan.cut_seconds)
        checks, load = _prepared(system, folder, model, there, platform_settings, plan, faults.hits, boot)
        say(f"{broker}: {len(load.clips)} media read undisturbed after {time.monotonic() - began:.0f} s")
        checks.standing.settle()
        while faults.injected.total() < plan.faults and not _too_much(model):
            _group(faults, load, plan, checks)
            after = load.client("after")
            checks.await_rest(partial(load.follow, after))
            load.close()
            checks.all()
            so_far = time.monotonic() - began
            say(f"{broker}: {faults.injected.total()} faults, {model.said()}, {so_far:.0f} s")
        checks.ledger()
        checks.temporary()
        for trouble in system.troubles:
            model.find("wrong", trouble)
        _sum_up(result, model, faults, checks)
    result.seconds = time.monotonic() - began
    return result


def _sum_up(result: Result, model: Model, faults: Faults, checks: Checks) -> None:
    result.injected, result.findings = faults.injected, model.findings
    result.calls, result.refusals = model.calls, model.refusals
    result.exhausted, result.unsure = model.exhausted, len(model.unsure)
    result.stuck_after, result.stood_most = model.stuck_after, checks.standing.longest


def _keep_logs(folder: Path, broker: str) -> None:
    """Copy logs to the folder named by KEEP, if it is set."""
    if target := os.environ.get("KEEP"):
        kept = Path(target) / broker
        kept.mkdir(parents=True, exist_ok=True)
        for log in (*folder.glob("*.log"), *folder.glob("data/logs/*.log")):
            shutil.copy(log, kept)


def _too_much(model: Model) -> bool:
    return len(model.findings) > 20


def _group(faults: Faults, load: Load, plan: Plan, checks: Checks) -> None:
    wanted = min(plan.faults, faults.injected.total() + GROUP)
    with load.running():
        while (done := faults.injected.total()) < wanted and not _too_much(checks.model):
            _some(faults, min(wanted, done + SOME), plan, checks)
            faults.settle()
            checks.standing.settle()
            checks.standing.await_moved()


def _some(faults: Faults, wanted: int, plan: Plan, checks: Checks) -> None:
    """Inject so many faults. After each, look for failed and stuck jobs."""
    while faults.injected.total() < wanted:
        if isinstance(faults.system, Embedded):  # else the same part may end too often in a row
            faults.system.await_ready()
        faults.inject(faults.draw(plan.kinds))
        time.sleep(faults.chance.uniform(0.5, 1.5) * plan.seconds)
        checks.glance()


def _system(broker: str, folder: Path, ends: ExitStack, told: Mapping[str, str], *, small: bool) -> System:
    if broker == "pgmq":
        return ends.enter_context(embedded(folder, ends, told))
    loop = ends.enter_context(places.loop())
    return ends.enter_context(servers(broker, folder, loop, ends, told, small=small))


def _platforms(folder: Path, there: Receivers) -> dict[str, str]:
    """Set up three platforms: one by mail, one API that recognises repeats, one that does not. Return
    their settings."""
    table, keys = folder / "platforms.toml", folder / "platform-keys.toml"
    channels = {
        "mailed": '{ kind = "email", address = "legal@mailed.example.net", languages = ["es"]',
        "asked": f'{{ kind = "api", address = "{there.api.url("/asked")}"',
        "own": f'{{ kind = "api", address = "{there.api.url("/own")}"',
    }
    lines = [
        f'[[platform]]\nid = "{name}"\nname = "{name}"\nhosts = ["{name}.example.net"]\nper_hour = 100000\n'
        f"channels = [{channel}, confirmed = true }}]"
        for name, channel in channels.items()
    ]
    table.write_text("\n".join(lines) + "\n")
    keys.write_text(f'[asked]\nsecret = "{SECRET}"\n[own]\nheader = "Authorization: Bearer abc"\n')
    return {
        "PLATFORMS": str(table),
        "PLATFORM_KEYS": str(keys),
        "SMTP_URL": f"smtp://127.0.0.1:{there.mail.port}?tls=none",
        "SMTP_FROM": "Example Legal <notices@legal.example.org>",
    }


@contextmanager
def _told(told: Mapping[str, str]) -> Iterator[None]:
    """Give this process the deployment's settings too."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in told.items():
            patch.setenv(f"FAKEPRINT_{name}", value)
        settings.cache_clear()
        try:
            yield
        finally:
            settings.cache_clear()


def service_of(system: System, folder: Path, told: Mapping[str, str]) -> Service:
    """Return a service in this process with the same database, blobs and keys. The relay sends its
    messages."""
    data = system.data if isinstance(system, Embedded) else folder
    chosen = {name.lower(): value for name, value in {**TOLD, **told}.items()}
    wire()
    return open_service(
        Settings(
            database_url=system.database_url,
            broker_url="amqp://guest:guest@127.0.0.1:9//",
            blobs_url=system.blobs.as_uri(),
            data=data,
            **chosen,  # type: ignore[arg-type]  # as they stand in an environment
        )
    )


def _prepared(
    system: System,
    folder: Path,
    model: Model,
    there: Receivers,
    told: Mapping[str, str],
    plan: Plan,
    hits: list[Hit],
    boot: float,
) -> tuple[Checks, Load]:
    """Create a caller, a webhook and ready notices, and compute the clips' fingerprints."""
    claims.keep(system.database_url)
    service = service_of(system, folder, told)
    try:
        key = bootstrap(service) or (folder / "data" / "admin.key").read_text().strip()
        caller = authenticate(service, key)
        case = campaigning.case(service, caller)
        urls = [f"https://{PLATFORMS[at % 3]}.example.net/v/{at}" for at in range(plan.notices)]
        ready = case.ready(*urls)
        create_webhook(service, caller, url=there.hook.url(), kinds=["entry.*", "watch.*", "notice.*"])
    finally:
        service.close()
    clips = _clips(folder, plan)
    load = Load(
        *(model, system.urls, key, plan.seed, clips),
        campaign_id=str(case.campaign_id),
        notices=[str(item) for item in ready],
        small=plan.small,
    )
    rows = partial(system_rows, system.database_url)
    checks = Checks(
        *(lambda: service_of(system, folder, told), system, model, key, there, folder),
        standing=Standing(rows, model, hits, boot),
        failures=Failures(rows, model, hits),
    )
    client = load.client("reference")
    made = {name: load.register(client, name) for name in clips}
    ends = time.monotonic() + REFERENCE_SECONDS
    while any(not item.matchable for item in made.values() if item):
        load.follow(client)
        if time.monotonic() > ends:
            raise TimeoutError("the clips were not read before anything was done to the service")
    load.close()
    checks.references = {name: checks.digest(one.sha256) for name, one in made.items() if one}
    return checks, load


def _clips(folder: Path, plan: Plan) -> dict[str, bytes]:
    """Return short clips that pan over photographs, and one that is read in segments."""
    made: dict[str, bytes] = {}
    for at in range(plan.clips):
        name = f"{PHOTOGRAPHS[at % 3]}-{at}"
        frames = media.panning(PHOTOGRAPHS[at % 3], 320, 180, 24, reach=1 - at / plan.clips / 2)
        made[name] = media.encode(folder / f"{name}.mp4", frames, rate=8).read_bytes()
    if plan.long:
        path = folder / "long.mp4"
        made["long"] = media.encode(path, _slides(LONG_SECONDS), rate=2, options={"g": "10"}).read_bytes()
    return made


def _slides(seconds: int) -> Iterator[media.Pixels]:
    """Return two pictures a second, with a new one every five seconds."""
    for half in range(seconds * 2):
        yield media.drawn(192, 108, seed=half // 10) if half % 20 < 10 else _view(half // 10)


def _view(number: int) -> media.Pixels:
    share = number * 7 % 25 / 25
    return np.ascontiguousarray(media.view(media.photograph(PHOTOGRAPHS[number % 3]), 192, 108, share))
