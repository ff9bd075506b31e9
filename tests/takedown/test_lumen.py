"""Lumen's form: without a release nothing of a campaign is in it, whatever that holds."""

from __future__ import annotations

import html
import json
from base64 import b64encode
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.core.errors import BadInput
from registry.takedown.campaigns import model as campaigns
from registry.takedown.campaigns.model import RELEASED_FIELDS
from registry.takedown.regimes.model.classification import Classification
from registry.takedown.reports import model as lumen
from registry.takedown.reports.model import REDACTED, Source

AT = datetime(2026, 1, 31, 9, 30, tzinfo=UTC)
PLAIN = Source(
    regime="take_it_down",
    title="Notice",
    laws=["TAKE IT DOWN Act"],
    jurisdiction="US",
    language="es",
    platform_name=None,
    host="host",
    state="handed_over",
    channel="email",
    handed_at=AT,
    delivered_at=None,
    manipulation="face_swap",
    kinds=["video"],
    classified=Classification("STATEMENT_CATEGORY_CYBER_VIOLENCE", (), (), (), ""),
    url=None,
    names={},
    contacts={},
    letter=None,
    contested_at=AT,
)
private = st.text(min_size=3, max_size=40)


@st.composite
def sources(draw: Any) -> tuple[Source, list[str]]:
    """A notice, and all of it that is private."""
    url, host, client, depicted, signatory, email, address, letter = (
        f"§{number}{draw(private)}§" for number in range(8)
    )
    one = replace(
        PLAIN,
        regime=draw(st.sampled_from(["dsa16", "aepd", "court_order", "take_it_down", "of_our_own"])),
        state=draw(st.sampled_from(["handed_over", "removed", "refused"])),
        url=url,
        host=host,
        names={"client": client, "depicted": depicted, "signatory": signatory},
        contacts={"email": email, "address_line_1": address},
        letter=f"{letter} {url} {depicted}",
        contested_at=draw(st.none() | st.just(AT)),
    )
    return one, [url, host, client, depicted, signatory, email, address, letter]


def written(source: Source, released: set[str]) -> str:
    """As it leaves, and decoded, so that no escape hides a text."""
    raw = json.dumps(lumen.notices(source, released))
    return raw + json.dumps(lumen.notices(source, released), ensure_ascii=False)


def forms(secret: str) -> set[str]:
    raw = secret.encode("utf-8", "surrogatepass")
    plain = {secret, json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]}
    return plain | {quote(raw), html.escape(secret), raw.hex(), b64encode(raw).decode().rstrip("=")}


@given(sources(), st.sets(st.sampled_from(["nothing", "known"])))
def test_nothing_private_is_written_without_a_release(made: tuple[Source, list[str]], odd: set[str]) -> None:
    one, secrets = made
    text = written(one, odd)
    assert not [secret for secret in secrets for form in forms(secret) if form in text]


@given(sources(), st.sets(st.sampled_from(RELEASED_FIELDS)))
def test_only_released_fields_are_written(made: tuple[Source, list[str]], released: set[str]) -> None:
    one, (url, host, client, depicted, signatory, email, address, letter) = made
    body = lumen.notices(one, released - {"texts"})
    text = json.dumps(body, ensure_ascii=False)
    of = {"places": [url, host], "client": [client], "depicted": [depicted], "signatory": [signatory]}
    of |= {"contacts": [email, address], "texts": [letter]}
    for field, secrets in of.items():
        for secret in secrets:
            shown = json.dumps(secret, ensure_ascii=False)[1:-1] in text
            assert shown == (field in released and field != "texts"), field


def test_types_depend_on_regime_and_category() -> None:
    def kind(regime: str, *keywords: str, category: str = "STATEMENT_CATEGORY_NOT_SPECIFIED_NOTICE") -> str:
        classified = Classification(category, (), keywords, (), "")
        return lumen.type_of(replace(PLAIN, regime=regime, classified=classified))

    assert kind("aepd") == "DataProtection"
    assert kind("court_order", "KEYWORD_DEFAMATION") == "CourtOrder"
    assert kind("take_it_down") == "PrivateInformation"
    assert kind("dsa16", "KEYWORD_DEFAMATION") == "Defamation"
    assert kind("dsa16", category="STATEMENT_CATEGORY_CYBER_VIOLENCE_AGAINST_WOMEN") == "PrivateInformation"
    assert kind("dsa16") == kind("platform_policy") == "Other"


def test_a_counter_notice_follows_its_notice_and_names_nobody() -> None:
    first, second = (
        notice["notice"] for notice in lumen.notices(replace(PLAIN, letter="It says."), set(RELEASED_FIELDS))
    )
    assert second["type"] == "Counternotice"
    integers_of_lumen = {"case_id_number", "counternotice_for_id", "counternotice_for_sid"}
    assert not integers_of_lumen & (first.keys() | second.keys())
    assert second["body"] == REDACTED
    assert first["body"] == "It says."
    assert [
        attribute["entity_attributes"]["name"] for attribute in second["entity_notice_roles_attributes"]
    ] == [
        "host",
        REDACTED,
    ]


@pytest.mark.parametrize("name", ["", "Ana Ejemplo", "ana@example.org", "x" * 101, "-x", "ü"])
def test_recipients_are_short_names(name: str) -> None:
    with pytest.raises(BadInput):
        campaigns.recipient(name)
    assert campaigns.recipient(" Lumen ") == "lumen"
