"""Limits of a process that reads untrusted media, set before it begins.

Decoders are large and written in C, and media comes from anybody. A pool process calls `limit_process` once,
before its first task. The other half of the sandbox is where files are opened: allowlists of formats, no
protocols, and sizes checked by the header.
"""

from __future__ import annotations

import resource
import warnings

from PIL import Image


def limit_process(memory_mb: int) -> None:
    """Remove from this process, permanently, what reading media does not need.

    1. At most `memory_mb` megabytes of address space. A larger allocation raises `MemoryError`, which the
       pipeline reports as `too_large`, instead of triggering the kernel's out-of-memory killer. A lower
       existing limit stays.
    2. No core dumps: they would contain a stranger's media.
    3. Pillow's warning about decompression bombs becomes an error.
    """
    _lower(resource.RLIMIT_AS, memory_mb * 1024**2)
    _lower(resource.RLIMIT_CORE, 0)
    warnings.simplefilter("error", Image.DecompressionBombWarning)


def _lower(resource_id: int, limit: int) -> None:
    _, hard = resource.getrlimit(resource_id)
    if hard != resource.RLIM_INFINITY:
        limit = min(limit, hard)
    resource.setrlimit(resource_id, (limit, limit))
