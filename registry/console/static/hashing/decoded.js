// A video's pictures decoded without playing it: each frame once, none missed, as fast as the decoder is. For
// browsers that have WebCodecs (pages served by HTTPS alone have it), and containers that mediabunny reads.
const SLACK = 1e-3;
const STEP = 0.5;
const SHORT_OF = 1;
const REORDERED = 17;
const WITHOUT_DATA = { metadataOnly: true };

/** `{time, picture}` of what is on screen at each point of the grid, and of the last frame, as
 * workers/media/sampling.py chooses them; a picture can be drawn until the next one is asked for. Its return
 * value is whether that is all of them: it is not where the video cannot be decoded here, and nothing is given
 * where it ends before `duration`. Raises what the decoder raises. */
export async function* decoded(file, step, duration) {
  if (!globalThis.VideoDecoder) return false;
  const { ALL_FORMATS, BlobSource, Input, ...sinks } = await import("../vendor/mediabunny.min.mjs");
  const input = new Input({ source: new BlobSource(file), formats: ALL_FORMATS });
  try {
    const track = await input.getPrimaryVideoTrack();
    if (!track || !(await track.canDecode())) return false;
    const packets = new sinks.EncodedPacketSink(track);
    const first = await begun(packets, await track.getFirstTimestamp());
    const end = await packets.getPacket(Infinity, WITHOUT_DATA);
    if (end.timestamp + end.duration < duration - SHORT_OF) return false;
    const points = grid(step, end.timestamp - first);
    const seen = points.map((one) => first + one.seen + SLACK);
    let at = 0;
    for await (const sample of new sinks.VideoSampleSink(track).samplesAtTimestamps(seen)) {
      if (!sample) return false;
      const picture = upright(sample);
      try {
        yield { time: points[at].time, picture };
      } finally {
        picture.close?.();
      }
      at += 1;
    }
    return at === points.length;
  } finally {
    input.dispose();
  }
}

// The time of the first frame shown: what was cut off without encoding anew lies before 0. Packets do not come in
// the order of their times, but nearly.
async function begun(packets, first) {
  if (first >= 0) return first;
  const times = [];
  let packet = await packets.getKeyPacket(0, WITHOUT_DATA);
  for (; packet && times.length < REORDERED; packet = await packets.getNextPacket(packet, WITHOUT_DATA)) {
    if (packet.timestamp >= 0) times.push(packet.timestamp);
  }
  return Math.min(...times);
}

// When each picture is taken (`seen`), and from when on it stands. One that stands for long is from the middle.
function grid(step, last) {
  const points = [];
  const offset = Math.max(0, step - STEP) / 2;
  for (let time = 0; time + offset <= last + SLACK; time += step) points.push({ time, seen: time + offset });
  const before = points.at(-1)?.seen ?? -1;
  if (last > before + SLACK) points.push({ time: Math.min(points.length * step, last), seen: last });
  return points;
}

function upright(sample) {
  try {
    if (!sample.rotation) return sample.toVideoFrame();
    const canvas = new OffscreenCanvas(sample.displayWidth, sample.displayHeight);
    sample.draw(canvas.getContext("2d"), 0, 0);
    return canvas;
  } finally {
    sample.close();
  }
}
