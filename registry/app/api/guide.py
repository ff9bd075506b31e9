"""First steps for callers: authentication and the five main calls, with examples to copy.

`/openapi.json` and `/docs` begin with it. A test runs each example.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Call:
    """A call: title, description, shell example and operation id."""

    title: str
    text: str
    example: str
    operation: str


AUTHENTICATION: Final = (
    "Send an API key with every request, as `Authorization: Bearer KEY` (or `X-API-Key: KEY`). An "
    "administrator of your organization makes one: "
    '`fakeprint admin caller add "upload filter" --role lookup`. '
    "`fakeprint up` writes the key of the first administrator to `admin.key` in its data folder. "
    "The examples read the address of the service from `FAKEPRINT_URL` and the key from `FAKEPRINT_KEY`."
)
SETTINGS: Final = """\
export FAKEPRINT_URL=http://127.0.0.1:8000
export FAKEPRINT_KEY=$(cat admin.key)
curl -sS -H "Authorization: Bearer $FAKEPRINT_KEY" "$FAKEPRINT_URL/v1/callers/me"
"""

CALLS: Final = (
    Call(
        "Look up a file",
        "The answer says whether it is a known fake, and which part of it. The file is deleted once it is "
        "answered. Short files are answered at once (200). A longer one is answered 202 with `url` and "
        "`retry_after`.",
        """\
curl -sS -H "Authorization: Bearer $FAKEPRINT_KEY" -H 'Prefer: wait=60' \\
     -F file=@clip.mp4 "$FAKEPRINT_URL/v1/lookups"
""",
        "lookUp",
    ),
    Call(
        "Wait for a queued lookup",
        "GET the `url` of the 202 every `retry_after` seconds until it answers 200.",
        """\
curl -sS -H "Authorization: Bearer $FAKEPRINT_KEY" -H 'Prefer: respond-async' \\
     -F file=@clip.mp4 "$FAKEPRINT_URL/v1/lookups" > answer.json
while grep -q '"status":"queued"' answer.json; do
    sleep 1
    place=$(sed 's/.*"url":"\\([^"]*\\)".*/\\1/' answer.json)
    curl -sS -H "Authorization: Bearer $FAKEPRINT_KEY" "$FAKEPRINT_URL$place" > answer.json
done
cat answer.json
""",
        "showLookup",
    ),
    Call(
        "Look up without sending the file",
        "`fakeprint hash` computes a fingerprint document on your machine; the file stays there. `--faces` "
        "adds face vectors, which are biometric data; without them a face swap is decided only if its "
        "original is registered, and else `related`. A checksum or the hash of one picture is sent as JSON, "
        "its value always in `value`.",
        """\
fakeprint hash --faces clip.mp4 > clip.json
curl -sS -H "Authorization: Bearer $FAKEPRINT_KEY" \\
     -H 'Content-Type: application/vnd.fakeprint+json' \\
     --data-binary @clip.json "$FAKEPRINT_URL/v1/lookups"
curl -sS -H "Authorization: Bearer $FAKEPRINT_KEY" -H 'Content-Type: application/json' \\
     -d "{\\"type\\": \\"sha256\\", \\"value\\": \\"$(sha256sum clip.mp4 | cut -c1-64)\\"}" \\
     "$FAKEPRINT_URL/v1/lookups"
""",
        "lookUp",
    ),
    Call(
        "Look up many",
        "One query a line in, one answer a line out, up to 10,000 in a request. A line is a query as above, "
        "or a fingerprint document.",
        """\
echo '{"type": "sha256", "value": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"}' \\
     > queries.ndjson
curl -sS -H "Authorization: Bearer $FAKEPRINT_KEY" -H 'Content-Type: application/x-ndjson' \\
     --data-binary @queries.ndjson "$FAKEPRINT_URL/v1/lookups:batch"
""",
        "lookUpBatch",
    ),
    Call(
        "Register a fake",
        "Send the authentic original too if you have it. Then lookups do not report the original as a "
        "fake. The entry answers lookups once its `status` is `matchable` (`GET /v1/entries/{entry_id}`). "
        "Until somebody reviews it, it answers `known_fake` to your own organization only.",
        """\
curl -sS -H "Authorization: Bearer $FAKEPRINT_KEY" -F title='Councillor, face-swapped' \\
     -F manipulation=face_swap -F fake=@fake.mp4 -F original=@original.mp4 "$FAKEPRINT_URL/v1/entries"
""",
        "registerEntry",
    ),
)

ERRORS: Final = (
    "Errors are RFC 9457 problem documents. `code` is stable: branch on it. `detail` says what is wrong and "
    "`next_step` what to do about it. `instance` holds the id of the request, also in the header "
    "`X-Request-Id` (you may send your own)."
)
PERMISSIONS: Final = (
    "`x-roles` lists the roles and scopes that an operation needs: all of `all_of`, and one of `one_of`. "
    "With `operator`, the key must belong to the organization that runs the deployment. Operations with "
    "`security: []` need no key: those under `/health`, this description, revocation by code, status lists, "
    "and a person's own private case."
)


def markdown() -> str:
    """Return the guide in Markdown."""
    calls = "\n".join(f"### {call.title}\n\n{call.text}\n\n```sh\n{call.example}```\n" for call in CALLS)
    return (
        f"## Authentication\n\n{AUTHENTICATION}\n\n```sh\n{SETTINGS}```\n\n"
        f"## Five calls\n\n{calls}\n"
        f"## Permissions\n\n{PERMISSIONS}\n\n## Errors\n\n{ERRORS}\n"
    )
