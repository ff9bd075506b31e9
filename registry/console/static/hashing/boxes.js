// The frame without its uniform border: as workers/media/boxes.py has it, which says why. Held against
// tests/vectors/views.1.json.
import { part, whole } from "./planes.js";

const FLAT = 4;
const DRIFT = 10;
const LEAST = 0.02;
const WORTH = 0.05;
const KEPT = 0.25;

/** `[left, top, right, bottom]` as shares of the frame, common to all `pictures`; null where there is none. */
export function border(pictures) {
  const found = pictures.map(one).filter((edge) => edge);
  if (!found.length) return null;
  const common = [0, 1, 2, 3]
    .map((side) => Math.min(...found.map((edge) => edge[side])))
    .map((share) => (share >= LEAST ? share : 0));
  const across = 1 - common[0] - common[2];
  const down = 1 - common[1] - common[3];
  return across >= KEPT && down >= KEPT && 1 - across * down >= WORTH ? common : null;
}

/** A picture without its border, and without one more pixel where the border bleeds in. */
export function trimmed(picture, [left, top, right, bottom]) {
  const { width, height } = picture;
  const inset = (share, side) => (share ? whole(share * side) + 1 : 0);
  return part(
    picture,
    inset(left, width),
    inset(top, height),
    width - inset(right, width),
    height - inset(bottom, height),
  );
}

function one({ width, height, level }) {
  const row = (at, from, until) => [at * width + from, 1, until - from];
  const top = run(level, height, (at) => row(at, 0, width));
  const bottom = run(level, height, (at) => row(height - 1 - at, 0, width));
  if (top + bottom >= height) return null;
  const column = (at) => [top * width + at, width, height - bottom - top];
  const left = run(level, width, column);
  const right = run(level, width, (at) => column(width - 1 - at));
  return [left / width, top / height, right / width, bottom / height];
}

// How many lines from the first on are of one tone, all of the first one's. `line`: where a line begins, how far
// its next pixel lies, and how many it has.
function run(level, count, line) {
  let outermost = null;
  for (let at = 0; at < count; at += 1) {
    const [first, step, length] = line(at);
    let sum = 0;
    for (let place = 0, from = first; place < length; place += 1, from += step) sum += level[from];
    const mean = sum / length;
    outermost ??= mean;
    if (Math.abs(mean - outermost) >= DRIFT) return at;
    let squares = 0;
    for (let place = 0, from = first; place < length; place += 1, from += step) squares += (level[from] - mean) ** 2;
    if (Math.sqrt(squares / length) >= FLAT) return at;
  }
  return count;
}
