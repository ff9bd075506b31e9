"""What the InVID-WeVerify plugin and Meedan's Check ask, as they ask it, against a running service.

Their own code is run by `make interop` (tests/bench/interop/fact_checkers.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import httpx2
import pytest

from tests.support.media import clips as media
from tests.support.service.file_server import serving
from tests.support.service.stack import Stack

SIZE = (320, 240)
CHECK = "https://checkmedia.org/newsroom/media/123"
ARTICLE = "https://checker.example/balcony"


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fake and a copy of it, and another clip and picture."""
    folder = tmp_path_factory.mktemp("facts")
    for name in ("chelsea", "coffee"):
        media.clip(folder / f"{name}.mp4", name, seconds=4, size=SIZE)
        media.ffmpeg("-i", folder / f"{name}.mp4", "-frames:v", "1", folder / f"{name}.png")
    media.ffmpeg("-i", folder / "chelsea.mp4", "-crf", "34", folder / "copy.mp4")
    return folder


@pytest.fixture(scope="module")
def addresses(files: Path) -> Iterator[str]:
    with serving(files) as address:
        yield address


@pytest.fixture(scope="module")
def entry_id(private_service: Stack, files: Path, client: httpx2.Client) -> str:
    """The fake `chelsea.mp4`, reviewed by nobody, in the organization of `client`."""
    references = [word for url in (CHECK, ARTICLE) for word in ("--reference", url)]
    done = private_service.fakeprint(
        *("register", files / "chelsea.mp4", "--manipulation", "edited", "--title", "The speech", "--json"),
        *references,
        FAKEPRINT_KEY=client.headers["X-API-Key"],
    )
    assert done.status == 0, done.stderr
    return str(done.line["entry_id"])


def _key(service: Stack, organization: str) -> httpx2.Client:
    roles = [word for role in ("lookup", "register") for word in ("--role", role)]
    made = service.fakeprint("admin", "caller", "add", "a", "--organization", organization, *roles, "--json")
    assert made.status == 0, made.stderr
    headers = {"X-API-Key": made.line["key"]}
    return httpx2.Client(base_url=service.url, headers=headers, timeout=90, trust_env=False)


@pytest.fixture(scope="module")
def client(private_service: Stack) -> Iterator[httpx2.Client]:
    with _key(private_service, "fact checkers") as found:
        yield found


def _plugin(client: httpx2.Client, call: str, url: str) -> httpx2.Response:
    return client.get(f"/dbkf/{call}?&collection_id=similarity&url={quote(url, safe='')}")


def test_the_plugin_is_told_of_a_copy(client: httpx2.Client, entry_id: str, addresses: str) -> None:
    found = _plugin(client, "similarVideos", f"{addresses}/copy.mp4")
    assert found.status_code == 200, found.text
    claim = found.json()[entry_id]
    assert claim["externalLink"] == ARTICLE
    assert [0.5 < row["similarity"] <= 1 for row in claim["appearancesResults"]] == [True]
    assert claim["evidencesResults"] == []


def test_the_plugin_is_told_nothing_of_other_media(
    client: httpx2.Client, entry_id: str, addresses: str
) -> None:
    assert _plugin(client, "similarVideos", f"{addresses}/coffee.mp4").json() == {}
    assert _plugin(client, "similarImages", f"{addresses}/coffee.png").json() == {}
    assert entry_id


def test_strangers_are_not_told_of_what_nobody_reviewed(
    private_service: Stack, entry_id: str, addresses: str
) -> None:
    with _key(private_service, "other fact checkers") as stranger:
        assert _plugin(stranger, "similarVideos", f"{addresses}/chelsea.mp4").json() == {}
        query = {"url": f"{addresses}/chelsea.mp4", "context": {"team_id": 1}}
        assert stranger.post("/alegre/similarity/sync/video", json=query).json() == {"result": []}
    assert entry_id


def test_check_is_told_its_own_item(client: httpx2.Client, entry_id: str, addresses: str) -> None:
    query = {
        "doc_id": "Y2hlY2s",
        "content_hash": "x",
        "url": f"{addresses}/copy.mp4",
        "context": {"team_id": 1, "project_media_id": 9, "has_custom_id": True, "temporary_media": False},
        "threshold": 0.5,
    }
    found = client.post("/alegre/similarity/sync/video", json=query)
    assert found.status_code == 200, found.text
    (result,) = found.json()["result"]
    assert result["doc_id"] == entry_id
    assert [(row["team_id"], row["project_media_id"]) for row in result["context"]] == [(1, 123)]
    assert result["url"] == f"{str(client.base_url).rstrip('/')}/console/entries/{entry_id}"
    above = client.post("/alegre/similarity/sync/video", json=query | {"threshold": 1.01})
    assert above.json() == {"result": []}


def test_check_may_delete_what_was_never_stored(client: httpx2.Client) -> None:
    asked = {"doc_id": "Y2hlY2s", "url": "https://check.example/1.mp4", "quiet": False}
    found = client.request("DELETE", "/alegre/video/similarity/", json=asked)
    assert found.json()["result"] == {"url": asked["url"], "deleted": False}


@pytest.mark.parametrize(
    ("url", "code"), [("file:///etc/passwd", "bad_url"), ("http://127.0.0.1:9/", "not_fetched")]
)
def test_addresses_that_cannot_be_fetched_have_an_error(client: httpx2.Client, url: str, code: str) -> None:
    assert _plugin(client, "similarImages", url).json()["code"] == code
    found = client.post("/alegre/similarity/sync/image", json={"url": url})
    assert (found.status_code, found.json()["code"]) == (400, code)


def test_texts_and_bad_queries_are_refused(client: httpx2.Client) -> None:
    assert client.post("/alegre/similarity/sync/text", json={"text": "x"}).status_code in {400, 422}
    assert client.post("/alegre/similarity/sync/image", json={}).status_code in {400, 422}
    assert client.get("/dbkf/similarImages").status_code in {400, 422}


def test_only_the_operator_may_have_check_told(private_service: Stack, client: httpx2.Client) -> None:
    query = {"url": "https://check.example/1.mp4", "context": {"team_id": 1}}
    refused = client.post("/alegre/similarity/async/video", json=query)
    assert (refused.status_code, refused.json()["code"]) == (403, "not_operator")
    key = (private_service.data / "admin.key").read_text().strip()
    headers = {"X-API-Key": key}
    with httpx2.Client(
        base_url=private_service.url, headers=headers, timeout=90, trust_env=False
    ) as operator:
        nowhere = operator.post("/alegre/similarity/async/video", json=query)
        assert (nowhere.status_code, nowhere.json()["code"]) == (409, "no_check_callback")
        stored = operator.post("/alegre/similarity/async/video", json={**query, "requires_callback": False})
        assert stored.json() == {"message": "Nothing is stored.", "results": 0}
