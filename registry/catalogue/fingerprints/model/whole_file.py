"""Values of a whole file: videohash.1, and the units of its ISCC (ISO 24138). Pure.

An ISCC names what a file is by several units, each a header and a body of 32 to 256 bits:

- Content-Code: what a picture or a video shows. Image-Codes come from a grey picture of 32 x 32 pixels,
  Video-Codes from MPEG-7 signatures of five frames a second.
- Data-Code: similar for files with mostly the same bytes.
- Instance-Code: the BLAKE3 digest of the bytes.

A composite ISCC-CODE holds the first 64 bits of each. Bodies of one kind are compared over the bits that both
have: the first bits of a longer body are the shorter one. Codes are read and written by `iscc-lib`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

import iscc_lib

from registry.catalogue.media.model import Kind

Unit = Literal["content", "data", "instance"]
"""Units that are compared."""

BODY_BYTES: Final = 32
"""Bytes of a stored body: all that ISO 24138 defines."""
LEAST_BYTES: Final = 8
"""Bytes from which a unit's body is compared: those of a composite code."""
LONGEST: Final = 500
"""Maximum characters of a code in a query. Three units of 256 bits have 170."""
DISTINCT: Final = 5
"""Distinct rows and columns from which a videohash is compared."""
IDENTITY_BITS: Final = 128
"""Equal bits of Instance-Code from which two files count as identical. Whoever makes both files finds equal
digests of 64 bits in minutes."""
_CONTENT: Final[Mapping[Kind, iscc_lib.ST]] = {"image": iscc_lib.ST.IMAGE, "video": iscc_lib.ST.VIDEO}


@dataclass(frozen=True, slots=True)
class WholeFile:
    """Values of a file. None: not computed, or the file has none.

    `videohash`: 8 bytes. `content`, `data`, `instance`: bodies of the ISCC's units, 32 bytes each.
    """

    videohash: bytes | None = None
    content: bytes | None = None
    data: bytes | None = None
    instance: bytes | None = None


@dataclass(frozen=True, slots=True)
class StoredFile:
    """The values of a stored medium of this kind."""

    kind: Kind
    whole: WholeFile


@dataclass(frozen=True, slots=True)
class CodeQuery:
    """Units of an ISCC that can be compared, each of 8 to 32 bytes. `kind`: of the Content-Code."""

    kind: Kind | None = None
    content: bytes | None = None
    data: bytes | None = None
    instance: bytes | None = None


def units(whole: WholeFile, kind: Kind) -> dict[Unit, str]:
    """Return the units of a file of this kind, each of 256 bits, as `ISCC:…`."""
    content = _CONTENT.get(kind, iscc_lib.ST.NONE)  # nothing is computed of sound alone
    headers: dict[Unit, tuple[int, int, bytes | None]] = {
        "content": (iscc_lib.MT.CONTENT, content, whole.content),
        "data": (iscc_lib.MT.DATA, iscc_lib.ST.NONE, whole.data),
        "instance": (iscc_lib.MT.INSTANCE, iscc_lib.ST.NONE, whole.instance),
    }
    return {
        name: "ISCC:" + iscc_lib.encode_component(main, sub, iscc_lib.VS.V0, BODY_BYTES * 8, body)
        for name, (main, sub, body) in headers.items()
        if body is not None
    }


def code(whole: WholeFile, kind: Kind) -> str | None:
    """Return the composite ISCC-CODE. None if the file has no Data-Code and Instance-Code."""
    found = units(whole, kind)
    if not {"data", "instance"} <= found.keys():
        return None
    return str(iscc_lib.gen_iscc_code_v0(list(found.values()))["iscc"])


def body_of(unit: str) -> bytes:
    """Return the body of a unit. Raises `ValueError`."""
    return iscc_lib.iscc_decode(unit)[4]


def read_code(text: str) -> CodeQuery | None:
    """Read an ISCC: a unit, a composite ISCC-CODE, or a sequence of units. None if nothing in it is compared.

    Meta-Codes, Content-Codes of text, sound and mixed media, and units under 64 bits are left out. Raises
    `ValueError`.
    """
    if len(text) > LONGEST:
        raise ValueError("too long")
    kinds = {sub: kind for kind, sub in _CONTENT.items()}
    found: dict[Unit, bytes] = {}
    kind: Kind | None = None
    for unit in iscc_lib.iscc_decompose(text):
        main, sub, version, _, body = iscc_lib.iscc_decode(unit)
        if version != iscc_lib.VS.V0 or len(body) < LEAST_BYTES:
            continue
        if main == iscc_lib.MT.CONTENT and sub in kinds:
            kind, found["content"] = kinds[iscc_lib.ST(sub)], body
        elif main == iscc_lib.MT.DATA:
            found["data"] = body
        elif main == iscc_lib.MT.INSTANCE:
            found["instance"] = body
    return CodeQuery(kind, **found) if found else None


def is_telling(videohash: bytes) -> bool:
    """Tell whether a videohash says enough to be compared: at least `DISTINCT` of its rows of 8 bits differ,
    and of its columns.

    Of short videos of one shot many have the same value, whatever they show, with equal rows.
    """
    rows = [format(row, "08b") for row in videohash]
    columns = {"".join(row[place] for row in rows) for place in range(8)}
    return min(len(set(rows)), len(columns)) >= DISTINCT


def common_bits(body: bytes, other: bytes) -> tuple[int, int]:
    """Return the distance of two bodies over the bits that both have, and the number of these bits."""
    length = min(len(body), len(other))
    apart = int.from_bytes(body[:length]) ^ int.from_bytes(other[:length])
    return apart.bit_count(), length * 8


def is_identical(query: CodeQuery, stored: WholeFile) -> bool:
    """Tell whether the query's code identifies the file: its Instance-Code is equal over `IDENTITY_BITS`.

    The 64 bits in a composite code identify nothing, nor does its Data-Code: files with mostly the same bytes
    have equal ones.
    """
    if query.instance is None or stored.instance is None:
        return False
    distance, bits = common_bits(query.instance, stored.instance)
    return not distance and bits >= IDENTITY_BITS
