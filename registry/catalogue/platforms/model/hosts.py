"""Normalise a host: A-labels, IP addresses, non-public names, look-alikes. Pure.

Names are read as browsers read them: UTS #46, non-transitional; IDNA 2008, and in addition symbols (emoji),
which registries have sold. IPv4 addresses are accepted in every form that browsers accept (WHATWG URL, "IPv4
parser"): `0x7f.1` is 127.0.0.1. Mixed scripts in a label follow UTS #39, "moderately restrictive".
Look-alikes are those of its confusables.txt that stand for an ASCII letter or digit in Cyrillic, Greek,
Armenian and Latin.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from urllib.parse import unquote

import idna

from registry.catalogue.platforms.errors import BadHost, ConfusableHost, PrivateHost
from registry.core.errors import BadInput
from registry.core.net.model import is_public

LONGEST: Final = 253
LONGEST_LABEL: Final = 63
PRIVATE: Final = frozenset(
    {"localhost", "local", "localdomain", "internal", "intranet", "lan", "home", "corp", "private", "invalid"}
)
"""Last labels of names that exist only in private networks, or nowhere."""
RESERVED: Final = frozenset({"example", "test"})
"""Last labels reserved for examples and tests, which nobody has on the internet (RFC 2606)."""
_PRIVATE_NAMES: Final = ("home.arpa",)
_ASCII: Final = re.compile(r"(?:[a-z0-9_-]{1,63}\.)+[a-z0-9-]{1,63}")
_LABEL: Final = re.compile(r"[a-z0-9_-]{1,63}")
_NUMBER: Final = re.compile(r"(?:\d+|0[xX][0-9a-fA-F]*)\Z")
_TOGETHER: Final = (
    frozenset({"LATIN", "CJK", "HIRAGANA", "KATAKANA"}),
    frozenset({"LATIN", "CJK", "BOPOMOFO"}),
    frozenset({"LATIN", "CJK", "HANGUL"}),
)
"""Scripts that one language mixes in one word."""
_ALIKE_SCRIPTS: Final = frozenset({"CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC", "LISU"})
"""Scripts with letters that look Latin. They must not be mixed with Latin letters."""
_SCRIPTS: Final = _ALIKE_SCRIPTS | frozenset({"LATIN", "CJK", "HIRAGANA", "KATAKANA", "BOPOMOFO", "HANGUL"})
_LOOKS: Final = str.maketrans(
    {
        **dict(zip("асеорхуіјѕһԁԛԝѵӏьгвтнмк", "aceopxyijshdqwvlbrbthmk", strict=True)),
        **dict(zip("αβγεηικνορτυχωϲϳ", "abyenikvoptuxwcj", strict=True)),
        **dict(zip("աոսօցհյ", "wnuogij"[:7], strict=True)),
        **dict(zip("ıɩɑɡſøđħłŧƅɓ", "iiagfodhltbb", strict=True)),
        **dict(zip("01i|!", "ollll", strict=True)),
    }
)
_PAIRS: Final = (("rn", "m"), ("vv", "w"), ("cl", "d"))


@dataclass(frozen=True, slots=True)
class Host:
    """A normalised host.

    `name`: A-labels in lower case, an IPv4 address, or an IPv6 address in brackets. `shown`: the same for
    people, with each label in its own script unless that is misleading. `marks`: warnings for a person.
    """

    name: str
    shown: str
    marks: tuple[str, ...] = ()


@lru_cache(maxsize=16_384)
def host(text_given: str) -> Host:
    """Normalise the host of a URL, without its port.

    Raises `BadInput`: `bad_host`, `private_host`, `confusable_host`. A name is confusable if it mixes
    scripts, or looks Latin and is not. If it is given as A-labels, it is accepted with a mark.
    """
    text = unquote(text_given) if "%" in text_given else text_given
    if text.startswith("["):
        return _ipv6(text)
    lower = text.lower().removesuffix(".")
    if not lower.isascii() or "xn--" in lower:
        return _named(_mapped(text))
    if not _ASCII.fullmatch(lower):
        if _LABEL.fullmatch(lower):
            return _single(lower)
        raise BadHost.of(f"{text_given[:100]!r} is not the name of a host")
    return _named(lower)


def looks(label: str) -> str:
    """Return the ASCII skeleton of a label. It is equal for labels that look alike. It is not itself a
    name."""
    plain = unicodedata.normalize("NFKD", label.casefold()).translate(_LOOKS)
    skeleton = "".join(character for character in plain if not unicodedata.combining(character))
    for pair, letter in _PAIRS:
        skeleton = skeleton.replace(pair, letter)
    return skeleton


def unicode_label(label: str) -> str:
    """Decode an A-label to its own script. Other labels stay as they are. Raises `BadInput` (`bad_host`)."""
    if not label.startswith("xn--"):
        return label
    try:
        shown = label[4:].encode("ascii").decode("punycode")
    except (UnicodeError, ValueError):
        raise BadHost.of(f"the label {label[:70]!r} cannot be decoded") from None
    if _a_label(shown) != label:
        raise BadHost.of(f"the label {label[:70]!r} cannot be decoded")
    return shown


def _single(label: str) -> Host:
    if _NUMBER.fullmatch(label):
        return _ipv4(label)
    raise PrivateHost.of(f"{label[:70]!r} is a name of one local network")


def _mapped(text: str) -> str:
    """Map a name by UTS #46: lower case, composed, full stops of other scripts as `.`."""
    try:
        mapped = idna.uts46_remap(text, std3_rules=False, transitional=False).removesuffix(".")
    except (idna.IDNAError, UnicodeError):
        raise BadHost.of("it holds a character that is not allowed") from None
    if not mapped or len(mapped) > LONGEST:
        raise BadHost.of("it is empty or too long")
    return mapped


