// Straight edges along columns and rows, and what pictures show within rectangles: the pixels' part of
// workers/media/rectangles.py.
const STEP = 4;
const ALONE = 9;
const FLAT_WITHIN = 13;
const LINES = 12;
const SHORTEST_LINE = 0.07;
const SEEN = 0.35;
const DETAIL = 24;
const MOTION = 40;
const BUSY = 2.5;
const LIVELY = 1.75;

/** Of grey levels of a few pictures, `turned`: along rows. `places`: where edges run longest, and the picture's
 * own edges, ascending. `supports(ends)`: of a line (its place's index) between two ends (theirs) how much of it
 * is edge, null for the picture's own. `steps`: by picture, how far the pixels on both sides of each boundary
 * differ, turned where the lines are. */
export function lines(levels, width, height, turned) {
  const [across, down] = turned ? [height, width] : [width, height];
  const edge = new Float32Array(across * down);
  const flat = new Float32Array(across * down);
  const steps = levels.map((level) => stepsOf(turned ? flipped(level, width, height) : level, across, down));
  for (const one of steps) add(one, across, down, edge, flat);
  for (let at = 0; at < edge.length; at += 1) {
    edge[at] /= levels.length;
    flat[at] /= levels.length;
  }
  const places = longest(edge, flat, across, down);
  return { places, steps, supports: (ends) => supports(edge, flat, across, places, ends) };
}

/** For each `{x0, x1, y0, y1}`: how much it shows beside the picture's average (`inside`), what is around it
 * beside what is in it, and how much moves in it. `upright` and `level`: steps along columns, along rows. */
export function content(levels, upright, level, width, height, found) {
  const size = width * height;
  const detail = new Float64Array(size);
  upright.forEach((steps, number) => {
    const other = level[number];
    for (let y = 0, at = 0; y < height; y += 1) {
      for (let x = 0; x < width; x += 1, at += 1) detail[at] += Math.min(steps[at] + other[x * height + y], DETAIL);
    }
  });
  const motion = levels.length > 1 ? moved(levels, size) : null;
  const [shown, moves] = [integral(detail, width, height), motion && integral(motion, width, height)];
  const average = shown.mean;
  const lively = moves && moves.mean > 0.5;
  return found.map((one) => {
    const within = shown.density(one);
    const share = ((one.x1 - one.x0) * (one.y1 - one.y0)) / size;
    const outside = (average - within * share) / Math.max(1 - share, 1e-6);
    return {
      inside: 0.3 + Math.min(within / Math.max(average, 1e-3), BUSY),
      around: outside / Math.max(within, 1e-3),
      moving: lively ? 0.3 + Math.min(moves.density(one) / moves.mean, LIVELY) : 1,
    };
  });
}

function flipped(level, width, height) {
  const made = new Uint8Array(level.length);
  for (let y = 0, at = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1, at += 1) made[x * height + y] = level[at];
  }
  return made;
}

function stepsOf(level, width, height) {
  const steps = new Uint8Array(level.length);
  if (width <= 3) return steps;
  // Halves to even, as OpenCV's addWeighted rounds.
  const middle = (sum) => (sum >> 1) + (sum & 1 && (sum >> 1) & 1 ? 1 : 0);
  for (let y = 0; y < height; y += 1) {
    for (let x = 2, at = y * width + 2; x < width - 1; x += 1, at += 1) {
      steps[at] = Math.abs(middle(level[at] + level[at + 1]) - middle(level[at - 2] + level[at - 1]));
    }
  }
  return steps;
}

// Of one picture: where a boundary is an edge, the sharpest about, or beside one; and where nothing is near.
function add(steps, width, height, edge, flat) {
  const ridge = new Uint8Array(width);
  const sharpest = new Uint8Array(width);
  const near = new Uint8Array(width);
  for (let y = 0; y < height; y += 1) {
    const from = y * width;
    greatest(steps, from, width, ALONE >> 1, sharpest);
    greatest(steps, from, width, FLAT_WITHIN >> 1, near);
    for (let x = 0; x < width; x += 1) {
      ridge[x] = steps[from + x] === sharpest[x] && steps[from + x] >= STEP ? 1 : 0;
      if (near[x] < STEP) flat[from + x] += 1;
    }
    for (let x = 0; x < width; x += 1) {
      if (ridge[x] || (x && ridge[x - 1]) || (x + 1 < width && ridge[x + 1])) edge[from + x] += 1;
    }
  }
}

// Of each pixel of a line the greatest of those up to `reach` away.
function greatest(values, from, width, reach, into) {
  for (let x = 0; x < width; x += 1) {
    let most = 0;
    const last = Math.min(width - 1, x + reach);
    for (let at = Math.max(0, x - reach); at <= last; at += 1) if (values[from + at] > most) most = values[from + at];
    into[x] = most;
  }
}

function longest(edge, flat, width, height) {
  const best = new Float64Array(width);
  const current = new Float64Array(width);
  for (let y = 0, at = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1, at += 1) {
      const sum = current[x] + (flat[at] > 0.5 ? 0 : Math.fround(edge[at] - 0.5));
      current[x] = sum > 0 ? sum : 0;
      if (current[x] > best[x]) best[x] = current[x];
    }
  }
  const found = new Set([0, width]);
  for (let number = 0; number < LINES; number += 1) {
    let at = 0;
    for (let x = 1; x < width; x += 1) if (best[x] > best[at]) at = x;
    if (best[at] < SHORTEST_LINE * height) break;
    found.add(at);
    best.fill(0, Math.max(0, at - 3), at + 4);
  }
  return [...found].sort((one, other) => one - other);
}

function supports(edge, flat, width, places, ends) {
  const sums = places.map((place) => {
    const column = Math.min(place, width - 1);
    return [edge, flat].map((values) => {
      let sum = 0;
      let row = 0;
      return ends.map((end) => {
        for (; row < end; row += 1) sum += values[row * width + column];
        return sum;
      });
    });
  });
  return (place, first, last) => {
    if (places[place] === 0 || places[place] === width) return null;
    const [edges, flats] = sums[place].map((sum) => sum[last] - sum[first]);
    const length = Math.max(ends[last] - ends[first], 1);
    return edges < SEEN * length ? 0 : Math.min(edges / Math.max(length - flats, 1), 1);
  };
}

function moved(levels, size) {
  const motion = new Float64Array(size);
  for (let at = 0; at < size; at += 1) {
    let [least, most] = [255, 0];
    for (const level of levels) {
      if (level[at] < least) least = level[at];
      if (level[at] > most) most = level[at];
    }
    motion[at] = Math.min(most - least, MOTION);
  }
  return motion;
}

function integral(values, width, height) {
  const total = new Float64Array((width + 1) * (height + 1));
  for (let y = 0, at = 0; y < height; y += 1) {
    let row = 0;
    for (let x = 0; x < width; x += 1, at += 1) {
      row += values[at];
      total[(y + 1) * (width + 1) + x + 1] = total[y * (width + 1) + x + 1] + row;
    }
  }
  const of = (x, y) => total[y * (width + 1) + x];
  return {
    mean: total[total.length - 1] / values.length,
    density: ({ x0, x1, y0, y1 }) =>
      (of(x1, y1) - of(x1, y0) - of(x0, y1) + of(x0, y0)) / Math.max((x1 - x0) * (y1 - y0), 1),
  };
}
