// A sound as channels of samples, decoded by the browser.
import { Unreadable } from "../sampling.js";

const RATE = 11025;
const MOST_SECONDS = 1800; // browsers decode at the file's own rate first: 700 MB of 48,000 stereo samples a second
const MOST_BYTES = 1 << 29;

/** The channels of a file that lasts `seconds` by its header, 11,025 samples a second, and how long they last. Raises
 * `Unreadable`, and what `signal` is aborted with. */
export async function heard(file, seconds, signal) {
  if (seconds > MOST_SECONDS || file.size > MOST_BYTES) throw new Unreadable("unsupported_media", String(seconds), "long_sound");
  const context = new OfflineAudioContext(1, 1, RATE);
  const decoding = file.arrayBuffer().then((bytes) => context.decodeAudioData(bytes)).catch((error) => {
    throw new Unreadable("unsupported_media", String(error), "not_readable_here");
  });
  const decoded = await new Promise((resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    decoding.then(resolve, reject);
  });
  signal.throwIfAborted();
  const channels = Array.from({ length: decoded.numberOfChannels }, (_, place) => decoded.getChannelData(place).slice());
  return { channels, duration: decoded.duration };
}
