"""Errors of soft bindings."""

from __future__ import annotations

from registry.core.errors import BadInput


class RegionNotSupported(BadInput):
    meaning = "Soft bindings are resolved for whole files, not for regions of them."
    message = "Soft bindings are resolved for whole files here."
    next_step = "Leave `region` out."


class OtherAssetType(BadInput):
    meaning = "The file at the reference URL is of another type than the request says."


class BadBinding(BadInput):
    meaning = "Not a value of the soft binding algorithm."
