"""A lawyer's day from a client to the evidence, with scripts: begun in Spanish, ended in Arabic."""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from playwright.sync_api import Browser, Page, expect

from registry.catalogue.entries.service.registration import Registration, register_entry
from registry.core.settings import settings
from registry.identity.callers.service.keys import authenticate
from registry.jobs.service.jobs import claim_job
from registry.takedown.delivery.service.dispatch import deliver_notice
from registry.transparency.ledger.service.sequencing import sequence_events
from tests.browser.conftest import PLATFORMS, watched
from tests.support.browser.console import Console, Person
from tests.support.media import drawn
from tests.support.steps import review, unwatched
from tests.support.takedown.campaigns import ANSWERS
from tests.support.takedown.mail import MailServer

MANDATE = b"%PDF-1.7 I, Ana Ejemplo, leave it to Lucia Letrada. " * 400
PROOF = b"\x89PNG a screenshot of the form's answer " * 100
DIGEST = re.compile(r"[0-9a-f]{64}")


@pytest.fixture
def lawyer(console: Console) -> Person:
    """With one reviewed fake of her organization."""
    made = console.person("takedown", "register", key=console.organization(), name="Lucía Letrada")
    with console.started.service() as service:
        fake = drawn.clip(uuid4().hex, face="victim")
        entry = register_entry(
            service, authenticate(service, made.key), Registration(fakes=[fake], title="Vídeo de Ana")
        )
        review(service, str(entry.entry_id))
    return made


