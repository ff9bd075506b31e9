// Faces, found and described beside the page. What that takes is fetched once, and kept by the browser.
import { even } from "./expression.js";
import { number } from "./tracks.js";

const PATIENCE = 60_000;
const LONGEST = 1280;
const WAITING = 6;

/** Raised where this device cannot do it: too little memory, no WebAssembly, or the files did not come. */
export class NoFaces extends Error {}

/** `{see(time, picture, source), found(), close()}`: `see` is done once the picture was taken, and fewer than
 * `WAITING` wait; `found` once all were looked at. `files`: the addresses of `runtime`, `finder` and `describer`.
 * `told(share)` is called while they are fetched. Raise `NoFaces`. */
export async function faceFinder(files, signal, told) {
  if (!globalThis.WebAssembly || navigator.deviceMemory <= 1) throw new NoFaces("too little memory");
  const models = await fetched(files, signal, told);
  const worker = new Worker(new URL("worker.js", import.meta.url), { type: "module" });
  const waiting = new Map();
  const failed = (reason) => {
    for (const { reject } of waiting.values()) reject(new NoFaces(reason));
    waiting.clear();
  };
  worker.onerror = (event) => failed(event.message || "the worker ended");
  worker.onmessage = ({ data }) => {
    const one = waiting.get(data.id);
    waiting.delete(data.id);
    if (data.error) one?.reject(new NoFaces(data.error));
    else one?.resolve(data.faces);
  };
  const stop = () => {
    worker.terminate();
    failed("stopped");
  };
  signal.addEventListener("abort", stop, { once: true });
  const close = () => {
    signal.removeEventListener("abort", stop);
    worker.terminate();
  };
  let asked = 0;
  const ask = (said, handed) => new Promise((resolve, reject) => {
    asked += 1;
    waiting.set(asked, { resolve, reject });
    worker.postMessage({ id: asked, ...said }, handed);
  });
  const patience = setTimeout(() => failed("it took too long to begin"), PATIENCE);
  try {
    await ask({ models }, Object.values(models));
  } catch (error) {
    close();
    signal.throwIfAborted();
    throw error;
  } finally {
    clearTimeout(patience);
  }
  const samples = [];
  const looks = [];
  return {
    async see(time, picture, { width, height, kind, rest }) {
      const factor = Math.min(1, LONGEST / Math.max(width, height));
      const size = [width, height].map((side) => Math.max(1, Math.round(side * factor)));
      const how = { resizeWidth: size[0], resizeHeight: size[1], resizeQuality: "high" };
      const bitmap = await createImageBitmap(picture, how).catch((error) => {
        throw new NoFaces(String(error));
      });
      const asking = ask({ bitmap, shown: Math.max(width, height), still: kind === "image" }, [bitmap]);
      const look = asking.then((faces) => samples.push({ time, faces }));
      look.catch(() => {});
      looks.push(look);
      if (waiting.size >= WAITING) await rest(looks.at(-WAITING / 2));
    },
    /** As the fingerprint document has them. */
    async found() {
      await Promise.all(looks);
      samples.sort((one, other) => one.time - other.time);
      number(samples);
      return samples.flatMap(({ time, faces }) => faces.map((face) => written(time, face)));
    },
    close,
  };
}

function written(time, face) {
  return {
    t: rounded(time, 3),
    box: face.box.map((share) => rounded(share, 4)),
    pixels: rounded(face.pixels, 1),
    score: rounded(face.score, 3),
    quality: rounded(face.quality, 3),
    track: face.track,
    value: base64(halves(face.vector)),
    expression: base64(new Uint8Array(face.expression.buffer)),
  };
}

async function fetched(files, signal, told) {
  const names = Object.keys(files);
  const known = new Map();
  const sum = (key) => [...known.values()].reduce((total, one) => total + one[key], 0);
  const bodies = await Promise.all(names.map(async (name) => {
    const answer = await fetch(files[name], { signal });
    if (!answer.ok) throw new NoFaces(`${answer.status} for ${name}`);
    const state = { whole: Number(answer.headers.get("Content-Length")) || 1, read: 0 };
    known.set(name, state);
    const parts = [];
    const reader = answer.body.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      parts.push(value);
      state.read += value.length;
      if (known.size === names.length) told(Math.min(1, sum("read") / sum("whole")));
    }
    return new Blob(parts).arrayBuffer();
  })).catch((error) => {
    signal.throwIfAborted();
    throw error instanceof NoFaces ? error : new NoFaces(String(error));
  });
  return Object.fromEntries(names.map((name, at) => [name, bodies[at]]));
}

// Little-endian float16, the nearest, halves to the even one. Of a vector of unit length: none is large.
function halves(vector) {
  const bytes = new DataView(new ArrayBuffer(2 * vector.length));
  vector.forEach((value, at) => {
    const size = Math.abs(value);
    const power = Math.max(-14, Math.floor(Math.log2(Math.max(size, 2 ** -24))));
    let part = even(size / 2 ** (power - 10));
    // What is under 1024 has no hidden bit: the smallest numbers alone.
    part = part < 1024 ? part : part - 1024 + (power + 15) * 1024;
    bytes.setUint16(2 * at, part + (value < 0 ? 0x8000 : 0), true);
  });
  return new Uint8Array(bytes.buffer);
}

function base64(bytes) {
  return btoa(String.fromCharCode(...bytes));
}

function rounded(value, places) {
  return Math.round(value * 10 ** places) / 10 ** places;
}
