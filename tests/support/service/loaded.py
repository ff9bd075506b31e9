"""Load what an API and a worker load, except what reads the environment meanwhile (`workers.app`)."""

from __future__ import annotations

import gc
from importlib import import_module
from typing import Final

LOADED: Final = (
    "celery.bin.worker",
    "celery.concurrency.prefork",
    "celery.concurrency.thread",
    "registry.app.commands.serve",
    "registry.app.web",
    "uvicorn.lifespan.on",
    "uvicorn.protocols.http.httptools_impl",
    "uvloop",
    "workers.commands.worker",
)

gc.disable()
for name in LOADED:
    import_module(name)
gc.collect()
gc.freeze()
gc.enable()
