// A file's pictures at a fixed grid in time, drawn small, one after another. Of sound alone only its length is told.
// Nothing leaves the page.
import { animation } from "./animation.js";
import { decoded } from "./decoded.js";
import { elsewhere, isHeic, isSound, movingType, pixelsOf } from "./headers.js";
import { heic } from "./heic/decoder.js";

const SIDE = 288;
const LONGEST = 1024;
const STEP = 0.5;
const SHORTEST_STEP = 1 / 64;
const LONGEST_STEP = 2;
const FEWEST = 6;
const PLENTY = 3600;
const MOST = 7200;
const RATE = 4;
const WINDOW = 10;
const EARLY = 0.021;
const LATE = 0.045;
const PATIENCE = 15_000;
const SETTLED = 250;

/** A file that cannot be read here. `code` is the API's (`registry.core.errors.MEDIA_CODES`), `said` the name of the
 * page's words for it: the code, or `too_long`, or, of a file that may be sound, `not_readable_here` (a format
 * that browsers do not know: AVI, FLV, WMV, MPEG, TIFF) or `hevc_here` (HEVC video). */
export class Unreadable extends Error {
  constructor(code, message = code, said = code) {
    super(message);
    Object.assign(this, { code, said });
  }
}

/** What a file's pictures are hashed at: as workers/media/picture.py has it. */
export function hashSize(width, height) {
  const factor = Math.min(1, SIDE / Math.min(width, height), LONGEST / Math.max(width, height));
  return [Math.max(1, Math.round(width * factor)), Math.max(1, Math.round(height * factor))];
}

/** Seconds between the samples of a video: as workers/media/sampling.py has it. */
export function stepOf(duration) {
  let step = STEP;
  while (duration / step < FEWEST && step > SHORTEST_STEP) step /= 2;
  while (duration / step > (step < LONGEST_STEP ? PLENTY : MOST)) step *= 2;
  return step;
}

/** `{kind, duration, width, height, step, broken(), samples(), rest(until), at(second), close()}` of a picture or
 * a video. `samples` yields `{time, picture}`; `picture` can be drawn until the next one is asked for. `rest`:
 * wait for something before that, and play nothing meanwhile. `broken`: whether it ended before its time. `most`: `{seconds, pixels}` that are taken. Raises `Unreadable`, and what `signal` is
 * aborted with. */
export async function opened(file, most, signal) {
  if (!file.size) throw new Unreadable("empty_file");
  try {
    return await readable(file, most, signal);
  } catch (error) {
    if (!(error instanceof Unreadable) || !["not_media", "unsupported_media"].includes(error.code)) throw error;
    const word = await elsewhere(file).catch(() => null);
    throw word ? new Unreadable("unsupported_media", error.message, word) : error;
  }
}

async function readable(file, most, signal) {
  const photograph = (await isHeic(file)) && (await heic(file, most.pixels, signal));
  if (photograph) return pictured(photograph);
  if (file.type.startsWith("image/")) return still(file, most, signal);
  try {
    return await video(file, most.seconds, signal);
  } catch (error) {
    // Browsers know files by their names alone, and not all of those.
    if (file.type || error.code !== "not_media") throw error;
    return still(file, most, signal);
  }
}

async function still(file, { pixels, seconds }, signal) {
  // By its header first: a picture of four gigabytes when decoded may be a file of a few kilobytes.
  if ((await pixelsOf(file)) > pixels || (await shown(file, signal)) > pixels) throw new Unreadable("too_large");
  const type = await movingType(file);
  const moving = type && (await animation(file, type, seconds, signal));
  if (moving) return moving;
  const bitmap = await createImageBitmap(file, { colorSpaceConversion: "none" }).catch((error) => {
    throw new Unreadable("not_media", String(error));
  });
  signal.throwIfAborted();
  return pictured(bitmap);
}

function pictured(bitmap) {
  return {
    kind: "image",
    duration: 0,
    step: 0,
    width: bitmap.width,
    height: bitmap.height,
    async *samples() {
      yield { time: 0, picture: bitmap };
    },
    broken: () => false,
    rest: (until) => until,
    at: async () => bitmap,
    close: () => bitmap.close(),
  };
}

