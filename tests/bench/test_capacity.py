"""The table of machines is computed from what the documents show, and the least hardware too."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bench import capacity
from workers.commands import machine

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")


def test_the_page_shows_the_table() -> None:
    assert capacity.table(capacity.Prices()) in (DOCS / "operating.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("unit", capacity.UNITS, ids=lambda unit: unit.shown)
def test_each_cost_is_a_figure_of_a_page(unit: capacity.Unit) -> None:
    text = " ".join((DOCS / unit.page).read_text(encoding="utf-8").split())
    assert unit.shown in text
    assert f"\n{unit.command.removeprefix('make ')}: " in MAKEFILE or unit.command == "fakeprint doctor"


def test_the_least_hardware_is_what_an_empty_registry_needs() -> None:
    needs = capacity.need(capacity.EMPTY, capacity.Prices())
    assert (needs.cores, needs.memory, needs.disk) == (machine.CORES, machine.MEMORY_GB, machine.DISK_GB)
    stated = f"at least {needs.cores} cores, {needs.memory} GB of memory and {needs.disk} GB of free disk"
    assert stated in " ".join((DOCS / "operating.md").read_text(encoding="utf-8").split())