def _named(text: str) -> Host:
    labels = text.split(".")
    if len(labels) == 1 and text.isascii() and not text.startswith("xn--"):
        return _single(text)
    if _NUMBER.fullmatch(labels[-1]):
        return _ipv4(text)
    if text.isascii() and "xn--" not in text:
        if not _ASCII.fullmatch(text):
            raise BadHost.of(f"{text[:100]!r} is not the name of a host")
        _require_public(text, labels[-1])
        return Host(text, text, _of_name(labels))
    return _international(labels)


def _international(labels: list[str]) -> Host:
    shown = [unicode_label(label) if label.startswith("xn--") else label for label in labels]
    names = [_a_label(label) for label in shown]
    name = ".".join(names)
    if len(name) > LONGEST or not all(names):
        raise BadHost.of("it is too long, or a part of it is empty")
    _require_public(name, names[-1])
    misleading = [_misleads(label, shown[-1]) for label in shown]
    if any(
        is_misleading and label == own_script
        for is_misleading, label, own_script in zip(misleading, labels, shown, strict=True)
    ):
        raise confusable(name, "it mixes alphabets, or looks Latin without being Latin")
    marks = [*_of_name(names)]
    if any(misleading):
        marks.append("confusable_host")
    if any(unicodedata.category(char) == "So" for label in shown for char in label):
        marks.append("symbol_host")
    if len(labels) == 1:
        raise PrivateHost.of(f"{name!r} is a name of one local network")
    readable = [
        name if is_misleading else own_script
        for is_misleading, name, own_script in zip(misleading, names, shown, strict=True)
    ]
    return Host(name, ".".join(readable), tuple(marks))


def _of_name(labels: list[str]) -> tuple[str, ...]:
    last = labels[-1]
    return ("reserved_host",) if last in RESERVED else ("onion_host",) if last == "onion" else ()


def _require_public(name: str, last: str) -> None:
    if last in PRIVATE or name.endswith(_PRIVATE_NAMES):
        raise PrivateHost.of(f"names that end in {last!r} are not on the internet")
    if len(name) > LONGEST:
        raise BadHost.of("it is too long")


