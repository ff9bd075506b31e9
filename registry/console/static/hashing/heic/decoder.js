// A HEIC picture, as iPhones make it, decoded beside the page.
import { Unreadable } from "../sampling.js";

const PATIENCE = 60_000;
const LARGEST = 1 << 28;

/** Its picture, of `pixels` at most; null where libheif cannot be had here: then the browser is asked, and the file
 * can be sent. Raises `Unreadable`, and what `signal` is aborted with. */
export async function heic(file, pixels, signal) {
  if (!globalThis.WebAssembly || file.size > LARGEST) return null;
  const worker = new Worker(new URL("worker.js", import.meta.url), { type: "module" });
  let patience = 0;
  let stop = () => {};
  try {
    const { missing, bitmap, code, error } = await new Promise((resolve, reject) => {
      stop = () => reject(signal.reason);
      signal.addEventListener("abort", stop);
      // Memory that ran out may end the worker without a word.
      const failed = (reason) => resolve({ code: "decode_failed", error: reason });
      patience = setTimeout(failed, PATIENCE, "it took too long");
      worker.onmessage = ({ data }) => resolve(data);
      worker.onerror = (event) => failed(event.message);
      worker.postMessage({ file, pixels });
    });
    signal.throwIfAborted();
    if (code) throw new Unreadable(code, error, ["too_large", "unsupported_media"].includes(code) ? code : "not_media");
    return missing ? null : bitmap;
  } finally {
    clearTimeout(patience);
    signal.removeEventListener("abort", stop);
    worker.terminate();
  }
}
