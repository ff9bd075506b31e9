"""`fakeprint tipline telegram`: somebody forwards a clip and learns whether it is a registered fake."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import pytest
from PIL import Image

from fakeprint import Client, fingerprint
from tests.support.matching.watches import work
from tests.support.media import clips, sounds
from tests.support.service import api as processes
from tests.support.service import bot_api
from tests.support.service import servers as services
from tests.support.service.api import Api
from tests.support.service.bot_api import BOT, TOKEN, BotApi, buttons
from tests.support.service.fixtures import Recorder
from tests.support.service.stack import PROGRAM, environment, fakeprint

pytestmark = pytest.mark.slow(67)

Run = Callable[..., AbstractContextManager[subprocess.Popen[bytes]]]
TELL = "Tell me if it becomes known"
UNKNOWN = "stereo_motorcycle"
STOP = "Dejarlo y borrar la huella"


@pytest.fixture(scope="module")
def api(
    embedded_postgres: services.PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Api]:
    """A registry of its own: what other tests registered would be found."""
    folder = tmp_path_factory.mktemp("api")
    with embedded_postgres.clone() as url, processes.running(url, folder) as started:
        yield started


@pytest.fixture
def telegram() -> Iterator[BotApi]:
    with bot_api.serving() as serving:
        yield serving


@pytest.fixture
def newsroom(api: Api) -> Iterator[httpx2.Client]:
    """The organization that runs the bot."""
    with api.stranger("lookup", "register", "admin") as client:
        yield client


@pytest.fixture
def bot(api: Api, telegram: BotApi, newsroom: httpx2.Client, tmp_path: Path) -> Run:
    """Start the bot. Its state and log stay in the test's folder."""

    @contextmanager
    def run(*options: str, url: str = api.url) -> Iterator[subprocess.Popen[bytes]]:
        variables = environment(
            FAKEPRINT_URL=url,
            FAKEPRINT_KEY=key_of(newsroom),
            FAKEPRINT_TELEGRAM_TOKEN=TOKEN,
            FAKEPRINT_DATA=str(tmp_path / "data"),
            FAKEPRINT_LOG_LEVEL="DEBUG",
        )
        command = [*PROGRAM, "tipline", "telegram", "--bot-api", telegram.url, *options]
        with services.running(command, tmp_path / "bot.log", variables) as process:
            yield process

    return run


def filmed(path: Path, name: str) -> Path:
    """Create a clip of four seconds. All but `UNKNOWN` and `chelsea` are registered by some test here."""
    return clips.clip(path, name, seconds=4, size=(480, 270))


def key_of(client: httpx2.Client) -> str:
    return client.headers["authorization"].removeprefix("Bearer ")


def watched(newsroom: httpx2.Client) -> int:
    """Return how many fingerprints the service keeps for the newsroom."""
    return len(newsroom.get("/v1/watches").json()["watches"])


def register(newsroom: httpx2.Client, path: Path, **fields: Any) -> None:
    """Register a file by its document, and wait until lookups find it."""
    with Client(str(newsroom.base_url), key_of(newsroom)) as registry:
        made = registry.register(fingerprint(path), **{"manipulation": "synthetic", **fields})
        assert registry.wait_matchable(made["entry_id"])["status"] == "matchable"


def forgotten(folder: Path) -> None:
    """Wait until the bot's memory holds no request, nor a trace of one."""
    memory = folder / "data" / "tipline" / "telegram.db"
    services.wait_until(lambda: b"wish" not in memory.read_bytes(), 30)


