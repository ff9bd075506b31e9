// The reader's own file beside what is registered: its pictures are drawn here, from the file that this page
// holds, and are sent nowhere. They stay blurred until they are asked for, as the others do.
import { opened } from "./hashing/sampling.js";

const FEW = 8;
const SHAPE = 0.05;
const CLEAR = 640;
let held = null;
let turn = Promise.resolve();

/** From now on `file` is what own pictures are drawn of. `said`: the words `show`, `hide` and `picture`. */
export function hold(file, longest, said) {
  held = { file, longest, said };
  draw(document);
}

document.addEventListener("htmx:load", (event) => {
  draw(event.detail.elt);
  for (const own of event.detail.elt.querySelectorAll("figure.own:has(canvas)")) alike(own).catch(console.error);
});

// One after another: each opens the file anew, and a video is sought.
function draw(within) {
  if (!held) return;
  const slots = [...within.querySelectorAll("figure.own[hidden]")];
  if (!slots.length) return;
  for (const slot of slots) slot.hidden = false;
  turn = turn.then(() => filled(slots)).catch((error) => console.error(error));
}

async function filled(slots) {
  const { file, longest, said } = held;
  const source = await opened(file, longest, new AbortController().signal);
  try {
    if (source.kind === "audio") for (const slot of slots.splice(0)) slot.hidden = true;
    for (const slot of slots) {
      const picture = await source.at(Number(slot.dataset.at));
      const [clear, blurred] = [size(source, CLEAR), few(source)].map((grid) => scaled(picture, grid));
      slot.prepend(...shown(clear, blurred, said));
      await alike(slot);
    }
  } finally {
    source.close();
  }
}

// As strongly blurred as the registered picture of the same moment, so that the two can be compared.
async function alike(own) {
  const near = own.parentElement.querySelector("img.blurred");
  if (!near) return;
  await near.decode();
  const [blurred, clear] = own.querySelectorAll("canvas");
  if (blurred.width === near.naturalWidth && blurred.height === near.naturalHeight) return;
  Object.assign(blurred, { width: near.naturalWidth, height: near.naturalHeight });
  const context = blurred.getContext("2d");
  context.imageSmoothingQuality = "high";
  context.drawImage(clear, 0, 0, blurred.width, blurred.height);
}

function size({ width, height }, longest) {
  const factor = Math.min(1, longest / Math.max(width, height));
  return [Math.max(1, whole(width * factor)), Math.max(1, whole(height * factor))];
}

// As registry/catalogue/previews/model.py chooses: the largest grid whose shape is the picture's.
function few(source) {
  const apart = ([across, down]) => Math.floor(Math.abs(Math.log(((across / down) * source.height) / source.width)) / SHAPE);
  let best = size(source, FEW);
  if (Math.max(source.width, source.height) <= FEW) return best;
  for (let longest = FEW - 1; longest > FEW / 2; longest -= 1) {
    const grid = size(source, longest);
    if (apart(grid) < apart(best)) best = grid;
  }
  return best;
}

function scaled(picture, [width, height]) {
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width, height });
  const context = canvas.getContext("2d");
  context.imageSmoothingQuality = "high";
  context.drawImage(picture, 0, 0, canvas.width, canvas.height);
  return canvas;
}

// As the server rounds, halves to even: pictures of one size stay so, and stand side by side.
function whole(number) {
  const below = Math.floor(number);
  const rest = number - below;
  return below + (rest > 0.5 || (rest === 0.5 && below % 2 === 1) ? 1 : 0);
}

function shown(clear, blurred, said) {
  blurred.className = "blurred";
  clear.hidden = true;
  for (const canvas of [clear, blurred]) {
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", said.picture);
  }
  const button = document.createElement("button");
  Object.assign(button, { type: "button", className: "small", textContent: said.show });
  button.addEventListener("click", () => {
    clear.hidden = !clear.hidden;
    blurred.hidden = !clear.hidden;
    button.textContent = clear.hidden ? said.show : said.hide;
  });
  return [blurred, clear, button];
}
