"""Errors of platforms, and of addresses of web pages."""

from __future__ import annotations

from registry.core.errors import BadInput


class NoPlace(BadInput):
    meaning = "In a row: neither a URL nor a platform with a content id."


class BadPlatformKeys(BadInput):
    meaning = "The file that FAKEPRINT_PLATFORM_KEYS names cannot be used."
    next_step = "Correct the file that FAKEPRINT_PLATFORM_KEYS names."


class PlacesDiffer(BadInput):
    meaning = "The address and the content id name different places."
    next_step = "Give one of them."


class BadCharacter(BadInput):
    meaning = "An address holds a control character, or one that was lost in its encoding."
    message = "The address holds a control character, or one that was lost in its encoding."
    next_step = "Copy the address anew from the browser; save the file as UTF-8."


class BadContentId(BadInput):
    meaning = "The platform has no content ids of that form."
    next_step = "Give the address instead."


class BadHost(BadInput):
    meaning = "An address names no host."
    message = "The host is not one: {}."
    next_step = "Copy the address anew from the browser."


class BadPlatforms(BadInput):
    meaning = "The deployment's table of platforms is wrong."


class BadPort(BadInput):
    meaning = "An address has a port that is none."
    next_step = "Copy the address anew from the browser."


class ConfusableHost(BadInput):
    meaning = "A host mixes alphabets or looks like another; it is taken when written in A-labels (xn--…)."


class CredentialsInUrl(BadInput):
    meaning = "An address holds a name or a password."
    message = "The address holds a name or a password before its host."
    next_step = "Give the address without what stands before the `@`, if that host is meant."


class DangerousScheme(BadInput):
    meaning = "An address acts in the browser or on this machine: javascript:, data:, file:."
    next_step = "Give the http(s) address of the page; never open this one."


class NoUrl(BadInput):
    meaning = "A row has no address."
    message = "There is no address."
    next_step = "Give the address, or leave the row out."


class NotAUrl(BadInput):
    meaning = "What was given is no address of a page."
    message = "This is no address of a page: {}."
    next_step = "Copy the address from the browser."


class PrivateHost(BadInput):
    meaning = "An address is not on the internet: loopback, private, a name of one network."
    message = "The host is not on the internet: {}."
    next_step = "Give the address under which anybody finds it."


class SeveralUrls(BadInput):
    meaning = "Several addresses stand where one is wanted."
    message = "Several addresses stand in one."
    next_step = "Give each a line of its own."


class TooManyWrappers(BadInput):
    meaning = "An address leads over too many sites that forward."
    message = "The address leads over too many sites."
    next_step = "Give the last address."


class UnknownPlatform(BadInput):
    meaning = "A row names a platform that is not in the table, and no address."
    next_step = "Give the address instead."


class UnsupportedScheme(BadInput):
    meaning = "An address is neither http nor https."
    next_step = "Give the http(s) address under which a browser shows it."


class UrlTooLong(BadInput):
    meaning = "An address has more than 8,000 characters."
    next_step = "Give the address alone."
