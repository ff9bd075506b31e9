// A sound as samples, decoded by the browser.
import { Unreadable } from "../sampling.js";

const RATE = 11025;
const MOST_BYTES = 1 << 29; // the file is in memory once as it is, and once decoded

/** One channel of a file, 11,025 16-bit samples a second, as workers/media/sound.py reads it. Raises `Unreadable`. */
export async function heard(file, signal) {
  if (file.size > MOST_BYTES) throw new Unreadable("too_large", String(file.size), "too_long");
  const context = new OfflineAudioContext(1, 1, RATE);
  const decoded = await file.arrayBuffer().then((bytes) => context.decodeAudioData(bytes)).catch((error) => {
    throw new Unreadable("unsupported_media", String(error), "not_readable_here");
  });
  signal.throwIfAborted();
  const channels = Array.from({ length: decoded.numberOfChannels }, (_, place) => decoded.getChannelData(place));
  return Int16Array.from({ length: decoded.length }, (_, at) => {
    const sum = channels.reduce((all, channel) => all + channel[at], 0);
    return Math.max(-32768, Math.min(32767, Math.round((sum / channels.length) * 32768)));
  });
}
