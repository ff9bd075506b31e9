// A fingerprint document of a file, made in the browser: sha256, PDQ, pHash-256 and mosaics of its pictures, in
// the views that the command line makes, or the values of sound alone. schema/fingerprint-document.v1.json says
// what it holds.
import { faceFinder, NoFaces } from "./faces/finder.js";
import { characters, tellsLength } from "./headers.js";
import { same } from "./reader.js";
import { hashSize, opened, Unreadable } from "./sampling.js";
import { heard } from "./sound/heard.js";

// Frames kept of parts of pictures and turned ones, and of views that undo a crop: as workers/pipeline/chapters.py has it.
const MOST_PARTS = 39_062;
const MOST_REFRAMED = 40_000;
const MOST_MOSAICS = 3_600;
const WAITING = 8;
const FACE_STEP = 1;
const SHORT = 3;
const ENDS_EARLY = 1; // seconds that are missing of a sound that is broken

/** The document. `told(stage, share)` is called with `loading`, `reading` or `hashing` and a share from 0 to 1.
 * `most`: as `opened` has it. `faces`: null, or the addresses of what finds faces. Notes: `no_sscd` of pictures;
 * `no_faces` where faces were asked for and this device cannot find any; `truncated_media`; `broken_sound`. Without
 * faces asked for, nothing is said of them: whoever has the file can send another document with them. */
export async function documentOf(file, { most, told, signal, faces = null, generator = "fakeprint console" }) {
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
    if (source.kind === "audio") {
      seen = true;
      const { channels, duration } = await heard(file, source.duration, signal);
      const [audio, peaks] = await valued(channels, hasher, signal, (share) => told("hashing", share));
      const notes = source.duration - duration > ENDS_EARLY && (await tellsLength(file)) ? ["broken_sound"] : [];
      const algorithms = { "chromaprint.1": { step: 0.12381, value: base64(audio) }, "peaks.1": { value: base64(peaks) } };
      return { version: 1, generator, sha256: await digest, ...about(file, { ...source, duration }), notes, algorithms };
    }
    if (faces) {
      looking = await faceFinder(faces, signal, (share) => told("loading", share)).catch(unable);
    }
    const look = (time, picture) => looking?.see(time, picture, source).catch(unable);
    const frames = await hashed(source, hasher, look, signal, (share) => told("hashing", share));
    const described = looking && (await looking.found().catch(unable));
    signal.throwIfAborted();
    seen = true;
    const sha256 = await digest;
    const lacks = ["no_sscd", ...(faces && !described ? ["no_faces"] : []), ...(source.broken() ? ["truncated_media"] : [])];
    const at = ({ t, d, view, box }) => ({ t, d, view, ...(box && { box }) });
    return {
      version: 1,
      generator,
      sha256,
      ...about(file, source),
      notes: lacks,
      algorithms: {
        "phash256.1": { frames: frames.map((one) => ({ ...at(one), value: one.phash })) },
        "pdq.1": {
          frames: frames.filter(({ pdq }) => pdq).map((one) => ({ ...at(one), value: one.pdq, quality: one.quality })),
        },
        "mosaic.1": { frames: mosaics(frames) },
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

function about(file, { kind, duration, width, height }) {
  return { kind, duration: rounded(duration), size: { bytes: file.size, width, height } };
}

function valued(channels, hasher, signal, told) {
  return new Promise((resolve, reject) => {
    hasher.onmessage = ({ data }) => {
      if (data.error) reject(new Error(data.error));
      else if (data.done) resolve(data.done);
      else told(data.share);
    };
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    told(0);
    hasher.postMessage({ channels }, channels.map(({ buffer }) => buffer));
  });
}

// Of values of 32 bits, which every browser of today keeps little-endian.
function base64(values) {
  return btoa(characters(new Uint8Array(values.buffer, values.byteOffset, values.byteLength)));
}

// `look` is given the pictures in which faces are sought, as often as workers/media/sampling.py says.
async function hashed(source, hasher, look, signal, told) {
  const [width, height] = hashSize(source.width, source.height);
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.imageSmoothingQuality = "high";
  // What is transparent lies over white, as in workers/media/stills.py.
  context.fillStyle = "white";
  const found = [];
  const waiting = new Map();
  let failed = null;
  let sent = 0;
  let last = -1;
  hasher.onmessage = ({ data }) => {
    if (data.error) failed = new Error(data.error);
    else found.push(...data.done);
    waiting.get(data.id)?.();
    waiting.delete(data.id);
  };
  const ask = (what, carried) => new Promise((resolve) => {
    sent += 1;
    waiting.set(sent, resolve);
    hasher.postMessage({ id: sent, ...what }, carried);
  });
  let room = Promise.resolve();
  let ended = false;
  for await (const { time, picture } of source.samples()) {
    signal.throwIfAborted();
    context.fillRect(0, 0, width, height);
    context.drawImage(picture, 0, 0, width, height);
    const { data } = context.getImageData(0, 0, width, height);
    // What was passed over is sought at the end: the groups of those before are complete by then.
    const late = time < last;
    if (late && !ended) await ask({});
    ended ||= late;
    last = Math.max(last, time);
    const asked = ask({ time, late, pixels: data.buffer, width, height }, [data.buffer]);
    if (sought(time, source)) await look(time, picture);
    told(source.duration ? Math.min(1, (time + source.step) / source.duration) : 1);
    if (waiting.size > WAITING) await room;
    room = asked;
  }
  await ask({});
  signal.throwIfAborted();
  if (failed) throw failed;
  return framed(merged(found.sort((one, other) => one.time - other.time), source));
}

// The frames of a document, by time; what is too much of parts is let go evenly.
function framed(samples) {
  const kinds = [[], [], []];
  for (const { time, lasts, frames } of samples) {
    const moment = [[], [], []];
    for (const one of frames) {
      const kind = one.view.startsWith("reframe") ? 2 : Number(one.view !== "full" && one.view !== "mirror");
      moment[kind].push({ t: rounded(time), d: rounded(lasts), ...one });
    }
    moment.forEach((some, kind) => some.length && kinds[kind].push(some));
  }
  const [wholes, parts, reframed] = kinds;
  const kept = [wholes, thinned(parts, MOST_PARTS), thinned(reframed, MOST_REFRAMED)].flat(2);
  return kept.sort((one, other) => one.t - other.t);
}

function mosaics(frames) {
  const moments = new Map();
  for (const { t, view, box, mosaic } of frames) {
    if (!mosaic) continue;
    if (!moments.has(t)) moments.set(t, []);
    moments.get(t).push({ t, view, ...(box && { box }), value: mosaic });
  }
  return thinned([...moments.values()], MOST_MOSAICS).flat();
}

function thinned(moments, most) {
  let kept = moments;
  for (let every = 2; kept.length > 1 && kept.reduce((sum, some) => sum + some.length, 0) > most; every *= 2) {
    kept = moments.filter((_, at) => at % every === 0);
  }
  return kept;
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
