// A file's pictures at a fixed grid in time, drawn small, one after another. Nothing leaves the page.
const SIDE = 288;
const LONGEST = 1024;
const STEP = 0.5;
const SHORTEST_STEP = 1 / 64;
const LONGEST_STEP = 2;
const FEWEST = 6;
const PLENTY = 3600;
const MOST = 7200;
const RATE = 4;
const EARLY = 0.021;
const LATE = 0.045;
const PATIENCE = 15_000;

export class Unreadable extends Error {}
export class TooLong extends Error {}

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

/** `{kind, duration, width, height, step, samples(), at(second), close()}` of a picture or a video. `samples`
 * yields `{time, picture}`; `picture` can be drawn until the next one is asked for. Raises `Unreadable`,
 * `TooLong`, and what `signal` is aborted with. */
export async function opened(file, longest, signal) {
  return file.type.startsWith("video/") ? video(file, longest, signal) : still(file);
}

async function still(file) {
  const bitmap = await createImageBitmap(file, { colorSpaceConversion: "none" }).catch((error) => {
    throw new Unreadable(String(error));
  });
  return {
    kind: "image",
    duration: 0,
    step: 0,
    width: bitmap.width,
    height: bitmap.height,
    async *samples() {
      yield { time: 0, picture: bitmap };
    },
    at: async () => bitmap,
    close: () => bitmap.close(),
  };
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
    if (!element.videoWidth) throw new Unreadable("there is no picture in it");
    if (!Number.isFinite(element.duration)) {
      // What was recorded in a browser does not say how long it is: it is known from its end.
      await sought(element, 1e9, signal);
      await sought(element, 0, signal);
    }
    if (!(element.duration <= longest)) throw new TooLong(String(element.duration));
  } catch (error) {
    close();
    throw error;
  }
  const step = stepOf(element.duration);
  return {
    kind: "video",
    duration: element.duration,
    step,
    width: element.videoWidth,
    height: element.videoHeight,
    samples: () => samples(element, step, signal),
    at: async (second) => {
      await sought(element, second, signal);
      return element;
    },
    close,
  };
}

// Played fast, each grid point takes the first picture that is shown from it on: cheaper by far than seeking,
// for which the decoder begins anew. What was passed over, or the browser does not play, is sought.
async function* samples(element, step, signal) {
  const count = Math.max(1, Math.ceil(element.duration / step - 1e-3));
  const missed = [];
  let next = 0;
  if (count > 1 && step >= STEP) {
    const wanted = (time) => time >= next * step - EARLY;
    for await (const { time, picture } of played(element, signal, wanted)) {
      const before = missed.length;
      for (; next < count && (next + 1) * step <= time; next += 1) missed.push(next);
      if (next < count && wanted(time)) {
        if (time - next * step > LATE) missed.push(next);
        else yield { time: next * step, picture };
        next += 1;
      }
      picture.close();
      // A machine that does not keep up plays slower.
      if (missed.length > before) element.playbackRate = Math.max(1, element.playbackRate / 2);
    }
  }
  for (; next < count; next += 1) missed.push(next);
  for (const at of missed) {
    await sought(element, Math.min(at * step + 1e-3, Math.max(0, element.duration - 1e-3)), signal);
    yield { time: at * step, picture: element };
  }
}

// What is shown while it plays, from the times that are `wanted` on. The element may show the next picture by
// the time that one is told of: what is taken is a `VideoFrame`, which knows its own time.
async function* played(element, signal, wanted) {
  if (!element.requestVideoFrameCallback || !globalThis.VideoFrame) return;
  await sought(element, 0, signal);
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
    while (!element.ended && !element.error && !element.paused) {
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

async function sought(element, second, signal) {
  if (element.currentTime === second && !element.seeking) return;
  const there = happened(element, "seeked", signal);
  element.currentTime = second;
  await there;
}

function happened(element, name, signal) {
  return new Promise((resolve, reject) => {
    const end = (act) => () => {
      clearTimeout(patience);
      element.removeEventListener(name, well);
      element.removeEventListener("error", ill);
      signal.removeEventListener("abort", stop);
      act();
    };
    const well = end(resolve);
    const ill = end(() => reject(new Unreadable(element.error?.message ?? name)));
    const stop = end(() => reject(signal.reason));
    const patience = setTimeout(ill, PATIENCE);
    element.addEventListener(name, well);
    element.addEventListener("error", ill);
    signal.addEventListener("abort", stop);
    if (signal.aborted) stop();
  });
}
