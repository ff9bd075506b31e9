// peaks.1, as workers/hashers/peaks.py computes it: the peaks of a spectrum with a logarithmic axis of pitch.
import { spectrum } from "./fourier.js";

const RATE = 11025;
const FRAME = 1024;
const HOP = 256;
const PER_OCTAVE = 24;
const UNITS = 60; // an octave, in units of the pitch of a value
const TICK = 64;
const LOWEST = 220;
const BANDS = 100;
const [EARLY, APART] = [4, 2];
const SMOOTHING = 32;
const LEVELLING = 0.7;
const QUIET = Math.log(3e-3);
const SECOND = 21;
const [KEPT, STRONG] = [30, 10];
const WINDOW = Float32Array.from({ length: FRAME }, (_, at) => (0.5 - 0.5 * Math.cos((2 * Math.PI * at) / (FRAME - 1))) / 32768);

// Of each band: its first bin, and the shares that its bins have in it.
const SHARES = Array.from({ length: BANDS }, (_, band) => {
  const [before, middle, after] = [-1, 0, 1].map((step) => LOWEST * 2 ** ((band + step) / PER_OCTAVE));
  const [low, high] = [Math.min(before, middle - RATE / FRAME), Math.max(after, middle + RATE / FRAME)];
  const shares = Array.from({ length: FRAME / 2 + 1 }, (__, bin) => {
    const hertz = (bin * RATE) / FRAME;
    return Math.fround(Math.max(0, Math.min((hertz - low) / (middle - low), (high - hertz) / (high - middle))));
  });
  const first = shares.findIndex((share) => share > 0);
  return [first, shares.slice(first, shares.findLastIndex((share) => share > 0) + 1)];
});

/** The values of 16-bit samples of one channel, 11,025 a second. */
export function peaks(samples) {
  const frames = Math.max(0, Math.floor((samples.length - FRAME) / HOP) + 1);
  if (frames < 2 * EARLY) return new Uint32Array();
  const loud = loudness(samples, frames);
  const found = tops(loud, frames);
  rank(found);
  const values = found.filter((one) => one.rank < KEPT).map(({ frame, band, rank: place }) => {
    const at = frame * BANDS + band;
    const later = off(loud[at - BANDS], loud[at], loud[at + BANDS]);
    const higher = off(loud[at - 1], loud[at], loud[at + 1]);
    const time = Math.round(((frame + later) * HOP + FRAME / 2) / TICK);
    const pitch = Math.round(((band + higher) * UNITS) / PER_OCTAVE);
    return ((time << 9) | (Number(place < STRONG) << 8) | pitch) >>> 0;
  });
  return Uint32Array.from(values).sort();
}

// The logarithms of how loud the bands are, frame by frame.
function loudness(samples, frames) {
  const powers = spectrum(FRAME, WINDOW);
  const loud = new Float32Array(frames * BANDS);
  for (let frame = 0; frame < frames; frame += 1) {
    const sizes = powers(samples, frame * HOP).map(Math.sqrt);
    SHARES.forEach(([first, shares], band) => {
      let sum = 0;
      for (let bin = 0; bin < shares.length; bin += 1) sum += sizes[first + bin] * shares[bin];
      loud[frame * BANDS + band] = Math.log(sum + 1e-4);
    });
  }
  return loud;
}

// What is louder than all around it, and by how much it stands out from the band's average around.
function tops(loud, frames) {
  const found = [];
  const isTop = (frame, band) => {
    const here = loud[frame * BANDS + band];
    for (let near = Math.max(0, frame - EARLY); near <= Math.min(frames - 1, frame + EARLY); near += 1) {
      for (let beside = Math.max(0, band - APART); beside <= Math.min(BANDS - 1, band + APART); beside += 1) {
        if (loud[near * BANDS + beside] > here) return false;
      }
    }
    return here > QUIET;
  };
  for (let frame = 1; frame < frames - 1; frame += 1) {
    for (let band = 1; band < BANDS - 1; band += 1) {
      if (!isTop(frame, band)) continue;
      const [first, after] = [Math.max(0, frame - SMOOTHING), Math.min(frames, frame + SMOOTHING + 1)];
      let sum = 0;
      for (let near = first; near < after; near += 1) sum += loud[near * BANDS + band];
      const average = Math.fround(sum / (after - first));
      const out = Math.fround(loud[frame * BANDS + band] - Math.fround(LEVELLING * average));
      found.push({ frame, band, out, rank: 0 });
    }
  }
  return found;
}

// How many of those about a second around stand out more. They are in order of their frames.
function rank(found) {
  found.forEach((one, at) => {
    for (let next = at + 1; next < found.length && found[next].frame - one.frame <= SECOND; next += 1) {
      const other = found[next];
      if (other.out > one.out) one.rank += 1;
      else if (one.out > other.out) other.rank += 1;
    }
  });
}

// By how much the top of the parabola through three values is off its middle one.
function off(before, here, after) {
  const bend = Math.min(before - 2 * here + after, -1e-6);
  return Math.min(0.5, Math.max(-0.5, (0.5 * (before - after)) / bend));
}