def _a_label(label: str) -> str:
    """Return the A-label of a label. Raises `BadInput` (`bad_host`) if no registry would accept it."""
    if label.isascii():
        if not _LABEL.fullmatch(label):
            raise BadHost.of(f"{label[:70]!r} is not a part of a name")
        return label
    try:
        return idna.alabel(label).decode()
    except (idna.IDNAError, UnicodeError):
        pass
    # IDNA 2008 refuses symbols, but they are in use. Nothing else that it refuses is accepted here.
    letters = [character for character in label if not _symbol(character)]
    if len(letters) == len(label) or not all(letter.isascii() or letter.isalnum() for letter in letters):
        raise BadHost.of(f"{label[:70]!r} is not a part of a name")
    encoded = "xn--" + label.encode("punycode").decode()
    if len(encoded) > LONGEST_LABEL or encoded != encoded.lower():
        raise BadHost.of(f"{label[:70]!r} is not a part of a name")
    return encoded


def _symbol(char: str) -> bool:
    return unicodedata.category(char) == "So" or 0x1F3FB <= ord(char) <= 0x1F3FF


def _misleads(label: str, last: str) -> bool:
    """Return whether a label, shown in its own script, looks like another label."""
    if label.isascii():
        return False
    scripts = {script for character in label if (script := _script(character))}
    if len(scripts) > 1 and not any(scripts <= together for together in _TOGETHER):
        return len(scripts) > 2 or "LATIN" not in scripts or bool(scripts & _ALIKE_SCRIPTS)
    looks_latin = scripts <= _ALIKE_SCRIPTS and bool(scripts) and looks(label).isascii()
    return looks_latin and not scripts & {_script(character) for character in last}


@lru_cache(maxsize=4_096)
def _script(char: str) -> str | None:
    """Return the script of a character. None for digits, hyphens, marks and symbols."""
    if not char.isalpha():
        return None
    word = unicodedata.name(char, "UNKNOWN").split(maxsplit=1)[0]
    return word if word in _SCRIPTS or word.isalpha() else "UNKNOWN"


def _ipv4(text: str) -> Host:
    """Parse an IPv4 address in any form that browsers accept: `0x7f.1`, `2130706433`, `0177.0.0.1`."""
    parts = text.split(".")
    numbers = [number for part in parts[:5] if (number := _number(part)) is not None]
    last = 256 ** (5 - len(parts)) if len(parts) < 5 else 0
    if len(numbers) < len(parts) or any(number > 255 for number in numbers[:-1]) or numbers[-1] >= last:
        raise BadHost.of(f"{text[:70]!r} ends in a number and is not an IPv4 address")
    value = numbers.pop()
    for place, part_value in enumerate(numbers):
        value += part_value << (8 * (3 - place))
    return _literal(ipaddress.IPv4Address(value))


def _number(text: str) -> int | None:
    base, digits = (16, text[2:] or "0") if text[:2] in {"0x", "0X"} else (10, text)
    if base == 10 and len(text) > 1 and text[0] == "0":
        base = 8
    try:
        return int(digits, base) if digits.isascii() and digits.isalnum() and len(digits) <= 20 else None
    except ValueError:
        return None


def _ipv6(text: str) -> Host:
    try:
        address = ipaddress.IPv6Address(text[1:-1] if text.endswith("]") and "%" not in text else "")
    except ValueError:
        raise BadHost.of(f"{text[:70]!r} is not an IPv6 address") from None
    return _literal(address)


def _literal(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> Host:
    if not is_public(address):
        raise PrivateHost.of(f"{address} is not an address on the internet")
    name = f"[{address.compressed}]" if address.version == 6 else str(address)
    return Host(name, name, ("ip_host",))


def confusable(name: str, why: str) -> BadInput:
    """Return the error for a name that looks like another."""
    return ConfusableHost(
        f"The host can be mistaken for another: {why}. Its name is {name}.",
        next_step=f"If this host is meant, write it as {name}.",
    )
