// Runs in a page, when its user has asked about a medium there: reads the medium as the page itself could, or records
// what plays, and hands it to the panel. It changes nothing in the page and sends nothing anywhere else.
import { browser, type Browser } from "wxt/browser";
import { defineUnlistedScript } from "wxt/utils/define-unlisted-script";

import type { Heard, Told } from "../transfer";

const PIECE = 3_000_000;
const LONGEST = 30;
const GONE = new Set([404, 410]);
const STREAM = /mpegurl|dash\+xml/i;

export default defineUnlistedScript(() => {
  const port = browser.runtime.connect({ name: "medium" });
  port.onMessage.addListener((heard: Heard) => {
    if (heard.type === "read") read(port, heard.url, heard.most).catch((error) => tell(port, { type: "failed", why: "unreached", detail: String(error) }));
  });
});

function tell(port: Browser.runtime.Port, told: Told): void {
  port.postMessage(told);
}

async function read(port: Browser.runtime.Port, url: string, most: number): Promise<void> {
  const element = elementOf(url);
  const address = url || element?.currentSrc || "";
  if (!address && !element?.srcObject) return tell(port, { type: "failed", why: "none" });
  const answer = element?.srcObject ? null : await fetch(address).catch(() => null);
  if (answer?.ok && !STREAM.test(answer.headers.get("Content-Type") ?? "")) return send(port, answer, most);
  await answer?.body?.cancel();
  if (answer && GONE.has(answer.status)) return tell(port, { type: "failed", why: "gone" });
  const streamed = answer?.ok || element?.srcObject || address.startsWith("blob:");
  if (!streamed) return tell(port, { type: "failed", why: "unreached", url: address });
  if (!element) return tell(port, { type: "failed", why: "stream" });
  return record(port, element);
}

/** The video with this address, else the largest that is shown. */
function elementOf(url: string): HTMLVideoElement | null {
  const videos = found(document);
  const same = url && videos.find(({ currentSrc }) => currentSrc === url);
  const area = (video: HTMLVideoElement) => video.clientWidth * video.clientHeight;
  const largest = videos.filter(area).sort((video, other) => area(other) - area(video))[0];
  return same || (url && !url.startsWith("blob:") ? null : largest) || null;
}

function found(root: Document | ShadowRoot): HTMLVideoElement[] {
  const inner = [...root.querySelectorAll("*")].flatMap((element) => (element.shadowRoot ? found(element.shadowRoot) : []));
  return [...root.querySelectorAll("video"), ...inner];
}

async function send(port: Browser.runtime.Port, answer: Response, most: number): Promise<void> {
  const size = Number(answer.headers.get("Content-Length")) || 0;
  if (size > most) return tell(port, { type: "failed", why: "large" });
  const outgoing = new Outgoing(port, answer.headers.get("Content-Type") ?? "", size);
  const reader = answer.body!.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    if (!(await outgoing.add(value, most))) return reader.cancel();
  }
  await outgoing.end();
}

/** Pieces go as text, each when the panel has taken the one before. */
class Outgoing {
  #parts: Uint8Array<ArrayBuffer>[] = [];
  #held = 0;
  #sent = 0;
  readonly #port: Browser.runtime.Port;

  constructor(port: Browser.runtime.Port, kind: string, size: number) {
    this.#port = port;
    tell(port, { type: "begins", kind, size });
  }

  async add(part: Uint8Array<ArrayBuffer>, most: number): Promise<boolean> {
    this.#parts.push(part);
    this.#held += part.length;
    if (this.#sent + this.#held > most) {
      tell(this.#port, { type: "failed", why: "large" });
      return false;
    }
    if (this.#held >= PIECE) await this.#flush();
    return true;
  }

  async end(): Promise<void> {
    if (this.#held) await this.#flush();
    tell(this.#port, { type: "ends" });
  }

  async #flush(): Promise<void> {
    const data = await base64(new Blob(this.#parts));
    this.#sent += this.#held;
    this.#parts = [];
    this.#held = 0;
    const taken = heardOnce(this.#port, "taken");
    tell(this.#port, { type: "piece", data });
    await taken;
  }
}

function heardOnce(port: Browser.runtime.Port, type: Heard["type"]): Promise<void> {
  return new Promise((resolve) => {
    const hear = (heard: Heard) => {
      if (heard.type !== type) return;
      port.onMessage.removeListener(hear);
      resolve();
    };
    port.onMessage.addListener(hear);
  });
}

function base64(blob: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result).split(",", 2)[1] ?? "");
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });
}

/** What plays, as a recording: until it ends, the reader has enough, or `LONGEST` seconds have passed. */
async function record(port: Browser.runtime.Port, video: HTMLVideoElement): Promise<void> {
  if (video.mediaKeys) return tell(port, { type: "failed", why: "protected" });
  let stream: MediaStream;
  try {
    stream = (video as HTMLVideoElement & { captureStream(): MediaStream }).captureStream();
  } catch (error) {
    return tell(port, { type: "failed", why: "stream", detail: String(error) });
  }
  const stopped = video.paused;
  if (stopped && !(await played(video))) return tell(port, { type: "failed", why: "stream" });
  const tracks = stream.getVideoTracks();
  if (!tracks.length) return tell(port, { type: "failed", why: "stream" });
  const recorder = new MediaRecorder(new MediaStream(tracks), { mimeType: "video/webm;codecs=vp8", videoBitsPerSecond: 4_000_000 });
  const parts: Blob[] = [];
  recorder.ondataavailable = ({ data }) => parts.push(data);
  const over = new Promise((resolve) => (recorder.onstop = resolve));
  const begun = performance.now();
  const stop = () => recorder.state === "inactive" || recorder.stop();
  const timer = setInterval(() => {
    const seconds = (performance.now() - begun) / 1000;
    tell(port, { type: "records", seconds, most: LONGEST });
    if (seconds >= LONGEST) stop();
  }, 500);
  void heardOnce(port, "enough").then(stop);
  port.onDisconnect.addListener(stop);
  video.addEventListener("ended", stop, { once: true });
  recorder.start();
  await over;
  clearInterval(timer);
  if (stopped) video.pause();
  const blob = new Blob(parts, { type: "video/webm" });
  await send(port, new Response(blob, { headers: { "Content-Length": String(blob.size) } }), Infinity);
}

/** Whether it plays now. Where a page may not make a sound, it plays without. */
async function played(video: HTMLVideoElement): Promise<boolean> {
  if (video.ended) video.currentTime = 0;
  const plays = () => video.play().then(() => true, () => false);
  if (await plays()) return true;
  video.muted = true;
  return plays();
}
