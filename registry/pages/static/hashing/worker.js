// Beside the page: hashes pictures, and digests files piece by piece. Speaks to the page alone; fetches and
// sends nothing.
import { pdq } from "./pdq.js";
import { phash } from "./phash.js";
import { Sha256 } from "./sha256.js";

const THUMB = 32;

onmessage = async ({ data }) => {
  try {
    if (data.file) await digest(data.file);
    else postMessage({ id: data.id, ...hashes(new Uint8ClampedArray(data.pixels), data.width, data.height) });
  } catch (error) {
    postMessage({ id: data.id, error: String(error) });
  }
};

function hashes(rgba, width, height) {
  const quick = pdq(rgba, width, height);
  const slow = phash(rgba, width, height);
  return {
    full: { ...quick.straight, phash: slow.straight },
    mirror: { ...quick.mirror, phash: slow.mirror },
    thumb: thumb(rgba, width, height),
  };
}

// 32 x 32 grey levels, each the average of its part of the picture: by these, pictures that show the same.
function thumb(rgba, width, height) {
  const sums = new Float64Array(THUMB * THUMB);
  const counts = new Float64Array(THUMB * THUMB);
  for (let y = 0; y < height; y += 1) {
    const row = Math.floor((y * THUMB) / height) * THUMB;
    for (let x = 0; x < width; x += 1) {
      const from = (y * width + x) * 4;
      const cell = row + Math.floor((x * THUMB) / width);
      sums[cell] += 0.299 * rgba[from] + 0.587 * rgba[from + 1] + 0.114 * rgba[from + 2];
      counts[cell] += 1;
    }
  }
  return Float32Array.from(sums, (sum, cell) => sum / Math.max(1, counts[cell]));
}

async function digest(file) {
  const hash = new Sha256();
  const reader = file.stream().getReader();
  let read = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    hash.update(value);
    read += value.length;
    postMessage({ share: file.size ? read / file.size : 1 });
  }
  postMessage({ sha256: hash.hex() });
}