@pytest.fixture
def _as_a_worker(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    (tmp_path / "platforms.toml").write_text(PLATFORMS)
    monkeypatch.setenv("FAKEPRINT_PLATFORMS", str(tmp_path / "platforms.toml"))
    settings.cache_clear()
    yield
    settings.cache_clear()


@pytest.mark.usefixtures("_as_a_worker")
def test_a_day(
    console: Console,
    browser: Browser,
    faults: list[str],
    lawyer: Person,
    mailing: MailServer,
    tmp_path: Path,
) -> None:
    with console.context(browser, lawyer, locale="es", timezone_id="Europe/Madrid") as context:
        page = watched(context.new_page(), faults)
        sent: list[bytes] = []
        page.on("request", lambda item: sent.append(item.post_data_buffer or b""))
        _begin(page)
        assert not any(MANDATE[:40] in item for item in sent)
        campaign = page.url
        _add(page)
        page.get_by_role("button", name="العربية").click()
        expect(page.locator("html")).to_have_attribute("dir", "rtl")
        _send(page)
        reply = _answered(console, campaign.rpartition("/")[2], mailing)
        _follow(page, campaign, reply)
        assert not any(PROOF[:40] in item for item in sent)
        with console.started.service() as service:
            sequence_events(service)
        page.goto(f"{campaign}/evidence")
        with page.expect_download() as download:
            page.get_by_role("link", name="الأدلة (ZIP)").click()
        evidence = tmp_path / download.value.suggested_filename
        download.value.save_as(evidence)
    assert faults == []
    with console.api() as client:
        key = client.get("/v1/ledger").json()["keys"][0]["key"]
    program = str(Path(sys.executable).parent / "fakeprint")
    result = subprocess.run(
        [program, "verify", str(evidence), "--key", key], capture_output=True, text=True, check=True
    )
    assert "nothing was altered" in result.stdout


def _begin(page: Page) -> None:
    page.goto("/console/takedown/clients/new")
    page.get_by_label("Por quién").fill("Partido de Ejemplo")
    page.get_by_label("Quién aparece en la falsificación").fill("Ana Ejemplo <b>")
    page.get_by_role("button", name="Registrar el cliente").click()
    page.get_by_label("El documento firmado").set_input_files(
        {"name": "mandato.pdf", "mimeType": "application/pdf", "buffer": MANDATE}
    )
    expect(page.get_by_text("Solo se envía esta suma de comprobación")).to_contain_text(DIGEST)
    page.get_by_label("Vigente hasta el final del").fill("2031-01-31")
    page.get_by_role("button", name="Registrar el mandato").click()
    expect(page.get_by_role("status").first).to_contain_text("El mandato consta.")
    expect(page.get_by_role("row").nth(1)).to_contain_text(hashlib.sha256(MANDATE).hexdigest())
    page.get_by_role("link", name="Empezar una campaña").click()
    page.get_by_label("Nombre de la campaña").fill("Melilla")
    page.get_by_role("checkbox", name="Vídeo de Ana").check()
    page.get_by_role("textbox", name="Nombre opcional").fill("Lucía Letrada")
    page.get_by_label("Correo electrónico").fill("lucia@bufete.example")
    page.get_by_label("La persona firmante hace la declaración").check()
    page.get_by_role("button", name="Empezar la campaña").click()
    page.get_by_role("link", name="Resumen").click()
    expect(page.get_by_role("link", name="Rellene abajo lo que exige la ley")).to_be_visible()
    page.locator("[name='say-explanation']").fill("Nunca lo hizo.")
    page.locator("[name='say-legal_provision']").fill("Artículo 197.7 del Código Penal.")
    page.get_by_role("button", name="Guardar el texto").click()
    expect(page.get_by_role("link", name="Rellene abajo lo que exige la ley")).to_have_count(0)


def _add(page: Page) -> None:
    page.get_by_role("link", name="Añada las direcciones").click()
    page.get_by_role("textbox", name="Direcciones").fill(
        "url,note\nhttps://mailed.example.net/v/1,uno\nhttps://bit.ly/3xYz,corta\njavascript:alert(1),mal\n"
    )
    page.get_by_role("button", name="Añadirlas").click()
    expect(page.get_by_text("La dirección es una orden para el navegador")).to_be_visible()
    page.get_by_label("Línea 4").fill("https://mailed.example.net/v/2,dos")
    page.get_by_role("checkbox", name="https://bit.ly/3xYz").check()
    page.get_by_role("button", name="Lo he comprobado").click()
    expect(page.get_by_role("status").first).to_contain_text("con su nombre")
    expect(page.get_by_role("status").nth(1)).to_contain_text("Se añadió 1 dirección.")
    page.get_by_role("link", name="A las notificaciones").click()
    page.get_by_label("Elegir todas las de esta página").check()
    page.get_by_role("button", name="He visto allí la falsificación").click()


def _send(page: Page) -> None:
    page.get_by_role("link", name="https://mailed.example.net/v/1", exact=True).click()
    for name, value in ANSWERS["dsa16"].items():
        page.locator(f"input[name='ask-{name}'][value='{value}']").check()
    page.locator("input[name='all']").check()
    page.locator("form[action$='/answers'] button").click()
    page.goto(page.url.partition("/notices/")[0] + "/notices?state=draft")
    page.locator("button[formaction$='/preparations']").click()
    page.goto(page.url.partition("/notices")[0] + "/send")
    page.locator("[data-letter]").last.click()
    expect(page.locator("#letter .mail")).to_contain_text("https://mailed.example.net/v/")
    page.locator("form[action$='/send'] button").click()
    expect(page.get_by_role("status").first).to_contain_text("أُعدّت")
    expect(page).to_have_url(re.compile("/deliveries\\?status=print"))
    expect(page.locator("[name='delivery']")).to_have_count(1)


def _answered(console: Console, campaign_id: str, mailing: MailServer) -> bytes:
    """Workers mail what goes by mail; the platform answers the first, naming nothing but its thread."""
    with console.started.service() as service:
        with service.pool.transaction() as connection:
            rows = connection.execute(
                "SELECT j.job_id FROM job j JOIN notice_delivery d ON d.delivery_id = j.subject_id "
                "JOIN notice n USING (notice_id) WHERE j.task = 'deliver_notice' AND n.campaign_id = %s",
                [UUID(campaign_id)],
            ).fetchall()
        for row in rows:
            if (job := claim_job(service, row["job_id"])) is not None:
                deliver_notice(service, job, unwatched)
    (first, _) = [item for item in mailing.taken if item.recipient == "legal@mailed.example.net"][-2:]
    answer = EmailMessage()
    answer["From"], answer["To"] = "Legal <legal@mailed.example.net>", first.sender
    answer["Subject"], answer["In-Reply-To"] = "Su aviso", first.message["Message-ID"]
    answer.set_content("Lo hemos retirado. <script>alert(1)</script>")
    return answer.as_bytes()


def _follow(page: Page, campaign: str, reply: bytes) -> None:
    page.goto(f"{campaign}/deliveries?status=print")
    page.locator("[name='delivery']").check()
    page.locator("#f-proof").set_input_files({"name": "a.png", "mimeType": "image/png", "buffer": PROOF})
    expect(page.locator(".digest")).to_contain_text(DIGEST)
    page.locator("button[value='handed_over']").click()
    expect(page.get_by_role("status").first).to_contain_text("تسري المهل")
    page.goto("/console/takedown/replies?state=matched")
    page.locator("#f-mail").set_input_files({"name": "r.eml", "mimeType": "message/rfc822", "buffer": reply})
    page.locator("form:has(#f-mail) button").click()
    expect(page.get_by_role("status").first).to_contain_text("رُبط رد واحد بإشعاره")
    page.goto("/console/takedown/replies?state=matched")
    page.locator(".thread a[href*='/notices/']").click()
    expect(page.locator(".thread")).to_contain_text("Lo hemos retirado. <script>alert(1)</script>")
    page.locator("[name='act']").select_option("remove")
    page.locator("form[action$='/moves'] button").click()
    expect(page.locator(".badge.state-removed").first).to_be_visible()
