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
from registry.sharing.lists.model.listed import HashType, ListedMedium, Opinion, Row

TYPES: Final[Mapping[str, tuple[HashType, Kind | None]]] = {
    **dict.fromkeys(("pdq", "pdq.1", "hash_pdq", "imagepdq"), ("pdq", "image")),
    **dict.fromkeys(("phash256", "phash256.1", "hash_phash256"), ("phash256", "image")),
    **dict.fromkeys(("vpdq", "vpdq.1", "hash_vpdq", "hash_video_vpdq"), ("vpdq", "video")),
    **dict.fromkeys(("md5", "hash_md5"), ("md5", None)),
    **dict.fromkeys(("video_md5", "hash_video_md5", "videomd5"), ("md5", "video")),
    **dict.fromkeys(("photo_md5", "image_md5"), ("md5", "image")),
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
    "signal_str",
    "hash_value",
    "hashvalue",
    "hash_digest",
)
NAMED: Final = ("pdq", "phash256", "vpdq", "md5", "video_md5", "sha256")
"""Fields whose name is the hash type and whose value is the hash. Several of them describe one medium."""
KINDS: Final = ("type", "signal_type", "hash_type", "algorithm", "signaltype")
STATES: Final = ("opinion", "status", "category")
"""`VALUES`, `KINDS` and `STATES` list synonymous field names. The first that is present is used."""
MOST_TAGS: Final = 50
MOST_ASSETS: Final = 100
LONGEST_DETAIL: Final = 2000
DISAGREES: Final = "DISAGREE_WITH_TAGS"
DISPUTED: Final = "disputed"
"""Reaction and tag that mark a ThreatExchange descriptor as disputed."""


def of_mapping(
    line: int, fields: Mapping[str, Any], *, assumed: str | None = None, most_assets: int = MOST_ASSETS
) -> Row:
    """Parse a row of named fields.

    The object may be a fingerprint document. With `assets` it lists several media of one entry. `assumed`:
    the type of hashes that do not name their own. `most_assets`: the maximum number of `assets`.

    Raises `BadInput` or `BadDocument`; code and message say what is wrong with the row.
    """
    media = _media(fields, assumed, most_assets)
    if not any(medium.role == "fake" for medium in media):
        raise NoFake
    tags = _tags(fields.get("tags"))
    title = _text(fields, "title")
    claim = _text(fields, "claim")
    return Row(
        line=line,
        media=media,
        title=label(title, "title") if title else listed.untitled(media[0]),
        claim=label(claim, "claim", longest=5000) if claim else None,
        manipulation=_manipulation(_text(fields, "manipulation")),
        references=_references(fields.get("references")),
        opinion=_opinion(fields, tags),
        tags=tags,
        details=_details(fields),
    )


def of_hash(line: int, value: str, type_: str | None) -> Row:
    """Parse a row that consists of a hash and optionally its type."""
    return of_mapping(line, {"value": value}, assumed=type_)


def _media(fields: Mapping[str, Any], assumed: str | None, most_assets: int) -> tuple[ListedMedium, ...]:
    assets = fields.get("assets")
    if assets is None:
        by_name = [] if "algorithms" in fields or _first(fields, VALUES) is not None else _named(fields)
        if not by_name:
            return (_medium(fields, assumed),)
        assets = by_name
    if not isinstance(assets, list) or not 1 <= len(assets) <= most_assets:
        raise BadRow(f"`assets` is a list of 1 to {most_assets} objects.")
    if not all(isinstance(asset, Mapping) for asset in assets):
        raise BadRow("Each of `assets` is an object.")
    media = [_medium(asset, assumed) for asset in assets]
    if len({medium.identity for medium in media}) < len(media):
        raise MediumRepeated("The same medium is given twice.")
    return tuple(media)


def _named(fields: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        {"type": name, "value": fields[name]}
        | {key: fields[key] for key in ("role", "quality") if key in fields}
        for name in NAMED
        if fields.get(name)
    ]


def _medium(fields: Mapping[str, Any], assumed: str | None) -> ListedMedium:
    role = _role(fields.get("role"))
    document = fields.get("document")
    if document is None and "algorithms" in fields:
        document = {name: value for name, value in fields.items() if name in _OF_DOCUMENT}
    if document is not None:
        fingerprint = from_document(document)
        check_document(fingerprint)
        return listed.document_medium(fingerprint, role=role)
    type_, kind = hash_type(_first(fields, KINDS), assumed)
    return listed.hash_medium(
        type_,
        _first(fields, VALUES),
        role=role,
        kind=_kind(fields.get("kind")) or kind,
        quality=_quality(fields.get("quality")),
    )


_OF_DOCUMENT: Final = frozenset(
    {"version", "generator", "sha256", "kind", "duration", "size", "notes", "algorithms"}
)


def hash_type(name: object, assumed: str | None = None) -> tuple[HashType, Kind | None]:
    """Return the hash type for a name, and the kind of media. Raises `BadInput` (`unknown_type`,
    `unsupported_type`)."""
    text = name or assumed
    if not isinstance(text, str):
        raise UnknownType(
            "The row does not name the type of its hash.",
            next_step=f"Add a column `type`, or name one type for all: {', '.join(get_args(HashType))}.",
        )
    known_type = TYPES.get(text.strip().lower())
    if known_type is not None:
        return known_type
    if text.strip().lower() in NOT_READ:
        raise UnsupportedType(f"Hashes of type {text[:50]!r} cannot be compared here.")
    raise UnknownType(
        f"{text[:50]!r} is not a hash type.", next_step=f"Choose among {', '.join(get_args(HashType))}."
    )


