// phash256.1: imagehash.phash(hash_size=16, highfreq_factor=4) of a picture and of its mirror image: grey as
// Pillow has it, 64 x 64 by its Lanczos in whole numbers (src/libImaging/Resample.c), a cosine transform,
// the 16 x 16 lowest frequencies over their median. Held against tests/vectors/phash256.1.json.
import { hex } from "./pdq.js";

const SIDE = 64;
const LOW = 16;
const PRECISION = 22;
const cosines = Float64Array.from({ length: LOW * SIDE }, (_, at) =>
  2 * Math.cos((Math.PI * Math.floor(at / SIDE) * (2 * (at % SIDE) + 1)) / (2 * SIDE)));
const known = new Map();

/** Of a picture's `planes`: `{straight, mirror}`, each as hex, and `small`, the 64 x 64 grey levels they are of. */
export function phash({ grey, width, height }) {
  // Pillow goes across first, and down what has come of it.
  const narrow = width === SIDE ? grey : across(grey, width, height);
  const tall = height === SIDE;
  const small = tall ? narrow : turned(across(turned(narrow, SIDE, height), height, SIDE), SIDE, SIDE);
  const flipped = new Uint8Array(small.length);
  for (let at = 0; at < small.length; at += 1) flipped[at] = small[at - (at % SIDE) + SIDE - 1 - (at % SIDE)];
  return { straight: hashed(small), mirror: hashed(flipped), small };
}

/** The hash of 16 x 16 frequencies, as hex: which of them are over their median. */
export function hashOf(low) {
  const sorted = Float64Array.from(low).sort();
  const middle = (sorted[low.length / 2 - 1] + sorted[low.length / 2]) / 2;
  return hex(Array.from(low, (one) => one > middle));
}

function across(grey, width, height) {
  const result = new Uint8Array(SIDE * height);
  taps(width).forEach(({ first, weights }, x) => {
    for (let y = 0; y < height; y += 1) {
      let sum = 1 << (PRECISION - 1);
      for (let at = 0; at < weights.length; at += 1) sum += grey[y * width + first + at] * weights[at];
      result[y * SIDE + x] = Math.min(255, Math.max(0, sum >> PRECISION));
    }
  });
  return result;
}

function turned(grey, width, height) {
  const result = new Uint8Array(grey.length);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) result[x * height + y] = grey[y * width + x];
  }
  return result;
}

function taps(side) {
  if (!known.has(side)) {
    const scale = side / SIDE;
    const wide = Math.max(scale, 1);
    const support = 3 * wide;
    known.set(side, Array.from({ length: SIDE }, (_, place) => {
      const centre = (place + 0.5) * scale;
      const first = Math.max(0, Math.trunc(centre - support + 0.5));
      const last = Math.min(side, Math.trunc(centre + support + 0.5));
      const offset = first - centre + 0.5;
      const exact = Array.from({ length: last - first }, (_, at) => lanczos((at + offset) / wide));
      const sum = exact.reduce((total, one) => total + one, 0);
      const weights = exact.map((one) => Math.trunc((one / sum) * (1 << PRECISION) + (one < 0 ? -0.5 : 0.5)));
      return { first, weights };
    }));
  }
  return known.get(side);
}

function lanczos(x) {
  return x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0;
}

function sinc(x) {
  return x === 0 ? 1 : Math.sin(x * Math.PI) / (x * Math.PI);
}

function hashed(small) {
  const half = new Float64Array(LOW * SIDE);
  for (let order = 0; order < LOW; order += 1) {
    for (let y = 0; y < SIDE; y += 1) {
      const pixel = cosines[order * SIDE + y];
      for (let x = 0; x < SIDE; x += 1) half[order * SIDE + x] += pixel * small[y * SIDE + x];
    }
  }
  const low = new Float64Array(LOW * LOW);
  for (let down = 0; down < LOW; down += 1) {
    for (let order = 0; order < LOW; order += 1) {
      let sum = 0;
      for (let x = 0; x < SIDE; x += 1) sum += half[down * SIDE + x] * cosines[order * SIDE + x];
      low[down * LOW + order] = sum;
    }
  }
  return hashOf(low);
}
