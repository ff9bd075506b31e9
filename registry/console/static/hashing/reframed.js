// pHash-256 of a frame as it was before a crop, or before a caption was added: as registry/catalogue/fingerprints/model/reframed.py and
// workers/hashers/reframed.py have it, which say why. Held against tests/vectors/views.1.json.
import { hashOf } from "./phash.js";

const STEP = 0.025;
const SIDE = 64;
const LOW = 16;
const KEPT = [0, 0, 0, 0];
const cosines = Float64Array.from({ length: LOW * SIDE }, (_, at) =>
  2 * Math.cos((Math.PI * Math.floor(at / SIDE) * (2 * (at % SIDE) + 1)) / (2 * SIDE)));
const round = (share) => Math.round(share * 1000) / 1000;

/** By view, what became of width and height: cut off before and after (negative: added), hidden before and after. */
export const REFRAMED = new Map(views().map((axes, at) => [`reframe.${at + 1}`, axes]));

const axes = [...new Map([...REFRAMED.values()].flat().map((axis) => [String(axis), axis])).values()];
const transforms = new Map(axes.map((axis) => [String(axis), transform(axis)]));

/** Of the 64 x 64 grey levels that pHash makes of a frame: `[[view, hash as hex], …]`. */
export function reframed(small) {
  const lowered = new Map();
  return [...REFRAMED].map(([view, [across, down]]) => {
    const key = String(down);
    if (!lowered.has(key)) lowered.set(key, product(transforms.get(key), small));
    return [view, hashOf(folded(lowered.get(key), transforms.get(String(across))))];
  });
}

function views() {
  const crops = [0.1, 0.05].map((share) => [cuts(share), cuts(share)]);
  crops.push([cuts(0.15, 0.05), cuts(0.15, 0.05)]);
  for (const share of [0.05, 0.1]) crops.push([cuts(share), [KEPT]], [[KEPT], cuts(share)]);
  crops.push([[[0.1, 0.1, 0, 0]], [[0.1, 0.1, 0, 0]]]);
  const strips = [[0, 0.15, 0, 0], [0, 0.2, 0, 0], [0.15, 0, 0, 0]];
  for (let number = 2; number < 9; number += 1) {
    const added = -round(number * STEP);
    strips.push([added, 0, 0, 0], [0, added, 0, 0]);
  }
  for (const share of [0.1, 0.15, 0.2]) strips.push([0, 0, share, 0], [0, 0, 0, share]);
  crops.push([[KEPT], strips]);
  return crops.flatMap(([widths, heights]) => widths.flatMap((across) => heights.map((down) => [across, down])));
}

function cuts(share, least = 0) {
  return Array.from({ length: Math.round(share / STEP) + 1 }, (_, at) => round(at * STEP))
    .filter((place) => least <= place && place <= share - least + 1e-9)
    .map((place) => [place, round(share - place), 0, 0]);
}

// (16, 64): a line as it was, in 64 samples, and the lowest frequencies of these.
function transform([before, after, hiddenBefore, hiddenAfter]) {
  const made = new Float64Array(LOW * SIDE);
  for (let at = 0; at < SIDE; at += 1) {
    const share = ((at + 0.5) / SIDE - before) / (1 - before - after);
    const seen = Math.min(Math.max(share, hiddenBefore), 1 - hiddenAfter);
    const within = Math.min(Math.max(seen * SIDE - 0.5, 0), SIDE - 1);
    const first = Math.min(Math.trunc(within), SIDE - 2);
    for (let order = 0; order < LOW; order += 1) {
      const wave = cosines[order * SIDE + at];
      made[order * SIDE + first] += wave * (1 - (within - first));
      made[order * SIDE + first + 1] += wave * (within - first);
    }
  }
  return made;
}

// (16, 64) times (64, 64).
function product(matrix, small) {
  const made = new Float64Array(LOW * SIDE);
  for (let order = 0; order < LOW; order += 1) {
    for (let y = 0; y < SIDE; y += 1) {
      const weight = matrix[order * SIDE + y];
      for (let x = 0; x < SIDE; x += 1) made[order * SIDE + x] += weight * small[y * SIDE + x];
    }
  }
  return made;
}

// (16, 64) times the transpose of (16, 64).
function folded(half, matrix) {
  const low = new Float64Array(LOW * LOW);
  for (let down = 0; down < LOW; down += 1) {
    for (let order = 0; order < LOW; order += 1) {
      let sum = 0;
      for (let x = 0; x < SIDE; x += 1) sum += half[down * SIDE + x] * matrix[order * SIDE + x];
      low[down * LOW + order] = sum;
    }
  }
  return low;
}
