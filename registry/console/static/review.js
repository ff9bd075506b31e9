// Keys for reviewers, which can be turned off, and the end of a claim. All of it works without a script as well.
const OFF = "fakeprint-keys-off";
const LIST = "fakeprint-review";
const help = document.querySelector("details.keys");
const rows = () => [...document.querySelectorAll("[data-row] a[data-item]")];

function kept(storage, name) {
  try { return storage.getItem(name); } catch { return null; }
}
function keep(storage, name, value) {
  try { storage.setItem(name, value); } catch { /* a browser that keeps nothing */ }
}

if (rows().length) keep(sessionStorage, LIST, JSON.stringify(rows().map((one) => one.getAttribute("href"))));

const choice = document.querySelector("[data-keys]");
if (choice) {
  choice.checked = kept(localStorage, OFF) === null || kept(localStorage, OFF) === "";
  choice.closest("label").hidden = false;
  choice.addEventListener("change", () => keep(localStorage, OFF, choice.checked ? "" : "off"));
}

function step(by) {
  const all = rows();
  if (all.length) {
    const at = all.indexOf(document.activeElement.closest("[data-row]")?.querySelector("a[data-item]"));
    all[at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(all.length - 1, Math.max(0, at + by))].focus();
    return;
  }
  let known = [];
  try { known = JSON.parse(kept(sessionStorage, LIST) ?? "[]"); } catch { /* not ours */ }
  const at = known.findIndex((one) => String(one).split("?")[0] === location.pathname);
  const next = known[at + by];
  if (at >= 0 && next?.startsWith("/console/review/")) location.assign(next);
}

// Of several comparisons, the first that still has that button.
const shownFor = (key) => [...document.querySelectorAll(`[data-key="${key}"]`)].find((one) => one.checkVisibility());

function press(key) {
  const row = document.activeElement.closest("[data-row]") ?? document.querySelector("[data-row]");
  const found = row?.querySelector(`[data-row-key="${key}"]`) ?? shownFor(key);
  if (!found) return false;
  if (found.matches("textarea, select, input:not([type='radio'])")) found.focus();
  else if (found.type === "radio") { found.focus(); found.click(); }
  else found.click();
  return true;
}

// Where the keyboard writes Arabic, the key of the same place; the row of digits, also where it writes them
// with Shift alone, as a French one.
function named(event) {
  if (event.key === "؟") return "?";
  if (!event.shiftKey && /^Digit[1-9]$/.test(event.code)) return event.code.slice(-1);
  return /^[^ -~]$/.test(event.key) ? event.code.replace(/^(Key|Digit)/, "").toLowerCase() : event.key;
}

// The form in which one stands, from any of its fields.
function send(event) {
  const button = event.target.form?.querySelector("button[data-sends]");
  if (!button || event.isComposing || (choice && !choice.checked)) return;
  event.preventDefault();
  button.click();
}

document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key === "Enter") return send(event);
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented) return;
  const at = event.target;
  if (at.isContentEditable || at.matches("textarea, select, input:not([type='radio'], [type='checkbox'])")) {
    if (event.key === "Escape") at.blur();
    return;
  }
  if (choice && !choice.checked) return;
  const key = named(event);
  if (key === "?" && help) {
    help.open = !help.open;
    if (help.open) help.querySelector("summary").focus();
  } else if (key === "j" || key === "k") step(key === "j" ? 1 : -1);
  else if (!/^[a-z1-9]$/.test(key) || !press(key)) return;
  event.preventDefault();
});

// By the seconds that the server says are left: the clock here may be a day off.
const over = document.querySelector("[data-left]");
if (over) setTimeout(() => { over.hidden = false; }, Math.min(2 ** 31 - 1, Number(over.dataset.left) * 1000));

// The decision is as high as the window has room below its top, which moves until it sticks.
const panel = document.querySelector(".deciding");
if (panel) {
  const fit = () => {
    const beside = getComputedStyle(panel).position === "sticky";
    const room = innerHeight - Math.max(16, panel.getBoundingClientRect().top) - 16;
    panel.style.maxBlockSize = beside ? `${Math.max(240, room)}px` : "";
  };
  fit();
  for (const name of ["scroll", "resize"]) addEventListener(name, fit, { passive: true });
}
