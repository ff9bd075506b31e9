"""The InVID-WeVerify plugin's and Check's own code, which ask for a copy of a registered fake.

`FOLDER/verification-plugin` and `FOLDER/check-api` hold their source, at the commits of decision record 0112.
Of the plugin: `useDBKFApi.jsx` and the function `similaritySearch` of `assistantSaga.jsx`, run by Node with
axios and redux-saga. Of Check: the modules `alegre_v2.rb` and `alegre_webhooks.rb`, run by Ruby with
ActiveSupport (Debian: `ruby-activesupport`).
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests.bench.interop.tools import node_modules, ran
from tests.support.media import clips as media
from tests.support.service import stack
from tests.support.service.file_server import serving
from tests.support.service.stub_service import Stub, ok

PLUGIN: Final = Path("src/components/NavItems/Assistant/AssistantApiHandlers/useDBKFApi.jsx")
SAGA: Final = Path("src/redux/sagas/assistantSaga.jsx")
ITEM: Final = 123
ARTICLE: Final = "https://checker.example/balcony"
_PLUGIN_RUN: Final = """
import { runSaga } from 'redux-saga'; import { call, put } from 'redux-saga/effects';
import axios from 'axios'; import api from './useDBKFApi.mjs';
axios.defaults.headers.common['X-API-Key'] = process.env.KEY;  // in place of the proxy that adds it
SEARCH
const found = [];
const store = (result, loading, done, fail) => ({result, loading, done, fail});
for (const [call_, url] of JSON.parse(process.argv[2])) {
  let last;
  const search = () => api()[call_](url);
  await runSaga({dispatch: action => { last = action; }}, similaritySearch, search, store).toPromise();
  found.push(last);
}
console.log(JSON.stringify(found));
"""


@dataclass(frozen=True)
class Deployment:
    """A service with a registered fake, the files at `files`, and a stub of Check's webhook."""

    url: str
    key: str
    files: str
    check: Stub


def measure(peers: Path) -> dict[str, int]:
    """Return how many of their calls are answered as they read it; nothing without their source."""
    plugin, check = peers / "verification-plugin", peers / "check-api"
    if not (plugin / PLUGIN).exists() or not check.exists():
        print("  skipped: no verification-plugin/ or check-api/ among the peers")
        return {}
    with _deployed() as deployment:
        asked = _plugin(plugin, deployment) + _check(check, deployment)
    for name, passed in asked:
        print(f"  {'ok' if passed else 'FAILED'} {name}")
    return {"fact_check_calls_ok": sum(passed for _, passed in asked), "fact_check_calls": len(asked)}


@contextmanager
def _deployed() -> Iterator[Deployment]:
    check = Stub([ok({"type": "success"})] * 4)
    with tempfile.TemporaryDirectory() as name, serving(Path(name)) as files, check.running():
        folder = Path(name)
        for clip in ("chelsea", "coffee"):
            media.clip(folder / f"{clip}.mp4", clip, seconds=4, size=(320, 240))
            media.ffmpeg("-i", folder / f"{clip}.mp4", "-frames:v", "1", folder / f"{clip}.png")
        media.ffmpeg("-i", folder / "chelsea.mp4", "-crf", "34", folder / "copy.mp4")
        callback = f"{check.url}/api/webhooks/alegre?token=token"
        with stack.running(FAKEPRINT_FETCH_PRIVATE="true", FAKEPRINT_CHECK_CALLBACK=callback) as started:
            item = f"https://checkmedia.org/newsroom/media/{ITEM}"
            done = started.fakeprint(
                *("register", folder / "chelsea.mp4", folder / "chelsea.png", "--manipulation", "edited"),
                *("--title", "The speech", "--reference", item, "--reference", ARTICLE),
            )
            if done.status:
                raise RuntimeError(done.stderr[-500:])
            yield Deployment(started.url, (started.data / "admin.key").read_text().strip(), files, check)


