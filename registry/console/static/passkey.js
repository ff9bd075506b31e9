// Forms that a passkey answers: data-passkey is "get" or "create", data-options where its question comes from.
// The browser's own reading and writing of JSON; where it has none there are no passkeys here.
const able =
  window.PublicKeyCredential?.parseRequestOptionsFromJSON && window.PublicKeyCredential.parseCreationOptionsFromJSON;

for (const form of document.querySelectorAll("form[data-passkey]")) {
  if (!able) {
    form.hidden = true;
    continue;
  }
  form.hidden = false;
  form.addEventListener("submit", (event) => {
    if (form.elements.credential.value) return;
    event.preventDefault();
    answer(form);
  });
}

async function answer(form) {
  const failed = form.querySelector("[data-failed]");
  const button = form.querySelector("button");
  failed.hidden = true;
  button.disabled = true;
  try {
    const asked = await fetch(form.dataset.options, {
      method: "POST",
      headers: { "X-Csrf": form.elements.csrf.value, "Content-Type": "application/x-www-form-urlencoded" },
      body: "",
    });
    if (!asked.ok) throw new Error(String(asked.status));
    const { token, options } = await asked.json();
    const made =
      form.dataset.passkey === "create"
        ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })
        : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
    form.elements.token.value = token;
    form.elements.credential.value = JSON.stringify(made);
    button.disabled = false;
    form.requestSubmit();
  } catch {
    failed.textContent = failed.dataset.failed;
    failed.hidden = false;
    button.disabled = false;
  }
}
