// Node and Express: an upload is checked before it is published.
// Run: npm install && FAKEPRINT_URL=… FAKEPRINT_KEY=… node server.mjs
// Then: curl -T clip.mp4 http://127.0.0.1:3000/upload
import { randomUUID } from "node:crypto";
import { createWriteStream, openAsBlob } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";
import express from "express";

const { FAKEPRINT_URL, FAKEPRINT_KEY, PORT = "3000" } = process.env;
const headers = { Authorization: `Bearer ${FAKEPRINT_KEY}` };

// One request. While the service is busy (429, 503) it says how long to wait.
async function request(path, options = {}) {
  for (let attempt = 1; ; attempt++) {
    const response = await fetch(FAKEPRINT_URL + path, { ...options, headers: { ...headers, ...options.headers } });
    if (![429, 503].includes(response.status) || attempt === 5) return response;
    await sleep(1000 * Number(response.headers.get("retry-after") ?? 1));
  }
}

// Send a file and wait for its answer. A long file is queued: its status is asked for again.
async function lookUpFile(path) {
  const form = new FormData();
  form.append("file", await openAsBlob(path), "upload");
  let response = await request("/v1/lookups", { method: "POST", body: form, headers: { Prefer: "wait=30" } });
  while (response.status === 202) {
    const { url, retry_after } = await response.json();
    await sleep(1000 * retry_after);
    response = await request(url);
  }
  const body = await response.json();
  if (response.status === 422) return { verdict: "undecidable" }; // no media, cut short, or too large
  if (!response.ok) throw new Error(`${body.code}: ${body.detail}`);
  return body;
}

// `related` is never treated as a known fake: genuine clips of the same scene are `related` too.
function action({ verdict, action }) {
  if (verdict === "known_fake") return action ?? "hold";
  return ["no_match", "authentic_original"].includes(verdict) ? "publish" : "review";
}

const app = express();
app.put("/upload", async (incoming, outgoing) => {
  const path = join(tmpdir(), randomUUID());
  try {
    await pipeline(incoming, createWriteStream(path, { mode: 0o600 }));
    const decided = action(await lookUpFile(path));
    outgoing.status(decided === "publish" ? 201 : 409).json({ action: decided });
  } catch (error) {
    outgoing.status(503).json({ action: "later", detail: String(error.message) });
  } finally {
    await rm(path, { force: true });
  }
});
const server = app.listen(Number(PORT), "127.0.0.1", () => console.log(`ready ${server.address().port}`));
