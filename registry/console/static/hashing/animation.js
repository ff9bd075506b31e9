// A picture that moves (GIF, WebP, APNG, AVIF), frame by frame, where the browser has an ImageDecoder: the
// moments are those of workers/media/stills.py and workers/media/sampling.py.
import { stepOf, Unreadable } from "./sampling.js";

const DEFAULT_DELAY = 0.1;
const SHORTEST_DELAY = 0.01;
const SHORT = 5;
const SLACK = 1e-3;

/** As `opened` of sampling.js; null where the picture does not move, or this browser cannot tell. `type`: of its
 * first bytes, not of its name. Raises `Unreadable`, and what `signal` is aborted with. */
export async function animation(file, type, longest, signal) {
  if (!globalThis.ImageDecoder || !(await ImageDecoder.isTypeSupported(type))) return null;
  const options = { type, preferAnimation: true, colorSpaceConversion: "none" };
  const decoder = new ImageDecoder({ ...options, data: file.stream() });
  const closed = () => decoder.close();
  let broken = false;
  try {
    await decoder.tracks.ready;
    // A file that is cut short has the frames before the cut.
    await decoder.completed.catch(() => { broken = true; });
    const count = decoder.tracks.selectedTrack?.frameCount ?? 0;
    if (count < 2) {
      closed();
      return null;
    }
    const { width, height, duration } = await measured(decoder, count, signal);
    if (duration > longest) throw new Unreadable("too_large", String(duration), "too_long");
    const step = stepOf(duration);
    const seen = { end: duration };
    const shown = () => moments(decoder, count, signal, seen, () => { broken = true; });
    return {
      kind: "video",
      /** By its first seconds, and exactly once all of it was seen. */
      get duration() {
        return seen.end;
      },
      step,
      width,
      height,
      broken: () => broken,
      rest: (until) => until,
      samples: () => onGrid(shown(), step),
      at: (second) => at(shown(), second),
      close: closed,
    };
  } catch (error) {
    closed();
    signal.throwIfAborted();
    if (error instanceof Unreadable) throw error;
    throw new Unreadable("not_media", String(error));
  }
}

// How long it lasts: exact where it is short, since that decides how it is sampled; else by its first seconds.
async function measured(decoder, count, signal) {
  let total = 0;
  let size = {};
  for (let index = 0; index < count; index += 1) {
    signal.throwIfAborted();
    const { image } = await decoder.decode({ frameIndex: index });
    size = { width: image.displayWidth, height: image.displayHeight };
    total += delayOf(image);
    image.close();
    if (total > SHORT) return { ...size, duration: (total / (index + 1)) * count };
  }
  return { ...size, duration: total };
}

function delayOf(image) {
  const delay = (image.duration ?? 0) / 1e6;
  return delay > SHORTEST_DELAY ? delay : DEFAULT_DELAY;
}

// `{time, picture}` of each frame, in order; a picture can be drawn until the next one is asked for.
async function* moments(decoder, count, signal, seen, broke) {
  let time = 0;
  for (let index = 0; index < count; index += 1) {
    signal.throwIfAborted();
    const decoded = await decoder.decode({ frameIndex: index }).catch((error) => {
      if (!index) throw new Unreadable("not_media", String(error));
    });
    if (!decoded) {
      broke();
      break;
    }
    const delay = delayOf(decoded.image);
    try {
      yield { time, picture: decoded.image };
    } finally {
      decoded.image.close();
    }
    time += delay;
  }
  seen.end = time;
}

// What is on screen at each point of the grid, then the last frame.
async function* onGrid(frames, step) {
  let point = 0;
  let shown = null;
  let last = 0;
  try {
    for await (const { time, picture } of frames) {
      for (; shown && point < time - SLACK; point += step) yield { time: point, picture: shown };
      shown?.close();
      shown = picture.clone();
      last = time;
    }
    if (!shown) return;
    for (; point <= last + SLACK; point += step) yield { time: point, picture: shown };
    if (last > point - step + SLACK) yield { time: Math.min(point, last), picture: shown };
  } finally {
    shown?.close();
  }
}

async function at(frames, second) {
  let shown = null;
  for await (const { time, picture } of frames) {
    if (shown && time > second + SLACK) break;
    shown?.close();
    shown = await createImageBitmap(picture);
  }
  return shown;
}
