"""Errors of pages and their forms."""

from __future__ import annotations

from registry.core.errors import BadInput, Forbidden


class FormRefused(Forbidden):
    meaning = "On a page: the form was not made there, or is too old."
    next_step = "Open the page again and send the form from there."


class FormKept(BadInput):
    meaning = "On a page: a form that met the end of its session, shown again."


class FormOutdated(Forbidden):
    """Somebody has signed in anew since the form was opened."""

    next_step = "Look it over, and send it again."


class FormWithoutCookie(Forbidden):
    """The browser sent no cookie with a form."""

    next_step = "Let this site keep its cookies, then send it again."


class NoDocument(BadInput):
    """A form lacks the file that it needs."""
