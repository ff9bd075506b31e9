// From five landmarks to an upright square chip, as workers/faces/geometry.py and reader.py have it, which
// say where it comes from. Pictures are `{pixels, width, height}`, RGBA row by row.
export const CHIP = 112;
const TEMPLATE = [
  [38.2946, 51.6963],
  [73.5318, 51.5014],
  [56.0252, 71.7366],
  [41.5493, 92.3655],
  [70.7299, 92.2041],
];

/** `[a, b, x, y]` of the least-squares similarity (turn, one scale, shift): (u, v) goes to
 * (a u - b v + x, b u + a v + y). In the plane, Umeyama's is this. */
export function similarity(points, target) {
  const middle = (all, axis) => all.reduce((sum, one) => sum + one[axis], 0) / all.length;
  const [cx, cy, gx, gy] = [middle(points, 0), middle(points, 1), middle(target, 0), middle(target, 1)];
  let [along, athwart, spread] = [0, 0, 0];
  points.forEach(([px, py], at) => {
    const [u, v, s, t] = [px - cx, py - cy, target[at][0] - gx, target[at][1] - gy];
    along += u * s + v * t;
    athwart += u * t - v * s;
    spread += u * u + v * v;
  });
  if (!(spread / points.length >= 1e-9)) throw new RangeError("the landmarks coincide");
  const [a, b] = [along / spread, athwart / spread];
  return [a, b, gx - a * cx + b * cy, gy - b * cx - a * cy];
}

/** The aligned face as RGB, 3 numbers a pixel. A large one is first shrunk by area: the warp sees four pixels
 * only. `size`, about the middle, and `down`, in pixels, are of the chip. */
export function aligned(picture, { box, points }, size = 1, down = 0) {
  const half = CHIP / 2;
  const template = TEMPLATE.map(([x, y]) => [(x - half) * size + half, (y - half) * size + half + down]);
  const matrix = similarity(points, template);
  const shrink = Math.trunc(1 / Math.max(Math.hypot(matrix[0], matrix[1]), 1e-3));
  if (shrink < 2) return warped(picture, matrix);
  const left = Math.max(0, Math.trunc(box[0] - box[2]));
  const top = Math.max(0, Math.trunc(box[1] - box[3]));
  const cut = {
    left,
    top,
    width: Math.min(picture.width, Math.trunc(box[0] + 2 * box[2])) - left,
    height: Math.min(picture.height, Math.trunc(box[1] + 2 * box[3])) - top,
  };
  const [width, height] = [cut.width, cut.height].map((side) => Math.max(1, Math.floor(side / shrink)));
  const small = averaged(picture, cut, width, height);
  // Half a pixel: coordinates name the pixels' centres.
  const moved = points.map(([x, y]) => [
    ((x - left + 0.5) * small.width) / cut.width - 0.5,
    ((y - top + 0.5) * small.height) / cut.height - 0.5,
  ]);
  return warped(small, similarity(moved, template));
}

function warped({ pixels, width, height }, [a, b, x, y]) {
  const square = a * a + b * b;
  const chip = new Float32Array(CHIP * CHIP * 3);
  for (let row = 0; row < CHIP; row += 1) {
    for (let column = 0; column < CHIP; column += 1) {
      const u = (a * (column - x) + b * (row - y)) / square;
      const v = (a * (row - y) - b * (column - x)) / square;
      const [left, top] = [Math.floor(u), Math.floor(v)];
      for (let corner = 0; corner < 4; corner += 1) {
        const [across, down] = [left + (corner & 1), top + (corner >> 1)];
        if (across < 0 || down < 0 || across >= width || down >= height) continue;
        const weight = (corner & 1 ? u - left : 1 - u + left) * (corner >> 1 ? v - top : 1 - v + top);
        const from = (down * width + across) * 4;
        const to = (row * CHIP + column) * 3;
        for (let colour = 0; colour < 3; colour += 1) chip[to + colour] += weight * pixels[from + colour];
      }
    }
  }
  return chip.map(Math.round);
}

