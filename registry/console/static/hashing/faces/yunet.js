// Finding faces: what goes into YuNet and what comes out, as OpenCV's FaceDetectorYN has it (objdetect,
// face_detect.cpp), with the thresholds of workers/faces/detector.py.
import { overlap } from "./geometry.js";

export const SIDE = 640;
const STRIDES = [8, 16, 32];
const SCORE = 0.8;
const OVERLAP = 0.3;
const MOST = 500;

/** What the model takes: blue, green, red, one after another, the picture in the left top of a square. */
export function tensor({ pixels, width, height }) {
  const plane = SIDE * SIDE;
  const data = new Float32Array(3 * plane);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const from = (y * width + x) * 4;
      const to = y * SIDE + x;
      data[to] = pixels[from + 2];
      data[plane + to] = pixels[from + 1];
      data[2 * plane + to] = pixels[from];
    }
  }
  return data;
}

/** Of the model's outputs by name (`cls_8` and so on): `{box, points, score}` in the square's pixels, the
 * largest first. */
export function detections(outputs) {
  const found = STRIDES.flatMap((stride) => [...candidates(outputs, stride)]);
  found.sort((one, other) => other.score - one.score);
  const kept = [];
  for (const one of found.slice(0, MOST)) {
    if (kept.every((better) => overlap(better.box, one.box) <= OVERLAP)) kept.push(one);
  }
  return kept.sort((one, other) => other.box[2] * other.box[3] - one.box[2] * one.box[3]);
}

function* candidates(outputs, stride) {
  const [sure, there, boxes, marks] = ["cls", "obj", "bbox", "kps"].map((one) => outputs[`${one}_${stride}`]);
  const across = SIDE / stride;
  for (let at = 0; at < across * across; at += 1) {
    const score = Math.sqrt(clamped(sure[at]) * clamped(there[at]));
    if (score < SCORE) continue;
    const [column, row] = [at % across, Math.floor(at / across)];
    const [x, y, width, height] = boxes.subarray(4 * at, 4 * at + 4);
    const box = [0, 0, Math.exp(width) * stride, Math.exp(height) * stride];
    box[0] = (column + x) * stride - box[2] / 2;
    box[1] = (row + y) * stride - box[3] / 2;
    const points = Array.from({ length: 5 }, (_, point) => [
      (marks[10 * at + 2 * point] + column) * stride,
      (marks[10 * at + 2 * point + 1] + row) * stride,
    ]);
    if ([...box, ...points.flat()].every(Number.isFinite)) yield { box, points, score };
  }
}

function clamped(share) {
  return Math.min(1, Math.max(0, share));
}
