// What every page does with a script, and does without as well: times in the reader's zone, no form sent twice.
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
const root = document.documentElement;

if (zone && zone !== root.dataset.zone && root.dataset.zone !== undefined) {
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `fakeprint_zone=${zone}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`;
  localise(document);
}

// Only until the server knows the zone, by the cookie, from the next page on.
function localise(within) {
  const styles = {
    short: { dateStyle: "medium", timeStyle: "short" },
    medium: { dateStyle: "medium", timeStyle: "medium" },
    long: { dateStyle: "long", timeStyle: "long" },
    date: { dateStyle: "medium" },
  };
  for (const one of within.querySelectorAll("time[data-style]")) {
    const said = new Intl.DateTimeFormat(root.dataset.locale, styles[one.dataset.style] ?? styles.medium);
    one.textContent = said.format(new Date(one.dateTime));
  }
}

// A file that is larger than any that is taken is not sent: its refusal would come as another page, without what was
// typed in this one. Files that stay here (`data-digest`) may be of any size; forms with `data-most` say it themselves.
document.addEventListener("submit", (event) => {
  const form = event.target;
  form.querySelectorAll(".too-large").forEach((one) => one.remove());
  if (event.defaultPrevented || form.enctype !== "multipart/form-data" || form.dataset.most) return;
  const most = Number(document.body.dataset.largest);
  for (const input of form.querySelectorAll("input[type=file]")) {
    const large = [...input.files].find((file) => file.size > most);
    if (!large || input.closest("[data-digest]")) continue;
    event.preventDefault();
    const told = document.body.dataset.tooLarge.replace("{name}", large.name);
    const box = Object.assign(document.createElement("p"), { className: "error too-large" });
    box.setAttribute("role", "alert");
    box.textContent = told.replace("{most}", String(Math.floor(most / 1e6)));
    input.closest(".field, form").append(box);
    box.scrollIntoView({ block: "center" });
    return;
  }
});

// A second press while the first is under way sends nothing.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.target === "_blank") return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  const going = sends(form) ? indicator() : null;
  if (going) form.append(going);
  addEventListener(
    "pageshow",
    () => {
      delete form.dataset.sent;
      going?.remove();
    },
    { once: true },
  );
});

// Whether files leave with the form: browsers say nothing of their way.
function sends(form) {
  const inputs = [...form.querySelectorAll("input[type=file]")];
  return form.enctype === "multipart/form-data" && inputs.some((one) => one.files.length && !one.closest("[data-digest]"));
}

function indicator() {
  const label = Object.assign(document.createElement("label"), { className: "going" });
  label.append(document.body.dataset.sending, document.createElement("progress"));
  label.setAttribute("aria-live", "polite");
  return label;
}

// What could not be fetched is no longer awaited: the link to it is shown instead of its shape.
document.addEventListener("htmx:afterRequest", (event) => {
  if (!event.detail.successful) event.detail.elt.querySelector(".skeleton")?.remove();
});

// What htmx is refused is put nowhere: the browser sends that form itself, and shows the page that says what to do.
document.addEventListener("htmx:responseError", (event) => {
  const form = event.detail.elt;
  if (form instanceof HTMLFormElement && form.method === "post") form.submit();
});

// On a phone the areas are a strip that is pushed: the one that is open is seen.
const strip = document.querySelector(".areas");
const open = strip?.querySelector("[aria-current]")?.getBoundingClientRect();
if (open) {
  const edge = strip.getBoundingClientRect();
  strip.scrollLeft += (open.left + open.right - edge.left - edge.right) / 2;
}

// What was wrong is where the reader is taken.
document.querySelector("[aria-invalid='true'], .notice.wrong")?.scrollIntoView({ block: "center" });
