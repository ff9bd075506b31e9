"""The table of platforms: what comes with it holds together; a deployment's own file is laid over it, or
refused."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from registry.catalogue import platforms
from registry.catalogue.platforms.model import platform_file, web_address
from registry.catalogue.platforms.model.platforms import Table
from registry.core.errors import BadInput
from registry.core.settings import settings

OWN: dict[str, Any] = {
    "platform": [{"id": "una", "name": "Una", "hosts": ["una.es"], "www": "www.una.es", "same": ["una.es"]}]
}


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    settings.cache_clear()
    yield
    settings.cache_clear()


def test_no_channel_that_comes_with_it_is_confirmed() -> None:
    channels = [channel for item in platforms.table() for channel in item.channels]
    assert channels
    assert not any(channel.confirmed for channel in channels)
    assert {channel.kind for channel in channels} <= {"email", "form"}


def test_every_platform_is_whole() -> None:
    found = platforms.table()
    assert len(found.platforms) >= 40
    for item in found:
        assert item.regimes, item.id
        assert not item.entity or item.country, item.id
        for name in (*item.hosts, *([item.www] if item.www else [])):
            assert found.of_host(name) is item
            assert web_address.normalised(f"https://{name}/", found).platform == item.id
        assert all(re.fullmatch(r"[\w*.]+", name) for name in item.tracking), item.id


def test_an_id_alone_gives_the_address() -> None:
    found = platforms.table()
    for name, content_id in (
        ("youtube", "dQw4w9WgXcQ"),
        ("telegram", "canal/12"),
        ("vk", "-1_2"),
        ("x", "1590968738358079488"),
        ("odysee", "@canal/un-video:a1"),
    ):
        address = web_address.of_content(found.platforms[name], content_id, found)
        assert (address.fault, address.content_id, address.platform) == (None, content_id, name)
    refused = web_address.of_content(found.platforms["youtube"], "../evil?x=1", found)
    assert refused.fault is not None
    assert refused.fault.code == "bad_content_id"


def test_an_own_file_is_laid_over_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = tmp_path / "own.toml"
    own.write_text(
        """
        tracking = ["rastro"]
        shorteners = ["cor.to"]
        [[platform]]
        id = "telegram"
        channels = [{ kind = "email", address = "abuse@telegram.org", regimes = ["dsa16"], confirmed = true }]
        [[platform]]
        id = "erome"
        off = true
        [[platform]]
        id = "local"
        name = "Foro de Melilla"
        hosts = ["foro.melilla.es"]
        per_hour = 5
        [[platform.channels]]
        kind = "api"
        address = "http://127.0.0.1:9000/notices"
        confirmed = true
        [[platform.content]]
        kind = "post"
        path = '/hilo/(?P<id>[0-9]+)'
        url = "https://foro.melilla.es/hilo/{id}"
        """
    )
    monkeypatch.setenv("FAKEPRINT_PLATFORMS", str(own))
    found = platforms.table()
    telegram = found.platforms["telegram"]
    assert (telegram.name, telegram.channels[0].confirmed) == ("Telegram", True)
    assert [item.address for item in telegram.channels_for("dsa16")] == ["abuse@telegram.org"]
    assert telegram.channels_for("take_it_down") == ()
    assert telegram.channels_for("aepd") == ()
    assert "erome" not in found.platforms
    assert platforms.normalised("https://foro.melilla.es/hilo/7?rastro=1").key == "local:post:7"
    assert platforms.normalised("https://cor.to/x").marks == ("shortener",)
    own.write_text('[[platform]]\nid = "local"\nname = "Otro"\nhosts = ["otro.es"]\n# changed\n')
    assert platforms.table().platforms["local"].name == "Otro"


WRONG: tuple[tuple[dict[str, Any], str], ...] = (
    ({"plattform": []}, "unknown key"),
    ({"platform": {}}, r"\[\[…\]\]"),
    ({"platform": [{"id": "A B", "name": "A", "hosts": ["a.es"]}]}, "lower-case"),
    ({"platform": [{"id": "a", "hosts": ["a.es"]}]}, "`name` of a"),
    ({"platform": [{"id": "a", "name": "A"}]}, "no `hosts`"),
    ({"platform": [{"id": "a", "name": "A", "hosts": ["localhost"]}]}, "not on the internet"),
    ({"platform": [{"id": "a", "name": "A", "hosts": ["una.es"]}]}, "una.es is a host of una and of a"),
    ({"platform": [{"id": "una", "host": ["a.es"]}]}, "`host`"),
    ({"platform": [{"id": "una", "country": "Spain"}]}, "ISO 3166-1"),
    ({"platform": [{"id": "una", "per_hour": 0}]}, "per_hour"),
    ({"platform": [{"id": "una", "same": ["www.una.es"]}]}, "among its `same`"),
    ({"platform": [{"id": "una", "channels": [{"kind": "fax", "address": "1"}]}]}, "of kind"),
    ({"platform": [{"id": "una", "channels": [{"kind": "email", "address": "nada"}]}]}, "not an address"),
    (
        {"platform": [{"id": "una", "channels": [{"kind": "email", "address": "a@b.es\nBcc: c@d.es"}]}]},
        "not an address",
    ),
    (
        {"platform": [{"id": "una", "channels": [{"kind": "form", "address": "javascript:x"}]}]},
        "not an address",
    ),
    (
        {
            "platform": [
                {"id": "una", "channels": [{"kind": "api", "address": "https://a.es", "confirmed": "yes"}]}
            ]
        },
        "confirmed",
    ),
    (
        {"platform": [{"id": "una", "content": [{"kind": "v", "path": "/(", "url": "https://una.es/"}]}]},
        "regular",
    ),
    (
        {"platform": [{"id": "una", "content": [{"kind": "v", "path": "/x", "url": "https://una.es/{id}"}]}]},
        "uses a group",
    ),
    ({"wrapper": [{"host": "a", "path": "/x"}]}, "neither"),
)


@pytest.mark.parametrize(("extra", "why"), WRONG)
def test_a_file_that_is_wrong_is_refused_as_a_whole(extra: dict[str, Any], why: str) -> None:
    with pytest.raises(BadInput, match=why) as caught:
        platform_file.table(OWN, extra)
    assert caught.value.code == "bad_platforms"


@pytest.mark.parametrize("content", [b"[[platform", b"\xff\xfe", None])
def test_a_file_that_cannot_be_read_is_said(
    content: bytes | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "own.toml"
    if content is not None:
        own.write_bytes(content)
    monkeypatch.setenv("FAKEPRINT_PLATFORMS", str(own))
    with pytest.raises(BadInput, match="platforms") as caught:
        platforms.table()
    assert caught.value.code == "bad_platforms"


def test_a_small_table_is_enough() -> None:
    found: Table = platform_file.table(OWN)
    address = web_address.normalised("http://una.es/a", found)
    assert (address.text, address.platform, address.content_id) == ("https://www.una.es/a", "una", None)
    path = Path(platforms.__file__).parent / "platforms.toml"
    assert "una" in platform_file.table(tomllib.loads(path.read_text()), OWN).platforms
