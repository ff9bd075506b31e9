// Pictures within the picture: as workers/media/rectangles.py has it, which says how and why, and what was
// measured. Held against tests/vectors/views.1.json.
import { content, lines } from "./edges.js";
import { part, spread, whole } from "./planes.js";

const MOST = 4;
const FRAMES = 4;
const SIDE = 0.2;
const STRIP = 0.08;
const AREA = [0.05, 0.93];
const WORST = [0.7, 0.62];
const USUAL = [0.8, 0.74];
const CHANCE = 0.55;
const TOLD = 0.15;
const APART = 0.7;
const QUIET = 0.5;

/** `{left, top, right, bottom, quiet}`, edges as shares of the picture, common to pictures of one shot and one
 * size, the likeliest first. */
export function rectangles(pictures) {
  const some = spread(pictures.length, FRAMES).map((at) => pictures[at]);
  const { width, height } = some[0];
  const levels = some.map(({ level }) => level);
  const columns = lines(levels, width, height, false);
  const rows = lines(levels, width, height, true);
  const [upright, level] = [columns.supports(rows.places), rows.supports(columns.places)];
  const found = proved(columns.places, rows.places, upright, level, width, height);
  if (!found.length) return [];
  const measured = content(levels, columns.steps, rows.steps, width, height, found);
  found.forEach((one, at) => {
    const { inside, around, moving } = measured[at];
    // What reaches beyond the picture has more edge, and leaves less of it outside.
    const mere = 1 + Math.max(1 - around / QUIET, 0);
    one.weight = one.proof * inside * moving * mere;
    one.quiet = around < QUIET;
  });
  found.sort((one, other) => other.weight - one.weight);
  return distinct(cellsFirst(found).map(({ x0, x1, y0, y1, quiet }) => (
    { left: x0 / width, top: y0 / height, right: x1 / width, bottom: y1 / height, quiet }
  )));
}

/** The part of a picture within a rectangle, without the pixel that its edge bleeds into. */
export function cut(picture, place) {
  const { width, height } = picture;
  return part(
    picture,
    whole(place.left * width) + (place.left > 0),
    whole(place.top * height) + (place.top > 0),
    whole(place.right * width) - (place.right < 1),
    whole(place.bottom * height) - (place.bottom < 1),
  );
}

/** Intersection over union, 0 to 1. */
export function overlap(one, other) {
  const across = Math.min(one.right, other.right) - Math.max(one.left, other.left);
  const down = Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top);
  if (across <= 0 || down <= 0) return 0;
  return (across * down) / (area(one) + area(other) - across * down);
}

function area(one) {
  return (one.right - one.left) * (one.bottom - one.top);
}

// Pairs of columns with pairs of rows whose four sides have edge enough, in Python's order. A side that is the
// picture's own edge, null, cannot be told.
function proved(xs, ys, upright, level, width, height) {
  const found = [];
  for (const [left, right] of pairs(xs, SIDE * width)) {
    for (const [top, bottom] of pairs(ys, STRIP * height)) {
      const [x0, x1, y0, y1] = [xs[left], xs[right], ys[top], ys[bottom]];
      if (!shaped((x1 - x0) / width, (y1 - y0) / height)) continue;
      const sides = [
        [upright(left, top, bottom), y1 - y0],
        [upright(right, top, bottom), y1 - y0],
        [level(top, left, right), x1 - x0],
        [level(bottom, left, right), x1 - x0],
      ].filter(([support]) => support !== null);
      if (!sides.length) continue;
      const cornered = Number(sides.length === 4);
      const sum = sides.reduce((total, [support]) => total + support, 0);
      if (Math.min(...sides.map(([support]) => support)) < WORST[cornered]) continue;
      if (sum / sides.length < USUAL[cornered]) continue;
      const edge = sides.reduce((total, [support, length]) => total + (support - CHANCE) * length, 0);
      found.push({ x0, x1, y0, y1, proof: edge * (1 + TOLD * sides.length) });
    }
  }
  return found;
}

function pairs(places, least) {
  const found = [];
  for (let first = 0; first < places.length; first += 1) {
    for (let second = first + 1; second < places.length; second += 1) {
      if (places[second] - places[first] >= least) found.push([first, second]);
    }
  }
  return found;
}

function shaped(across, down) {
  return (down >= SIDE || across >= 1) && across * down >= AREA[0] && across * down <= AREA[1];
}

// Rectangles that divide into two others come behind those that do not: half of a grid is two clips.
function cellsFirst(ordered) {
  const known = new Set(ordered.map(({ x0, x1, y0, y1 }) => `${x0},${x1},${y0},${y1}`));
  const places = (low, high) => [...new Set(ordered.flatMap((one) => [one[low], one[high]]))];
  const [columns, rows] = [places("x0", "x1"), places("y0", "y1")];
  const both = (one, other) => known.has(one.join()) && known.has(other.join());
  const divided = ({ x0, x1, y0, y1, quiet }) => !quiet && (
    columns.some((x) => both([x0, x, y0, y1], [x, x1, y0, y1]))
    || rows.some((y) => both([x0, x1, y0, y], [x0, x1, y, y1]))
  );
  const parted = ordered.map((one) => [divided(one), one]);
  return [...parted.filter(([is]) => !is), ...parted.filter(([is]) => is)].map(([, one]) => one);
}

function distinct(ordered) {
  const kept = [];
  for (const one of ordered) {
    if (kept.length < MOST && kept.every((other) => overlap(one, other) < APART)) kept.push(one);
  }
  return kept;
}
