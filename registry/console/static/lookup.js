// "Look up": fingerprints are made on this device, or the file is sent. The answer takes the place of the page, which
// keeps the file: a fuller look at it needs no choosing again.
import { documentOf } from "./hashing/document.js";
import { Unreadable } from "./hashing/sampling.js";
import { hold } from "./previews.js";
import { upload } from "./upload.js";

const main = document.getElementById("main");
const one = (id) => document.getElementById(id);
const percent = new Intl.NumberFormat(document.documentElement.dataset.locale, { style: "percent" });
const ELSEWHERE = new Set(["not_media", "unsupported_media", "not_readable_here", "hevc_here"]);
let stopping = null;
let made = null;
let chosen = null;

prepare();
document.addEventListener("htmx:load", prepare);

// A file that a worker cannot read: the page says so when it is opened anew.
document.addEventListener("htmx:responseError", (event) => event.detail.elt.id === "answer" && location.reload());

// The page with scripts, or an answer that has just come: with the file that was chosen before it.
function prepare() {
  for (const hidden of main.querySelectorAll(".scripted[hidden]")) hidden.hidden = false;
  for (const shown of main.querySelectorAll(".unscripted")) shown.hidden = true;
  const form = one("ways");
  if (!form || form.dataset.ready) return;
  form.dataset.ready = "yes";
  form.addEventListener("submit", submitted);
  one("cancel").addEventListener("click", () => stopping?.abort(new DOMException("", "AbortError")));
  keep();
  const drop = one("drop");
  for (const name of ["dragenter", "dragover", "dragleave", "drop"]) {
    drop.addEventListener(name, (event) => {
      event.preventDefault();
      drop.classList.toggle("over", name === "dragenter" || name === "dragover");
      if (name === "drop" && event.dataTransfer.files.length && !stopping) {
        one("media").files = event.dataTransfer.files;
      }
    });
  }
}

function keep() {
  if (!chosen) return;
  one("media").replaceWith(chosen);
  one("drop").hidden = true;
  one("kept").hidden = false;
  one("kept").querySelector("bdi").textContent = chosen.files[0].name;
  if (made?.lacks) one("compare")?.closest(".way").remove();
}

async function submitted(event) {
  event.preventDefault();
  const form = event.currentTarget;
  chosen = one("media");
  const [file] = chosen.files;
  if (stopping || !file) return;
  stopping = new AbortController();
  const { signal } = stopping;
  const state = { sent: false };
  const way = event.submitter?.id;
  under(true);
  try {
    const wanted = way === "compare" || Boolean(one("faces")?.checked);
    const answer = await (way === "send" ? whole(form, file, signal, state) : quick(form, file, wanted, signal, state));
    if (answer) show(form, file, answer, way !== "send");
  } catch (error) {
    const said = form.dataset;
    if (signal.aborted) fail(state.sent ? said.stopped : said.cancelled);
    else if (error instanceof Unreadable) {
      fail(said[error.said] ?? said.not_media, error.code);
      if (ELSEWHERE.has(error.said)) offer();
    } else {
      fail(said.refused);
      console.error(error);
    }
  } finally {
    stopping = null;
    if (form.isConnected) under(false);
  }
}

// The answer to a document made here.
async function quick(form, file, wanted, signal, state) {
  const said = form.dataset;
  const most = longest(form);
  const faces = wanted ? { runtime: said.runtime, finder: said.finder, describer: said.describer } : null;
  if (made?.file !== file || made.wanted !== wanted) {
    const told = (now, share) => tell(said[now], share);
    const found = await documentOf(file, { most, signal, told, faces });
    made = { file, wanted, text: JSON.stringify(found), lacks: wanted && found.notes.includes("no_faces") };
  }
  tell(said.asking, null);
  state.sent = true;
  const body = new FormData();
  body.set("said", made.text);
  const headers = { "X-Csrf": form.elements.csrf.value };
  const answer = await fetch(said.asked, { method: "POST", headers, body, signal });
  return read(form, answer.status, await answer.text(), answer.url);
}

// The answer to the file itself, or the page that waits for it.
async function whole(form, file, signal, state) {
  const { largest, tooLarge } = document.body.dataset;
  if (file.size > Number(largest)) {
    const most = String(Math.floor(Number(largest) / 1e6));
    return fail(tooLarge.replace("{name}", file.name).replace("{most}", most));
  }
  const body = new FormData();
  body.set("file", file);
  const said = form.dataset;
  const told = (share) => {
    if (share < 1) tell(said.sending.replace("{percent}", percent.format(share)), share);
    else tell(said.received, null);
  };
  told(0);
  state.sent = true;
  const answer = await upload(form.action, body, { csrf: form.elements.csrf.value, signal, told });
  return read(form, answer.status, answer.responseText, answer.responseURL);
}

function read(form, status, text, address) {
  const page = new DOMParser().parseFromString(text, "text/html");
  if (status === 401) return fail(form.dataset.over);
  const found = page.getElementById("answer");
  if (found) return { found, address, title: page.title };
  const word = page.querySelector("#ways input[name=csrf]"); // of who has signed in anew in another tab
  if (word) form.elements.csrf.value = word.value;
  const wrong = page.querySelector(".notice.wrong, .problem, main");
  return fail(wrong?.textContent.trim().replace(/\s+/g, " ").slice(0, 400) || form.dataset.refused);
}

// The answer takes the place of the page, which keeps the file: its pictures are drawn here.
function show(form, file, { found, address, title }, here) {
  history.pushState(null, "", address);
  addEventListener("popstate", () => location.reload(), { once: true });
  document.title = title;
  under(false);
  main.replaceChildren(document.adoptNode(found));
  if (here && made.lacks) {
    const note = document.createElement("p");
    Object.assign(note, { className: "notice careful", textContent: form.dataset.no_faces });
    note.setAttribute("role", "status");
    found.prepend(note);
  }
  prepare();
  htmx.process(main);
  main.focus();
  scrollTo(0, 0);
  hold(file, longest(form), form.dataset);
}

function longest(form) {
  return { seconds: Number(form.dataset.longest), pixels: Number(form.dataset.largest) };
}

function under(way) {
  one("working").hidden = !way;
  for (const button of one("ways").querySelectorAll("button:not(#cancel), #media, #faces")) button.disabled = way;
  if (!way) return;
  one("failed").hidden = true;
  one("progress").value = 0;
}

function tell(text, share) {
  if (one("stage").textContent !== text) one("stage").textContent = text;
  if (share === null) one("progress").removeAttribute("value");
  else one("progress").value = share;
}

function fail(text, code) {
  const failed = one("failed");
  failed.textContent = text;
  if (code) failed.append(" ", Object.assign(document.createElement("code"), { textContent: code }));
  failed.hidden = false;
  return null;
}

// What cannot be read here may be read there: the button that sends the file is at hand, the file is kept.
function offer() {
  under(false);
  one("send").classList.add("primary");
  one("send").focus();
}
