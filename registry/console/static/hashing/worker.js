// Beside the page: hashes pictures and sounds, and digests files piece by piece. Speaks to the page alone; fetches and
// sends nothing.
import { sha256 } from "../vendor/sha256.min.mjs";
import { Reader } from "./reader.js";
import { chromaprint } from "./sound/chromaprint.js";
import { mixed } from "./sound/mixed.js";
import { peaks } from "./sound/peaks.js";

const reader = new Reader();

onmessage = async ({ data }) => {
  try {
    if (data.file) await digest(data.file);
    else if (data.channels) valued(mixed(data.channels));
    else postMessage({ id: data.id, done: data.pixels ? taken(data) : reader.end() });
  } catch (error) {
    postMessage({ id: data.id, error: String(error) });
  }
};

function taken({ time, late, pixels, width, height }) {
  return reader[late ? "late" : "add"](time, new Uint8ClampedArray(pixels), width, height);
}

function valued(samples) {
  const audio = chromaprint(samples);
  postMessage({ share: 0.5 });
  postMessage({ done: [audio, peaks(samples)] });
}

async function digest(file) {
  const hash = sha256.create();
  const stream = file.stream().getReader();
  let read = 0;
  for (;;) {
    const { done, value } = await stream.read();
    if (done) break;
    hash.update(value);
    read += value.length;
    postMessage({ share: file.size ? read / file.size : 1 });
  }
  postMessage({ sha256: hash.hex() });
}