def _plugin(source: Path, deployment: Deployment) -> list[tuple[str, bool]]:
    folder = node_modules(["axios@1", "redux-saga@1"])
    (folder / "useDBKFApi.mjs").write_text((source / PLUGIN).read_text())
    search = re.search(r"(?ms)^function\* similaritySearch\(.*?^}", (source / SAGA).read_text())
    if search is None:
        raise RuntimeError("similaritySearch is not in the plugin's saga")
    (folder / "plugin.mjs").write_text(_PLUGIN_RUN.replace("SEARCH", search[0]))
    wanted = [
        ("callVideoSimilarityEndpoint", f"{deployment.files}/copy.mp4"),
        ("callImageSimilarityEndpoint", f"{deployment.files}/chelsea.png"),
        ("callVideoSimilarityEndpoint", f"{deployment.files}/coffee.mp4"),
        ("callImageSimilarityEndpoint", "http://127.0.0.1:9/"),
    ]
    done = ran(
        *("node", "plugin.mjs", json.dumps(wanted)),
        folder=folder,
        KEY=deployment.key,
        REACT_APP_DBKF_SIMILARITY_API=f"{deployment.url}/dbkf",
    )
    if done.returncode:
        raise RuntimeError(done.stderr[-800:])
    copy, picture, other, failed = json.loads(done.stdout.splitlines()[-1])
    return [
        ("plugin: a copy of a video", _shows(copy)),
        ("plugin: a picture", _shows(picture)),
        ("plugin: another video", other == {"result": None, "loading": False, "done": True, "fail": False}),
        ("plugin: an address that fails", failed["fail"]),
    ]


def _shows(state: dict[str, Any]) -> bool:
    rows = state["result"] or [{}]
    return bool(state["done"]) and rows[0].get("claimUrl") == ARTICLE and rows[0]["similarity"] > 0.5


def _check(source: Path, deployment: Deployment) -> list[tuple[str, bool]]:
    def asked(what: str, file: str, text: str = "") -> Any:
        done = subprocess.run(
            ["ruby", str(Path(__file__).with_name("check_client.rb")), what],
            input=text,
            capture_output=True,
            text=True,
            check=False,
            env=os.environ
            | {
                "ALEGRE_HOST": f"{deployment.url}/alegre",
                "CHECK": str(source.resolve()),
                "KEY": deployment.key,
                "MEDIA": f"{deployment.files}/{file}",
                "TYPE": "image" if file.endswith("png") else "video",
            },
        )
        if done.returncode:
            raise RuntimeError(done.stderr[-800:])
        return json.loads(done.stdout.splitlines()[-1])

    found, picture = asked("search", "copy.mp4"), asked("search", "chelsea.png")
    calls = [
        ("Check: a copy of a video", list(found) == [str(ITEM)] and found[str(ITEM)]["score"] > 0.5),
        ("Check: a picture", list(picture) == [str(ITEM)]),
        ("Check: another video", asked("search", "coffee.mp4") == {}),
        ("Check: deletion", asked("delete", "copy.mp4")["result"]["deleted"] is False),
    ]
    for what, kind in (("confirm", "confirmed"), ("suggest", "suggested")):
        before = len(deployment.check.seen)
        answer = asked(what, "copy.mp4")
        told = deployment.check.seen[before:]
        kept = asked("callback", "copy.mp4", told[-1][3].decode()) if told else {}
        value = kept.get(f"alegre:async_results:9__{str(what == 'confirm').lower()}", {}).get(str(ITEM), {})
        calls.append((f"Check: {what} and callback", answer["results"] == 1 and _is(value, kind)))
    before = len(deployment.check.seen)
    asked("confirm", "coffee.mp4")
    return [*calls, ("Check: no callback without results", len(deployment.check.seen) == before)]


def _is(value: dict[str, Any], kind: str) -> bool:
    return kind in {value.get("relationship_type"), value.get(":relationship_type")}
