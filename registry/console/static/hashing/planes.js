// A picture as grey levels, three ways, each as Python has it: `grey` as Pillow's mode L, `luma` as PDQ takes it,
// `level` as OpenCV's COLOR_RGB2GRAY. And parts of it, turned or not.

/** Of RGBA bytes, row by row: `{width, height, grey, luma, level}`. */
export function planes(rgba, width, height) {
  const size = width * height;
  const grey = new Uint8Array(size);
  const luma = new Float32Array(size);
  const level = new Uint8Array(size);
  for (let at = 0, from = 0; at < size; at += 1, from += 4) {
    const [red, green, blue] = [rgba[from], rgba[from + 1], rgba[from + 2]];
    grey[at] = (red * 19595 + green * 38470 + blue * 7471 + 0x8000) >> 16;
    luma[at] = 0.299 * red + 0.587 * green + 0.114 * blue;
    level[at] = (red * 9798 + green * 19235 + blue * 3735 + 0x4000) >> 15;
  }
  return { width, height, grey, luma, level };
}

/** The part of a picture between these pixels, without its `level`. */
export function part({ width, grey, luma }, left, top, right, bottom) {
  const across = right - left;
  const made = { width: across, height: bottom - top, grey: new Uint8Array(across * (bottom - top)) };
  made.luma = new Float32Array(made.grey.length);
  for (let y = top; y < bottom; y += 1) {
    const from = y * width + left;
    made.grey.set(grey.subarray(from, from + across), (y - top) * across);
    made.luma.set(luma.subarray(from, from + across), (y - top) * across);
  }
  return made;
}

/** A picture turned by so many quarters (1 to 3), counter-clockwise, without its `level`. */
export function turned({ width, height, grey, luma }, quarters) {
  const lying = quarters % 2 === 1;
  const across = lying ? height : width;
  const made = { width: across, height: lying ? width : height };
  made.grey = new Uint8Array(grey.length);
  made.luma = new Float32Array(grey.length);
  // Where the first pixel comes from, and how far the next one across, and down, lies from it.
  const [first, right, down] = [
    null,
    [width - 1, width, -1],
    [grey.length - 1, -1, -width],
    [(height - 1) * width, -width, 1],
  ][quarters];
  for (let y = 0, to = 0; y < made.height; y += 1) {
    for (let x = 0, from = first + y * down; x < across; x += 1, to += 1, from += right) {
      made.grey[to] = grey[from];
      made.luma[to] = luma[from];
    }
  }
  return made;
}

/** As Python rounds: halves to even. */
export function whole(number) {
  const below = Math.floor(number);
  const rest = number - below;
  return below + (rest > 0.5 || (rest === 0.5 && below % 2 !== 0) ? 1 : 0);
}

/** `wanted` places of `count`, spread evenly, the first and the last among them, each once. */
export function spread(count, wanted) {
  const many = Math.min(wanted, count);
  if (many < 2) return many ? [0] : [];
  const step = (count - 1) / (many - 1);
  return [...new Set(Array.from({ length: many }, (_, at) => whole(at === many - 1 ? count - 1 : at * step)))];
}
