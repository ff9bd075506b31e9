"""What the runbook says is there: each alert has its line, each command and option exists."""

from __future__ import annotations

import re
import shlex

import click
import pytest
import yaml

from registry.app.commands import main
from registry.core.settings import OTHERS, SECRET, Settings
from tests.support.documents.runbook import RUNBOOK

TEXT = RUNBOOK.read_text(encoding="utf-8")
COMMANDS = sorted({line.split("#")[0].strip() for line in re.findall(r"(?m)^ +(fakeprint .+)$", TEXT)})
COMPOSE = (RUNBOOK.parent / "compose.yaml").read_text(encoding="utf-8")
INLINE = sorted(set(re.findall(r"`(fakeprint [^`]+)`", TEXT)))


def test_each_alert_has_a_line() -> None:
    rules = yaml.safe_load((RUNBOOK.parent / "monitoring" / "alerts.yml").read_text(encoding="utf-8"))
    named = {rule["alert"] for group in rules["groups"] for rule in group["rules"] if "alert" in rule}
    assert {group for group in named if f"`{group}`" not in TEXT} == set()
    composed = set(re.findall(r"alert: (\w+)", COMPOSE))
    assert composed
    assert composed <= set(re.findall(r"`(Fakeprint\w+)`", TEXT)) <= named | composed


@pytest.mark.parametrize("line", [*COMMANDS, *INLINE])
def test_a_command_is_one(line: str) -> None:
    words = shlex.split(line.split("#", maxsplit=1)[0].split(";", maxsplit=1)[0])[1:]
    command: click.Command = main
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        found = command.get_command(click.Context(command), words[0])
        if found is None:
            assert not command.params or command.invoke_without_command, f"{line}: no {words[0]}"
            break
        command, words = found, words[1:]
    known = {name for param in command.params for name in (*param.opts, *param.secondary_opts)} | {"--help"}
    assert {word for word in words if word.startswith("--")} <= known


def test_each_setting_is_one() -> None:
    known = {f"FAKEPRINT_{name.upper()}" for name in Settings.model_fields}
    names = set(re.findall(r"\bFAKEPRINT_[A-Z_]+[A-Z]", TEXT))
    composed = set(re.findall(r"\$\{(FAKEPRINT_\w+):-", COMPOSE))
    assert names <= known | composed | {f"FAKEPRINT_{name}" for name in OTHERS}


HOLDS = re.compile(r"\b(keys?|secrets?|tokens?|passwords?|certificates)\b")
"""What the description of a setting says that holds a secret or names where one lies."""
NO_SECRETS = {"ledger_origin", "ledger_witness", "c2pa_trust", "data", "canaries", "smtp_from"}
"""Settings whose descriptions say such words of other things."""


def test_each_secret_has_a_row_that_says_how_it_is_changed() -> None:
    rows = "\n".join(line for line in TEXT.partition("\n## Keys\n")[2].splitlines() if line.startswith("| "))
    settings = SECRET | {
        name for name, field in Settings.model_fields.items() if HOLDS.search(field.description or "")
    }
    commands = {name for name in OTHERS if "CREDENTIAL" in name}
    names = {f"FAKEPRINT_{name.upper()}" for name in (settings - NO_SECRETS) | commands}
    composed = {
        name
        for name in yaml.safe_load(COMPOSE)["secrets"]
        if name != "canaries" and f"FAKEPRINT_{name.upper().removeprefix('FAKEPRINT_')}" not in names
    }
    assert {name for name in names | composed if not re.search(rf"\b{name}\b", rows)} == set()
