import { sha256 } from "./vendor/sha256.min.mjs";

const locale = document.documentElement.dataset.locale;
const percent = new Intl.NumberFormat(locale, { style: "percent" });

// Terms run on while the page is open, by the server's clock: the reader's may be a day off.
const root = document.querySelector("[data-now]");
const clocks = document.querySelectorAll("time[data-clock]");

if (root && clocks.length) {
  const began = Date.parse(root.dataset.now);
  const opened = performance.now();
  const said = new Intl.RelativeTimeFormat(locale, { numeric: "always" });
  const units = [["day", 86400], ["hour", 3600], ["minute", 60]];
  const show = () => {
    const now = began + (performance.now() - opened);
    for (const one of clocks) {
      const left = (Date.parse(one.dateTime) - now) / 1000;
      const [unit, seconds] = units.find(([, size]) => Math.abs(left) >= 2 * size) ?? units[2];
      one.textContent = said.format(Math.trunc(left / seconds), unit);
    }
  };
  show();
  setInterval(show, 30_000);
}

// Files that workers still read: the form asks again by itself, until somebody has begun to change it.
const again = document.querySelector("form[data-again]");

if (again) {
  const asking = setTimeout(() => again.requestSubmit(), Number(again.dataset.again));
  again.addEventListener("input", () => clearTimeout(asking), { once: true });
}

// Of a document only the digest is sent: it is computed here, and the file stays, unless it is to be kept.
for (const field of document.querySelectorAll("[data-digest]")) {
  const input = field.querySelector("input[type=file]");
  const told = field.querySelector(".digest");
  const hidden = (what) => field.querySelector(`input[name="${input.name}-${what}"]`);
  let reading = null;
  const read = async (file) => {
    const sha = sha256.create();
    let done = 0;
    let drawn = 0;
    for (const reader = file.stream().getReader(); ;) {
      const { done: over, value } = await reader.read();
      if (over || file !== input.files[0]) break;
      sha.update(value);
      done += value.length;
      if (performance.now() - drawn < 50) continue;
      told.textContent = field.dataset.reading.replace("{percent}", percent.format(done / file.size));
      await new Promise((go) => { setTimeout(go); }); // else the page would stand still while a film is hashed
      drawn = performance.now();
    }
    if (file !== input.files[0]) return;
    const digest = sha.hex();
    for (const [what, value] of [["sha256", digest], ["size", file.size], ["name", file.name]]) hidden(what).value = value;
    const code = document.createElement("code");
    code.textContent = digest;
    told.replaceChildren(`${field.dataset.done} `, code);
  };
  const begin = () => {
    hidden("sha256").value = "";
    told.textContent = "";
    const file = input.files[0];
    reading = file ? read(file).catch(() => {}).finally(() => { reading = null; }) : null;
  };
  input.addEventListener("change", begin);
  if (input.files.length) begin(); // chosen before this ran
  input.form.addEventListener("submit", (event) => {
    if (reading) {
      event.preventDefault();
      const { submitter } = event;
      reading.then(() => input.form.requestSubmit(submitter));
      return;
    }
    const keep = input.form.querySelector(`[data-keep="${input.name}"]`);
    input.disabled = Boolean(hidden("sha256").value) && !keep?.checked;
  });
  addEventListener("pageshow", () => { input.disabled = false; });
}

// A file that takes its time: what came so far is seen, and what goes wrong is shown as the page that it is.
for (const link of document.querySelectorAll("a[data-download]")) {
  link.addEventListener("click", async (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || !window.ReadableStream) return;
    event.preventDefault();
    if (link.dataset.busy) return;
    link.dataset.busy = "yes";
    const bar = document.createElement("progress");
    bar.className = "fetching";
    bar.setAttribute("aria-label", link.textContent);
    link.after(bar);
    try {
      const answer = await fetch(link.href, { headers: { Accept: "*/*" } });
      const named = /filename="([^"]+)"/.exec(answer.headers.get("Content-Disposition") ?? "");
      if (!answer.ok || !named) {
        location.assign(link.href);
        return;
      }
      const size = Number(answer.headers.get("Content-Length"));
      const pieces = [];
      let came = 0;
      for (const reader = answer.body.getReader(); ;) {
        const { done, value } = await reader.read();
        if (done) break;
        pieces.push(value);
        came += value.length;
        if (size) bar.value = came / size;
      }
      const save = document.createElement("a");
      save.href = URL.createObjectURL(new Blob(pieces, { type: answer.headers.get("Content-Type") }));
      save.download = named[1];
      save.click();
      setTimeout(() => URL.revokeObjectURL(save.href), 60_000);
    } catch {
      location.assign(link.href);
    } finally {
      bar.remove();
      delete link.dataset.busy;
    }
  });
}

// All rows of a page at once.
for (const form of document.querySelectorAll("form[data-all]")) {
  const boxes = () => [...form.querySelectorAll(".pick input")];
  if (!boxes().length) continue;
  const label = document.createElement("label");
  label.className = "choice";
  const all = document.createElement("input");
  all.type = "checkbox";
  const words = document.createElement("span");
  words.textContent = form.dataset.all;
  label.append(all, words);
  form.querySelector(".table").before(label);
  all.addEventListener("change", () => { for (const one of boxes()) one.checked = all.checked; });
}

for (const button of document.querySelectorAll("[data-copy]")) {
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).innerText);
    button.textContent = button.dataset.copied;
  });
}

// Letters beside their list: the list shows which one is open and which were read. Arrow keys go from one to the next.
const letters = document.querySelector("[data-letters]");

if (letters) {
  const links = [...letters.querySelectorAll("a")];
  const mark = (link) => link.querySelector(".read").classList.remove("unseen");
  const open = () => links.find((link) => link.hasAttribute("aria-current"));
  if (open()) mark(open());
  document.addEventListener("htmx:afterRequest", (event) => {
    const link = event.detail.elt;
    if (!links.includes(link) || !event.detail.successful) return;
    open()?.removeAttribute("aria-current");
    link.setAttribute("aria-current", "true");
    mark(link);
    if (matchMedia("(max-width: 60rem)").matches) document.getElementById("letter").scrollIntoView();
  });
  letters.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const next = links[links.indexOf(document.activeElement) + (step ?? 0)];
    if (!step || !next) return;
    event.preventDefault();
    next.focus();
    next.click();
  });
}
