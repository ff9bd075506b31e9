// The form of a registration, sent without leaving the page: files stay chosen where it is shown again, and
// the way of the bytes is seen and may be cancelled. Without it the form goes as forms go.
import { upload } from "./upload.js";

const numbers = new Intl.NumberFormat(document.documentElement.dataset.locale, { style: "percent" });
let under = null;

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.id !== "register") return;
  event.preventDefault();
  delete form.dataset.sent;
  if (!under && fits(form)) send(form, event.submitter?.name === "sure");
});

document.addEventListener("click", (event) => {
  if (event.target.id === "cancel") under?.abort();
});

// Nothing was near: what was asked for happens.
document.addEventListener("htmx:afterSettle", () => {
  const form = document.querySelector("#register");
  if (!under && form && document.querySelector("#near-found[data-clear]")) send(form, true);
});

// In the search for an entry, Enter searches: it does not register.
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.target.name === "sought") event.preventDefault();
});

addEventListener("beforeunload", (event) => {
  if (under) event.preventDefault();
});

function fits(form) {
  const files = [...form.querySelectorAll("input[type=file]")].flatMap((input) => [...input.files]);
  const large = files.find((file) => file.size > Number(form.dataset.most));
  const most = Math.floor(Number(form.dataset.most) / 1e6);
  complain(large ? form.dataset.large.replace("{name}", large.name).replace("{most}", String(most)) : "");
  return !large;
}

async function send(form, sure) {
  const body = new FormData(form);
  body.set("follows", "yes");
  if (sure) body.set("sure", "yes");
  const box = document.querySelector("#sending");
  const told = (share) => {
    box.querySelector("progress").value = share;
    const sending = form.dataset.sending.replace("{percent}", numbers.format(share));
    box.querySelector("p").textContent = share < 1 ? sending : form.dataset.looking;
  };
  under = new AbortController();
  const { signal } = under;
  show(form, true);
  try {
    const request = await upload(form.action, body, { csrf: form.elements.csrf.value, signal, told });
    under = null;
    take(request, form);
  } catch (error) {
    under = null;
    show(form, false);
    complain(signal.aborted ? "" : form.dataset.failed);
    if (!signal.aborted) console.error(error);
  }
}

// Registered: on to the entry. Refused before the form was read: everything stays. Shown again: the new form,
// with the files that were chosen in the old one.
function take(request, form) {
  const answer = new DOMParser().parseFromString(request.responseText, "text/html");
  const again = answer.querySelector("#register");
  if (!again) {
    if (request.status === 201) {
      location.assign(request.getResponseHeader("Location"));
      return;
    }
    if (request.status !== 401) {
      show(form, false);
      const said = answer.querySelector("main")?.textContent ?? form.dataset.failed;
      complain(said.replace(/\s+/g, " ").trim());
      return;
    }
    document.open();
    document.write(request.responseText);
    document.close();
    return;
  }
  for (const input of again.querySelectorAll("input[type=file]")) {
    input.replaceWith(form.elements[input.name]);
  }
  const main = document.adoptNode(answer.querySelector("main"));
  document.querySelector("main").replaceWith(main);
  htmx.process(main);
  (main.querySelector(".notice") ?? main).scrollIntoView({ block: "start" });
  if (main.querySelector("#near-found[data-clear]")) send(main.querySelector("#register"), true);
}

function show(form, going) {
  document.querySelector("#sending").hidden = !going;
  document.querySelector("#cancel").hidden = !going;
  for (const button of document.querySelectorAll("#register button:not(#cancel), button[form=register]")) {
    button.disabled = going;
  }
}

function complain(text) {
  const box = document.querySelector("#not-sent");
  box.textContent = text;
  box.hidden = !text;
}
