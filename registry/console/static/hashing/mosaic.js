// mosaic.1: area means of 24 x 24 cells of the grey picture, in 16 levels, as workers/hashers/mosaic.py has them. Held
// against tests/vectors/mosaic.1.json.
const SIDE = 24;
const LEVELS = 16;

/** Of a picture's `planes`: its mosaic, as base64. */
export function mosaic({ grey, width, height }) {
  const [across, down] = [edges(width), edges(height)];
  const cells = down.flatMap(([top, bottom]) => across.map(([left, right]) => {
    let sum = 0;
    for (let y = top; y < bottom; y += 1) for (let x = left; x < right; x += 1) sum += grey[y * width + x];
    return { sum, count: (bottom - top) * (right - left) };
  }));
  const darkest = Math.min(...cells.map(({ sum, count }) => Math.floor(sum / count)));
  const lightest = Math.max(...cells.map(({ sum, count }) => Math.ceil(sum / count)));
  const span = Math.max(lightest - darkest, LEVELS);
  const levels = cells.map(({ sum, count }) => (
    Math.min(Math.floor((LEVELS * (sum - darkest * count)) / (count * span)), LEVELS - 1)
  ));
  const packed = Array.from({ length: levels.length / 2 }, (_, at) => (levels[2 * at] << 4) | levels[2 * at + 1]);
  return btoa(String.fromCharCode(darkest, lightest, ...packed));
}

// The first pixel of each cell, and the one after its last.
function edges(side) {
  return Array.from({ length: SIDE }, (_, cell) => {
    const first = Math.min(Math.floor((cell * side) / SIDE), side - 1);
    return [first, Math.max(first + 1, Math.floor(((cell + 1) * side) / SIDE))];
  });
}
