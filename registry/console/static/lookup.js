// "Look up": fingerprints are made on this device, or the file is sent. The answer takes the place of the page, which
// keeps the file: a fuller look at it needs no choosing again.
import { documentOf } from "./hashing/document.js";
import { Unreadable } from "./hashing/sampling.js";
import { droppedFiles, sorted } from "./lookups/dropped.js";
import { Files } from "./lookups/files.js";
import { hold } from "./previews.js";
import { upload } from "./upload.js";

const main = document.getElementById("main");
const one = (id) => document.getElementById(id);
const wayForm = () => main.querySelector("form[data-asked]");
const percent = new Intl.NumberFormat(document.documentElement.dataset.locale, { style: "percent" });
const ELSEWHERE = new Set(["not_media", "unsupported_media", "not_readable_here", "hevc_here", "long_sound"]);
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
  one("copy")?.addEventListener("click", copied);
  const form = wayForm();
  if (!form || form.dataset.ready) return;
  form.dataset.ready = "yes";
  form.addEventListener("submit", submitted);
  one("cancel").addEventListener("click", () => stopping?.abort(new DOMException("", "AbortError")));
  keep();
  one("folder")?.addEventListener("change", () => choose(sorted(one("folder").files)));
  const drop = one("drop");
  for (const name of ["dragenter", "dragover", "dragleave", "drop"]) {
    drop.addEventListener(name, (event) => {
      event.preventDefault();
      drop.classList.toggle("over", name === "dragenter" || name === "dragover");
      if (name === "drop" && !stopping) droppedFiles(event.dataTransfer).then(choose, console.error);
    });
  }
}

// Dropped files, or those of a folder, become those of the form.
function choose({ files, more }) {
  const media = one("media");
  const transfer = new DataTransfer();
  for (const file of media.multiple ? files : files.slice(0, 1)) transfer.items.add(file);
  if (!files.length) return;
  media.files = transfer.files;
  one("failed").hidden = true;
  if (more && media.multiple) fail(one("files").dataset.most.replace("{most}", String(files.length)));
}

async function copied({ currentTarget: button }) {
  const link = one("link");
  link.select();
  await navigator.clipboard.writeText(link.value).catch(() => document.execCommand("copy"));
  button.textContent = button.dataset.done;
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
  if (chosen.files.length > 1) return several(form, event.submitter?.id);
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

async function several(form, way) {
  stopping = new AbortController();
  under(true, true);
  const faces = one("faces")?.checked ? faceFiles(form) : null;
  const settings = { most: longest(form), faces, csrf: form.elements.csrf.value, watch: watchOf(form) };
  try {
    await new Files(form, settings).start([...one("media").files], way === "send" ? "send" : "here");
  } finally {
    stopping = null;
    under(false);
  }
}

function faceFiles({ dataset }) {
  return { runtime: dataset.runtime, finder: dataset.finder, describer: dataset.describer };
}

function watchOf(form) {
  return form.elements.watch?.value ?? "";
}

// The answer to a document made here.
async function quick(form, file, wanted, signal, state) {
  const said = form.dataset;
  const most = longest(form);
  const faces = wanted ? faceFiles(form) : null;
  if (made?.file !== file || made.wanted !== wanted) {
    const told = (now, share) => tell(said[now], share);
    const found = await documentOf(file, { most, signal, told, faces });
    made = { file, wanted, text: JSON.stringify(found), lacks: wanted && found.notes.includes("no_faces") };
  }
  tell(said.asking, null);
  state.sent = true;
  const body = new FormData();
  body.set("said", made.text);
  body.set("watch", watchOf(form));
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
  body.set("watch", watchOf(form));
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
  const word = page.querySelector("form[data-asked] input[name=csrf]"); // of who has signed in anew in another tab
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

// `table`: what is under way is shown there.
function under(way, table = false) {
  one("working").hidden = !way || table;
  for (const button of wayForm().querySelectorAll("button:not(#cancel), select, #media, #folder, #faces")) button.disabled = way;
  if (!way) return;
  one("failed").hidden = true;
  one("progress").value = 0;
}

function tell(text, share) {
  if (one("stage").textContent !== text) one("stage").textContent = text;
  if (share === null) one("progress").removeAttribute("value");
  else one("progress").value = share;
}

function fail(text, code = "") {
  const failed = one("failed");
  failed.textContent = text;
  failed.dataset.code = code; // for support and tests: people read the text
  failed.hidden = false;
  return null;
}

// What cannot be read here may be read there: the button that sends the file is at hand, the file is kept.
function offer() {
  under(false);
  one("send").classList.add("primary");
  one("send").focus();
}
