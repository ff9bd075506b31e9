// Several files: a table with a row a file, which is hashed here or sent, and shows its verdict or why there is none.
import { documentOf } from "../hashing/document.js";
import { Unreadable } from "../hashing/sampling.js";
import { upload } from "../upload.js";

const ELSEWHERE = new Set(["not_media", "unsupported_media", "not_readable_here", "hevc_here", "long_sound"]);
const OVER = new Set(["not_signed_in", "session_over"]);
const TRIES = 4;
const PAUSE = 10;
const one = (id) => document.getElementById(id);

/** Look up `files`, one after another, and resolve when all are done or `signal` is aborted. `way`: `send`, or hashed
 * here. `settings`: `most` as `documentOf` has it, `faces` or null, `csrf`, `watch`. */
export class Files {
  constructor(form, settings) {
    this.said = form.dataset;
    this.action = form.action;
    this.settings = settings;
    this.table = one("files");
    this.queue = [];
    this.running = null;
    this.table.addEventListener("htmx:afterSwap", () => this.count());
    one("files-kept").onclick = () => this.keep();
    addEventListener("beforeunload", (event) => this.running && event.preventDefault());
    one("files-stop").onclick = () => this.running?.abort(new DOMException("", "AbortError"));
    one("files-rest").onclick = () => this.again(this.left(), this.way);
    one("files-send").onclick = () => this.again(this.sendable(), "send");
  }

  async start(files, way) {
    this.table.querySelector("tbody").replaceChildren(...files.map((file) => this.rowOf(file)));
    this.table.hidden = false;
    one("h-files").focus();
    this.way = way;
    this.queue = this.rows().map((row) => [row, way]);
    await this.run();
  }

  rows() {
    return [...this.table.querySelectorAll("tbody tr")];
  }

  left() {
    return this.rows().filter((row) => row.result.querySelector("[data-state=left]"));
  }

  sendable() {
    return this.rows().filter((row) => row.acts.querySelector("button"));
  }

  rowOf(file) {
    const row = document.createElement("tr");
    const heads = [...this.table.querySelectorAll("thead th")].map((head) => head.textContent);
    const name = Object.assign(document.createElement("th"), { scope: "row" });
    name.append(Object.assign(document.createElement("bdi"), { textContent: file.webkitRelativePath || file.name }));
    const [result, acts] = heads.slice(1).map((label) => {
      const cell = document.createElement("td");
      cell.dataset.label = label;
      return cell;
    });
    acts.className = "acts";
    row.append(name, result, acts);
    Object.assign(row, { file, result, acts });
    this.tell(row, this.table.dataset.waits);
    return row;
  }

  async run() {
    if (this.running) return;
    this.running = new AbortController();
    const { signal } = this.running;
    one("files-stop").hidden = false;
    this.count();
    while (this.queue.length && !signal.aborted) {
      const [row, way] = this.queue.shift();
      await this.lookUp(row, way, signal);
      this.count();
    }
    for (const [row] of this.queue.splice(0)) this.tell(row, this.table.dataset.left, "left");
    this.running = null;
    one("files-stop").hidden = true;
    this.count();
  }

  async lookUp(row, way, signal) {
    row.acts.replaceChildren();
    try {
      const answer = await this.answered(row, way, signal);
      row.result.innerHTML = answer; // a part of a page of this service, whose policy runs no script in it
      htmx.process(row.result);
      if (way !== "send" && row.result.querySelector("[data-sendable]")) this.offer(row);
    } catch (error) {
      if (signal.aborted) this.tell(row, this.table.dataset.left, "left");
      else if (error instanceof Unreadable) {
        this.tell(row, this.said[error.said] ?? this.said.not_media, "wrong");
        if (ELSEWHERE.has(error.said)) this.offer(row);
      } else if (error.message === "over") {
        this.tell(row, this.said.over, "left");
        this.running.abort(error);
      } else {
        this.tell(row, this.said[error.message] ?? this.said.refused, "wrong");
        if (error.message !== "large") this.offer(row);
        console.error(error);
      }
    }
  }

  // The part of a page that answers. A busy service says when to come again. Who has signed in anew in another window has
  // another word for forms.
  async answered(row, way, signal) {
    const ask = way === "send" ? await this.sent(row, signal) : await this.hashed(row, signal);
    for (let tries = 1; ; tries += 1) {
      const { status, text, pause } = await ask();
      if (status !== 200) throw new Error(status === 401 ? "over" : "refused");
      const { code, csrf } = new DOMParser().parseFromString(text, "text/html").querySelector(".outcome").dataset;
      if (OVER.has(code)) throw new Error("over");
      const outdated = code === "form_outdated" && csrf !== this.settings.csrf;
      if (tries === TRIES || (pause === null && !outdated)) return text;
      if (outdated) this.settings.csrf = csrf;
      else await this.pause(row, Math.min(Number(pause) || PAUSE, 60), signal);
    }
  }

  pause(row, seconds, signal) {
    this.tell(row, this.table.dataset.busy.replace("{seconds}", this.number(seconds)));
    return new Promise((resolve, reject) => {
      const timer = setTimeout(resolve, seconds * 1000);
      signal.addEventListener("abort", () => (clearTimeout(timer), reject(signal.reason)), { once: true });
    });
  }

