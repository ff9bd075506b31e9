// The main job by the TypeScript client: `node main_job.js URL KEY FAKE COPY`, which prints what it found as JSON.
// tests/client/test_typescript.py compiles it with the client and runs it.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { openAsBlob } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

import { Client, type EntryPage, type Line, NotYet, type Query, ServiceError, Unreachable } from "./index.js";

const [url = "", key = "", fake = "", copy = ""] = process.argv.slice(2);
const registry = new Client(url, key);

// A fake is registered by its file, and found by a copy, by its SHA-256 and in a list.
const made = await registry.register([await openAsBlob(fake)], { title: "Ünïcode «fake»", manipulation: "synthetic" });
const entry = await registry.waitMatchable(made.entry_id);
assert.equal(entry.status, "matchable");
const found = await registry.lookUpFile(await openAsBlob(copy), { wait: 120 });
assert.equal((await registry.lookup(found.lookup_id)).verdict, found.verdict);
const digest = createHash("sha256").update(await readFile(fake)).digest("hex");
assert.equal((await registry.lookUpSha256(digest)).verdict, "known_fake");
const page: EntryPage = await registry.api.listEntries({ query: { status: "matchable", limit: 50 } });
assert.ok(page.entries.some((listed) => listed.entry_id === made.entry_id && listed.title === "Ünïcode «fake»"));
assert.ok((await registry.banks()).some((bank) => bank.name === "default"));

// A stream of queries, more than fit into one request.
const questions: Query[] = [
  { type: "sha256", value: digest },
  { type: "hash", algorithm: "pdq.1", value: "short" } as Query,
];
const lines: Line[] = [];
for await (const line of registry.lookUpMany(Array.from({ length: 600 }, () => questions).flat())) lines.push(line);
assert.deepEqual(lines.map((line) => line.line), Array.from({ length: 1200 }, (_, index) => index + 1));
const outcomes = lines.map((line) => line.error?.code ?? ("verdict" in line ? line.verdict : ""));

// Errors have codes.
const refusals: unknown[] = [];
for (const ask of [
  () => new Client(url, "nobody").banks(),
  () => registry.entry("nobody"),
  () => new Client("http://127.0.0.1:9", "", { attempts: 2, first: 0.01 }).banks(),
  () => registry.waitMatchable(made.entry_id, 0).then(() => registry.lookUpFile(new Blob(["no media"]))),
]) {
  await ask().catch((error: unknown) => {
    assert.ok(error instanceof ServiceError || error instanceof Unreachable || error instanceof NotYet, String(error));
    refusals.push(error.code);
  });
}

// A busy service is asked again; what would be created twice is not sent twice.
const asked: string[] = [];
const busy = createServer((request, response) => {
  asked.push(`${request.method} ${request.url}`);
  request.resume();
  if (request.method === "POST" && request.url === "/v1/webhooks") return void request.socket.destroy();
  response.writeHead(asked.length < 3 ? 503 : 200, { "Content-Type": "application/json" });
  response.end(JSON.stringify(asked.length < 3 ? { code: "busy", detail: "busy" } : { banks: [] }));
});
await new Promise<void>((resolve) => busy.listen(0, "127.0.0.1", resolve));
const stubborn = new Client(`http://127.0.0.1:${(busy.address() as AddressInfo).port}`, "", { first: 0.01 });
assert.deepEqual(await stubborn.banks(), []);
assert.equal(asked.length, 3);
await assert.rejects(stubborn.api.createWebhook({ body: { url: "https://example.org", kinds: [] } }), Unreachable);
assert.equal(asked.length, 4);
busy.close();

console.log(JSON.stringify({ verdict: found.verdict, entry: made.entry_id, outcomes: [...new Set(outcomes)], refusals }));