def test_each_kind_of_file_is_answered_in_the_senders_language(
    bot: Run, telegram: BotApi, newsroom: httpx2.Client, tmp_path: Path
) -> None:
    footage = filmed(tmp_path / "fake.mp4", "coffee")
    reference = {"url": "https://news.example/checked", "publisher": "Fact Desk", "rating": "False"}
    register(newsroom, footage, title="Mayor «resigns»", references=[reference])
    copy, photo, voice = tmp_path / "copy.mp4", tmp_path / "photo.jpg", tmp_path / "voice.ogg"
    clips.ffmpeg("-i", footage, "-vf", "scale=360:-2", "-crf", "30", copy)
    Image.fromarray(clips.photograph("chelsea")).save(photo)
    spoken = sounds.wav(tmp_path / "spoken.wav", sounds.speech(3, 9))
    register(newsroom, spoken, title="Mayor «on the phone»", manipulation="voice_clone")
    clips.ffmpeg("-i", spoken, "-c:a", "libopus", "-b:a", "24k", voice)
    with bot():
        telegram.say(1, language="es-419", video=telegram.file(copy, width=360, height=202, duration=5))
        telegram.say(2, language="fr", photo=[telegram.file(photo, width=451, height=300)])
        telegram.say(3, language="ar", voice=telegram.file(voice, duration=4))
        telegram.say(4, language="sw", animation=telegram.file(copy, width=360, height=202, duration=5))
        telegram.say(5, document=telegram.file(copy, mime_type="video/mp4"))
        telegram.say(6, text="Is this true? https://example.org/clip")
        known = telegram.answered(1, "Sí: es una copia de una falsificación conocida.")
        assert "Mayor «resigns»" in known["text"]
        assert "lo registró. Nadie más lo ha comprobado." in known["text"]
        assert "Fact Desk (“False”):\nhttps://news.example/checked" in known["text"]
        assert buttons(known) == {}
        unknown = telegram.answered(2, "Aucun fichier enregistré ne lui ressemble")
        assert list(buttons(unknown)) == ["Prévenez-moi s’il devient connu"]
        heard = telegram.answered(3, "نعم: هذه نسخة من مادة مزيّفة معروفة.")
        assert "Mayor «on the phone»" in heard["text"]
        telegram.answered(4, "Yes: this is a copy of a known fake.")
        telegram.answered(5, "Yes: this is a copy of a known fake.")
        telegram.answered(6, "I cannot open links.")
        telegram.confirmed()
        forgotten(tmp_path)
    assert list((tmp_path / "data" / "tipline" / "files").iterdir()) == []
    log = (tmp_path / "bot.log").read_text()
    assert TOKEN not in log
    assert '"verdict":"known_fake"' in log


def test_the_link_is_the_page_that_the_reader_may_open(
    bot: Run, telegram: BotApi, newsroom: httpx2.Client, tmp_path: Path
) -> None:
    clip = filmed(tmp_path / "clip.mp4", "coffee")
    register(newsroom, clip, title="Mayor «dances»")
    video = telegram.file(clip, width=480, height=270, duration=4)
    with bot():
        telegram.say(1, video=video)
        told = telegram.answered(1, "your file is identical to the registered one")
        assert "Its page, for people with an account:\n" in told["text"]
        published = {"policy": {"public_tier": "unreviewed"}}
        newsroom.patch("/v1/banks/default", json=published).raise_for_status()
        telegram.say(2, video=video)
        address = telegram.answered(2, "your file is identical")["text"].splitlines()[-1]
    page = httpx2.get(address, trust_env=False)
    assert (page.status_code, "Mayor «dances»" in page.text) == (200, True)


def test_what_cannot_be_checked_is_answered_kindly(bot: Run, telegram: BotApi, tmp_path: Path) -> None:
    clip = clips.clip(tmp_path / "clip.mp4", seconds=2, size=(160, 90)).read_bytes()
    many = telegram.file(b"\0" * 20_000_001)
    with bot():
        telegram.say(1, video=telegram.file(b"none", width=1, height=1, duration=1) | {"file_size": 1 << 30})
        telegram.say(2, document={**many, "mime_type": "video/mp4", "file_size": None})
        telegram.say(3, document=telegram.file(b"%PDF-1.7", mime_type="application/pdf"))
        telegram.say(4, document=telegram.file(b"no picture at all", mime_type="image/jpeg"))
        telegram.say(5, document=telegram.file(clip[:1500], mime_type="video/mp4"))
        telegram.say(
            6, video={"file_id": "gone", "file_unique_id": "g", "width": 1, "height": 1, "duration": 1}
        )
        telegram.say(7, location={"longitude": 1.0, "latitude": 2.0})
        for chat in (1, 2):
            telegram.answered(chat, "Telegram gives me at most 20 MB")
        telegram.answered(3, "This is something else.")
        telegram.answered(4, "This is something else.")
        telegram.answered(5, "it may be damaged")
        telegram.answered(6, "Please send it again.")
        telegram.answered(7, "This is something else.")
    assert telegram.fetched == [update for update in telegram.fetched if update in telegram.files]
    assert len(telegram.fetched) == 2, "what is too large or no media is not fetched"


