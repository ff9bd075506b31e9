// A fingerprint document of a file, made in the browser: sha256, PDQ and pHash-256 of its pictures, as they
// are and mirrored. It holds no pixels; schema/fingerprint-document.v1.json says what it holds.
import { faceFinder, NoFaces } from "./faces/finder.js";
import { hashSize, opened, Unreadable } from "./sampling.js";

const STATIC_MEAN = 0.6;
const STATIC_MAX = 4;
const FACE_STEP = 1;
const SHORT = 3;

/** The document. `told(stage, share)` is called with `loading`, `reading` or `hashing` and a share from 0 to 1.
 * `most`: as `opened` has it. `faces`: null, or the addresses of what finds faces: where this device cannot do
 * it, the document has the note `no_faces`, as it has without. */
export async function documentOf(file, { most, told, signal, faces = null }) {
  const address = new URL("worker.js", import.meta.url);
  const [digester, hasher] = [0, 1].map(() => new Worker(address, { type: "module" }));
  const source = await opened(file, most, signal).catch((error) => {
    digester.terminate();
    hasher.terminate();
    throw error;
  });
  let looking = null;
  const unable = (error) => {
    signal.throwIfAborted();
    if (!(error instanceof NoFaces)) throw error;
    console.warn(`no faces: ${error.message}`);
    looking?.close();
    looking = null;
    return null;
  };
  try {
    // The digest is mostly done long before the pictures are; where it is not, it is told of after them.
    let seen = false;
    told("reading", 0);
    const digest = digested(digester, file, signal, (share) => seen && told("reading", share));
    digest.catch(() => {});
    if (faces) {
      looking = await faceFinder(faces, signal, (share) => told("loading", share)).catch(unable);
    }
    const look = (time, picture) => looking?.see(time, picture, source).catch(unable);
    const frames = await hashed(source, hasher, look, signal, (share) => told("hashing", share));
    const described = looking && (await looking.found().catch(unable));
    signal.throwIfAborted();
    seen = true;
    const sha256 = await digest;
    const lacks = ["no_sscd", ...(described ? [] : ["no_faces"]), ...(source.broken() ? ["truncated_media"] : [])];
    return {
      version: 1,
      generator: "fakeprint console",
      sha256,
      kind: source.kind,
      duration: rounded(source.duration),
      size: { bytes: file.size, width: source.width, height: source.height },
      notes: lacks,
      algorithms: {
        "phash256.1": { frames: frames.map(({ value, quality, phash, ...at }) => ({ ...at, value: phash })) },
        "pdq.1": { frames: frames.map(({ phash, ...at }) => at) },
        ...(described ? { "face.sface.1": { faces: described } } : {}),
      },
    };
  } finally {
    digester.terminate();
    hasher.terminate();
    looking?.close();
    source.close();
  }
}

// `look` is given the pictures in which faces are sought, as often as workers/media/sampling.py says.
async function hashed(source, hasher, look, signal, told) {
  const [width, height] = hashSize(source.width, source.height);
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.imageSmoothingQuality = "high";
  const done = [];
  const waiting = new Map();
  let failed = null;
  hasher.onmessage = ({ data }) => {
    if (data.error) failed = new Error(data.error);
    waiting.get(data.id)?.(data);
    waiting.delete(data.id);
  };
  for await (const { time, picture } of source.samples()) {
    signal.throwIfAborted();
    context.drawImage(picture, 0, 0, width, height);
    const { data } = context.getImageData(0, 0, width, height);
    const id = done.length;
    done.push(new Promise((resolve) => waiting.set(id, resolve)).then((found) => ({ time, ...found })));
    hasher.postMessage({ id, pixels: data.buffer, width, height }, [data.buffer]);
    if (sought(time, source)) await look(time, picture);
    told(source.duration ? Math.min(1, (time + source.step) / source.duration) : 1);
    if (waiting.size > 8) await done[id - 4];
  }
  const samples = await Promise.all(done);
  signal.throwIfAborted();
  if (failed) throw failed;
  samples.sort((one, other) => one.time - other.time);
  return merged(samples, source).flatMap(({ time, lasts, full, mirror }) => [
    { t: rounded(time), d: rounded(lasts), view: "full", ...full },
    { t: rounded(time), d: rounded(lasts), view: "mirror", ...mirror },
  ]);
}

function sought(time, { duration, step }) {
  if (!time) return true;
  const every = Math.max(step, duration >= SHORT ? FACE_STEP : duration / 6);
  const cell = (at) => Math.floor((at + 1e-6) / every);
  return cell(time) > cell(time - step);
}

// Consecutive samples that show the same are one that lasts longer.
function merged(samples, source) {
  const kept = [];
  samples.forEach((one, at) => {
    const until = at + 1 < samples.length ? samples[at + 1].time : Math.max(one.time, source.duration);
    const before = kept.at(-1);
    if (before && same(before.thumb, one.thumb)) before.lasts = until - before.time;
    else kept.push({ ...one, lasts: until - one.time });
  });
  return kept;
}

function same(one, other) {
  let sum = 0;
  for (let at = 0; at < one.length; at += 1) {
    const apart = Math.abs(one[at] - other[at]);
    if (apart > STATIC_MAX) return false;
    sum += apart;
  }
  return sum / one.length <= STATIC_MEAN;
}

function digested(digester, file, signal, told) {
  return new Promise((resolve, reject) => {
    digester.onmessage = ({ data }) => {
      if (data.sha256) resolve(data.sha256);
      else if (data.error) reject(new Unreadable("missing_path", data.error));
      else told(data.share);
    };
    digester.onerror = () => reject(new Unreadable("missing_path"));
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    digester.postMessage({ file });
  });
}

function rounded(seconds) {
  return Math.round(seconds * 1000) / 1000;
}