/** A part of the picture at another, smaller size, each pixel the average of what it covers. */
export function averaged(picture, cut, width, height) {
  const [columns, rows] = [covered(cut.width, width), covered(cut.height, height)];
  const narrow = new Float32Array(width * cut.height * 3);
  for (let y = 0; y < cut.height; y += 1) {
    columns.forEach((taps, x) => {
      for (const [place, share] of taps) {
        const from = ((cut.top + y) * picture.width + cut.left + place) * 4;
        const to = (y * width + x) * 3;
        for (let colour = 0; colour < 3; colour += 1) {
          narrow[to + colour] += share * picture.pixels[from + colour];
        }
      }
    });
  }
  const pixels = new Float32Array(width * height * 4);
  rows.forEach((taps, y) => {
    for (const [place, share] of taps) {
      for (let x = 0; x < width; x += 1) {
        for (let colour = 0; colour < 3; colour += 1) {
          pixels[(y * width + x) * 4 + colour] += share * narrow[(place * width + x) * 3 + colour];
        }
      }
    }
  });
  return { pixels: pixels.map(Math.round), width, height };
}

function covered(from, to) {
  return Array.from({ length: to }, (_, place) => {
    const [begin, end] = [(place * from) / to, ((place + 1) * from) / to];
    const taps = [];
    for (let at = Math.floor(begin); at < Math.min(from, Math.ceil(end - 1e-9)); at += 1) {
      taps.push([at, (Math.min(end, at + 1) - Math.max(begin, at)) / (end - begin)]);
    }
    return taps;
  });
}

/** Grey levels of a chip, as OpenCV rounds them. */
export function grey(chip) {
  return Float32Array.from({ length: chip.length / 3 }, (_, at) =>
    Math.round(0.299 * chip[3 * at] + 0.587 * chip[3 * at + 1] + 0.114 * chip[3 * at + 2]));
}

/** The variance of a chip's Laplacian: how sharp it is. */
export function sharpness(levels) {
  const within = (place) => (place < 0 ? -place : place >= CHIP ? 2 * CHIP - 2 - place : place);
  let [sum, squares] = [0, 0];
  for (let y = 0; y < CHIP; y += 1) {
    for (let x = 0; x < CHIP; x += 1) {
      const one = levels[within(y - 1) * CHIP + x] + levels[within(y + 1) * CHIP + x]
        + levels[y * CHIP + within(x - 1)] + levels[y * CHIP + within(x + 1)] - 4 * levels[y * CHIP + x];
      sum += one;
      squares += one * one;
    }
  }
  const count = CHIP * CHIP;
  return squares / count - (sum / count) ** 2;
}

/** How far an embedding is to be trusted, 0 to 1. */
export function quality(pixels, sharp, score, points) {
  const ramp = (value, low, high) => Math.min(1, Math.max(0, (value - low) / (high - low)));
  const crisp = 0.4 + 0.6 * ramp(sharp, 5, 100);
  const pose = 0.3 + 0.7 * ramp(frontality(points), 0.2, 0.7);
  return ramp(pixels, 20, 100) * crisp * ramp(score, 0.5, 0.9) * pose;
}

function frontality([right, left, nose]) {
  const line = [left[0] - right[0], left[1] - right[1]];
  const length = line[0] ** 2 + line[1] ** 2;
  if (length < 1e-9) return 0;
  const place = ((nose[0] - right[0]) * line[0] + (nose[1] - right[1]) * line[1]) / length;
  return Math.max(0, 1 - 2 * Math.abs(place - 0.5));
}

/** Intersection over union of two boxes. */
export function overlap(one, other) {
  const across = Math.min(one[0] + one[2], other[0] + other[2]) - Math.max(one[0], other[0]);
  const down = Math.min(one[1] + one[3], other[1] + other[3]) - Math.max(one[1], other[1]);
  const shared = Math.max(0, across) * Math.max(0, down);
  return shared / Math.max(one[2] * one[3] + other[2] * other[3] - shared, 1e-12);
}
