// How large a PNG or JPEG says to be: a browser that refuses a picture does not say why, and one with too many
// pixels is not damaged.
const READ = 1 << 18;
const PNG = 0x89504e47;
const JPEG = 0xffd8;
const FRAMES = new Set([0xc0, 0xc1, 0xc2, 0xc3, 0xc5, 0xc6, 0xc7, 0xc9, 0xca, 0xcb, 0xcd, 0xce, 0xcf]);

/** Pixels across times down; 0 where it is neither, or does not say so at its beginning. */
export async function pixelsOf(file) {
  const bytes = new DataView(await file.slice(0, READ).arrayBuffer());
  if (bytes.byteLength < 24) return 0;
  if (bytes.getUint32(0) === PNG) return bytes.getUint32(16) * bytes.getUint32(20);
  if (bytes.getUint16(0) !== JPEG) return 0;
  for (let at = 2; at + 9 <= bytes.byteLength && bytes.getUint8(at) === 0xff; ) {
    const marker = bytes.getUint8(at + 1);
    if (FRAMES.has(marker)) return bytes.getUint16(at + 5) * bytes.getUint16(at + 7);
    at += 2 + bytes.getUint16(at + 2);
  }
  return 0;
}
