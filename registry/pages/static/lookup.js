// "Look up" on this device: fingerprints are made here, and nothing else of the file is sent.
import { documentOf } from "./hashing/document.js";
import { Unreadable } from "./hashing/sampling.js";
import { hold } from "./stills.js";

const here = document.getElementById("here");
const form = document.getElementById("local");
const [media, drop, working, progress, stage, failed, go, cancel] = [
  ..."media drop working progress stage failed go cancel".split(" "),
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
    if (answered) await show(file, answered);
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
  const word = page.querySelector("#local input[name=csrf]"); // of who has signed in anew in another tab
  if (word) form.elements.csrf.value = word.value;
  const wrong = page.querySelector(".notice.wrong, .problem, main");
  return fail(wrong?.textContent.trim().replace(/\s+/g, " ").slice(0, 400) || said.refused);
}

// The answer takes the place of the page, which keeps the file: its pictures are drawn here.
async function show(file, { found, address }) {
  const main = document.getElementById("main");
  history.pushState(null, "", address);
  addEventListener("popstate", () => location.reload(), { once: true });
  main.replaceChildren(document.adoptNode(found));
  if (made.lacks) {
    const note = document.createElement("p");
    Object.assign(note, { className: "notice careful", textContent: said.no_faces });
    note.setAttribute("role", "status");
    found.prepend(note);
  }
  htmx.process(main);
  main.focus();
  scrollTo(0, 0);
  hold(file, most, said);
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
