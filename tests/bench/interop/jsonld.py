"""An assertion and a status list, expanded by npm's `jsonld` in safe mode."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from registry.transparency.credentials.model import assertion, status_list
from tests.bench.interop.tools import node_modules, ran
from tests.transparency.test_assertion import SIGNER, STANDING

_SCRIPT = """
import fs from 'fs'; import jsonld from 'jsonld'; import * as known from '@digitalbazaar/credentials-context';
const documentLoader = async url => {
  if (!known.contexts.has(url)) throw new Error(`no context ${url}`);
  return {contextUrl: null, documentUrl: url, document: known.contexts.get(url)};
};
for (const document of JSON.parse(fs.readFileSync(process.argv[2])))
  await jsonld.canonize(document, {safe: true, documentLoader, format: 'application/n-quads'});
"""


def measure(_peers: Path) -> dict[str, int]:
    """Return 1 if every term has a definition."""
    folder = node_modules(["jsonld@9", "@digitalbazaar/credentials-context@3"])
    now, base = datetime.now(UTC), "https://fakes.example"
    documents = [
        assertion.credential(STANDING, SIGNER, now, status_list.places(base, 5)),
        status_list.credential(base, "revocation", 0, [3], SIGNER, now),
    ]
    (folder / "documents.json").write_text(json.dumps(documents))
    (folder / "safe.mjs").write_text(_SCRIPT)
    done = ran("node", "safe.mjs", "documents.json", folder=folder)
    print(done.stderr[-800:], end="")
    return {"jsonld_safe": int(done.returncode == 0)}