  async hashed(row, signal) {
    const { most, faces, watch } = this.settings;
    const told = (stage, share) => this.tell(row, this.said[stage], "", share);
    const found = JSON.stringify(await documentOf(row.file, { most, signal, told, faces }));
    return async () => {
      this.tell(row, this.said.asking, "", null);
      const body = new FormData();
      body.set("said", found);
      body.set("watch", watch);
      const headers = { "X-Csrf": this.settings.csrf, "HX-Request": "true" };
      const answer = await fetch(this.said.asked, { method: "POST", headers, body, signal });
      return { status: answer.status, text: await answer.text(), pause: answer.headers.get("Retry-After") };
    };
  }

  async sent(row, signal) {
    const { largest, tooLarge } = document.body.dataset;
    if (row.file.size > Number(largest)) {
      const most = String(Math.floor(Number(largest) / 1e6));
      this.said.large = tooLarge.replace("{name}", row.file.name).replace("{most}", most);
      throw new Error("large");
    }
    const percent = new Intl.NumberFormat(document.documentElement.dataset.locale, { style: "percent" });
    const told = (share) => {
      if (share < 1) this.tell(row, this.said.sending.replace("{percent}", percent.format(share)), "", share);
      else this.tell(row, this.said.received, "", null);
    };
    return async () => {
      const { csrf, watch } = this.settings;
      const body = new FormData();
      body.set("file", row.file);
      body.set("watch", watch);
      const answer = await upload(this.action, body, { csrf, signal, told, part: true });
      return { status: answer.status, text: answer.responseText, pause: answer.getResponseHeader("Retry-After") };
    };
  }

  offer(row) {
    const send = Object.assign(document.createElement("button"), {
      type: "button",
      className: "small",
      textContent: this.table.dataset.sends,
    });
    send.setAttribute("aria-label", `${this.table.dataset.sends}: ${row.file.name}`);
    send.addEventListener("click", () => this.again([row], "send"));
    row.acts.replaceChildren(send);
  }

  again(rows, way) {
    for (const row of rows) {
      row.acts.replaceChildren();
      this.tell(row, this.table.dataset.waits);
      this.queue.push([row, way]);
    }
    this.run();
  }

  // `share`: undefined without a bar, null while it is not known.
  tell(row, text, kind = "", share = undefined) {
    const found = row.result.querySelector(".outcome:not([data-verdict])") ?? document.createElement("div");
    found.className = `outcome ${kind}`;
    found.dataset.state = kind || "going";
    const stage = found.querySelector("span") ?? document.createElement("span");
    if (stage.textContent !== text) stage.textContent = text;
    const parts = [stage];
    if (share !== undefined) {
      const bar = found.querySelector("progress") ?? Object.assign(document.createElement("progress"), { max: 1 });
      bar.setAttribute("aria-label", row.file.name);
      if (share === null) bar.removeAttribute("value");
      else bar.value = share;
      parts.push(bar);
    }
    if (found.childNodes.length !== parts.length || [...found.childNodes].some((node, at) => node !== parts[at])) {
      found.replaceChildren(...parts);
    }
    if (found.parentNode !== row.result) row.result.replaceChildren(found);
  }

  // How many are done, and how many of each verdict there are.
  count() {
    const found = this.rows().map((row) => row.result.querySelector(".outcome"));
    const done = found.filter((item) => item && !["going", "waiting", "left"].includes(item.dataset.state)).length;
    const { done: text, counted } = this.table.dataset;
    for (const link of this.table.querySelectorAll("tbody a")) link.target = "_blank";
    const verdicts = new Map();
    for (const item of found) {
      const badge = item?.querySelector(".badge")?.textContent;
      if (badge) verdicts.set(badge, (verdicts.get(badge) ?? 0) + 1);
    }
    const parts = [...verdicts].map(([verdict, count]) =>
      counted.replace("{verdict}", verdict).replace("{count}", this.number(count)),
    );
    const all = text.replace("{done}", this.number(done)).replace("{all}", this.number(found.length));
    one("files-done").textContent = [all, ...parts].join(" ");
    one("files-send").hidden = this.sendable().length < 2;
    one("files-kept").hidden = Boolean(this.running) || !done;
    one("files-rest").hidden = Boolean(this.running) || !this.left().length;
  }

  // The table as a file. A cell that spreadsheets would take for a formula begins with an apostrophe.
  keep() {
    const cell = (text) => `"${text.trim().replace(/\s+/g, " ").replace(/^[=+\-@]/, "'$&").replaceAll('"', '""')}"`;
    const [name, result] = [...this.table.querySelectorAll("thead th")].map((head) => head.textContent);
    const lines = this.rows().map((row) => [
      row.querySelector("th").textContent,
      row.result.textContent,
      row.result.querySelector("a")?.href ?? "",
    ]);
    const text = [[name, result, this.table.dataset.link], ...lines].map((line) => line.map(cell).join(",")).join("\r\n");
    const address = URL.createObjectURL(new Blob(["\ufeff", text], { type: "text/csv" }));
    one("files-kept").href = address;
    setTimeout(() => URL.revokeObjectURL(address), 60_000);
  }

  number(value) {
    return new Intl.NumberFormat(document.documentElement.dataset.locale).format(value);
  }
}