def test_in_a_group_only_the_asked_are_answered(bot: Run, telegram: BotApi, tmp_path: Path) -> None:
    picture = tmp_path / "picture.png"
    Image.fromarray(clips.photograph("chelsea")).save(picture)
    photo = [telegram.file(picture, width=451, height=300)]
    mention: dict[str, Any] = {"entities": [{"type": "mention", "offset": 0, "length": 9}]}
    caption: dict[str, Any] = {"caption_entities": [{"type": "mention", "offset": 0, "length": 9}]}
    with bot():
        ignored = telegram.say(-1, group=True, photo=photo)
        telegram.say(-1, group=True, text="hello everybody")
        telegram.say(-2, group=True, photo=photo, caption="@tips_bot ?", **caption)
        telegram.say(-3, group=True, text="@tips_bot ?", reply_to_message=ignored, **mention)
        own = {**ignored, "from": BOT, "photo": None, "text": "an answer"}
        telegram.say(-4, group=True, text="thank you", reply_to_message=own)
        telegram.say(-5, group=True, photo=photo, reply_to_message=own)
        telegram.say(-6, group=True, text="@tips_bot", **mention)
        for chat in (-2, -3, -5):
            telegram.answered(chat, "No registered file is like it")
        telegram.answered(-6, "Forward me a clip")
        telegram.confirmed()
    assert (telegram.of(-1), telegram.of(-4)) == ([], [])
    assert [json for name, json in telegram.calls if name == "sendMessage" and json["chat_id"] == "-3"]


def test_a_chat_that_sends_too_much_is_told_once(bot: Run, telegram: BotApi) -> None:
    with bot("--hourly", "2"):
        for _ in range(5):
            telegram.say(1, text="hello")
        telegram.say(2, text="hello")
        telegram.answered(2, "Forward me a clip")
        telegram.wait(lambda: len(telegram.of(1)) == 3)
    texts = [message["text"].partition(".")[0] for message in telegram.of(1)]
    assert sorted(texts) == [
        "Forward me a clip, a picture or a voice note",
        "Forward me a clip, a picture or a voice note",
        "Too many messages came from this chat within an hour",
    ]


def test_a_bot_that_is_killed_answers_what_was_open_and_nothing_twice(
    bot: Run, telegram: BotApi, tmp_path: Path
) -> None:
    video = telegram.file(filmed(tmp_path / "clip.mp4", UNKNOWN), width=480, height=270, duration=5)
    with bot() as process:
        telegram.forgetful = True
        telegram.say(1, text="hello")
        telegram.answered(1, "Forward me a clip")
        forgotten(tmp_path)
        telegram.held.clear()
        telegram.say(2, video=video)
        telegram.wait(lambda: telegram.fetched == [video["file_id"]])
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    assert [message["text"] for message in telegram.of(2)] == ["I am checking it …"]
    telegram.held.set()
    left = tmp_path / "data" / "tipline" / "files" / "left"
    left.mkdir(parents=True, exist_ok=True)
    with bot():
        telegram.answered(2, "No registered file is like it")
        telegram.forgetful = False
        telegram.say(3, text="hello")
        telegram.answered(3, "Forward me a clip")
        telegram.confirmed()
    assert len(telegram.of(1)) == len(telegram.of(2)) == 1
    assert not left.exists()


