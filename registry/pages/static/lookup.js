// "Look up" on this device: fingerprints are made here, and nothing else of the file is sent.
import { documentOf } from "./hashing/document.js";
import { opened, Unreadable } from "./hashing/sampling.js";

const MOST_PICTURES = 6;
const PICTURE = 320;
const here = document.getElementById("here");
const form = document.getElementById("local");
const [media, drop, working, progress, stage, failed, go, cancel, frames] = [
  ..."media drop working progress stage failed go cancel frames".split(" "),
].map((id) => document.getElementById(id));
const said = here.dataset;
const most = { seconds: Number(said.longest), pixels: Number(said.largest) };
const faces = document.getElementById("faces");
const files = faces && { runtime: said.runtime, finder: said.finder, describer: said.describer };
let stopping = null;
let made = null;

here.hidden = false;

for (const name of ["dragenter", "dragover"]) {
  drop.addEventListener(name, (event) => {
    event.preventDefault();
    drop.classList.add("over");
  });
}
for (const name of ["dragleave", "drop"]) drop.addEventListener(name, () => drop.classList.remove("over"));
drop.addEventListener("drop", (event) => {
  event.preventDefault();
  if (event.dataTransfer.files.length && !stopping) media.files = event.dataTransfer.files;
});
cancel.addEventListener("click", () => stopping?.abort(new DOMException("", "AbortError")));
form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (!stopping && media.files.length) lookUp(media.files[0]);
});

async function lookUp(file) {
  stopping = new AbortController();
  const { signal } = stopping;
  let asked = false;
  under(true);
  try {
    const wanted = Boolean(faces?.checked);
    if (made?.file !== file || made.wanted !== wanted) {
      const found = await documentOf(file, { most, signal, told, faces: wanted ? files : null });
      made = { file, wanted, text: JSON.stringify(found), lacks: wanted && found.notes.includes("no_faces") };
    }
    tell(said.asking);
    asked = true;
    progress.removeAttribute("value");
    const answered = await send(made.text, signal);
    if (answered) await show(file, answered, signal);
  } catch (error) {
    if (signal.aborted) fail(asked ? said.stopped : said.cancelled);
    else if (error instanceof Unreadable) fail(said[error.said], error.code);
    else {
      fail(said.refused);
      console.error(error);
    }
  } finally {
    stopping = null;
    under(false);
  }
}

function told(now, share) {
  tell(said[now]);
  progress.value = share;
}

async function send(text, signal) {
  const sent = new FormData();
  sent.set("said", text);
  const answer = await fetch(said.asked, {
    method: "POST",
    headers: { "X-Csrf": form.elements.csrf.value },
    body: sent,
    signal,
  });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (answer.status === 401) return fail(said.over);
  const found = page.getElementById("answer");
  if (found) return { found, address: answer.url };
  const wrong = page.querySelector(".notice.wrong, .problem, main");
  return fail(wrong?.textContent.trim().replace(/\s+/g, " ").slice(0, 400) || said.refused);
}

// The answer takes the place of the page, which keeps the file: its pictures are drawn here, blurred.
async function show(file, { found, address }, signal) {
  const main = document.getElementById("main");
  const spans = [...found.querySelectorAll("tr[data-query]")];
  const seconds = [...new Set(spans.flatMap((row) => moments(row.dataset.query)))].slice(0, MOST_PICTURES);
  history.pushState(null, "", address);
  addEventListener("popstate", () => location.reload(), { once: true });
  main.replaceChildren(document.adoptNode(found));
  if (made.lacks) {
    const note = document.createElement("p");
    Object.assign(note, { className: "notice careful", textContent: said.no_faces });
    note.setAttribute("role", "status");
    found.prepend(note);
  }
  main.focus();
  scrollTo(0, 0);
  if (seconds.length) await pictures(file, seconds, found.querySelector(".match"), signal);
}

function moments(range) {
  const [begin, end] = range.split(",").map(Number);
  return end - begin > 4 ? [begin, (begin + end) / 2, end - 0.5] : [(begin + end) / 2];
}

async function pictures(file, seconds, match, signal) {
  const source = await opened(file, most, signal);
  try {
    const heading = document.createElement("h3");
    heading.textContent = said.frames;
    const button = document.createElement("button");
    Object.assign(button, { type: "button", className: "small", textContent: said.reveal });
    button.addEventListener("click", () => {
      frames.classList.add("shown");
      button.remove();
    });
    for (const second of seconds) frames.append(figure(await source.at(second), source, second));
    const note = document.createElement("p");
    Object.assign(note, { className: "hint", textContent: said.only });
    frames.hidden = false;
    match.append(heading, note, frames, button);
  } finally {
    source.close();
  }
}

function figure(picture, { width, height }, second) {
  const canvas = document.createElement("canvas");
  const factor = Math.min(1, PICTURE / Math.max(width, height));
  canvas.width = Math.max(1, Math.round(width * factor));
  canvas.height = Math.max(1, Math.round(height * factor));
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  const caption = document.createElement("figcaption");
  const minutes = new Intl.NumberFormat(document.documentElement.dataset.locale);
  const two = new Intl.NumberFormat(document.documentElement.dataset.locale, { minimumIntegerDigits: 2 });
  const time = `${minutes.format(Math.floor(second / 60))}:${two.format(Math.floor(second % 60))}`;
  caption.textContent = said.moment.replace("{time}", time);
  const made = document.createElement("figure");
  made.append(canvas, caption);
  return made;
}

function under(way) {
  working.hidden = !way;
  cancel.hidden = !way;
  go.disabled = way;
  media.disabled = way;
  if (way) {
    failed.hidden = true;
    progress.value = 0;
  }
}

function tell(text) {
  if (stage.textContent !== text) stage.textContent = text;
}

function fail(text, code) {
  failed.textContent = text;
  if (code) {
    const word = document.createElement("code");
    word.textContent = code;
    failed.append(" ", word);
  }
  failed.hidden = false;
  return null;
}
