"""Errors of outgoing requests."""

from __future__ import annotations

from registry.core.errors import BadInput


class BadUrl(BadInput):
    meaning = "Not an http(s) address."


class AddressRefused(BadInput):
    meaning = "The address is not a public one."


class NotFetched(BadInput):
    meaning = "The file at the address could not be fetched."
