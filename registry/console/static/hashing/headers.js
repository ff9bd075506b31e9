// What the first bytes of a file say: how large a PNG or JPEG is, of which format a file is, and whether it has
// pictures. A browser that refuses a file says none of this: a picture of too many pixels is not damaged, nor is a
// format that it does not know.
const READ = 1 << 18;
const INDEX = 1 << 22;
const PNG = 0x89504e47;
const JPEG = 0xffd8;
const FRAMES = new Set([0xc0, 0xc1, 0xc2, 0xc3, 0xc5, 0xc6, 0xc7, 0xc9, 0xca, 0xcb, 0xcd, 0xce, 0xcf]);
const PICTURES = [
  [/^GIF8[79]a/, "image/gif"],
  [/^\x89PNG\r\n\x1a\n/, "image/png"],
  [/^RIFF[^]{4}WEBP/, "image/webp"],
  [/^[^]{4}ftyp(avif|avis)/, "image/avif"],
];
// AVI, FLV, WMV, MPEG programme and transport streams, TIFF, HEIC, RealMedia, MXF, and Ogg, which some play.
const HEIF = /^[^]{4}ftyp(hei[cxms]|hev[cxms]|mif1|msf1)/;
const ELSEWHERE = [
  /^RIFF[^]{4}AVI /,
  /^FLV\x01/,
  /^\x30\x26\xb2\x75\x8e\x66\xcf\x11/,
  /^\x00\x00\x01[\xba\xb3]/,
  /^G[^]{187}G[^]{187}G/,
  /^(II\*\x00|MM\x00\*|II\+\x00|MM\x00\+)/,
  HEIF,
  /^\.RMF/,
  /^\x06\x0e\x2b\x34/,
  /^OggS/,
  /^\x00\x00\x00\x0cjP  /,
];
const SOUNDS = [/^ID3/, /^\xff[\xe2\xe3\xf1-\xf3\xf9-\xfb]/, /^RIFF[^]{4}WAVE/, /^fLaC/]; // MP3, AAC, WAV, FLAC
const HEVC = /hvc1|hev1|dvh1|dvhe|V_MPEGH/;

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

/** The type of a picture that may move, by its first bytes; null for anything else. */
export async function movingType(file) {
  const text = await textOf(file, 0, 64);
  return PICTURES.find(([begins]) => begins.test(text))?.[1] ?? null;
}

/** Whether it is a HEIC by its first bytes. AVIF may begin alike, and names itself among the brands that follow. */
export async function isHeic(file) {
  const text = await textOf(file, 0, 64);
  return HEIF.test(text) && !/avi[fs]/.test(text);
}

/** Why a sound file may not be readable here: `not_readable_here` for a format that browsers do not know,
 * `hevc_here` for HEVC video; null where it is neither. */
export async function elsewhere(file) {
  const text = await textOf(file, 0, 1024);
  if (ELSEWHERE.some((begins) => begins.test(text))) return "not_readable_here";
  if (/^\x1a\x45\xdf\xa3/.test(text)) return HEVC.test(await textOf(file, 0, READ)) ? "hevc_here" : null;
  return HEVC.test(await index(file)) ? "hevc_here" : null;
}

/** Whether a file is sound alone: a format of sound, or an Ogg, WebM or MP4 that names no track of pictures. */
export async function isSound(file) {
  const text = await textOf(file, 0, READ);
  if (SOUNDS.some((begins) => begins.test(text))) return true;
  if (/^OggS/.test(text)) return /OpusHead|\x01vorbis|\x7fFLAC|Speex {3}/.test(text) && !/\x80theora|fishead/.test(text);
  if (/^\x1a\x45\xdf\xa3/.test(text)) {
    // Tracks stand before the first cluster; what is compressed in it may look like anything.
    const [head, ...clusters] = text.split("\x1f\x43\xb6\x75");
    return clusters.length > 0 && /\x86[\x80-\xff]A_/.test(head) && !/\x86[\x80-\xff]V_/.test(head);
  }
  const tracks = await index(file);
  return tracks.length < INDEX && /hdlr[^]{8}soun/.test(tracks) && !/hdlr[^]{8}(vide|pict)/.test(tracks);
}

/** Whether a sound says how long it is. Of MP3 and AAC without a container it is a guess. */
export async function tellsLength(file) {
  return !/^(ID3|\xff[^])/.test(await textOf(file, 0, 4));
}

// The box `moov` of an MP4, wherever it stands; empty where there is none.
async function index(file) {
  for (let at = 0, boxes = 0; at + 8 <= file.size && boxes < 64; boxes += 1) {
    const head = new DataView(await file.slice(at, at + 16).arrayBuffer());
    const name = String.fromCharCode(...[4, 5, 6, 7].map((place) => head.getUint8(place)));
    if (!/^[a-z]{3}[a-z0-9 ]$/.test(name)) return "";
    let size = head.getUint32(0);
    if (size === 1 && head.byteLength === 16) size = Number(head.getBigUint64(8));
    if (name === "moov") return textOf(file, at, at + Math.min(size, INDEX));
    if (size < 8) return "";
    at += size;
  }
  return "";
}

async function textOf(file, from, until) {
  return characters(new Uint8Array(await file.slice(from, until).arrayBuffer()));
}

/** Each byte as a character. */
export function characters(bytes) {
  let text = "";
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return text;
}
