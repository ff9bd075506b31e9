"""Kinds of exchanges under the names, settings and credentials that Hasher-Matcher-Actioner gives them.

Names and fields are those of Meta's library `threatexchange` 1.4.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from registry.sharing.errors import BadCredentials
from registry.sharing.hma.schemas import HmaExchangeSchema, HmaField, HmaFields
from registry.sharing.sources.errors import BadOptions
from registry.sharing.sources.model import ADDRESSES, ExchangeKind
from registry.sharing.sources.schemas import Exchange

ADDRESS: Final = "address"
"""Stands for the address of an exchange, where other fields are options or credentials."""


@dataclass(frozen=True, slots=True)
class Field:
    """A setting or a credential. `name`: there. `here`: the name of the option or credential here, or
    `ADDRESS`. `type`: string, number, enum or set_of_number."""

    name: str
    here: str
    type: str
    help: str
    required: bool = True
    choices: tuple[str, ...] | None = None

    def shown(self) -> HmaField:
        """Return the field as a form needs it."""
        default: list[int] | None = [] if self.type.startswith("set_of") else None
        return HmaField(
            name=self.name,
            type=self.type,
            required=self.required,
            default=default,
            help=self.help,
            choices=list(self.choices) if self.choices else None,
        )


@dataclass(frozen=True, slots=True)
class ExchangeApi:
    """A kind of exchange. `credentials`: None if it needs none."""

    name: str
    kind: ExchangeKind
    settings: tuple[Field, ...] = ()
    credentials: tuple[Field, ...] | None = None

    def schema(self) -> HmaExchangeSchema:
        """Return the fields of settings and credentials."""
        secret = (
            None
            if self.credentials is None
            else HmaFields(fields=[each.shown() for each in self.credentials])
        )
        settings = HmaFields(fields=[each.shown() for each in self.settings])
        return HmaExchangeSchema(config_schema=settings, credentials_schema=secret)

    def address_and_options(
        self, settings: Mapping[str, Any], *, private: bool = False
    ) -> tuple[str, dict[str, object]]:
        """Return address and options of settings. Unknown fields are ignored. `private`: the deployment lets
        exchanges be anywhere, so that an address may stand where one is chosen. Raises `BadInput`
        (`bad_options`)."""
        found: dict[str, object] = {}
        for each in self.settings:
            if (value := settings.get(each.name)) is not None:
                free = private and each.here == ADDRESS
                if each.choices and value not in each.choices and not free:
                    choices = ", ".join(each.choices)
                    raise BadOptions(f"Failed to parse `api_json`: {each.name!r} is one of {choices}.")
                found[each.here] = value
            elif each.required:
                raise BadOptions(f"Failed to parse `api_json`: {each.name!r} is missing.")
        address = found.pop(ADDRESS, "")
        if not isinstance(address, str):
            raise BadOptions("Failed to parse `api_json`: a text is needed.")
        return address, found

    def settings_of(self, exchange: Exchange) -> dict[str, object]:
        """Return the settings of an exchange, under the names there."""
        values = {ADDRESS: exchange.address, **exchange.options}
        absent: dict[str, Any] = {"set_of_number": []}
        return {each.name: values.get(each.here, absent.get(each.type)) for each in self.settings}

    def credentials_and_address(self, fields: Mapping[str, Any]) -> tuple[dict[str, str], str]:
        """Return credentials under their names here, and the address that they are for; empty: none. Optional
        fields may be null or empty. Raises `BadInput` (`bad_credentials`)."""
        known = {each.name: each for each in self.credentials or ()}
        required = [each.name for each in known.values() if each.required]
        filled = {name: value for name, value in fields.items() if value is not None and value != ""}
        complete = set(fields) <= set(known) and set(required) <= set(filled)
        if not complete or not all(isinstance(value, str) for value in filled.values()):
            names = ", ".join(required) or "none"
            raise BadCredentials(f"The credentials of {self.name} are: {names}.")
        found = {known[name].here: value for name, value in filled.items()}
        return found, found.pop(ADDRESS, "")


_NCMEC: Final = (
    *("https://report.cybertip.org/hashsharing", "https://report.cybertip.org/exploitative-hashsharing"),
    *("https://lesp.ncmec.org/csam-hashsharing", "https://hashsharing.ncmec.org/npo"),
    *("https://hashsharing.ncmec.org/exploitative", "https://hashsharing.ncmec.org/generative-ai-csam"),
    *("https://hashsharing.ncmec.org/generative-ai-exploitative", "https://exttest.cybertip.org/hashsharing"),
    *("https://exttest.cybertip.org/exploitative-hashsharing", "https://betalesp.ncmec.org/csam-hashsharing"),
    *("https://hashsharing-test.ncmec.org/npo", "https://hashsharing-test.ncmec.org/exploitative"),
    "https://hashsharing-test.ncmec.org/generative-ai-csam",
    "https://hashsharing-test.ncmec.org/generative-ai-exploitative",
)
APIS: Final[Mapping[str, ExchangeApi]] = {
    api.name: api
    for api in (
        ExchangeApi("sample", "sample"),
        ExchangeApi(
            "fb_threatexchange",
            "threatexchange",
            (Field("privacy_group", "privacy_group", "number", "Number of the privacy group"),),
            (Field("api_token", "token", "string", "Access token of your app, as 123456789|abc…"),),
        ),
        ExchangeApi(
            "ncmec",
            "ncmec",
            (
                Field("environment", ADDRESS, "enum", "Which database to read", choices=_NCMEC),
                Field("only_esp_ids", "only_esp_ids", "set_of_number", "Read these members only", False),
            ),
            (
                Field("user", "user", "string", "User name of hash sharing"),
                Field("password", "password", "string", "Password of hash sharing"),
            ),
        ),
        ExchangeApi(
            "stop_ncii",
            "stopncii",
            (),
            (
                Field("fetch_function_key", "function_key", "string", "Function key for fetching hashes"),
                Field("subscription_key", "subscription_key", "string", "Subscription key"),
                Field("base_url_override", ADDRESS, "string", "Base URL in place of StopNCII's", False),
            ),
        ),
        ExchangeApi(
            "local_file",
            "file",
            (
                Field("filename", ADDRESS, "string", "Name of a file in FAKEPRINT_EXCHANGE_FILES"),
                Field("signal_type", "type", "string", "Type of rows that name none", False),
            ),
        ),
    )
}
"""By name."""
OF_KIND: Final[Mapping[str, ExchangeApi]] = {api.kind: api for api in APIS.values()}
assert set(OF_KIND) == set(ADDRESSES)  # noqa: S101 - each kind has a name there
