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
const JOINED = 8;
const SURE = 2;
const BESIDE = 0.5;
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
  const shared = common(one, other);
  return shared / (area(one) + area(other) - shared);
}

function common(one, other) {
  const across = Math.min(one.right, other.right) - Math.max(one.left, other.left);
  const down = Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top);
  return Math.max(across, 0) * Math.max(down, 0);
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
  const across = joined(ordered.flatMap(({ x0, x1 }) => [x0, x1]));
  const down = joined(ordered.flatMap(({ y0, y1 }) => [y0, y1]));
  const [columns, rows] = [new Set(across.values()), new Set(down.values())];
  const edges = ({ x0, x1, y0, y1 }) => [across.get(x0), across.get(x1), down.get(y0), down.get(y1)];
  const known = new Set(ordered.map((rectangle) => edges(rectangle).join()));
  const there = (...sides) => known.has(sides.join());
  const divided = (rectangle) => {
    const [x0, x1, y0, y1] = edges(rectangle);
    return (
      [...columns].some((x) => there(x0, x, y0, y1) && there(x, x1, y0, y1))
      || [...rows].some((y) => there(x0, x1, y0, y) && there(x0, x1, y, y1))
    );
  };
  const parted = ordered.map((rectangle) => [divided(rectangle), rectangle]);
  return [...parted.filter(([halved]) => !halved), ...parted.filter(([halved]) => halved)].map(([, kept]) => kept);
}

// By line, the first of the lines within JOINED pixels of each other.
function joined(places) {
  const firsts = new Map();
  let first = -Infinity;
  let before = -Infinity;
  for (const place of [...new Set(places)].sort((one, other) => one - other)) {
    if (place - before > JOINED) first = place;
    firsts.set(place, first);
    before = place;
  }
  return firsts;
}

// The likeliest, then those that lie beside these: cells of a grid. Others fill the rest.
function distinct(ordered) {
  const kept = [];
  const add = (most, apart) => {
    for (const rectangle of ordered) {
      if (kept.length >= most) return;
      const fits = (other) => overlap(rectangle, other) < APART && !(apart && inside(rectangle, other) >= BESIDE);
      if (kept.every(fits)) kept.push(rectangle);
    }
  };
  add(SURE, false);
  add(MOST, true);
  add(MOST, false);
  return kept;
}

// The share of the smaller rectangle that lies in the other, 0 to 1.
function inside(one, other) {
  return common(one, other) / Math.min(area(one), area(other));
}
