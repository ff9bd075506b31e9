// The waveform of a sound over its player: what both files have in common is coloured, and a line shows the moment.
const MOST_BYTES = 64 << 20;
const MOST_SECONDS = 1800; // browsers decode at the file's own rate first, in up to 700 MB
const RATE = 8000; // samples a second; enough to draw
const HEIGHT = 64;

/** Fetch a whole file. The server sends a few megabytes at once. */
async function fetched(address) {
  const parts = [];
  let size = 1;
  for (let at = 0; at < size;) {
    const answer = await fetch(address, { headers: { Range: `bytes=${at}-` } });
    if (!answer.ok) throw new Error(`${answer.status}`);
    const part = await answer.arrayBuffer();
    size = Number(answer.headers.get("content-range")?.split("/")[1] ?? part.byteLength);
    if (size > MOST_BYTES || part.byteLength === 0) throw new Error("too large");
    parts.push(part);
    at += part.byteLength;
  }
  return new Blob(parts).arrayBuffer();
}

/** The loudest sample of each of `columns` equal parts of a sound: 0 to 1. */
function loudest(samples, columns) {
  const each = samples.length / columns;
  const peaks = new Float32Array(columns);
  for (let column = 0; column < columns; column += 1) {
    for (let place = Math.floor(column * each); place < Math.floor((column + 1) * each); place += 1) {
      peaks[column] = Math.max(peaks[column], Math.abs(samples[place]));
    }
  }
  return peaks;
}

/** Draw the sound of a player above it. `ranges`: seconds that the other file has too; `seek`: what a click does. */
export async function wave(sound, ranges, seek) {
  if (sound.duration > MOST_SECONDS) return;
  const context = new OfflineAudioContext(1, 1, RATE);
  const samples = (await context.decodeAudioData(await fetched(sound.src))).getChannelData(0);
  const canvas = document.createElement("canvas");
  const moment = document.createElement("i");
  const drawing = document.createElement("div");
  drawing.className = "wave";
  drawing.setAttribute("aria-hidden", "true"); // the player and the table of seconds say the same
  drawing.append(canvas, moment);
  sound.before(drawing);
  const lasts = samples.length / RATE;
  const draw = () => {
    canvas.width = Math.max(1, Math.round(drawing.clientWidth * devicePixelRatio));
    canvas.height = HEIGHT * devicePixelRatio;
    const peaks = loudest(samples, canvas.width);
    const most = Math.max(0.01, peaks.reduce((high, peak) => Math.max(high, peak)));
    const pen = canvas.getContext("2d");
    const colours = getComputedStyle(drawing);
    peaks.forEach((peak, column) => {
      const second = (column / canvas.width) * lasts;
      const common = ranges.some(([begin, end]) => second >= begin && second <= end);
      pen.fillStyle = common ? colours.outlineColor : colours.color;
      const tall = Math.max(devicePixelRatio, (peak / most) * canvas.height);
      pen.fillRect(column, (canvas.height - tall) / 2, 1, tall);
    });
  };
  new ResizeObserver(draw).observe(drawing);
  const show = () => {
    moment.style.left = `${Math.min(100, (sound.currentTime / lasts) * 100)}%`;
    if (!sound.paused && sound.isConnected) requestAnimationFrame(show);
  };
  for (const name of ["play", "timeupdate", "seeked"]) sound.addEventListener(name, show);
  drawing.addEventListener("click", (event) => seek((event.offsetX / drawing.clientWidth) * lasts));
}
