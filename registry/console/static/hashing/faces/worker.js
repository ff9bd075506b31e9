// Beside the page: finds the faces of pictures and describes them, as workers/faces does. It is given the
// models and the pictures, and answers numbers; its policy lets it fetch nothing and send nothing.
import * as ort from "../../vendor/ort.wasm.bundle.min.mjs";
import { expression } from "./expression.js";
import { aligned, CHIP, grey, quality, sharpness } from "./geometry.js";
import { mended } from "./onnx.js";
import { unit } from "./tracks.js";
import { detections, SIDE, tensor } from "./yunet.js";

const SMALL = 320;
const ENLARGED = [3, 480];
const SMALLEST = 24;
const MOST = 20;
const CUTS = [[0.94, 0], [1, -3], [1, 3]];
const SURE = 0.9;
const BETTER = 0.04;
const TRIES = 3;

let finder = null;
let describer = null;
let quarters = null;
let tries = 0;
// One after another: a session runs once at a time, and how footage is turned is found out in order.
let before = Promise.resolve();

onmessage = ({ data }) => {
  const failed = (error) => postMessage({ id: data.id, error: String(error) });
  before = before.then(() => answer(data)).catch(failed);
};

async function answer(data) {
  if (data.models) {
    await begin(data.models);
    postMessage({ id: data.id });
    return;
  }
  const { bitmap, shown, still } = data;
  try {
    postMessage({ id: data.id, faces: await see(bitmap, shown, still) });
  } finally {
    bitmap.close();
  }
}

/** `runtime`, `finder` and `describer`: the bytes of ONNX Runtime's WebAssembly and of the two models. */
export async function begin(models) {
  ort.env.wasm.numThreads = 1;
  ort.env.wasm.wasmBinary = models.runtime;
  ort.env.logLevel = "error";
  const open = (model, input) => ort.InferenceSession.create(mended(new Uint8Array(model), input), {
    executionProviders: ["wasm"],
    graphOptimizationLevel: "all",
    logSeverityLevel: 3,
  });
  finder = await open(models.finder, "input");
  describer = await open(models.describer, "data");
}

/** The faces of a picture that is `shown` pixels long on its longer side, the largest first. */
export async function see(bitmap, shown, still) {
  const whole = pixelsOf(drawn(bitmap, bitmap.width, bitmap.height, 0));
  const enlargement = shown / Math.max(bitmap.width, bitmap.height);
  const sideOf = ({ box }) => Math.min(box[2], box[3]) * enlargement;
  const found = (await detect(bitmap)).filter((face) => sideOf(face) >= SMALLEST).slice(0, MOST);
  const seen = [];
  for (const face of found) {
    const side = sideOf(face);
    const chip = aligned(whole, face);
    const levels = grey(chip);
    const cuts = still ? CUTS.map(([size, down]) => aligned(whole, face, size, down)) : [chip];
    const vectors = [];
    for (const cut of cuts) vectors.push(await embed(cut));
    const [x, y, width, height] = face.box;
    seen.push({
      box: [x / bitmap.width, y / bitmap.height, width / bitmap.width, height / bitmap.height],
      pixels: side,
      score: Math.min(1, face.score),
      quality: quality(side, sharpness(levels), face.score, face.points),
      vector: mean(vectors),
      expression: expression(levels),
    });
  }
  return seen;
}

/** The embedding of an aligned chip, averaged with its mirror image's: 128 numbers of unit length. */
export async function embed(chip) {
  const plane = CHIP * CHIP;
  const both = [];
  for (const mirrored of [false, true]) {
    const data = new Float32Array(3 * plane);
    for (let at = 0; at < plane; at += 1) {
      const from = mirrored ? at - (at % CHIP) + CHIP - 1 - (at % CHIP) : at;
      for (let colour = 0; colour < 3; colour += 1) data[colour * plane + at] = chip[3 * from + colour];
    }
    const { fc1 } = await describer.run({ data: new ort.Tensor("float32", data, [1, 3, CHIP, CHIP]) });
    both.push(unit(fc1.data));
  }
  return mean(both);
}

function mean(vectors) {
  return unit(vectors[0].map((_, at) => vectors.reduce((sum, one) => sum + one[at], 0)));
}

// Footage that was turned by quarters is found out at its first moments: as workers/faces/turning.py.
async function detect(bitmap) {
  const found = await detectTurned(bitmap, quarters ?? 0);
  if (quarters !== null) return found;
  const best = surest(found);
  if (best >= SURE) quarters = 0;
  else if (tries < TRIES) {
    tries += 1;
    for (const turn of [1, 3, 2]) {
      const turned = await detectTurned(bitmap, turn);
      if (surest(turned) >= Math.max(SURE, best + BETTER)) {
        quarters = turn;
        return turned;
      }
    }
  }
  return found;
}

function surest(faces) {
  return Math.max(0, ...faces.map((face) => face.score));
}

async function detectTurned(bitmap, turn) {
  const longest = Math.max(bitmap.width, bitmap.height);
  const larger = Math.min(ENLARGED[0], ENLARGED[1] / longest);
  const factor = longest <= SMALL ? larger : Math.min(1, SIDE / longest);
  const [width, height] = [bitmap.width, bitmap.height].map((side) => Math.max(1, Math.round(side * factor)));
  const searched = tensor(pixelsOf(drawn(bitmap, width, height, turn)));
  const outputs = await finder.run({ input: new ort.Tensor("float32", searched, [1, 3, SIDE, SIDE]) });
  const raw = Object.fromEntries(Object.entries(outputs).map(([name, one]) => [name, one.data]));
  const half = factor > 1 ? 0.5 : 0;
  return detections(raw).map(({ box, points, score }) => {
    const ends = [[box[0], box[1]], [box[0] + box[2], box[1] + box[3]]];
    const [one, other] = ends.map((at) => back(at, turn, width, height));
    const corner = [Math.min(one[0], other[0]), Math.min(one[1], other[1])];
    const sides = [Math.abs(one[0] - other[0]), Math.abs(one[1] - other[1])];
    return {
      box: [...corner, ...sides].map((value) => value / factor),
      points: points.map((at) =>
        back(at, turn, width, height).map((value) => (value + half) / factor - half)),
      score,
    };
  });
}

// A point of the picture turned counter-clockwise, in the picture of this size.
function back([x, y], turn, width, height) {
  if (turn === 1) return [width - 1 - y, x];
  if (turn === 2) return [width - 1 - x, height - 1 - y];
  return turn === 3 ? [y, height - 1 - x] : [x, y];
}

function drawn(bitmap, width, height, turn) {
  const canvas = turn % 2 ? new OffscreenCanvas(height, width) : new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.imageSmoothingQuality = "high";
  context.translate(canvas.width / 2, canvas.height / 2);
  context.rotate((-turn * Math.PI) / 2);
  context.drawImage(bitmap, -width / 2, -height / 2, width, height);
  return canvas;
}

function pixelsOf(canvas) {
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  return { pixels: data, width: canvas.width, height: canvas.height };
}
