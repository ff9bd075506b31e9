// The private page. Fingerprints are made here and sent alone. Nothing that was opened is left in the history but
// one address, and forms are answered in place, so that no number or PIN is sent again by going back.
import { documentOf } from "./hashing/document.js";

const GONE = 1000;
const made = new WeakMap();
const area = () => document.getElementById("private");
const leave = document.getElementById("leave");
let stopping = null;
let escaped = -Infinity;

document.getElementById("leave-hint").hidden = false;
prepare();

// Out of sight at once, then elsewhere, in place of this page in the history.
function away() {
  stopping?.abort(new DOMException("", "AbortError"));
  document.body.replaceChildren();
  document.title = "";
  location.replace(leave.href);
}

leave.addEventListener("click", (event) => {
  event.preventDefault();
  away();
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  if (event.timeStamp - escaped < GONE) away();
  escaped = event.timeStamp;
});

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[data-instead], a[data-away]");
  if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    location.replace(link.href);
  }
  if (event.target.id === "cancel") stopping?.abort(new DOMException("", "AbortError"));
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("form[data-private]")) return;
  event.preventDefault();
  delete form.dataset.sent;
  if (!stopping) send(form);
});

function prepare() {
  const drop = document.getElementById("drop");
  if (!drop) return;
  document.getElementById("on-device").hidden = false;
  for (const name of ["dragenter", "dragover", "dragleave", "drop"]) {
    drop.addEventListener(name, (event) => {
      event.preventDefault();
      drop.classList.toggle("over", name === "dragenter" || name === "dragover");
      if (name === "drop" && event.dataTransfer.files.length && !stopping) {
        document.getElementById("f-media").files = event.dataTransfer.files;
      }
    });
  }
}

async function send(form) {
  stopping = new AbortController();
  const { signal } = stopping;
  busy(form, true);
  try {
    const fields = new URLSearchParams(new FormData(form));
    if (form.id === "case") fields.set("chosen", document.getElementById("f-media").files.length);
    const documents = isWhole(form, fields) ? await fingerprints(form, signal) : [];
    if (!documents) return;
    if (documents.length) fields.set("said", [fields.get("said"), ...documents].filter(Boolean).join("\n"));
    tell(form, form.dataset.sending, null);
    // What is on its way may have come: nobody is told then that nothing was sent.
    if (form.id === "case") document.getElementById("cancel").hidden = true;
    const answer = await fetch(form.action, { method: "POST", body: fields });
    show(form, await answer.text());
  } catch (error) {
    if (signal.aborted) complain(form, form.dataset.cancelled);
    else {
      complain(form, area().dataset.failed);
      console.error(error);
    }
  } finally {
    stopping = null;
    if (form.isConnected) busy(form, false);
  }
}

// Whether every question is answered. If not, the page says at once which, and no fingerprints are made for it.
function isWhole(form, fields) {
  return form.id === "case" && fields.get("adult") === "yes" && ["standing", "intimate", "true"].every((name) => fields.get(name));
}

// The documents of the files that were chosen; null where one cannot be read. Their names are not in them.
async function fingerprints(form, signal) {
  const files = [...document.getElementById("f-media").files];
  const words = form.dataset;
  const numbers = new Intl.NumberFormat(document.documentElement.dataset.locale);
  if (files.length > Number(words.most)) {
    complain(form, words.many.replace("{most}", numbers.format(words.most)));
    return null;
  }
  const most = { seconds: Number(words.seconds), pixels: Number(words.pixels) };
  for (const [at, file] of files.entries()) {
    const [now, all] = [numbers.format(at + 1), numbers.format(files.length)];
    const said = words.hashing.replace("{file}", now).replace("{files}", all);
    const told = (_, share) => tell(form, said, (at + share) / files.length);
    tell(form, said, at / files.length);
    try {
      if (!made.has(file)) made.set(file, JSON.stringify(await documentOf(file, { most, signal, told })));
    } catch (error) {
      signal.throwIfAborted();
      console.error(error);
      complain(form, words.unreadable.replace("{name}", file.name));
      return null;
    }
  }
  return files.map((file) => made.get(file));
}

// The answer takes the form's place. A form that is shown again keeps the files that were chosen.
function show(form, text) {
  const page = new DOMParser().parseFromString(text, "text/html");
  const answer = page.getElementById("private");
  if (!answer) {
    const said = page.querySelector("main")?.textContent.replace(/\s+/g, " ").trim();
    complain(form, said || area().dataset.failed);
    return;
  }
  const chosen = document.getElementById("f-media");
  const again = answer.querySelector("#f-media");
  if (chosen && again) {
    for (const name of ["aria-invalid", "aria-describedby"]) {
      if (again.hasAttribute(name)) chosen.setAttribute(name, again.getAttribute(name));
      else chosen.removeAttribute(name);
    }
    chosen.disabled = false;
    again.replaceWith(chosen);
  }
  area().replaceWith(document.adoptNode(answer));
  prepare();
  scrollTo(0, 0);
  const wrong = document.querySelector("#private [aria-invalid=true]");
  const field = wrong?.matches("fieldset") ? wrong.querySelector("input") : wrong;
  (field ?? document.getElementById("main")).focus();
  (field ?? document.querySelector("#private [role=alert]:not([hidden])"))?.scrollIntoView({ block: "center" });
}

function busy(form, going) {
  for (const one of form.querySelectorAll("button:not(#cancel), #f-media")) one.disabled = going;
  if (going) complain(form, "");
  const working = document.getElementById("working");
  if (!working || form.id !== "case") return;
  working.hidden = !going;
  document.getElementById("cancel").hidden = !going;
}

function tell(form, text, share) {
  if (form.id !== "case") return;
  const stage = document.getElementById("stage");
  const progress = document.getElementById("progress");
  if (stage.textContent !== text) stage.textContent = text;
  if (share === null) progress.removeAttribute("value");
  else progress.value = share;
}

function complain(form, text) {
  const box = form.querySelector("[data-wrong]");
  box.textContent = text;
  box.hidden = !text;
}
