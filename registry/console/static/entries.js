// Checks in this browser that what the page says of an entry's history is in the ledger as it was signed:
// RFC 9162, 2.1.3.2, over SHA-256; the root of the checkpoint (C2SP tlog-checkpoint); its Ed25519 signature.
const section = document.querySelector("[data-history]");
const button = document.querySelector("#verify");
const box = document.querySelector("#verified");
const words = section?.dataset;
const numbers = new Intl.NumberFormat(document.documentElement.dataset.locale);

if (button) {
  button.hidden = false;
  button.addEventListener("click", verify);
}

async function verify() {
  button.disabled = true;
  tell([words.checking], "");
  try {
    if (!globalThis.crypto?.subtle) return tell([words.plain], "bad");
    const answer = await fetch(words.history, { headers: { Accept: "application/json" } });
    if (!answer.ok) return tell([words.failed], "bad");
    await check(await answer.json());
  } catch {
    tell([words.failed], "bad");
  } finally {
    button.disabled = false;
  }
}

async function check(history) {
  if (!history.checkpoint) return tell([words.none], "late");
  const signed = read(history.checkpoint);
  const counts = { proved: 0, wrong: 0, waiting: 0, all: history.events.length, size: signed.size };
  const rows = [...section.querySelectorAll("li[data-kind]")];
  const shown = new Map(rows.map((row) => [row.dataset.index, row]));
  for (const event of history.events) {
    const row = shown.get(String(event.index));
    shown.delete(String(event.index));
    if (event.proof === null) {
      counts.waiting += 1;
      mark(row, words.unsigned, "late");
      continue;
    }
    const right = (await included(event, signed)) && told(event, history, row);
    counts[right ? "proved" : "wrong"] += 1;
    mark(row, right ? words.proved : words.wrong, right ? "good" : "bad");
  }
  // What the page shows and the file does not hold is proved by nothing.
  for (const row of shown.values()) {
    if (row.dataset.index === undefined) continue;
    counts.wrong += 1;
    counts.all += 1;
    mark(row, words.wrong, "bad");
  }
  const said = [say(counts.wrong ? words.bad : words.all, counts)];
  if (counts.waiting && !counts.wrong) said.push(say(words.later, counts));
  const key = await signer(signed, history.keys);
  said.push(key === undefined ? words.unread : key ? words.signed.replace("{key}", key) : words.forged);
  const before = remembered(history.origin, signed);
  if (before) said.push(say(words.grown, before));
  tell(said, counts.wrong || key === "" || before ? "bad" : "good");
}

// The leaf says what the row of the page says.
function told(event, history, row) {
  const leaf = JSON.parse(event.leaf);
  const entry = leaf.entry_id === history.entry_id && history.entry_id === words.entry;
  const same = leaf.kind === event.kind && Date.parse(leaf.at) === Date.parse(event.at);
  if (!row) return entry && same;
  const second = (moment) => Math.floor(Date.parse(moment) / 1000);
  const at = second(leaf.at) === second(row.querySelector("time").dateTime);
  return entry && same && at && row.dataset.kind === leaf.kind;
}

async function included(event, { size, root }) {
  if (!(event.index < size)) return false;
  let hash = await digest(Uint8Array.of(0), new TextEncoder().encode(event.leaf));
  // By arithmetic, not by bits: those of JavaScript are 32.
  let [at, last] = [event.index, size - 1];
  for (const step of event.proof) {
    if (last === 0) return false;
    const other = Uint8Array.from(step.match(/../g), (pair) => parseInt(pair, 16));
    if (at % 2 === 1 || at === last) {
      hash = await digest(Uint8Array.of(1), other, hash);
      while (at % 2 === 0 && at !== 0) [at, last] = [at / 2, Math.floor(last / 2)];
    } else {
      hash = await digest(Uint8Array.of(1), hash, other);
    }
    [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
  }
  return last === 0 && base64(hash) === root;
}

async function digest(...parts) {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", await new Blob(parts).arrayBuffer()));
}

// A signed note: text, an empty line, `— NAME BASE64` a signature.
function read(note) {
  const end = note.lastIndexOf("\n\n");
  const text = note.slice(0, end + 1);
  const [, size, root] = text.split("\n");
  const lines = note.slice(end + 2).trim().split("\n").map((line) => line.split(" "));
  const signatures = lines.map(([, name, raw]) => ({ name, raw: bytes(raw) }));
  return { text, size: Number(size), root, signatures };
}

// The key that signed it; "" where none of the keys did; undefined where this browser cannot tell.
async function signer({ text, signatures }, keys) {
  const message = new TextEncoder().encode(text);
  for (const key of keys) {
    const [name, id, raw] = key.split(/\+(.*?)\+(.*)/s);
    for (const one of signatures) {
      const four = [...one.raw.slice(0, 4)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
      if (one.name !== name || four !== id) continue;
      try {
        const made = await crypto.subtle.importKey("raw", bytes(raw).slice(1), "Ed25519", false, ["verify"]);
        if (await crypto.subtle.verify("Ed25519", made, one.raw.slice(4), message)) return key;
      } catch {
        return undefined;
      }
    }
  }
  return "";
}

// What this browser saw of the ledger before: one of the same size has the same root, and none is smaller.
function remembered(origin, { size, root }) {
  const name = `fakeprint ledger ${origin}`;
  let before = null;
  try {
    before = JSON.parse(localStorage.getItem(name));
    if (!before || before.size < size) localStorage.setItem(name, JSON.stringify({ size, root }));
  } catch {
    return null;
  }
  return before && (before.size > size || (before.size === size && before.root !== root)) ? before : null;
}

function bytes(text) {
  return Uint8Array.from(atob(text), (one) => one.charCodeAt(0));
}

function base64(raw) {
  return btoa(String.fromCharCode(...raw));
}

function say(text, counts) {
  return text.replace(/\{(\w+)\}/g, (_, name) => numbers.format(counts[name]));
}

function mark(row, text, kind) {
  const proof = row?.querySelector(".proof");
  if (!proof) return;
  proof.textContent = text;
  proof.className = `proof ${kind}`;
  proof.hidden = false;
}

function tell(paragraphs, kind) {
  box.className = `verified ${kind}`;
  box.hidden = false;
  const said = (text) => Object.assign(document.createElement("p"), { textContent: text });
  box.replaceChildren(...paragraphs.map(said));
}
