"""Kinds of hash exchanges that can be read into a bank, and the settings that each needs. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args
from urllib.parse import urlsplit

from registry.sharing.errors import BadAddress, BadCredentials
from registry.sharing.sources.errors import BadOptions, UnknownExchange

ExchangeKind = Literal["file", "sample", "stopncii", "ncmec", "threatexchange"]

ADDRESSES: Final[Mapping[ExchangeKind, str]] = {
    "file": "",
    "sample": "",
    "stopncii": "https://api.stopncii.org/v1",
    "ncmec": "https://report.cybertip.org/hashsharing",
    "threatexchange": "https://graph.facebook.com/v26.0",
}
"""Default addresses of the exchanges."""
ADDRESS: Final = "address"
"""Name, among the credentials of an organization, of the address that they are for."""
CREDENTIALS: Final[Mapping[ExchangeKind, tuple[str, ...]]] = {
    "file": (),
    "sample": (),
    "stopncii": ("function_key", "subscription_key"),
    "ncmec": ("user", "password"),
    "threatexchange": ("token",),
}
OPTIONS: Final[Mapping[ExchangeKind, frozenset[str]]] = {
    "file": frozenset({"type"}),
    "sample": frozenset(),
    "stopncii": frozenset(),
    "ncmec": frozenset({"only_esp_ids"}),
    "threatexchange": frozenset({"privacy_group"}),
}


@dataclass(frozen=True, slots=True)
class Terms:
    """Validated settings for reading an exchange. `credentials` are secret."""

    kind: ExchangeKind
    address: str
    options: Mapping[str, Any]
    credentials: Mapping[str, str]

    def __repr__(self) -> str:
        return f"Terms({self.kind!r}, {self.address!r})"


def terms(
    kind: str,
    address: str,
    options: Mapping[str, Any],
    credentials: Mapping[str, str] | None,
    *,
    private: bool,
) -> Terms:
    """Return the validated settings. `private`: also allow http and addresses on this machine. `credentials`:
    None if the exchange is read with those of its organization.

    Raises `BadInput`: `unknown_exchange`, `bad_address`, `bad_options`, `bad_credentials`.
    """
    if kind not in get_args(ExchangeKind):
        raise UnknownExchange(
            f"{kind[:50]!r} is not a kind of exchange.",
            next_step=f"Choose among {', '.join(get_args(ExchangeKind))}.",
        )
    kind_: ExchangeKind = kind  # type: ignore[assignment] # checked above
    address_ = address.strip() or ADDRESSES[kind_]
    if kind_ == "file":
        _check_file(address_)
    elif kind_ == "sample":
        address_ = ""
    else:
        address_ = checked_address(address_, private=private)
    _check_options(kind_, options)
    if credentials is not None:
        check_credentials(kind_, credentials)
    return Terms(kind_, address_, dict(options), dict(credentials or {}))


def _check_file(name: str) -> None:
    if not name or name in {".", ".."} or "/" in name or "\\" in name or "\0" in name or len(name) > 255:
        raise BadAddress("A file's `address` is a file name in the folder FAKEPRINT_EXCHANGE_FILES.")


def checked_address(address: str, *, private: bool) -> str:
    """Return the base URL of an exchange without a slash at its end. Raises `BadInput` (`bad_address`)."""
    message = "An exchange's `address` is a URL such as https://exchange.example/v1."
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        raise BadAddress(message) from None
    schemes = {"https", "http"} if private else {"https"}
    if parts.scheme not in schemes or not parts.hostname or parts.username or parts.query or parts.fragment:
        next_step = "Use https, without a password, query or fragment."
        raise BadAddress(message, next_step=next_step)
    return address.rstrip("/")


def _check_options(kind: ExchangeKind, options: Mapping[str, Any]) -> None:
    if unknown := set(options) - OPTIONS[kind]:
        raise BadOptions(f"{kind} has no option {min(unknown)[:50]!r}.")
    if kind == "threatexchange" and not _number(options.get("privacy_group")):
        raise BadOptions("threatexchange needs the option privacy_group, a number.")
    esp_ids = options.get("only_esp_ids", [])
    if not isinstance(esp_ids, list) or not all(map(_number, esp_ids)):
        raise BadOptions("only_esp_ids is a list of numbers.")
    if not isinstance(options.get("type", ""), str):
        raise BadOptions("The option type is a hash type.")


def _number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**63


def check_credentials(kind: ExchangeKind, credentials: Mapping[str, str]) -> None:
    """Raise `BadInput` (`bad_credentials`) unless these are the credentials that the kind needs."""
    names = CREDENTIALS[kind]
    plain = all(value and value.isascii() and value.isprintable() for value in credentials.values())
    if set(credentials) != set(names) or not plain:
        listed = " and ".join(names) or "none"
        raise BadCredentials(f"The credentials of {kind} are: {listed}.")
    if kind == "threatexchange" and not credentials["token"].partition("|")[0].isdigit():
        raise BadCredentials("A ThreatExchange token has the form 123456789|abc….")
