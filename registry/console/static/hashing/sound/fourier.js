// The power spectrum of windows of a sound (Cooley and Tukey, 1965).

/** What computes `size / 2 + 1` powers of the `size` samples from `at` on, times `shape`. `size` is a power of two. */
export function spectrum(size, shape) {
  const turns = Float64Array.from({ length: size / 2 }, (_, at) => Math.cos((2 * Math.PI * at) / size));
  const sines = Float64Array.from({ length: size / 2 }, (_, at) => -Math.sin((2 * Math.PI * at) / size));
  const bits = Math.log2(size);
  const order = Uint32Array.from({ length: size }, (_, at) => {
    let turned = 0;
    for (let bit = 0; bit < bits; bit += 1) turned |= ((at >> bit) & 1) << (bits - 1 - bit);
    return turned;
  });
  const real = new Float64Array(size);
  const imaginary = new Float64Array(size);
  const powers = new Float64Array(size / 2 + 1);
  return (samples, at) => {
    imaginary.fill(0);
    for (let place = 0; place < size; place += 1) real[place] = samples[at + order[place]] * shape[order[place]];
    for (let half = 1; half < size; half *= 2) {
      const step = size / (2 * half);
      for (let begin = 0; begin < size; begin += 2 * half) {
        for (let place = 0; place < half; place += 1) {
          const [low, high] = [begin + place, begin + place + half];
          const [turn, sine] = [turns[place * step], sines[place * step]];
          const [a, b] = [real[high] * turn - imaginary[high] * sine, real[high] * sine + imaginary[high] * turn];
          [real[high], imaginary[high]] = [real[low] - a, imaginary[low] - b];
          real[low] += a;
          imaginary[low] += b;
        }
      }
    }
    for (let bin = 0; bin < powers.length; bin += 1) powers[bin] = real[bin] ** 2 + imaginary[bin] ** 2;
    return powers;
  };
}