// Pixels of a picture of any format that the browser knows, not decoded yet.
async function shown(file, signal) {
  const element = new Image();
  element.src = URL.createObjectURL(file);
  try {
    await happened(element, "load", signal, "not_media");
    return element.naturalWidth * element.naturalHeight;
  } finally {
    URL.revokeObjectURL(element.src);
    element.removeAttribute("src");
  }
}

async function video(file, longest, signal) {
  const element = document.createElement("video");
  Object.assign(element, { muted: true, playsInline: true, preload: "auto", className: "decoding" });
  element.setAttribute("aria-hidden", "true");
  element.tabIndex = -1;
  element.src = URL.createObjectURL(file);
  document.body.append(element);
  const close = () => {
    element.pause();
    URL.revokeObjectURL(element.src);
    element.removeAttribute("src");
    element.load();
    element.remove();
  };
  try {
    await happened(element, "loadeddata", signal);
    // Of a video whose pictures cannot be decoded the sound may be played.
    if (!element.videoWidth && !(await isSound(file))) throw new Unreadable("unsupported_media", "there is no picture in it");
    if (!Number.isFinite(element.duration)) {
      // What was recorded in a browser does not say how long it is: it is known from its end.
      await sought(element, 1e9, signal);
      await sought(element, 0, signal);
    }
    if (!(element.duration <= longest)) throw new Unreadable("too_large", String(element.duration), "too_long");
  } catch (error) {
    close();
    throw error;
  }
  const step = stepOf(element.duration);
  let broken = false;
  const resting = { now: false };
  return {
    kind: element.videoWidth ? "video" : "audio",
    duration: element.duration,
    step,
    width: element.videoWidth,
    height: element.videoHeight,
    broken: () => broken,
    async rest(until) {
      resting.now = !element.paused;
      if (resting.now) element.pause();
      try {
        await until;
      } finally {
        if (resting.now) await element.play().catch(() => {});
        resting.now = false;
      }
    },
    async *samples() {
      let none = true;
      try {
        for await (const one of samples(file, element, step, resting, signal)) {
          none = false;
          yield one;
        }
      } catch (error) {
        // What was seen before the damage is told.
        if (none || !(error instanceof Unreadable)) throw error;
        broken = true;
      }
    },
    at: async (second) => {
      await sought(element, second, signal);
      return element;
    },
    close,
  };
}

// Decoded where the browser can; from where it cannot, the element shows the rest.
async function* samples(file, element, step, resting, signal) {
  const frames = decoded(file, step, element.duration);
  let next = 0;
  try {
    for (;;) {
      const { done, value } = await soon(frames.next(), signal);
      if (done && value) return;
      if (done) break;
      yield value;
      next += 1;
    }
  } catch (error) {
    signal.throwIfAborted();
    console.warn(`not decoded from ${next * step} s on: ${error}`);
  } finally {
    frames.return().catch(() => {});
  }
  yield* presented(element, step, next, resting, signal);
}

// What comes of a promise, unless it takes too long or `signal` is aborted.
function soon(promise, signal) {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    const patience = setTimeout(() => reject(new Error("the decoder stands still")), PATIENCE);
    signal.addEventListener("abort", stop);
    promise.then(resolve, reject).finally(() => {
      clearTimeout(patience);
      signal.removeEventListener("abort", stop);
    });
    if (signal.aborted) stop();
  });
}

// Played fast, each grid point from `next` on takes the first picture that is shown from it on: cheaper by far
// than seeking, for which the decoder begins anew. What was passed over, or the browser does not play, is sought.
async function* presented(element, step, next, resting, signal) {
  const count = Math.max(1, Math.ceil(element.duration / step - 1e-3));
  const within = (at) => Math.min(at * step + 1e-3, Math.max(0, element.duration - 1e-3));
  const missed = [];
  if (count > next + 1 && step >= STEP) {
    // What is shown before it plays may not be told of when it does.
    await sought(element, next && within(next), signal);
    yield { time: next * step, picture: element };
    next += 1;
    const pace = new Pace(element);
    const wanted = (time) => time >= next * step - EARLY;
    for await (const { time, picture } of played(element, resting, signal, wanted)) {
      for (; next < count && (next + 1) * step <= time; next += 1) pace.tell(missed.push(next));
      if (next < count && wanted(time)) {
        const late = time - next * step > LATE;
        pace.tell(late);
        if (late) missed.push(next);
        else yield { time: next * step, picture };
        next += 1;
      }
      picture.close();
    }
  }
  for (; next < count; next += 1) missed.push(next);
  for (const at of missed) {
    await sought(element, within(at), signal);
    yield { time: at * step, picture: element };
  }
}

