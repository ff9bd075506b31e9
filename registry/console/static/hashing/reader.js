// From samples to frames: each view hashed, as workers/hashers/reader.py and workers/pipeline/reading.py have it, which
// say why. Nothing is embedded here.
import { border, trimmed } from "./boxes.js";
import { mosaic } from "./mosaic.js";
import { pdq } from "./pdq.js";
import { phash } from "./phash.js";
import { planes, spread, turned } from "./planes.js";
import { cut, overlap, rectangles } from "./rectangles.js";
import { reframed } from "./reframed.js";

const THUMB = 32;
const STATIC_MEAN = 0.6;
const STATIC_MAX = 4;
const CUT_MEAN = 25;
const CHAPTER = 60;
const GROUP = 8;
const CUTS = 6;
const FEWEST_CUTS = 3;
const KNOWN = 2;
const SAME = 0.85;
const BOXES = ["box.1", "box.2", "box.3", "box.4"];
const FIRST_GROUPS = 2;
const INFORMATIVE = 50;

/** Takes samples in order of time, and gives what is hashed of each group of them: `[{time, thumb, frames}, …]`,
 * frames being `{view, box, quality, pdq, phash, mosaic}`. What shows the same as the sample before is left out. */
export class Reader {
  #group = [];
  #thumb = null;
  #chapter = -1;
  #known = [];
  #groups = 0;
  #looks = [];

  /** The next sample, of RGBA bytes. */
  add(time, rgba, width, height) {
    const small = thumb(rgba, width, height);
    const chapter = Math.floor(time / CHAPTER);
    const opens = chapter !== this.#chapter;
    if (this.#thumb && !opens && same(small, this.#thumb)) return [];
    const shotEnds = this.#thumb !== null && (opens || mean(small, this.#thumb) > CUT_MEAN);
    const done = this.#group.length && (shotEnds || this.#group.length === GROUP) ? this.end() : [];
    if (opens && chapter) this.#begin();
    if (shotEnds) this.#known = [];
    this.#chapter = chapter;
    this.#thumb = small;
    this.#group.push({ time, thumb: small, picture: planes(rgba, width, height) });
    return done;
  }

  /** A sample that comes after later ones: it is looked at where the group was that it lies in. */
  late(time, rgba, width, height) {
    const look = this.#looks.findLast((one) => one.from <= time) ?? { edge: null, places: [] };
    const picture = planes(rgba, width, height);
    return [{ time, thumb: thumb(rgba, width, height), frames: [...wholes(picture, look.edge), ...parts(picture, look.places)] }];
  }

  /** What is left, and of every group once it is complete. */
  end() {
    const group = this.#group;
    this.#group = [];
    if (!group.length) return [];
    const pictures = group.map(({ picture }) => picture);
    const edge = border(pictures);
    const places = this.#places(rectangles(pictures), edge);
    this.#looks.push({ from: group[0].time, edge, places });
    const first = this.#groups < FIRST_GROUPS;
    const most = Math.max(FEWEST_CUTS + first, Math.floor(CUTS / Math.max(places.length, 1)));
    const [parted, turnedAt] = [spread(group.length, most), spread(group.length, first ? 2 : 1)];
    this.#groups += 1;
    return group.map(({ time, thumb: small, picture }, at) => ({
      time,
      thumb: small,
      frames: [
        ...wholes(picture, edge),
        ...(parted.includes(at) ? parts(picture, places) : []),
        ...(turnedAt.includes(at) ? [1, 2, 3].flatMap((n) => both(turned(picture, n), `turn.${90 * n}`)) : []),
      ],
    }));
  }

  // As the first groups of a file do not know what came before, those of a later chapter do not.
  #begin() {
    this.#known = [];
    this.#groups = FIRST_GROUPS;
  }

  // The rectangles worth hashing, by view: those found and those known from before.
  #places(found, edge) {
    const [left, top, right, bottom] = edge ?? [0, 0, 0, 0];
    const frame = { left, top, right: 1 - right, bottom: 1 - bottom };
    const known = this.#known.filter(({ count }) => count >= KNOWN).map(({ place }) => place);
    const chosen = [];
    for (const one of [...found, ...known]) {
      if (chosen.length < BOXES.length && [frame, ...chosen].every((other) => overlap(one, other) < SAME)) chosen.push(one);
    }
    this.#remember(found);
    const content = chosen.find(({ quiet }) => quiet);
    const others = chosen.filter((one) => one !== content).map((place, at) => [BOXES[at], place]);
    return content ? [["content", content], ...others] : others;
  }

  #remember(found) {
    for (const place of found) {
      const before = this.#known.find((one) => overlap(place, one.place) >= SAME);
      if (before) Object.assign(before, { place, count: before.count + 1 });
      else this.#known.push({ place, count: 1 });
    }
    this.#known = this.#known.sort((one, other) => other.count - one.count).slice(0, 4 * BOXES.length);
  }
}

/** Whether nothing has moved between two samples, by their thumbnails. */
export function same(one, other) {
  for (let at = 0; at < one.length; at += 1) if (Math.abs(one[at] - other[at]) > STATIC_MAX) return false;
  return mean(one, other) <= STATIC_MEAN;
}

function mean(one, other) {
  let sum = 0;
  for (let at = 0; at < one.length; at += 1) sum += Math.abs(one[at] - other[at]);
  return sum / one.length;
}

function wholes(picture, edge) {
  const frames = both(picture, "full", null, (small, quality) => (
    quality < INFORMATIVE ? [] : reframed(small).map(([view, value]) => ({ view, phash: value }))
  ));
  if (!edge) return frames;
  const [left, top, right, bottom] = edge;
  return [...frames, ...both(trimmed(picture, edge), "trim", box(left, top, 1 - right, 1 - bottom))];
}

function parts(picture, places) {
  return places.flatMap(([view, place]) => (
    both(cut(picture, place), view, box(place.left, place.top, place.right, place.bottom))
  ));
}

// A view and its mirror image, and what else is made of the 64 x 64 grey levels of it.
function both(picture, view, box = null, more = () => []) {
  const [quick, slow] = [pdq(picture), phash(picture)];
  const named = (name, { value, quality }, hash) => ({ view: name, ...(box && { box }), quality, pdq: value, phash: hash });
  const mirror = view === "full" ? "mirror" : `${view}.mirror`;
  return [
    { ...named(view, quick.straight, slow.straight), ...(!view.startsWith("turn") && { mosaic: mosaic(picture) }) },
    named(mirror, quick.mirror, slow.mirror),
    ...more(slow.small, quick.straight.quality),
  ];
}

function box(left, top, right, bottom) {
  return [left, top, right - left, bottom - top].map((share) => Math.round(share * 1e4) / 1e4);
}

// 32 x 32 grey levels, each the average of its part of the picture.
function thumb(rgba, width, height) {
  const sums = new Float64Array(THUMB * THUMB);
  const counts = new Float64Array(THUMB * THUMB);
  const columns = Uint8Array.from({ length: width }, (_, x) => Math.floor((x * THUMB) / width));
  for (let y = 0, from = 0; y < height; y += 1) {
    const row = Math.floor((y * THUMB) / height) * THUMB;
    for (let x = 0; x < width; x += 1, from += 4) {
      const cell = row + columns[x];
      sums[cell] += 0.299 * rgba[from] + 0.587 * rgba[from + 1] + 0.114 * rgba[from + 2];
      counts[cell] += 1;
    }
  }
  return Float32Array.from(sums, (sum, cell) => sum / Math.max(1, counts[cell]));
}
