// From a question to a file in this panel's memory.
import { browser, type Browser } from "wxt/browser";

import { pattern, type Question } from "./settings";
import type { Heard, Told, Why } from "./transfer";

export const MOST_BYTES = 512 * 1024 ** 2;

/** Why there is no file: as `Why` has it, `allow` where the user may let the extension read from `origins`, `page` where
 * the browser lets no extension into the page. */
export class Unread extends Error {
  readonly why: Why | "allow" | "page";
  readonly origins: string[];

  constructor(why: Why | "allow" | "page", origins: string[] = [], detail = "") {
    super(detail || why);
    this.why = why;
    this.origins = origins;
  }
}

/** What is under way. `enough`: end the recording, where there is one. */
export interface Progress {
  read(share: number | null): void;
  recorded(seconds: number, most: number, enough: () => void): void;
}

/** The medium that was asked about. Throws `Unread`, and what `signal` is aborted with. */
export async function fileOf(question: Question, progress: Progress, signal: AbortSignal): Promise<File> {
  if (question.url.startsWith("data:")) return named(await fetch(question.url, { signal }), question.url);
  try {
    return await fromPage(question, progress, signal);
  } catch (error) {
    if (!(error instanceof Unread) || !["unreached", "page"].includes(error.why)) throw error;
    const url = question.url || error.message;
    if (!/^https?:/.test(url)) {
      // A cross-origin frame: its video is reached once the frame's address is allowed.
      if (error.why === "page" && /^https?:/.test(question.frameUrl)) await need([pattern(question.frameUrl)], "page");
      throw error;
    }
    return direct(url, progress, signal);
  }
}

/** Throws `Unread`: `allow`, unless all are allowed already; then `why`. */
async function need(origins: string[], why: Why | "page"): Promise<void> {
  throw new Unread((await browser.permissions.contains({ origins })) ? why : "allow", origins);
}

/** By the script in the page: what the page may read, read as the page does. */
async function fromPage(question: Question, progress: Progress, signal: AbortSignal): Promise<File> {
  const { tabId, frameId } = question;
  const connected = connection(tabId, frameId, signal);
  const script = { target: { tabId, frameIds: [frameId] }, files: ["/page.js" as const] };
  connected.catch(() => {});
  await browser.scripting.executeScript(script).catch((error) => {
    throw new Unread("page", [], String(error));
  });
  const port = await connected;
  try {
    return await received(port, question, progress, signal);
  } finally {
    port.disconnect();
  }
}

function connection(tabId: number, frameId: number, signal: AbortSignal): Promise<Browser.runtime.Port> {
  return new Promise((resolve, reject) => {
    const hear = (port: Browser.runtime.Port) => {
      if (port.name !== "medium" || port.sender?.tab?.id !== tabId || port.sender.frameId !== frameId) return;
      browser.runtime.onConnect.removeListener(hear);
      resolve(port);
    };
    browser.runtime.onConnect.addListener(hear);
    signal.addEventListener("abort", () => {
      browser.runtime.onConnect.removeListener(hear);
      reject(signal.reason);
    });
  });
}

function received(port: Browser.runtime.Port, question: Question, progress: Progress, signal: AbortSignal): Promise<File> {
  const say = (heard: Heard) => port.postMessage(heard);
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let kind = "";
  let [size, read] = [0, 0];
  return new Promise((resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    port.onDisconnect.addListener(() => reject(new Unread("page", [], "the page has gone")));
    port.onMessage.addListener((told: Told) => {
      if (told.type === "begins") ({ kind, size } = told);
      else if (told.type === "records") progress.recorded(told.seconds, told.most, () => say({ type: "enough" }));
      else if (told.type === "failed") reject(new Unread(told.why, [], told.url ?? told.detail));
      else if (told.type === "ends") resolve(fileFrom(parts, question.url, kind));
      else {
        const bytes = Uint8Array.from(atob(told.data), (character) => character.charCodeAt(0));
        parts.push(bytes);
        read += bytes.length;
        progress.read(size ? Math.min(1, read / size) : null);
        say({ type: "taken" });
      }
    });
    say({ type: "read", url: question.url, most: MOST_BYTES });
  });
}

/** By the extension itself, from an address that its user has allowed. */
async function direct(url: string, progress: Progress, signal: AbortSignal): Promise<File> {
  const origins = [pattern(url)];
  if (!(await browser.permissions.contains({ origins }))) await need(origins, "unreached");
  progress.read(null);
  const answer = await fetch(url, { signal, credentials: "include" }).catch((error) => {
    signal.throwIfAborted();
    throw new Unread("unreached", [], String(error));
  });
  if (!answer.ok) throw new Unread("unreached", [], String(answer.status));
  if (Number(answer.headers.get("Content-Length")) > MOST_BYTES) throw new Unread("large");
  return named(answer, url);
}

async function named(answer: Response, url: string): Promise<File> {
  const blob = await answer.blob();
  if (blob.size > MOST_BYTES) throw new Unread("large");
  return fileFrom([blob], url, blob.type);
}

function fileFrom(parts: BlobPart[], url: string, kind: string): File {
  const name = /^https?:/.test(url) ? new URL(url).pathname.split("/").at(-1) : "";
  // A type that says nothing is left out: then the content decides.
  const type = /^(image|video|audio)\//.test(kind) ? (kind.split(";")[0] ?? "") : "";
  return new File(parts, name || "medium", { type });
}
