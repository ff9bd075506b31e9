"""Ready without what all processes miss at once, and soon told."""

from __future__ import annotations

import threading
from dataclasses import replace

from registry.actions.check_readiness import check_readiness
from registry.actions.service import Service
from tests import services
from tests.integration.conftest import Recorder


def test_without_its_broker_it_is_ready_all_the_same_and_a_silent_one_holds_nobody_up(
    service: Service, recorder: Recorder
) -> None:
    """Every process misses it at once: were they taken out of service for it, nothing would be answered."""
    recorder.away = True
    found = check_readiness(service)
    assert (found["ready"], found["checks"]["broker"]["ok"]) == (True, False)
    assert "away" in found["checks"]["broker"]["detail"]
    answers = threading.Event()

    class Silent(Recorder):
        def ping(self) -> None:
            assert answers.wait(60)

    silent = replace(service, publisher=Silent())
    for _ in range(2):
        found = check_readiness(silent)
        assert (found["ready"], found["checks"]["broker"]["ok"]) == (True, False)
        assert "not answered" in found["checks"]["broker"]["detail"]
    answers.set()
    services.wait_until(lambda: check_readiness(silent)["checks"]["broker"]["ok"], 20)
