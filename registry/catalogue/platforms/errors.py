"""Errors of platforms, and of addresses of web pages."""

from __future__ import annotations

from registry.core.errors import BadInput


class NoPlace(BadInput):
    meaning = "A row has neither a URL nor a platform with a content id."


class BadPlatformKeys(BadInput):
    meaning = "The file that FAKEPRINT_PLATFORM_KEYS names cannot be used."
    next_step = "Correct the file that FAKEPRINT_PLATFORM_KEYS names."


class PlacesDiffer(BadInput):
    meaning = "The address and the content id name different places."
    next_step = "Give one of them."


class BadCharacter(BadInput):
    meaning = "An address holds a control character, or one that was lost in its encoding."
    message = "The address holds a control character, or one that was lost in its encoding."
    next_step = "Copy the address again from the browser, and save the file as UTF-8."


class BadContentId(BadInput):
    meaning = "The platform has no content ids of that form."
    next_step = "Give the address instead."


class BadHost(BadInput):
    meaning = "The address has no valid host."
    message = "The host is not valid: {}."
    next_step = "Copy the address again from the browser."


class BadPlatforms(BadInput):
    meaning = "The deployment's table of platforms is wrong."


class BadPort(BadInput):
    meaning = "The port of the address is not valid."
    next_step = "Copy the address again from the browser."


class ConfusableHost(BadInput):
    meaning = "The host mixes alphabets or looks like another. It is accepted if written in A-labels (xn--…)."


class CredentialsInUrl(BadInput):
    meaning = "The address holds a user name or a password."
    message = "The address holds a user name or a password before its host."
    next_step = "Remove everything before the `@`, if that host is meant."


class DangerousScheme(BadInput):
    meaning = "The address runs code in the browser or opens a local file: javascript:, data:, file:."
    next_step = "Give the http(s) address of the page. Do not open this one."


class NoUrl(BadInput):
    meaning = "A row has no address."
    message = "There is no address."
    next_step = "Give the address, or remove the row."


class NotAUrl(BadInput):
    meaning = "The text is not the address of a page."
    message = "This is not the address of a page: {}."
    next_step = "Copy the address from the browser."


class PrivateHost(BadInput):
    meaning = "The address is not on the internet, but loopback, private, or a name of one network."
    message = "The host is not on the internet: {}."
    next_step = "Give the public address."


class SeveralUrls(BadInput):
    meaning = "There are several addresses where one is expected."
    message = "There are several addresses in one text."
    next_step = "Give each address on its own line."


class TooManyWrappers(BadInput):
    meaning = "The address contains too many nested redirect addresses."
    message = "The address contains too many nested redirect addresses."
    next_step = "Give the innermost address."


class UnknownPlatform(BadInput):
    meaning = "A row names a platform that is not in the table, and no address."
    next_step = "Give the address instead."


class UnsupportedScheme(BadInput):
    meaning = "An address is neither http nor https."
    next_step = "Give the http(s) address that a browser shows."


class UrlTooLong(BadInput):
    meaning = "An address has more than 8,000 characters."
    next_step = "Give only the address."
