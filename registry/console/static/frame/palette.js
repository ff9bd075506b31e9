// The command palette: the search page's results in a dialog, by keyboard. Without scripts its button is a link to that page.
const dialog = document.querySelector("#palette");
const opener = document.querySelector("[data-palette]");
const input = dialog.querySelector("input");
const list = dialog.querySelector("[role=listbox]");
const status = dialog.querySelector("[role=status]");
const WAIT = 150;
let timer;
let request;
let shown = null;

if (/mac|iphone|ipad/i.test(navigator.userAgentData?.platform ?? navigator.platform)) opener.querySelector("kbd").textContent = "⌘ K";
opener.setAttribute("role", "button");
opener.setAttribute("aria-haspopup", "dialog");

opener.addEventListener("click", (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  open();
});
opener.addEventListener("keydown", (event) => {
  if (event.key !== " ") return;
  event.preventDefault();
  open();
});
addEventListener("keydown", (event) => {
  if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey || event.key.toLowerCase() !== "k") return;
  if (!dialog.open && document.querySelector("dialog:modal")) return;
  event.preventDefault();
  if (dialog.open) dialog.close();
  else open();
});

function open() {
  dialog.showModal();
  input.select();
  ask();
}

dialog.addEventListener("click", (event) => {
  if (event.target === dialog) dialog.close();
});
dialog.addEventListener("close", () => {
  clearTimeout(timer);
  request?.abort();
  input.setAttribute("aria-expanded", "false");
});

input.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(ask, WAIT);
});

async function ask() {
  clearTimeout(timer);
  const text = input.value;
  if (text === shown) return mark(0);
  request?.abort();
  request = new AbortController();
  list.setAttribute("aria-busy", "true");
  try {
    const address = `${dialog.dataset.path}?${new URLSearchParams({ q: text })}`;
    const answer = await fetch(address, { headers: { "HX-Request": "true" }, signal: request.signal });
    if (answer.status === 401) return location.reload();
    if (!answer.ok) throw new Error(String(answer.status));
    list.innerHTML = await answer.text();
    shown = text;
    status.textContent = list.querySelector("[data-status]").dataset.status;
  } catch (error) {
    if (error.name === "AbortError") return undefined;
    shown = null;
    list.replaceChildren(Object.assign(document.createElement("p"), { className: "kind", textContent: dialog.dataset.failed }));
    status.textContent = dialog.dataset.failed;
  }
  list.removeAttribute("aria-busy");
  return mark(0);
}

const options = () => [...list.querySelectorAll("[role=option]")];

function mark(place) {
  const all = options();
  const chosen = all.length ? (place + all.length) % all.length : -1;
  all.forEach((option, at) => option.setAttribute("aria-selected", String(at === chosen)));
  input.setAttribute("aria-expanded", String(all.length > 0));
  if (chosen < 0) input.removeAttribute("aria-activedescendant");
  else input.setAttribute("aria-activedescendant", all[chosen].id);
  all[chosen]?.scrollIntoView({ block: "nearest" });
}

const marked = () => options().findIndex((option) => option.getAttribute("aria-selected") === "true");

input.addEventListener("keydown", async (event) => {
  if (event.isComposing) return;
  const steps = { ArrowDown: () => marked() + 1, ArrowUp: () => marked() - 1 };
  if (steps[event.key]) {
    event.preventDefault();
    mark(steps[event.key]());
  } else if (event.key === "Enter") {
    event.preventDefault();
    if (input.value !== shown) await ask();
    const option = options()[marked()];
    if (option && (event.ctrlKey || event.metaKey)) window.open(option.href, "_blank", "noopener");
    else option?.click();
  } else if (event.key === "Escape") {
    event.preventDefault(); // a search field would only be emptied
    dialog.close();
  } else if (event.key === "Tab") {
    event.preventDefault();
    mark(marked() + (event.shiftKey ? -1 : 1));
  }
});
list.addEventListener("pointermove", (event) => {
  const option = event.target.closest("[role=option]");
  const place = options().indexOf(option);
  if (place >= 0 && place !== marked()) mark(place);
});
list.addEventListener("click", (event) => {
  if (event.target.closest("[role=option]") && !(event.ctrlKey || event.metaKey)) dialog.close();
});
