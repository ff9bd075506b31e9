// How a face stands: mouth, and eyes with brows, as the lowest frequencies of their grey cells, a byte each.
// As workers/faces/expression.py has it.
import { CHIP } from "./geometry.js";

const CELL = 4;
const BLUR = 2;
const REACH = 8;
const ROWS = 5;
const COLUMNS = 6;
const PART = 27;
const SCALE = 127;
const MOUTH = { left: 34, right: 78, top: 74, bottom: 110, fades: true };
const UPPER = { left: 16, right: 96, top: 30, bottom: 66, fades: false };
const kernel = (() => {
  const bell = (at) => Math.exp(-((at - REACH) ** 2) / (2 * BLUR * BLUR));
  const raw = Array.from({ length: 2 * REACH + 1 }, (_, at) => bell(at));
  const sum = raw.reduce((total, one) => total + one, 0);
  return raw.map((one) => one / sum);
})();

/** 54 signed bytes of a chip's grey levels. */
export function expression(levels) {
  const soft = blurred(blurred(levels, 1, CHIP), CHIP, 1);
  const numbers = [MOUTH, UPPER].flatMap((part) => frequencies(soft, part));
  return Int8Array.from(numbers, (one) => Math.min(SCALE, Math.max(-SCALE, even(one * SCALE))));
}

function blurred(levels, along, across) {
  const within = (place) => (place < 0 ? -place : place >= CHIP ? 2 * CHIP - 2 - place : place);
  const soft = new Float64Array(CHIP * CHIP);
  for (let line = 0; line < CHIP; line += 1) {
    for (let place = 0; place < CHIP; place += 1) {
      let sum = 0;
      for (let at = -REACH; at <= REACH; at += 1) {
        sum += kernel[at + REACH] * levels[line * across + within(place + at) * along];
      }
      soft[line * across + place * along] = sum;
    }
  }
  return soft;
}

function frequencies(soft, { left, right, top, bottom, fades }) {
  const [down, across] = [(bottom - top) / CELL, (right - left) / CELL];
  const cells = new Float64Array(down * across);
  for (let y = top; y < bottom; y += 1) {
    for (let x = left; x < right; x += 1) {
      const cell = Math.floor((y - top) / CELL) * across + Math.floor((x - left) / CELL);
      cells[cell] += soft[y * CHIP + x] / (CELL * CELL);
    }
  }
  const [tall, wide] = [faded(down, fades), faded(across, fades)];
  const weight = (at) => tall[Math.floor(at / across)] * wide[at % across];
  let [sum, total] = [0, 0];
  cells.forEach((one, at) => {
    sum += one * weight(at);
    total += weight(at);
  });
  const plain = cells.map((one, at) => (one - sum / total) * weight(at));
  const length = Math.hypot(...plain) + 1;
  const found = [];
  for (let row = 0; row < ROWS; row += 1) {
    for (let column = 0; column < COLUMNS; column += 1) {
      let value = 0;
      plain.forEach((one, at) => {
        const wave = cosine(down, row, Math.floor(at / across)) * cosine(across, column, at % across);
        value += (one / length) * wave;
      });
      found.push(value);
    }
  }
  return found.slice(1, PART + 1);
}

function faded(cells, fades) {
  return Array.from({ length: cells }, (_, at) =>
    fades ? 0.5 - 0.5 * Math.cos((2 * Math.PI * (at + 1)) / (cells + 1)) : 1);
}

function cosine(cells, order, at) {
  const wave = Math.cos((Math.PI * (at + 0.5) * order) / cells) * Math.sqrt(2 / cells);
  return order ? wave : wave / Math.SQRT2;
}

/** A whole number; halves go to the even one, as NumPy has it. */
export function even(value) {
  const down = Math.floor(value);
  if (value - down !== 0.5) return Math.round(value);
  return down % 2 ? down + 1 : down;
}
