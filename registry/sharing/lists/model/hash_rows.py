"""Parse a row of a hash list (table cells or a JSON object) into a `Row`. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final, cast, get_args

from registry.catalogue.entries.errors import BadReference, NoFake, UnknownManipulation
from registry.catalogue.entries.model.entry import Manipulation
from registry.catalogue.entries.model.reference import references as checked_references
from registry.catalogue.fingerprints.model.document import from_document
from registry.catalogue.fingerprints.model.enrolment import check_document
from registry.catalogue.media.model import Kind, Role
from registry.core.errors import BadLabel
from registry.core.labels import label
from registry.sharing.errors import BadOpinion
from registry.sharing.lists.errors import BadRow, MediumRepeated, UnknownType, UnsupportedType
from registry.sharing.lists.model import listed
from registry.sharing.lists.model.listed import HashType, Item, Opinion, Row

TYPES: Final[Mapping[str, tuple[HashType, Kind | None]]] = {
    **dict.fromkeys(("pdq", "pdq.1", "hash_pdq", "imagepdq"), ("pdq", "image")),
    **dict.fromkeys(("phash256", "phash256.1", "hash_phash256"), ("phash256", "image")),
    **dict.fromkeys(("vpdq", "vpdq.1", "hash_vpdq", "hash_video_vpdq"), ("vpdq", "video")),
    **dict.fromkeys(("md5", "hash_md5"), ("md5", None)),
    **dict.fromkeys(("video_md5", "hash_video_md5", "videomd5"), ("md5", "video")),
    **dict.fromkeys(("sha256", "hash_sha256"), ("sha256", None)),
    **dict.fromkeys(("video_sha256", "hash_video_sha256"), ("sha256", "video")),
}
"""Lower-case names of hash types (ours, ThreatExchange's, StopNCII's, HMA's), with our type and the kind of
media."""
NOT_READ: Final = frozenset(
    {
        *("hash_text_tlsh", "hash_pdq_ocr", "hash_tmk", "hash_video_tmk", "videotmk", "hash_sha1", "sha1"),
        *("uri", "raw_uri", "url", "text", "text_string", "debug_string", "pdna", "hash_photodna", "domain"),
        *("ip_address", "hash_unknown", "photodna", "raw_text", "trend_query", "unknown"),
    }
)
"""Types that occur in lists but cannot be compared here."""
OPINIONS: Final[Mapping[str, Opinion]] = {
    **dict.fromkeys(("malicious", "positive_class", "true_positive", "2"), "malicious"),
    **dict.fromkeys(("unknown", "suspicious", "investigation_seed", "1"), "unknown"),
    **dict.fromkeys(("non_malicious", "negative_class", "false_positive", "0"), "non_malicious"),
    **dict.fromkeys(("disputed", "3"), "disputed"),
    "withdrawn": "withdrawn",
}
"""Lower-case opinions in lists: ThreatExchange's `status`, and pytx's opinions by name and number."""
VALUES: Final = (
    "value",
    "hash",
    "indicator",
    "raw_indicator",
    "signal",
    "hash_value",
    "hashvalue",
    "hash_digest",
)
NAMED: Final = ("pdq", "phash256", "vpdq", "md5", "video_md5", "sha256")
"""Fields whose name is the hash type and whose value is the hash. Several of them describe one medium."""
KINDS: Final = ("type", "signal_type", "hash_type", "algorithm", "signaltype")
STATES: Final = ("opinion", "status")
"""`VALUES`, `KINDS` and `STATES` list synonymous field names. The first that is present is used."""
MOST_TAGS: Final = 50
MOST_ASSETS: Final = 100
LONGEST_SAID: Final = 2000
DISAGREES: Final = "DISAGREE_WITH_TAGS"
DISPUTED: Final = "disputed"
"""Reaction and tag that mark a ThreatExchange descriptor as disputed."""


def of_mapping(
    line: int, given: Mapping[str, Any], *, assumed: str | None = None, most: int = MOST_ASSETS
) -> Row:
    """Parse a row of named fields.

    The object may be a fingerprint document. With `assets` it lists several media of one entry. `assumed`:
    the type of hashes that do not name their own. `most`: the maximum number of `assets`. Raises `BadInput`
    or `BadDocument`; code and message say what is wrong with the row.
    """
    items = _items(given, assumed, most)
    if not any(item.role == "fake" for item in items):
        raise NoFake
    tags = _tags(given.get("tags"))
    title = _text(given, "title")
    claim = _text(given, "claim")
    return Row(
        line=line,
        items=items,
        title=label(title, "title") if title else listed.untitled(items[0]),
        claim=label(claim, "claim", longest=5000) if claim else None,
        manipulation=_manipulation(_text(given, "manipulation")),
        references=_references(given.get("references")),
        opinion=_opinion(given, tags),
        tags=tags,
        said=_said(given),
    )


def of_hash(line: int, value: str, type_: str | None) -> Row:
    """Parse a row that consists of a hash and optionally its type."""
    return of_mapping(line, {"value": value}, assumed=type_)


def _items(given: Mapping[str, Any], assumed: str | None, most: int) -> tuple[Item, ...]:
    several = given.get("assets")
    if several is None:
        named = [] if "algorithms" in given or _first(given, VALUES) is not None else _named(given)
        if not named:
            return (_item(given, assumed),)
        several = named
    if not isinstance(several, list) or not 1 <= len(several) <= most:
        raise BadRow(f"`assets` is a list of 1 to {most} objects.")
    if not all(isinstance(asset, Mapping) for asset in several):
        raise BadRow("Each of `assets` is an object.")
    found = [_item(asset, assumed) for asset in several]
    if len({item.identity for item in found}) < len(found):
        raise MediumRepeated("The same medium is given twice.")
    return tuple(found)


def _named(given: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        {"type": name, "value": given[name]}
        | {key: given[key] for key in ("role", "quality") if key in given}
        for name in NAMED
        if given.get(name)
    ]


def _item(given: Mapping[str, Any], assumed: str | None) -> Item:
    role = _role(given.get("role"))
    document = given.get("document")
    if document is None and "algorithms" in given:
        document = {name: value for name, value in given.items() if name in _OF_DOCUMENT}
    if document is not None:
        found = from_document(document)
        check_document(found)
        return listed.document_item(found, role=role)
    type_, kind = hash_type(_first(given, KINDS), assumed)
    return listed.hash_item(
        type_,
        _first(given, VALUES),
        role=role,
        kind=_kind(given.get("kind")) or kind,
        quality=_quality(given.get("quality")),
    )


_OF_DOCUMENT: Final = frozenset(
    {"version", "generator", "sha256", "kind", "duration", "size", "notes", "algorithms"}
)


def hash_type(given: object, assumed: str | None = None) -> tuple[HashType, Kind | None]:
    """Return the hash type for a name, and the kind of media. Raises `BadInput` (`unknown_type`,
    `unsupported_type`)."""
    name = given or assumed
    if not isinstance(name, str):
        raise UnknownType(
            "The row does not say what type of hash it holds.",
            next_step=f"Add a column `type`, or say the type of all: {', '.join(get_args(HashType))}.",
        )
    found = TYPES.get(name.strip().lower())
    if found is not None:
        return found
    if name.strip().lower() in NOT_READ:
        raise UnsupportedType(f"Hashes of type {name[:50]!r} cannot be compared here.")
    raise UnknownType(
        f"{name[:50]!r} is no type of hash.", next_step=f"Choose among {', '.join(get_args(HashType))}."
    )


def _first(given: Mapping[str, Any], names: Sequence[str]) -> Any:
    for name in names:
        value = given.get(name)
        if value is not None and value != "":
            return value.strip() if isinstance(value, str) else value
    return None


def _text(given: Mapping[str, Any], name: str) -> str | None:
    value = given.get(name)
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise BadLabel(f"`{name}` is a text.")
    return value


def _role(given: object) -> Role:
    if given in (None, "", "fake"):
        return "fake"
    if given == "original":
        return "original"
    raise BadRow("`role` is fake or original.")


def _kind(given: object) -> Kind | None:
    if given in (None, ""):
        return None
    if given in ("image", "photo", "picture"):
        return "image"
    if given == "video":
        return "video"
    raise BadRow("`kind` is image or video.")


def _quality(given: object) -> int:
    if given in (None, ""):
        return 100
    try:
        found = int(given) if isinstance(given, str | int) and not isinstance(given, bool) else -1
    except ValueError:
        found = -1
    if not 0 <= found <= 100:
        raise BadRow("`quality` is a whole number from 0 to 100.")
    return found


def _manipulation(given: str | None) -> Manipulation | None:
    if given is None:
        return None
    if given not in get_args(Manipulation):
        raise UnknownManipulation(
            f"Unknown manipulation {given[:50]!r}.",
            next_step=f"Choose among {', '.join(get_args(Manipulation))}, or leave it out.",
        )
    return cast("Manipulation", given)


def _references(given: object) -> tuple[Mapping[str, Any], ...]:
    """Parse references: a list, or a text of URLs separated by spaces."""
    if given in (None, "", []):
        return ()
    if isinstance(given, str):
        return checked_references([{"url": part} for part in given.split()])
    if not isinstance(given, list):
        raise BadReference("`references` is a list.")
    return checked_references([{"url": item} if isinstance(item, str) else item for item in given])


def _opinion(given: Mapping[str, Any], tags: Sequence[str]) -> Opinion:
    """Return the opinion of a row.

    Without a stated opinion, a ThreatExchange descriptor is `unknown` and any other row `malicious`, because
    the list contains it. A reaction of disagreement makes the row `disputed`.
    """
    said = _first(given, STATES)
    descriptor = "raw_indicator" in given or "indicator" in given
    found: Opinion = "unknown" if descriptor else "malicious"
    if said is not None:
        name = str(said).strip().lower()
        if name not in OPINIONS or isinstance(said, bool):
            raise BadOpinion(
                f"{str(said)[:50]!r} is no opinion.",
                next_step="Choose among malicious, unknown, non_malicious, disputed.",
            )
        found = OPINIONS[name]
    if found in {"malicious", "unknown"} and (_disagreed(given) or (descriptor and DISPUTED in tags)):
        return "disputed"
    return found


def _disagreed(given: Mapping[str, Any]) -> bool:
    return any(
        DISAGREES in str(item)
        for name in ("reactions", "my_reactions")
        for item in (given.get(name) if isinstance(given.get(name), list) else [given.get(name)])  # type: ignore[union-attr]
    )


def _tags(given: object) -> tuple[str, ...]:
    """Parse tags: a list, ThreatExchange's `{"data": [{"text": …}]}`, or a text separated by spaces, `,` or
    `;`."""
    if isinstance(given, Mapping):
        given = given.get("data")
    found: list[object]
    if given is None:
        return ()
    if isinstance(given, str):
        found = list(given.replace(",", " ").replace(";", " ").split())
    elif isinstance(given, list):
        found = [item.get("text") if isinstance(item, Mapping) else item for item in given]
    else:
        raise BadLabel("`tags` is a list of texts.")
    if len(found) > MOST_TAGS or not all(isinstance(part, str) for part in found):
        raise BadLabel(f"`tags` is a list of {MOST_TAGS} texts at most.")
    return tuple(dict.fromkeys(label(cast("str", part), "tags", longest=200) for part in found))


def _said(given: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _plain(given[name], name) for name in listed.SAID if given.get(name) not in (None, "", [])}


def _plain(value: Any, name: str) -> Any:
    """Return a value as it is stored: shortened, and free of what JSON or PostgreSQL's text cannot hold."""
    if isinstance(value, str):
        return value.replace("\0", "")[:LONGEST_SAID]
    if isinstance(value, bool | int) or (isinstance(value, float) and math.isfinite(value)):
        return value
    if isinstance(value, list):
        return [_plain(item, name) for item in value[:MOST_TAGS]]
    if isinstance(value, Mapping):
        return {str(key)[:100]: _plain(one, name) for key, one in list(value.items())[:MOST_TAGS]}
    raise BadRow(f"`{name}` is not understood.")
