"""TLS to RabbitMQ (`amqps://`) and Redis (`rediss://`): the server's certificate must be trusted and must
match the host name.

All options are passed to kombu's clients explicitly. By default, the RabbitMQ client accepts any certificate
from a system authority, whatever its name, and the Redis client accepts any certificate.
"""

from __future__ import annotations

import ssl
from typing import Any, Final
from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit

from registry.core.errors import BadInput
from registry.core.errors.messaging import BadBrokerUrl

SCHEMES: Final = frozenset({"amqps", "rediss"})
_FILES: Final = {"ssl_ca_certs": "ca_certs", "ssl_certfile": "certfile", "ssl_keyfile": "keyfile"}
"""Parameters of the address, and their names in RabbitMQ's client. Redis's client uses our names."""


def bare(url: str) -> str:
    """Return the address without the parameters that `options` reads."""
    parts = urlsplit(url)
    parameters = [(name, value) for name, value in _parameters(parts) if not name.startswith("ssl_")]
    return parts._replace(query=urlencode(parameters)).geturl() if "ssl_" in parts.query else url


def options(url: str) -> dict[str, Any]:
    """Return kombu's `ssl` options for a broker's address, empty without TLS. `ssl_ca_certs` names a PEM file
    of authorities; default: the system's. `ssl_certfile` and `ssl_keyfile` are the client certificate.

    Raises `BadInput` (`bad_broker_url`) for other TLS parameters, for TLS parameters without TLS, for
    unusable files, and for several addresses.
    """
    parts = urlsplit(url)
    tls = {name: value for name, value in _parameters(parts) if name.startswith("ssl_")}
    if parts.scheme not in SCHEMES:
        if tls and not parts.scheme.startswith("pgmq"):
            raise _bad(
                f"It names certificate files ({', '.join(tls)}), but {parts.scheme}:// is not encrypted."
            )
        return {}
    if ";" in url:
        raise _bad("With TLS it must be a single address. Its name may lead to several servers.")
    if unknown := sorted(tls.keys() - _FILES.keys()):
        raise _bad(f"It cannot have {', '.join(unknown)}: certificates are always verified.")
    _try(tls)
    if parts.scheme == "rediss":
        return {"ssl_cert_reqs": ssl.CERT_REQUIRED, "ssl_check_hostname": True, **tls}
    named = {_FILES[name]: value for name, value in tls.items()}
    return {"cert_reqs": ssl.CERT_REQUIRED, "server_hostname": parts.hostname or "localhost", **named}


def _parameters(parts: SplitResult) -> list[tuple[str, str]]:
    return parse_qsl(parts.query, keep_blank_values=True)


def _try(tls: dict[str, str]) -> None:
    """Load the files as the clients will, so that a wrong file is reported at start, by name."""
    if ("ssl_certfile" in tls) != ("ssl_keyfile" in tls):
        raise _bad("It names only one of ssl_certfile and ssl_keyfile.")
    names = "ssl_ca_certs"
    try:
        context = ssl.create_default_context()
        if names in tls:
            context.load_verify_locations(tls[names])
        names = "ssl_certfile and ssl_keyfile"
        if "ssl_certfile" in tls:
            context.load_cert_chain(tls["ssl_certfile"], tls["ssl_keyfile"], password="")
    except OSError as error:  # errors of `ssl` are OSErrors too
        raise _bad(f"The file of {names} cannot be used: {error.strerror or error}.") from error


def _bad(why: str) -> BadInput:
    return BadBrokerUrl(
        f"The broker's address is wrong. {why}",
        next_step="Correct FAKEPRINT_BROKER_URL, as in amqps://user:password@host//?ssl_ca_certs=/path/ca.crt.",
    )