def test_who_wants_to_know_is_told_when_it_becomes_known(
    bot: Run, api: Api, telegram: BotApi, newsroom: httpx2.Client, recorder: Recorder, tmp_path: Path
) -> None:
    clip = filmed(tmp_path / "clip.mp4", "astronaut")
    video = telegram.file(clip, width=480, height=270, duration=4)
    asked = {chat: telegram.say(chat, language="es", video=video) for chat in (1, 2, 3)}
    with bot("--watch-days", "7"):
        shown = {chat: telegram.answered(chat, "Por ahora no se le parece") for chat in asked}
        assert watched(newsroom) == 0, "nothing is kept before somebody allows it"
        for message in shown.values():
            telegram.press(message, "Avísenme si llega a conocerse", language="es")
        told = {chat: telegram.answered(chat, "Le avisaré aquí si llega a conocerse.") for chat in asked}
        assert watched(newsroom) == 3
        telegram.press({**told[1], "reply_markup": told[3]["reply_markup"]}, STOP, language="es")
        telegram.answered(1, "La huella se ha borrado.")
        assert watched(newsroom) == 3, "a chat ends its own watches alone"
        telegram.press(told[3], STOP, language="es")
        telegram.answered(3, "La huella se ha borrado.")
        assert watched(newsroom) == 2
        telegram.confirmed()
    register(newsroom, clip, title="Mayor «resigns»")
    with api.service() as service:
        assert work(replace(service, publisher=recorder), recorder) == 1
    telegram.blocked.add(2)
    with bot():
        news = telegram.answered(1, "Me pidió que le avisara de esto:", number=2)
        services.wait_until(lambda: watched(newsroom) == 0, 30)
    assert "Sí: es una copia de una falsificación conocida." in news["text"]
    assert "Mayor «resigns»" in news["text"]
    assert news["reply_to_message"]["message_id"] == asked[1]["message_id"]
    with bot():
        telegram.say(1, text="hello")
        telegram.answered(1, "Forward me a clip", number=3)


def test_what_the_registry_does_not_keep_is_not_promised(
    bot: Run, telegram: BotApi, newsroom: httpx2.Client, tmp_path: Path
) -> None:
    newsroom.patch("/v1/watch-rules", json={"watch_days_most": 0}).raise_for_status()
    video = telegram.file(filmed(tmp_path / "clip.mp4", UNKNOWN), width=480, height=270, duration=4)
    telegram.say(1, video=video)
    telegram.say(2, video=video)
    with bot():
        shown = telegram.answered(1, "No registered file is like it")
        telegram.press(shown, TELL)
        telegram.answered(1, "does not keep fingerprints for so long", number=2)
        assert telegram.of(1)[0] == shown, "the verdict stays"
    with bot("--watch-days", "0"):
        telegram.say(3, video=video)
        assert buttons(telegram.answered(3, "No registered file is like it")) == {}


def test_while_the_service_is_away_people_are_told_to_try_later(
    bot: Run, telegram: BotApi, tmp_path: Path
) -> None:
    video = telegram.file(filmed(tmp_path / "clip.mp4", UNKNOWN), width=480, height=270, duration=4)
    with bot(url=f"http://127.0.0.1:{services.free_port()}"):
        telegram.say(1, language="es", video=video)
        told = telegram.answered(1, "Inténtelo de nuevo más tarde")
    with bot():
        telegram.press(told, "Intentarlo de nuevo", language="es")
        telegram.answered(1, "Ningún archivo registrado se le parece")


def test_a_token_comes_from_the_environment_and_a_wrong_one_is_refused(
    api: Api, telegram: BotApi, tmp_path: Path
) -> None:
    known = {"FAKEPRINT_URL": api.url, "FAKEPRINT_KEY": api.key, "FAKEPRINT_DATA": str(tmp_path)}
    command = ("tipline", "telegram", "--bot-api", telegram.url)
    unset = fakeprint(*command, **known)
    assert (unset.status, "FAKEPRINT_TELEGRAM_TOKEN is not set" in unset.stderr) == (1, True)
    wrong = fakeprint("--debug", *command, **known, FAKEPRINT_TELEGRAM_TOKEN="12:wrong-token")
    assert (wrong.status, "does not know the token" in wrong.stderr) == (1, True)
    assert "wrong-token" not in wrong.stderr
    assert "--token" not in fakeprint("tipline", "telegram", "--help").stdout
    stranger = fakeprint(*command, **known | {"FAKEPRINT_KEY": "fp_wrong"}, FAKEPRINT_TELEGRAM_TOKEN=TOKEN)
    assert "unauthenticated" in stranger.stderr
