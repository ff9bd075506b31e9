"""The files of regimes: all load, a broken one says where, and a notice that lacks something says what."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from registry.core.errors import BadInput
from registry.takedown.regimes import service as regimes
from registry.takedown.regimes.model.regime import LANGUAGES, Regime
from registry.takedown.regimes.model.regime_file import PLACEHOLDER, BadRegime
from tests.support.takedown.notices import VALUES

IDS = ("aepd", "court_order", "dsa16", "platform_policy", "take_it_down")
REGIMES = [regimes.load()[name] for name in IDS]
ids = pytest.mark.parametrize("regime", REGIMES, ids=IDS)


def test_the_five_regimes_are_there() -> None:
    assert tuple(sorted(regimes.load())) == IDS


@ids
def test_each_placeholder_is_an_element_and_all_required_are_said(regime: Regime) -> None:
    known = {element.id for element in regime.elements}
    required = {element.id for element in regime.elements if element.required}
    for language in LANGUAGES:
        wording = regime.wordings[language]
        assert set(PLACEHOLDER.findall(wording.subject + wording.body)) <= known
        assert required <= set(PLACEHOLDER.findall(wording.body))


@ids
def test_regimes_ask_about_satire_and_reporting_and_stop_for_minors(regime: Regime) -> None:
    asked = {question.id: question for question in regime.questions}
    assert {"satire", "reporting", "minor"} <= set(asked)
    assert asked["minor"].needs == "no"
    assert all(set(question.ask) == set(LANGUAGES) for question in regime.questions)


@ids
def test_complete_notices_have_no_fault(regime: Regime) -> None:
    assert regime.missing(VALUES) == []
    assert regime.faults(VALUES) == []
    assert all(source.url.startswith("https://") for source in regime.sources)


@ids
def test_each_lacking_element_is_named(regime: Regime) -> None:
    required = [element.id for element in regime.elements if element.required]
    for name in required:
        for nothing in (None, "", " \n\u200b"):
            assert regime.missing({**VALUES, name: nothing}) == [name]
            assert [fault.element for fault in regime.faults({**VALUES, name: nothing})] == [name]
    assert regime.missing({}) == required


@pytest.mark.parametrize(
    ("element", "value", "code"),
    [
        ("url", "javascript:alert(1)", "element_not_url"),
        ("url", "https://example.com/\u202egpj.exe", "element_not_url"),
        ("url", "https://", "element_not_url"),
        ("url", "https://[::1", "element_not_url"),
        ("url", "https://example.com/a b", "element_not_url"),
        ("url", "https://example.com/" + "x" * 8000, "element_too_long"),
        ("signatory_email", "nobody", "element_not_email"),
        ("signatory_email", "a@b.example\nBcc: c@d.example", "element_not_one_line"),
        ("signatory_email", "a b@c.example", "element_not_email"),
        ("date", "25.11.2026", "element_not_time"),
        ("date", "2026-02-30", "element_not_time"),
        ("comply_by", "2026-11-30T12:00", "element_not_time"),
        ("good_faith", "yes", "element_not_confirmed"),
        ("good_faith", False, "element_not_confirmed"),
        ("capacity", "neighbour", "may_not_sign"),
        ("capacity", "anyone", "may_not_sign"),
        ("depicted_name", "x" * 100_000, "element_too_long"),
        ("depicted_name", 7, "element_not_text"),
        ("court", "a\nb", "element_not_one_line"),
    ],
)
def test_a_wrong_value_is_named(element: str, value: object, code: str) -> None:
    faults = regimes.load()["court_order"].faults({**VALUES, element: value})
    assert [(fault.element, fault.code) for fault in faults] == [(element, code)]


@ids
def test_questions_stay_open_until_they_are_answered(regime: Regime) -> None:
    assert regime.open_questions({}) == [question.id for question in regime.questions]
    good = {question.id: "no" if question.needs == "no" else "yes" for question in regime.questions}
    assert (regime.open_questions(good), regime.stopped_by(good)) == ([], [])
    for question in regime.questions:
        turned = good | {question.id: "yes" if good[question.id] == "no" else "no"}
        assert regime.stopped_by(turned) == ([] if question.needs == "any" else [question.id])
        assert regime.open_questions(good | {question.id: "perhaps"}) == [question.id]


def test_take_it_down_is_for_intimate_depictions_and_their_own_signatories() -> None:
    regime = regimes.load()["take_it_down"]
    assert regime.stopped_by({"intimate": "no"}) == ["intimate"]
    assert not regime.may_sign("anyone")
    assert regime.needs_mandate("representative")
    assert not regime.needs_mandate("depicted_person")
    assert (regime.rule.amount, regime.rule.unit, regime.rule.binding) == (48, "hours", True)


def test_only_terms_that_a_law_or_a_court_sets_are_binding() -> None:
    assert [regime.id for regime in REGIMES if regime.rule.binding] == ["court_order", "take_it_down"]


# --- Broken files ---


def broken(tmp_path: Path, old: str, new: str) -> str:
    """What loading says of `dsa16.toml` with one change."""
    text = (regimes.OURS / "dsa16.toml").read_text()
    assert old in text
    (tmp_path / "mine.toml").write_text(text.replace(old, new, 1))
    regimes.load.cache_clear()
    with pytest.raises(BadRegime) as caught:
        regimes.load(tmp_path)
    return str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('id = "dsa16"', 'id = "DSA 16"', "mine.toml: id: must be small letters"),
        ('id = "dsa16"', "id = 16", "mine.toml: id: must be of type str"),
        ('jurisdiction = "EU"', "", "mine.toml: jurisdiction: is missing"),
        ('jurisdiction = "EU"', 'jurisdiction = "EU"\nextra = 1', "mine.toml: extra: is an unknown key"),
        ("amount = 5", "amount = true", "mine.toml: deadline.amount: must be of type int"),
        ("amount = 5", "amount = 0", "mine.toml: deadline.amount: must be 1 or more"),
        ('unit = "working_days"', 'unit = "weeks"', "mine.toml: deadline.unit: must be one of"),
        ('zone = "Europe/Brussels"', 'zone = "Europe/Bruxelles"', "mine.toml: deadline.zone: there is no"),
        ('zone = "Europe/Brussels"', 'zone = "../../etc/passwd"', "mine.toml: deadline.zone: there is no"),
        ('calendar = "ECB"', 'calendar = "XX"', "mine.toml: deadline.calendar: There is no calendar 'XX'"),
        ("reminders = [48, 24]", "reminders = [24, 48]", "mine.toml: deadline.reminders: must be whole"),
        ("version = 2026-11-25", 'version = "soon"', "mine.toml: version: must be of type date"),
        ("{content_id}", "{content}", "mine.toml: wording.en.body: {content} is not an element"),
        ("{content_id}", "{content_id", "mine.toml: wording.en.body: holds a brace"),
        ("Signed: {signature}", "Signed:", "mine.toml: wording.en.body: does not contain {signature}"),
        ("[wording.fr]", "[wording.de]", "mine.toml: wording.fr: is missing"),
        (
            '[[element]]\nid = "date"',
            '[[element]]\nid = "dates"',
            "mine.toml: element[dates].kind: is missing",
        ),
        (
            '[[question]]\nid = "satire"',
            '[[question]]\nid = "minor"',
            "mine.toml: question[minor]: is duplicated",
        ),
        ('url = "https://eur-lex', 'url = "http://eur-lex', "must be an https address"),
        ("must.ar =", "must.de =", "mine.toml: recipient.must.ar: is missing"),
        ("[deadline]", "[deadline", "mine.toml: not TOML"),
    ],
)
def test_a_broken_file_names_itself_and_the_key(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert said in broken(tmp_path, old, new)


def test_a_stated_term_needs_an_element_that_states_it(tmp_path: Path) -> None:
    text = (regimes.OURS / "court_order.toml").read_text()
    (tmp_path / "mine.toml").write_text(text.replace('kind = "term"', 'kind = "line"'))
    regimes.load.cache_clear()
    with pytest.raises(BadRegime, match=r"mine.toml: deadline.unit: .*comply_by"):
        regimes.load(tmp_path)


def test_a_deployments_own_file_takes_the_place_of_ours(tmp_path: Path) -> None:
    text = (regimes.OURS / "dsa16.toml").read_text().replace("amount = 5", "amount = 3")
    (tmp_path / "mine.toml").write_text(text)
    (tmp_path / "second.toml").write_text(text.replace('id = "dsa16"', 'id = "dsa16_short"'))
    regimes.load.cache_clear()
    found = regimes.of(str(tmp_path))
    assert found["dsa16"].rule.amount == found["dsa16_short"].rule.amount == 3
    assert set(found) == {*IDS, "dsa16_short"}


def test_its_shared_file_changes_ours_for_its_own_regimes_alone(tmp_path: Path) -> None:
    common = (regimes.OURS / "shared.toml").read_text()
    (tmp_path / "shared.toml").write_text(common.replace('"Who signs?"', '"Who is it that signs?"'))
    (tmp_path / "mine.toml").write_text((regimes.OURS / "dsa16.toml").read_text())
    regimes.load.cache_clear()
    found = regimes.load(tmp_path)
    asked = {name: {e.id: e for e in found[name].elements}["signatory_name"].question["en"] for name in IDS}
    assert asked == dict.fromkeys(IDS, "Who signs?") | {"dsa16": "Who is it that signs?"}


@pytest.mark.parametrize("fault", ["twice", "nowhere", "latin-1"])
def test_a_setting_that_cannot_be_used_has_a_code(tmp_path: Path, fault: str) -> None:
    folder = tmp_path / "regimes"
    if fault != "nowhere":
        folder.mkdir()
        text = (regimes.OURS / "dsa16.toml").read_text()
        (folder / "a.toml").write_bytes(text.encode() if fault == "twice" else "é".encode("latin-1"))
        (folder / "b.toml").write_text(text)
    regimes.load.cache_clear()
    with pytest.raises(BadInput) as caught:
        regimes.of(str(folder))
    assert caught.value.code == "bad_regime"


def test_a_court_order_states_its_own_deadline() -> None:
    order, at = regimes.load()["court_order"], datetime(2026, 11, 25, 12, tzinfo=UTC)
    values = {**VALUES, "comply_by": "2026-11-30"}
    assert order.deadline(at, values) == datetime(2026, 11, 30, 22, 59, 59, tzinfo=UTC)
    assert order.deadline(at, values, "Africa/Casablanca") == datetime(2026, 11, 30, 22, 59, 59, tzinfo=UTC)
    assert order.deadline(at, values, "America/New_York") == datetime(2026, 12, 1, 4, 59, 59, tzinfo=UTC)
    with pytest.raises(ValueError, match="not stated"):
        order.deadline(at)