// A machine that does not keep up plays slower, until it does. A point that is sought costs as much as two that
// are played at `RATE`: a few may be missed.
class Pace {
  #element;
  #recent = [];

  constructor(element) {
    this.#element = element;
  }

  /** Of the next point, whether it was `missed`. */
  tell(missed) {
    this.#recent.push(Boolean(missed));
    if (this.#recent.length < WINDOW) return;
    const share = this.#recent.filter(Boolean).length / WINDOW;
    const rate = this.#element.playbackRate;
    if (share > 0.5) this.#element.playbackRate = Math.max(1, rate / 2);
    else if (share < 0.1) this.#element.playbackRate = Math.min(RATE, rate * 2);
    this.#recent = [];
  }
}

// What is shown while it plays, from the times that are `wanted` on. The element may show the next picture by
// the time that one is told of: what is taken is a `VideoFrame`, which knows its own time.
async function* played(element, resting, signal, wanted) {
  if (!element.requestVideoFrameCallback || !globalThis.VideoFrame) return;
  let wake = () => {};
  let shown = null;
  let over = false;
  const look = () => {
    if (over) return;
    element.requestVideoFrameCallback(look);
    if (shown === null) {
      const picture = new VideoFrame(element);
      const time = picture.timestamp / 1e6;
      if (wanted(time)) shown = { time, picture };
      else picture.close();
    }
    wake();
  };
  const end = () => wake();
  element.requestVideoFrameCallback(look);
  for (const one of ["ended", "error", "pause"]) element.addEventListener(one, end);
  signal.addEventListener("abort", end);
  element.playbackRate = RATE;
  try {
    await element.play();
    while (!element.ended && !element.error && (resting.now || !element.paused)) {
      const patience = setTimeout(() => element.pause(), PATIENCE);
      await new Promise((resolve) => {
        wake = resolve;
        if (shown !== null) resolve();
      });
      clearTimeout(patience);
      signal.throwIfAborted();
      if (shown !== null) {
        const one = shown;
        shown = null;
        yield one;
      }
    }
  } catch (error) {
    signal.throwIfAborted();
    if (error.name !== "NotAllowedError" && error.name !== "AbortError") throw error;
  } finally {
    over = true;
    for (const one of ["ended", "error", "pause"]) element.removeEventListener(one, end);
    signal.removeEventListener("abort", end);
    element.pause();
    shown?.picture.close();
  }
}

// What is drawn from the element is what was presented last: on a busy machine that is later than it says.
async function sought(element, second, signal) {
  if (element.currentTime === second && !element.seeking) return;
  const there = happened(element, "seeked", signal);
  const drawn = new Promise((resolve) => {
    element.requestVideoFrameCallback?.(resolve);
  });
  element.currentTime = second;
  await there;
  // The same picture as before is not presented again.
  await Promise.race([drawn, new Promise((resolve) => setTimeout(resolve, SETTLED))]);
}

// What Chromium says of a container that it knows and a codec that it does not.
const NO_CODEC = /NO_SUPPORTED_STREAMS|UNSUPPORTED|codec/i;

function happened(element, name, signal, otherwise) {
  return new Promise((resolve, reject) => {
    const end = (act) => () => {
      clearTimeout(patience);
      element.removeEventListener(name, well);
      element.removeEventListener("error", ill);
      signal.removeEventListener("abort", stop);
      act();
    };
    const well = end(resolve);
    const ill = end(() => {
      const reason = element.error?.message ?? name;
      reject(new Unreadable(otherwise ?? (NO_CODEC.test(reason) ? "unsupported_media" : "not_media"), reason));
    });
    const stop = end(() => reject(signal.reason));
    const patience = setTimeout(ill, PATIENCE);
    element.addEventListener(name, well);
    element.addEventListener("error", ill);
    signal.addEventListener("abort", stop);
    if (signal.aborted) stop();
  });
}