def _first(fields: Mapping[str, Any], names: Sequence[str]) -> Any:
    for name in names:
        value = fields.get(name)
        if value is not None and value != "":
            return value.strip() if isinstance(value, str) else value
    return None


def _text(fields: Mapping[str, Any], name: str) -> str | None:
    value = fields.get(name)
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise BadLabel(f"`{name}` is a text.")
    return value


def _role(value: object) -> Role:
    if value in (None, "", "fake"):
        return "fake"
    if value == "original":
        return "original"
    raise BadRow("`role` is fake or original.")


def _kind(value: object) -> Kind | None:
    if value in (None, ""):
        return None
    if value in ("image", "photo", "picture"):
        return "image"
    if value == "video":
        return "video"
    raise BadRow("`kind` is image or video.")


def _quality(value: object) -> int:
    if value in (None, ""):
        return 100
    try:
        quality = int(value) if isinstance(value, str | int) and not isinstance(value, bool) else -1
    except ValueError:
        quality = -1
    if not 0 <= quality <= 100:
        raise BadRow("`quality` is a whole number from 0 to 100.")
    return quality


def _manipulation(value: str | None) -> Manipulation | None:
    if value is None:
        return None
    if value not in get_args(Manipulation):
        raise UnknownManipulation(
            f"Unknown manipulation {value[:50]!r}.",
            next_step=f"Choose among {', '.join(get_args(Manipulation))}, or leave it out.",
        )
    return cast("Manipulation", value)


def _references(value: object) -> tuple[Mapping[str, Any], ...]:
    """Parse references: a list, or a text of URLs separated by spaces."""
    if value in (None, "", []):
        return ()
    if isinstance(value, str):
        return checked_references([{"url": part} for part in value.split()])
    if not isinstance(value, list):
        raise BadReference("`references` is a list.")
    return checked_references(
        [{"url": reference} if isinstance(reference, str) else reference for reference in value]
    )


def _opinion(fields: Mapping[str, Any], tags: Sequence[str]) -> Opinion:
    """Return the opinion of a row.

    Without a stated opinion, a ThreatExchange descriptor is `unknown` and any other row `malicious`, because
    the list contains it. A reaction of disagreement makes the row `disputed`.
    """
    stated = _first(fields, STATES)
    descriptor = "raw_indicator" in fields or "indicator" in fields
    opinion: Opinion = "unknown" if descriptor else "malicious"
    if stated is not None:
        name = str(stated).strip().lower()
        if name not in OPINIONS or isinstance(stated, bool):
            raise BadOpinion(
                f"{str(stated)[:50]!r} is not an opinion.",
                next_step="Choose among malicious, unknown, non_malicious, disputed.",
            )
        opinion = OPINIONS[name]
    if opinion in {"malicious", "unknown"} and (_disagreed(fields) or (descriptor and DISPUTED in tags)):
        return "disputed"
    return opinion


def _disagreed(fields: Mapping[str, Any]) -> bool:
    return any(
        DISAGREES in str(reaction)
        for name in ("reactions", "my_reactions")
        for reaction in (fields.get(name) if isinstance(fields.get(name), list) else [fields.get(name)])  # type: ignore[union-attr]
    )


def _tags(value: object) -> tuple[str, ...]:
    """Parse tags: a list, ThreatExchange's `{"data": [{"text": …}]}`, or a text separated by spaces, `,` or
    `;`."""
    if isinstance(value, Mapping):
        value = value.get("data")
    tags: list[object]
    if value is None:
        return ()
    if isinstance(value, str):
        tags = list(value.replace(",", " ").replace(";", " ").split())
    elif isinstance(value, list):
        tags = [tag.get("text") if isinstance(tag, Mapping) else tag for tag in value]
    else:
        raise BadLabel("`tags` is a list of texts.")
    if len(tags) > MOST_TAGS or not all(isinstance(tag, str) for tag in tags):
        raise BadLabel(f"`tags` is a list of {MOST_TAGS} texts at most.")
    return tuple(dict.fromkeys(label(cast("str", tag), "tags", longest=200) for tag in tags))


def _details(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: _plain(fields[name], name) for name in listed.DETAILS if fields.get(name) not in (None, "", [])
    }


def _plain(value: Any, name: str) -> Any:
    """Return a value as it is stored: shortened, and free of what JSON or PostgreSQL's text cannot hold."""
    if isinstance(value, str):
        return value.replace("\0", "")[:LONGEST_DETAIL]
    if isinstance(value, bool | int) or (isinstance(value, float) and math.isfinite(value)):
        return value
    if isinstance(value, list):
        return [_plain(item, name) for item in value[:MOST_TAGS]]
    if isinstance(value, Mapping):
        return {str(key)[:100]: _plain(element, name) for key, element in list(value.items())[:MOST_TAGS]}
    raise BadRow(f"`{name}` has a value that cannot be stored.")
