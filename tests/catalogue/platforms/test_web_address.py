"""Addresses: written once for all, with one key for what shows the same; what is refused, and what is
marked."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.catalogue.platforms.model import web_address
from registry.catalogue.platforms.model.hosts import host, looks
from registry.catalogue.platforms.service import normalised, of_url, table
from registry.core.errors import BadInput

SAME: dict[str, list[str]] = json.loads(
    (Path(__file__).parents[2] / "vectors" / "addresses.json").read_text()
)
"""Addresses that show the same, by their key."""

TEXTS = {
    "HTTP://EXAMPLE.org:80": "http://example.org/",
    "https://example.org/%7euser/%c3%b1": "https://example.org/~user/%C3%B1",
    "https://example.org/ñ y".replace(" ", "%20"): "https://example.org/%C3%B1%20y",
    "https://example.org/100%": "https://example.org/100%25",
    "https://example.org/a/../../b/.": "https://example.org/b/",
    "https://example.org:8443/a": "https://example.org:8443/a",
    "https://españa.es/vídeo": "https://xn--espaa-rta.es/v%C3%ADdeo",
    "https://مثال.إختبار/فيديو": "https://xn--mgbh0fb.xn--kgbechtv/%D9%81%D9%8A%D8%AF%D9%8A%D9%88",
    "https://médias.fr/é": "https://xn--mdias-bsa.fr/%C3%A9",
    "https://пример.рф/видео": "https://xn--e1afmkfd.xn--p1ai/%D0%B2%D0%B8%D0%B4%D0%B5%D0%BE",
    "https://例え.jp/": "https://xn--r8jz45g.jp/",
    "https://i❤.ws/😀": "https://xn--i-7iq.ws/%F0%9F%98%80",
    "https://faß.de/": "https://xn--fa-hia.de/",
    "https://ｙｏｕｔｕｂｅ．com/watch": "https://www.youtube.com/watch",
    "«https://example.org/a»": "https://example.org/a",
    "\u200fhttps://example.org/a\u200f": "https://example.org/a",
    "'https://example.org/a": "https://example.org/a",
    "<https://example.org/a>": "https://example.org/a",
    "https://foro.es/hilo-1#post-55": "https://foro.es/hilo-1#post-55",
    "https://foro.es/hilo-1#comentarios": "https://foro.es/hilo-1",
    "https://foro.es/a#:~:text=hola": "https://foro.es/a",
    "https://app.es/#/video/7": "https://app.es/#/video/7",
    "https://mega.nz/file/AbCdEfGh#la_clave-1": "https://mega.nz/file/AbCdEfGh#la_clave-1",
    "https://twitter.com/a/status/1?s=20": "https://x.com/a/status/1",
    "https://8.8.4.4/x": "https://8.8.4.4/x",
    "https://[2606:4700:0:0::1111]/": "https://[2606:4700::1111]/",
}

REFUSED = {
    "": "no_url",
    " \u200b ": "no_url",
    "javascript:alert(1)": "dangerous_scheme",
    " java\tscript:alert(1)": "dangerous_scheme",
    "JaVaScRiPt://example.org/%0aalert(1)": "dangerous_scheme",
    "data:text/html;base64,PHNjcmlwdD4=": "dangerous_scheme",
    "file:///etc/passwd": "dangerous_scheme",
    "blob:https://example.org/1": "dangerous_scheme",
    "vbscript:x": "dangerous_scheme",
    "ftp://example.org/a": "unsupported_scheme",
    "mailto:a@example.org": "unsupported_scheme",
    "tg://resolve?domain=a&post=1": "unsupported_scheme",
    "https://user:secreto@example.org/": "credentials_in_url",
    "https://youtube.com@evil.example/": "credentials_in_url",
    "https://youtube.com\\@evil.example/": "not_a_url",
    "https:/example.org/a": "not_a_url",
    "no es una dirección": "not_a_url",
    "nada": "not_a_url",
    "a@example.org": "not_a_url",
    "https://example.org/a b": "not_a_url",
    "https://a.example/1 https://a.example/2": "several_urls",
    "https://a.example/1https://a.example/2": "several_urls",
    "https://example.org/a\x00b": "bad_character",
    "https://example.org/\ufffd": "bad_character",
    "https://example.org/a\ud800": "bad_character",
    "https://example.org:0/": "bad_port",
    "https://example.org:65536/": "bad_port",
    "https://example.org:８０/": "bad_port",
    "https:///a": "bad_host",
    "https://a..b.org/": "bad_host",
    "https://exa mple.org".replace(" ", "%20"): "bad_host",
    "https://xn--zzzzzz99.com/": "bad_host",
    "https://1.2.3.4.5/": "bad_host",
    "https://256.1.1.1/": "bad_host",
    f"https://{'a' * 64}.org/": "bad_host",
    "https://localhost/a": "private_host",
    "https://LOCALHOST./a": "private_host",
    "http://intranet/a": "private_host",
    "http://router.local/": "private_host",
    "http://nas.home.arpa/": "private_host",
    "http://127.0.0.1:8000/": "private_host",
    "http://0x7f.1/": "private_host",
    "http://2130706433/": "private_host",
    "http://0177.0.0.1/": "private_host",
    "http://10.1.2.3/": "private_host",
    "http://169.254.169.254/latest/meta-data": "private_host",
    "http://100.64.0.1/": "private_host",
    "http://[::1]/": "private_host",
    "http://[::ffff:10.0.0.1]/": "private_host",
    "http://[fd00::1]/": "private_host",
    "http://①②⑦.0.0.1/": "private_host",
    "https://раураl.com/": "confusable_host",
    "https://аррӏе.com/": "confusable_host",
    "https://yоutube.com/watch?v=dQw4w9WgXcQ": "confusable_host",
    "https://ｔіktok.com/": "confusable_host",
    "https://youtubé.com/": "confusable_host",
    "https://example.org/" + "a" * 8_000: "url_too_long",
    "x" * 2_000_000: "url_too_long",
}

MARKED = {
    "https://xn--espaa-rta.example/": ("reserved_host",),
    "https://t.co/abc": ("shortener",),
    "https://vm.tiktok.com/ZM1/": ("shortener",),
    "https://www.tiktok.com/t/ZT8abc/": ("shortener",),
    "https://m.facebook.com/share/v/1AbCd/?mibextid=x": ("shortener",),
    "https://www.reddit.com/r/unsub/s/AbCdEf": ("shortener",),
    "youtu.be/dQw4w9WgXcQ": ("scheme_assumed",),
    "hxxp://malo[.]es/": ("defanged",),
    "https://1.1.1.1/": ("ip_host",),
    "https://👍.ws/": ("symbol_host",),
    "https://y0utube.com/": ("confusable_host",),
    "https://rnega.nz/": ("confusable_host",),
    "https://youtube.com.malo.es/watch": ("confusable_host",),
    "https://xn--80ak6aa92e.com/": ("confusable_host",),
    "https://expyuzz4wqqyqhjn.onion/": ("onion_host",),
    "https://video.example/a": ("reserved_host",),
    "https://example.org/a\u200bb": ("invisible_characters",),
}

PIECES = (
    *(
        "https://",
        "http://",
        "youtube.com",
        "youtu.be/",
        "t.me/s/Canal/12",
        "/url?q=",
        "www.google.com",
        "m.",
        "xn--",
    ),
    *(
        "/",
        "?",
        "#",
        "=",
        "&",
        "%41",
        "%c3%b1",
        "%",
        "é",
        "ñ",
        "😀",
        "فيديو",
        "видео",
        "utm_source=1",
        "amp;",
        "'",
        '"',
    ),
    *(
        "..",
        "./",
        "(",
        ")",
        "[.]",
        "hxxp://",
        "http%3A%2F%2F",
        ":80",
        "@",
        "\\",
        "\u200b",
        "0x7f",
        " ",
        "·",
        "1",
    ),
)
WRITTEN = st.lists(st.sampled_from(PIECES) | st.text(max_size=4), max_size=12).map("".join)


@pytest.mark.parametrize("key", SAME)
def test_equivalent_addresses_have_one_key(key: str) -> None:
    found = [normalised(item) for item in SAME[key]]
    assert [(item.key, item.fault) for item in found] == [(key, None)] * len(found)
    if not key.startswith("web:"):
        again = normalised(found[0].canonical or "")
        assert again.key == key
        assert {item.platform for item in found} == {key.partition(":")[0]}
        assert {f"{item.platform}:{item.kind}:{item.content_id}" for item in found} == {key}


def test_different_things_have_different_keys() -> None:
    addresses = [item for group in SAME.values() for item in group[:1]]
    addresses += [
        "https://foro.es/hilo-1#post-55",
        "https://foro.es/hilo-1#post-56",
        "https://www.youtube.com/watch?v=dQw4w9WgXcR",
        "https://www.youtube.com/watch?v=dQw4w9WgXcQ&lc=Ugkx1",
        "https://t.me/canal_melilla/123?comment=7",
        "https://vk.com/wall-1_2",
        "https://vk.com/wall-1_2?reply=3",
        "https://www.instagram.com/p/CxYz_12-AbC/c/178912345/",
        "https://www.facebook.com/watch/?v=10153231379946729&comment_id=12",
        "https://www.pornhub.com/gif/12345678",
        "https://www.youtube.com/playlist?list=PL1",
        "https://www.reddit.com/r/a/comments/1abcd2/t/kxyz12/",
        "https://example.org/a?id=1",
        "https://example.org/a?id=2",
        "https://example.org/A?id=2",
        "https://example.org:8443/a?id=2",
    ]
    assert len({normalised(item).key for item in addresses}) == len(addresses)


@pytest.mark.parametrize("given_", TEXTS)
def test_an_address_is_written_once_for_all(given_: str) -> None:
    found = normalised(given_)
    assert (found.text, found.fault) == (TEXTS[given_], None)


@pytest.mark.parametrize("given_", REFUSED)
def test_invalid_addresses_are_refused_with_a_next_step(given_: str) -> None:
    found = normalised(given_)
    assert found.fault is not None
    assert found.fault.code == REFUSED[given_]
    assert found.fault.next_step
    assert (found.text, found.key) == ("", "")
    assert len(found.given) <= web_address.LONGEST_GIVEN


@pytest.mark.parametrize("given_", MARKED)
def test_unusual_addresses_are_marked(given_: str) -> None:
    found = normalised(given_)
    assert (found.marks, found.fault) == (MARKED[given_], None)
    assert set(found.marks) <= set(web_address.MARKS)


def test_the_host_is_shown_in_its_own_script_where_that_misleads_nobody() -> None:
    assert normalised("https://xn--espaa-rta.es/a").shown == "https://españa.es/a"
    assert normalised("https://xn--80ak6aa92e.com/").shown == "https://xn--80ak6aa92e.com/"
    assert normalised("https://xn--youtub-gva.com/").shown == "https://xn--youtub-gva.com/"


def test_look_alike_hosts_are_not_the_platform() -> None:
    assert normalised("https://y0utube.com/watch?v=dQw4w9WgXcQ").platform is None
    assert normalised("https://youtube.com.malo.es/watch?v=dQw4w9WgXcQ").platform is None
    assert looks("рауpal") == looks("paypal")
    assert looks("rnega") == looks("mega")


def test_an_address_that_forwards_to_a_refused_one_is_refused() -> None:
    found = normalised("https://www.google.com/url?q=http%3A%2F%2F127.0.0.1%2F")
    assert found.fault is not None
    assert found.fault.code == "private_host"
    nested = "https://example.org/"
    for _ in range(6):
        nested = (
            "https://href.google.com/x" if not nested else f"https://www.google.com/url?q={_escaped(nested)}"
        )
    found = normalised(nested)
    assert found.fault is not None
    assert found.fault.code == "too_many_wrappers"


def _escaped(text: str) -> str:
    return (
        text.replace("%", "%25")
        .replace(":", "%3A")
        .replace("/", "%2F")
        .replace("?", "%3F")
        .replace("&", "%26")
    )


@given(given_=WRITTEN)
def test_an_address_that_was_normalised_stays_as_it_is(given_: str) -> None:
    for item in (given_, f"https://example.org/{given_}", f"https://www.google.com/url?q={given_}"):
        found = normalised(item)
        if found.fault is None:
            for text in (found.text, found.shown):
                again = normalised(text)
                assert (again.text, again.key, again.fault) == (found.text, found.key, None)
            assert found.text.isascii()
            assert found.text.startswith(("https://", "http://"))
            assert len(found.key) <= web_address.LONGEST_KEY


@given(given_=st.text(max_size=200))
def test_nothing_that_is_given_breaks_it(given_: str) -> None:
    found = normalised(given_)
    assert (found.fault is None) == bool(found.text)


@given(name=st.text(min_size=1, max_size=30), end=st.sampled_from(["com", "es", "рф", "إختبار", "jp"]))
def test_a_host_has_one_name(name: str, end: str) -> None:
    try:
        found = host(f"{name}.{end}")
    except BadInput as error:
        assert error.code in {"bad_host", "private_host", "confusable_host"}  # noqa: PT017
        return
    assert host(found.name).name == found.name
    assert found.name.isascii()


def test_the_platform_of_an_address_is_known() -> None:
    found = of_url("https://m.youtube.com/watch?v=dQw4w9WgXcQ")
    assert found is not None
    assert found.name == "YouTube"
    assert of_url("https://noticias.es/") is None
    with pytest.raises(BadInput, match="not on the internet"):
        of_url("http://localhost/")
    assert table().of_host("a.b.youtube.com") is found
