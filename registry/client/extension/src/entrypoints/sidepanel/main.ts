// The side panel: takes a question, or a file that is dropped, and shows the verdict. The only thing that leaves is the
// fingerprint, to the service that the options name.
import { Client, ClientError, ServiceError, Unreachable, type LookupAnswer } from "@fakeprint/client";
import { browser } from "wxt/browser";

import { documentOf, type Stage } from "../../hashing";
import { fileOf, MOST_BYTES, Unread } from "../../reading";
import { question, settings, type Question, type Settings } from "../../settings";
import { translate, words, type Words } from "../../words";
import { shown } from "./answer";

const one = <Kind extends HTMLElement = HTMLElement>(id: string) => document.getElementById(id) as Kind;
const SECTIONS = ["setup", "working", "failed", "answer", "faces", "start"];
const BUSY = new Set([429, 503]);
/** Where the file is looked for again when somebody presses a button: in the page, or what is kept here. */
type Source = Question | File;

let said: Words;
let used: Settings;
let running: AbortController | null = null;
let current: { source: Source; file: File | null } | null = null;

void begin();

async function begin(): Promise<void> {
  [said, used] = await Promise.all([words(), settings()]);
  translate(said);
  if (!used.url || !used.key) show("setup");
  else await take(await question());
}

browser.storage.local.onChanged.addListener(() => location.reload());
browser.storage.session.onChanged.addListener(({ question: changed }) => {
  if (changed?.newValue && used?.url) void take(changed.newValue as Question);
});

for (const button of document.querySelectorAll<HTMLElement>("[data-options]")) {
  button.onclick = () => void browser.runtime.openOptionsPage();
}
one("cancel").onclick = () => running?.abort();
one("again").onclick = () => current && void lookUp(current.source);
one("compare").onclick = () => current && void lookUp(current.file ?? current.source, true);
one("page").onclick = () => current && void lookUp(current.source);
one<HTMLInputElement>("media").onchange = () => {
  const file = one<HTMLInputElement>("media").files?.[0];
  if (file) void lookUp(file);
};
for (const name of ["dragenter", "dragover", "dragleave", "drop"]) {
  document.addEventListener(name, (event) => {
    event.preventDefault();
    one("drop").classList.toggle("over", name === "dragenter" || name === "dragover");
    const file = name === "drop" ? (event as DragEvent).dataTransfer?.files[0] : null;
    if (file && used?.url) void lookUp(file);
  });
}

/** A question for this window. It is taken once: a panel that is opened later begins anew. */
async function take(asked: Question | null): Promise<void> {
  const { id } = await browser.windows.getCurrent();
  if (!asked || asked.windowId !== id) return show("start");
  await browser.storage.session.remove("question");
  if (asked.kind !== "page") return lookUp(asked);
  running?.abort();
  current = { source: asked, file: null };
  show("start");
  one("page").hidden = false;
}

async function lookUp(source: Source, faces = false): Promise<void> {
  running?.abort();
  const { signal } = (running = new AbortController());
  current = { source, file: source instanceof File ? source : null };
  one("page").hidden = true;
  tell("stage_fetching", null);
  show("working");
  try {
    const file = source instanceof File ? source : await fileOf(source, { read: (share) => tell("stage_fetching", share), recorded }, signal);
    current = { source, file };
    const made = await documentOf(file, faces, (stage: Stage, share) => tell(`stage_${stage}`, share), signal);
    tell("stage_asking", null);
    const answer = await new Client(used.url, used.key).lookUp({ type: "document", value: made });
    signal.throwIfAborted();
    answered(answer);
  } catch (error) {
    if (signal.aborted) {
      if (running?.signal === signal) show("start");
    } else failed(error);
  }
}

function recorded(seconds: number, most: number, enough: () => void): void {
  const values = { seconds: said.number(Math.round(seconds)), most: said.number(most) };
  tell("stage_recording", seconds / most, values);
  one("enough").hidden = false;
  one("enough").onclick = enough;
}

function answered(answer: LookupAnswer): void {
  one("answer").replaceChildren(...shown(answer, said, used.url));
  show("answer", ...(answer.next_step === "send_faces" || isFaceless(answer) ? ["faces"] : []), "start");
  one("answer").focus();
}

function isFaceless(answer: LookupAnswer): boolean {
  const omitted = answer.not_checked.some(({ what, reason }) => what === "faces" && reason === "left_out");
  return omitted && answer.next_step !== null;
}

function failed(error: unknown): void {
  console.warn(error);
  const { name, values } = explained(error);
  one("failed-text").textContent = said.text(name, values);
  one("failed").dataset["code"] = name; // for support and tests: people read the text
  const origins = error instanceof Unread && error.why === "allow" ? error.origins : [];
  one("allow").hidden = !origins.length;
  one("allow").onclick = async () => {
    if ((await browser.permissions.request({ origins })) && current) await lookUp(current.source);
  };
  one("again").hidden = origins.length > 0 || name === "failed_key";
  one("failed-options").hidden = !["failed_key", "failed_service"].includes(name);
  show("failed", "start");
}

/** The text that says what went wrong and what to do. */
function explained(error: unknown): { name: string; values?: Record<string, string> } {
  if (error instanceof Unread) {
    const host = error.origins[0] ? new URL(error.origins[0].replace("/*", "")).host : "";
    return { name: `failed_${error.why}`, values: { host, most: said.number(MOST_BYTES / 2 ** 20) } };
  }
  if (error instanceof Unreachable) return { name: "failed_service", values: { url: used.url } };
  if (error instanceof ServiceError) {
    if (error.status === 401 || error.status === 403) return { name: "failed_key" };
    if (BUSY.has(error.status)) return { name: "failed_busy" };
  }
  if (error instanceof ClientError) return { name: "failed_refused", values: { detail: error.message } };
  const known = ["too_long", "too_large", "empty_file", "hevc_here"];
  const reason = String((error as { said?: unknown }).said ?? "");
  return { name: known.includes(reason) ? `failed_${reason}` : "failed_unreadable" };
}

function tell(text: string, share: number | null, values: Record<string, string> = {}): void {
  const bar = one<HTMLProgressElement>("progress");
  one("stage").textContent = said.text(text, values);
  one("enough").hidden = text !== "stage_recording";
  if (share === null) bar.removeAttribute("value");
  else bar.value = share;
}

function show(...names: string[]): void {
  for (const name of SECTIONS) one(name).hidden = !names.includes(name);
}
