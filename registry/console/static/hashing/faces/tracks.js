// Which faces of consecutive samples are one person's: as workers/faces/tracks.py has it.
import { overlap } from "./geometry.js";

const FORGOTTEN = 5;
const ALIKE = 0.36;
const SURE = 0.5;
const NEAR = 0.8;
const UNLIKE = 0.25;
const NEAR_WORTH = 0.3;
const OVERLAPS = 0.3;

/** Numbers the faces of samples in order of time: `samples` are `{time, faces}`, each face has `box` (shares
 * of the frame) and `vector`; each gets its `track`. */
export function number(samples) {
  let open = [];
  let count = 0;
  for (const { time, faces } of samples) {
    open = open.filter((track) => time - track.time <= FORGOTTEN);
    const tracks = open;
    const pairs = faces.flatMap((face) =>
      tracks.map((track) => ({ face, track, strength: link(track, face) })));
    const taken = new Set();
    for (const { face, track, strength } of pairs.sort((one, other) => other.strength - one.strength)) {
      if (strength <= 0 || face.track !== undefined || taken.has(track)) continue;
      face.track = track.number;
      taken.add(track);
      Object.assign(track, { time, box: face.box, vector: blend(track.vector, face.vector) });
    }
    for (const face of faces) {
      if (face.track !== undefined) continue;
      face.track = count;
      open.push({ number: count, time, box: face.box, vector: face.vector });
      count += 1;
    }
  }
}

function link(track, face) {
  const cosine = dot(track.vector, face.vector);
  const apart = distance(track.box, face.box);
  const near = apart <= NEAR || overlap(track.box, face.box) >= OVERLAPS;
  if (cosine >= SURE || (near && cosine >= UNLIKE) || (cosine >= ALIKE && apart <= 3 * NEAR)) {
    return cosine + (near ? NEAR_WORTH : 0);
  }
  return 0;
}

function distance(one, other) {
  const across = one[0] + one[2] / 2 - (other[0] + other[2] / 2);
  const down = one[1] + one[3] / 2 - (other[1] + other[3] / 2);
  const [width, height] = [Math.max(one[2], other[2], 1e-9), Math.max(one[3], other[3], 1e-9)];
  return Math.hypot(across / width, down / height);
}

function dot(one, other) {
  return one.reduce((sum, value, at) => sum + value * other[at], 0);
}

function blend(old, fresh) {
  return unit(old.map((value, at) => 0.7 * value + 0.3 * fresh[at]));
}

/** A vector at length 1. */
export function unit(vector) {
  const length = Math.max(Math.hypot(...vector), 1e-12);
  return vector.map((value) => value / length);
}
