// pdq.1: Facebook's PDQ with its quality, of one picture and of its mirror image; as workers/hashers/pdq.py
// has it, which says where it comes from. tests/browser/lookup/test_lookup.py holds it against tests/vectors.
const SAMPLES = 64;
const COEFFICIENTS = 16;
const cosines = Float64Array.from({ length: COEFFICIENTS * SAMPLES }, (_, at) => {
  const order = Math.floor(at / SAMPLES) + 1;
  return Math.sqrt(2 / SAMPLES) * Math.cos((Math.PI / 2 / SAMPLES) * order * (2 * (at % SAMPLES) + 1));
});
const known = new Map();

/** Of a picture's `planes`: `{straight, mirror}`, each `{value, quality}` with the value as hex. */
export function pdq({ luma, width, height }) {
  const lines = reduced(luma, height, width);
  return {
    straight: hashed(reduced(turned(lines, width, false), width, SAMPLES)),
    mirror: hashed(reduced(turned(lines, width, true), width, SAMPLES)),
  };
}

// 64 lines of `side`, each a weighted sum of the few around it. Of `across` numbers a line.
function reduced(lines, side, across) {
  const result = new Float32Array(SAMPLES * across);
  taps(side).forEach((weights, line) => {
    for (const [from, weight] of weights) {
      for (let at = 0; at < across; at += 1) result[line * across + at] += lines[from * across + at] * weight;
    }
  });
  return result;
}

// Columns as lines, of the picture or of its mirror image.
function turned(lines, width, mirrored) {
  const result = new Float32Array(SAMPLES * width);
  for (let x = 0; x < width; x += 1) {
    const from = mirrored ? width - 1 - x : x;
    for (let y = 0; y < SAMPLES; y += 1) result[x * SAMPLES + y] = lines[y * width + from];
  }
  return result;
}

// Two passes of the box filter, its window cut at the edges, then the 64 samples.
function taps(side) {
  if (!known.has(side)) {
    known.set(side, Array.from({ length: SAMPLES }, (_, sample) => {
      if (side === SAMPLES) return [[sample, 1]];
      const total = new Map();
      const [begin, end] = box(Math.floor(((sample + 0.5) * side) / SAMPLES), side);
      for (let between = begin; between < end; between += 1) {
        const [first, last] = box(between, side);
        for (let at = first; at < last; at += 1) {
          total.set(at, (total.get(at) ?? 0) + 1 / (end - begin) / (last - first));
        }
      }
      return [...total];
    }));
  }
  return known.get(side);
}

function box(place, side) {
  const window = Math.floor((side + 127) / 128);
  const ahead = Math.floor((window + 2) / 2);
  return [Math.max(0, place + ahead - window), Math.min(side, place + ahead)];
}

// `samples` has columns as lines: coefficients and quality are those of the picture all the same.
function hashed(samples) {
  const half = new Float64Array(COEFFICIENTS * SAMPLES);
  for (let order = 0; order < COEFFICIENTS; order += 1) {
    for (let x = 0; x < SAMPLES; x += 1) {
      let sum = 0;
      for (let y = 0; y < SAMPLES; y += 1) sum += cosines[order * SAMPLES + y] * samples[x * SAMPLES + y];
      half[order * SAMPLES + x] = sum;
    }
  }
  const coefficients = new Float32Array(COEFFICIENTS * COEFFICIENTS);
  for (let down = 0; down < COEFFICIENTS; down += 1) {
    for (let across = 0; across < COEFFICIENTS; across += 1) {
      let sum = 0;
      for (let x = 0; x < SAMPLES; x += 1) sum += half[down * SAMPLES + x] * cosines[across * SAMPLES + x];
      coefficients[down * COEFFICIENTS + across] = sum;
    }
  }
  const middle = Float32Array.from(coefficients).sort()[coefficients.length / 2 - 1];
  return { value: hex(Array.from(coefficients, (one) => one > middle).reverse()), quality: quality(samples) };
}

function quality(samples) {
  let sum = 0;
  for (let x = 0; x < SAMPLES; x += 1) {
    for (let y = 0; y < SAMPLES; y += 1) {
      const here = samples[x * SAMPLES + y];
      if (y) sum += Math.abs(Math.trunc(((here - samples[x * SAMPLES + y - 1]) * 100) / 255));
      if (x) sum += Math.abs(Math.trunc(((here - samples[(x - 1) * SAMPLES + y]) * 100) / 255));
    }
  }
  return Math.min(100, Math.trunc(sum / 90));
}

/** Bits, the first one highest, as hex. */
export function hex(bits) {
  let said = "";
  for (let at = 0; at < bits.length; at += 4) {
    said += ((bits[at] << 3) | (bits[at + 1] << 2) | (bits[at + 2] << 1) | bits[at + 3]).toString(16);
  }
  return said;
}
