"""Load legal regimes from files, and classify notices."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.takedown.campaigns.service import access
from registry.takedown.regimes.errors import UnusableRegime
from registry.takedown.regimes.model.regime import Regime
from registry.takedown.regimes.model.regime_file import SHARED, BadRegime, parse, shared
from registry.takedown.regimes.schemas import (
    RegimeDue,
    RegimeElement,
    RegimeList,
    RegimeQuestion,
    RegimeShown,
    RegimeSource,
)

OURS: Final = Path(__file__).parent / "data"


@cache
def load(folder: Path | None = None) -> Mapping[str, Regime]:
    """Return the regimes by id; read once.

    `folder` holds a deployment's own files, one regime each. A file replaces the built-in regime with the
    same id, and its `shared.toml` extends the built-in one. Raises `BadRegime`, which names file and key.
    """
    base = _shared(OURS / SHARED, {})
    regimes = _of(OURS, base)
    if folder is not None:
        if not folder.is_dir():
            raise BadRegime(f"{folder}: there is no such folder of regimes")
        regimes |= _of(folder, _shared(folder / SHARED, base))
    return MappingProxyType(regimes)


def of(folder: str) -> Mapping[str, Regime]:
    """Return the regimes of the setting FAKEPRINT_REGIMES, or the built-in ones. Raises `BadInput`
    (`bad_regime`)."""
    try:
        return load(Path(folder)) if folder else load()
    except BadRegime as error:
        raise UnusableRegime(f"FAKEPRINT_REGIMES: {error}.") from error


def _shared(path: Path, base: Mapping[str, Mapping[str, dict[str, Any]]]) -> Any:
    if not path.is_file():
        return base
    tables = shared(path.name, _text(path))
    return {kind: {**base.get(kind, {}), **entries} for kind, entries in tables.items()}


def _of(folder: Path, base: Mapping[str, Mapping[str, dict[str, Any]]]) -> dict[str, Regime]:
    regimes: dict[str, Regime] = {}
    for path in sorted(folder.glob("*.toml")):
        if path.name == SHARED:
            continue
        regime = parse(path.name, _text(path), base)
        if regime.id in regimes:
            raise BadRegime(f"{path.name}: id: another file is `{regime.id}` too")
        regimes[regime.id] = regime
    return regimes


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadRegime(f"{path.name}: cannot be read as UTF-8 text: {error}") from error


def list_regimes(service: Service, caller: Caller, language: str) -> RegimeList:
    """Return all regimes by id, in one of `regime.LANGUAGES`. Needs `takedown`. Raises `BadInput`
    (`bad_regime`)."""
    caller.require("takedown")
    by_id = access.all_regimes(service)
    return RegimeList(regimes=[described(by_id[name], language) for name in sorted(by_id)])


def described(regime: Regime, language: str) -> RegimeShown:
    """Return the requirements of a regime in one of `regime.LANGUAGES`.

    Elements filled from records are left out.
    """
    return RegimeShown.from_row(
        regime,
        regime=regime.id,
        title=regime.title[language],
        sources=[RegimeSource.from_row(source) for source in regime.sources],
        due=RegimeDue.from_row(regime.rule, why=regime.rule.why[language]),
        may_sign=regime.signatories,
        elements=[
            RegimeElement.from_row(
                element,
                question=element.question[language],
                statement=element.statement[language] if element.statement is not None else None,
            )
            for element in regime.elements
            if element.filled_by == "person"
        ],
        questions=[
            RegimeQuestion.from_row(question, ask=question.ask[language], why=question.why[language])
            for question in regime.questions
        ],
    )
