"""What a process that reads strangers' media gives up before it does.

Decoders are large and written in C; media comes from anybody. A pool process calls `limit_process` once,
before its first task. The other half of the sandbox stands where files are opened: closed lists of formats,
no protocols, sizes judged by the header.
"""

from __future__ import annotations

import resource
import warnings

from PIL import Image


def limit_process(memory_mb: int) -> None:
    """Take from this process, for good, what reading media does not need.

    1. No more than `memory_mb` megabytes of address space: an allocation beyond it raises `MemoryError`,
       which the pipeline answers as `too_large`, instead of waking the kernel's out-of-memory killer.
       A limit that is lower already stays.
    2. No core dumps: they would hold a stranger's media.
    3. Pillow's warning about decompression bombs becomes an error.
    """
    _lower(resource.RLIMIT_AS, memory_mb * 1024**2)
    _lower(resource.RLIMIT_CORE, 0)
    warnings.simplefilter("error", Image.DecompressionBombWarning)


def _lower(what: int, wanted: int) -> None:
    _, hard = resource.getrlimit(what)
    if hard != resource.RLIM_INFINITY:
        wanted = min(wanted, hard)
    resource.setrlimit(what, (wanted, wanted))
