// Channels of a sound as one of 16-bit samples, as FFmpeg mixes them.
const ROOT = Math.SQRT1_2;
const SURROUND = [ROOT, ROOT, 1, 0, 0.5, 0.5]; // left, right, centre, low frequencies, and the sides

/** One channel of equally long `channels` of numbers from -1 to 1. */
export function mixed(channels) {
  const shares = channels.length === SURROUND.length ? SURROUND : channels.map(() => 1);
  const whole = shares.reduce((sum, share) => sum + share);
  const samples = new Int16Array(channels[0].length);
  for (let at = 0; at < samples.length; at += 1) {
    let sum = 0;
    for (let place = 0; place < channels.length; place += 1) sum += channels[place][at] * shares[place];
    samples[at] = Math.max(-32768, Math.min(32767, Math.round((sum / whole) * 32768)));
  }
  return samples;
}
