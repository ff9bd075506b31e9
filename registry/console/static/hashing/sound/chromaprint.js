// chromaprint.1, as workers/hashers/chromaprint.py computes it: 32 bits for each 0.1238 s of sound.
import { spectrum } from "./fourier.js";

const FRAME = 4096;
const HOP = 1365;
const RATE = 11025;
const [LOWEST, BEYOND] = [10, 1308];
const PITCHES = 12;
const SMOOTHING = [0.25, 0.75, 1, 0.75, 0.25];
const QUIET = 0.01;
const WIDTH = 16;
const GRAY = [0, 1, 3, 2];
const FILTERS = [ // kind, low, high, wide, levels
  [0, 4, 3, 15, [1.98215, 2.35817, 2.63523]],
  [4, 4, 6, 15, [-1.03809, -0.651211, -0.282167]],
  [1, 0, 4, 16, [-0.298702, 0.119262, 0.558497]],
  [3, 8, 2, 12, [-0.105439, 0.0153946, 0.135898]],
  [3, 4, 4, 8, [-0.142891, 0.0258736, 0.200632]],
  [4, 0, 3, 5, [-0.826319, -0.590612, -0.368214]],
  [1, 2, 2, 9, [-0.557409, -0.233035, 0.0534525]],
  [2, 7, 3, 4, [-0.0646826, 0.00620476, 0.0784847]],
  [2, 6, 2, 16, [-0.192387, -0.029699, 0.215855]],
  [2, 1, 3, 2, [-0.0397818, -0.00568076, 0.0292026]],
  [5, 10, 1, 15, [-0.53823, -0.369934, -0.190235]],
  [3, 6, 2, 10, [-0.124877, 0.0296483, 0.139239]],
  [2, 1, 1, 14, [-0.101475, 0.0225617, 0.231971]],
  [3, 5, 6, 4, [-0.0799915, -0.00729616, 0.063262]],
  [1, 9, 2, 12, [-0.272556, 0.019424, 0.302559]],
  [3, 4, 2, 14, [-0.164292, -0.0321188, 0.0846339]],
];
const CLASSES = Uint8Array.from({ length: BEYOND - LOWEST }, (_, bin) => {
  const octaves = Math.log2(((bin + LOWEST) * RATE) / FRAME / 27.5);
  return Math.floor(PITCHES * (octaves - Math.floor(octaves)));
});
const WINDOW = Float32Array.from({ length: FRAME }, (_, at) => {
  return (0.54 - 0.46 * Math.cos((2 * Math.PI * at) / (FRAME - 1))) / 32767;
});

/** The values of 16-bit samples of one channel, 11,025 a second. None for less than 2.7 s. */
export function chromaprint(samples) {
  const powers = spectrum(FRAME, WINDOW);
  const frames = Math.max(0, Math.floor((samples.length - FRAME) / HOP) + 1);
  const pitches = new Float32Array(frames * PITCHES);
  for (let frame = 0; frame < frames; frame += 1) {
    const power = powers(samples, frame * HOP);
    for (let bin = LOWEST; bin < BEYOND; bin += 1) pitches[frame * PITCHES + CLASSES[bin - LOWEST]] += power[bin];
  }
  const count = frames - SMOOTHING.length + 1;
  if (count < WIDTH) return new Uint32Array();
  return valuesOf(summed(pitches, count), count);
}

// Sums over time and pitch of the smoothed pitches, each moment of length one.
function summed(pitches, count) {
  const wide = PITCHES + 1;
  const sums = new Float64Array((count + 1) * wide);
  const smooth = new Float64Array(PITCHES);
  for (let at = 0; at < count; at += 1) {
    for (let pitch = 0; pitch < PITCHES; pitch += 1) {
      smooth[pitch] = SMOOTHING.reduce((sum, share, on) => sum + share * pitches[(at + on) * PITCHES + pitch], 0);
    }
    const length = Math.sqrt(smooth.reduce((sum, one) => sum + one * one, 0));
    let row = 0;
    for (let pitch = 0; pitch < PITCHES; pitch += 1) {
      row += length < QUIET ? 0 : smooth[pitch] / length;
      sums[(at + 1) * wide + pitch + 1] = sums[at * wide + pitch + 1] + row;
    }
  }
  return sums;
}

function valuesOf(sums, count) {
  const values = new Uint32Array(count - WIDTH + 1);
  const area = (at, begin, low, end, high) => {
    const [early, late] = [(at + begin) * (PITCHES + 1), (at + end) * (PITCHES + 1)];
    return sums[late + high] - sums[early + high] - sums[late + low] + sums[early + low];
  };
  for (let at = 0; at < values.length; at += 1) {
    let value = 0;
    for (const [kind, low, high, wide, levels] of FILTERS) {
      const [loud, quiet] = halves(kind, low, high, wide, (...place) => area(at, ...place));
      const response = Math.log((1 + loud) / (1 + quiet));
      value = (value << 2) | GRAY[levels.filter((level) => level <= response).length];
    }
    values[at] = value;
  }
  return values;
}

// What the two halves of a rectangle hold: of `wide` frames, and `high` pitches from `low` on.
function halves(kind, low, high, wide, area) {
  const top = low + high;
  const half = Math.floor(wide / 2);
  const middle = low + Math.floor(high / 2);
  if (kind === 0) return [area(0, low, wide, top), 0];
  if (kind === 1) return [area(0, middle, wide, top), area(0, low, wide, middle)];
  if (kind === 2) return [area(half, low, wide, top), area(0, low, half, top)];
  if (kind === 3) {
    return [area(0, middle, half, top) + area(half, low, wide, middle), area(0, low, half, middle) + area(half, middle, wide, top)];
  }
  if (kind === 4) {
    const third = Math.floor(high / 3);
    const [first, second] = [low + third, low + 2 * third];
    return [area(0, first, wide, second), area(0, low, wide, first) + area(0, second, wide, top)];
  }
  const third = Math.floor(wide / 3);
  return [area(third, low, 2 * third, top), area(0, low, third, top) + area(2 * third, low, wide, top)];
}
