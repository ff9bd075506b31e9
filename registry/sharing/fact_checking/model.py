"""Answers in the form of the InVID-WeVerify plugin and of Alegre. Pure.

These tools know no verdict. They show or join whatever is returned. So only known fakes are returned, and
`related` ones and those of `mixed` clips where a person decides about each.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal
from urllib.parse import urlsplit
from uuid import UUID

from registry.catalogue.entries.model.reference import ORIGINAL
from registry.matching.lookups.model import Answer, Match

Kind = Literal["image", "video"]

CHECK_ITEM: Final = "check"
"""`type` of a reference to an item of a Check that runs elsewhere than at `CHECK_HOST`."""
CHECK_HOST: Final = "checkmedia.org"
_ITEM: Final = re.compile(r"/[^/]+/(?:project/\d+/)?media/(\d{1,18})(?:/|\Z)")
_SUGGESTED: Final = frozenset({"copy", "same_footage_other_face", None})
"""Relations under which Check may suggest an item. None: the relation is unknown."""


@dataclass(frozen=True, slots=True)
class Fake:
    """A matched fake. `score`: probability that the verdict is right, 0-1. `page`: of the entry, in the
    console. `own`: the caller's organization registered it."""

    entry_id: UUID
    asset_id: UUID
    title: str
    score: float
    page: str
    own: bool
    references: Sequence[Mapping[str, Any]]

    @property
    def link(self) -> str:
        """Address of a fact-check of it, else of the entry's page."""
        for reference in self.references:
            if reference.get("type") != ORIGINAL and _item(reference) is None:
                return str(reference["url"])
        return self.page

    @property
    def items(self) -> list[int]:
        """Numbers of the Check items to which the caller's own entry refers."""
        found = (_item(reference) for reference in self.references) if self.own else ()
        return list(dict.fromkeys(number for number in found if number is not None))


def fakes(answer: Answer, *, suggestions: bool) -> list[Match]:
    """Return the matches to return: known fakes; with `suggestions`, `related` ones too. Never genuine
    footage, nor enrolled persons. A `mixed` clip, as a debunk that shows fake and original, is decided by a
    person: its matches are suggestions."""
    if answer["mixed"] and not suggestions:
        return []
    return [match for match in answer["matches"] if match["entry_id"] and _is_fake(match, suggestions)]


def score(match: Match) -> float:
    """Return the probability that the verdict on a match is right; 1 for the same file."""
    return 1.0 if match["exact"] else match["confidence"] or 0.0


def known_fakes(found: Iterable[Fake]) -> dict[str, dict[str, Any]]:
    """Return the answer to the plugin: fakes by entry. `evidencesResults` would be genuine media. The plugin
    shows them as fakes too, so there are none."""
    claims: dict[str, dict[str, Any]] = {}
    for fake in found:
        claim = claims.setdefault(
            str(fake.entry_id),
            {
                "id": str(fake.entry_id),
                "title": fake.title,
                "externalLink": fake.link,
                "appearancesResults": [],
                "evidencesResults": [],
            },
        )
        claim["appearancesResults"].append({"id": str(fake.asset_id), "similarity": fake.score})
    return claims


def results(
    found: Iterable[Fake], kind: Kind, context: Mapping[str, Any], least: float
) -> list[dict[str, Any]]:
    """Return Alegre's results with a score of at least `least`, best first.

    `context`: of the query. Check joins items by it, and finds its own in the context of a result.
    """
    chosen = sorted((fake for fake in found if fake.score >= least), key=lambda fake: -fake.score)
    return [
        {
            "id": str(fake.asset_id),
            "doc_id": str(fake.entry_id),
            "url": fake.page,
            "score": fake.score,
            "model": "fakeprint",
            "context": [
                {
                    "team_id": context.get("team_id"),
                    "project_media_id": number,
                    "has_custom_id": True,
                    "content_type": kind,
                }
                for number in fake.items
            ],
        }
        for fake in chosen
    ]


def callback(kind: Kind, query: Mapping[str, Any], found: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the message by which Alegre tells Check the results of a search. `query`: the request's body."""
    return {
        "action": "search_item",
        "model_type": kind,
        "data": {
            "is_search_result_callback": True,
            "item": {"id": query.get("doc_id"), "raw": dict(query)},
            "results": {"result": list(found)},
        },
    }


def _is_fake(match: Match, suggestions: bool) -> bool:
    if match["verdict"] == "known_fake":
        return True
    return suggestions and match["verdict"] == "related" and match["relation"] in _SUGGESTED


def _item(reference: Mapping[str, Any]) -> int | None:
    parts = urlsplit(str(reference["url"]))
    host = (parts.hostname or "").lower()
    is_check = host == CHECK_HOST or host.endswith(f".{CHECK_HOST}") or reference.get("type") == CHECK_ITEM
    found = _ITEM.match(parts.path) if is_check else None
    return int(found[1]) if found else None
