import { answerOf, batches, linesOf, type Line } from "./batches.js";
import { NotYet, refused, Unreachable } from "./errors.js";
import { createClient, createConfig, type Client as Http } from "./generated/client/index.js";
import { Api } from "./generated/sdk.gen.js";
import type { Entry, ListedBank, LookupAnswer, LookUpData, NewEntry, QueuedLookup, Registered } from "./generated/types.gen.js";
import { pause, RETRIES, retrying, sleep, type Retries } from "./retries.js";

export type Query = LookUpData["body"];
/** A file: a `File` of a browser, or a `Blob`, such as `fs.openAsBlob` of Node returns. */
export type Medium = Blob;

const SETTLED = new Set(["matchable", "failed", "suspended", "withdrawn"]);
/** What makes the generated client send a form as it is, with the boundary that `fetch` chooses. */
const FORM = { bodySerializer: null, headers: { "Content-Type": null } } as const;

/**
 * A client of one service: waiting, batches and retries on top of the generated operations, which `api` has.
 *
 * Errors are `ClientError`s with a stable `code`: `ServiceError`, `Unreachable`, `NotYet`.
 */
export class Client {
  /** Every operation of the API, typed: `await registry.api.showEntry({ path: { entry_id } })`. */
  readonly api: Api;
  readonly #http: Http;
  readonly #retries: Retries;

  constructor(url: string, key = "", retries: Partial<Retries> = {}) {
    this.#retries = { ...RETRIES, ...retries };
    this.#http = createClient(
      createConfig({
        baseUrl: url.replace(/\/+$/, ""),
        fetch: retrying(this.#retries) as typeof fetch,
        throwOnError: true,
        ...(key ? { headers: { Authorization: `Bearer ${key}` } } : {}),
      }),
    );
    this.#http.interceptors.error.use((error, response) =>
      response ? refused(response.status, error) : error,
    );
    this.#http.interceptors.response.use((response) => {
      const type = response.headers.get("content-type") ?? "";
      if (response.ok && type.startsWith("text/html")) throw new Unreachable(`${url} is not a Fakeprint service.`);
      return response;
    });
    this.api = new Api({ client: this.#http });
  }

  /** Look up a file by its SHA-256 (hex). Send the file if the answer has a `next_step`. */
  lookUpSha256(digest: string, bank?: string): Promise<LookupAnswer> {
    return this.lookUp({ type: "sha256", value: digest }, bank);
  }

  /** Look up the hash of a picture (`pdq.1`, `phash256.1`, `sscd.1`) or of a file (`videohash.1`, `iscc.1`). */
  lookUpHash(algorithm: string, value: string, bank?: string): Promise<LookupAnswer> {
    return this.lookUp({ type: "hash", algorithm, value } as Query, bank);
  }

  /** Send a query in the format of `POST /v1/lookups`, such as a fingerprint document. */
  async lookUp(query: Query, bank?: string): Promise<LookupAnswer> {
    return (await this.api.lookUp({ body: { ...query, ...(bank ? { bank } : {}) } })) as LookupAnswer;
  }

  /**
   * Send a file and wait for its answer, at most `wait` seconds. Throws `NotYet`, whose `id` is for `lookup`.
   * `effort`: "quick" reads a video no further whose keyframes resemble nothing registered; "full" reads all of it.
   */
  async lookUpFile(
    file: Medium,
    { bank, wait = 60, effort }: { bank?: string; wait?: number; effort?: "quick" | "standard" | "full" } = {},
  ): Promise<LookupAnswer> {
    const ends = Date.now() + 1000 * wait;
    const headers = { ...FORM.headers, Prefer: `wait=${Math.min(60, Math.floor(wait))}` };
    const body = form([["file", file]], { ...(bank ? { bank } : {}), ...(effort ? { effort } : {}) }) as unknown as Query;
    let answer = await this.api.lookUp({ ...FORM, headers, body } as never);
    for (const seconds of looks(ends)) {
      if ("verdict" in answer) return answer;
      await sleep(seconds);
      answer = await this.api.showLookup({ path: { lookup_id: answer.lookup_id } });
    }
    return settled(answer);
  }

  /** The answer to an earlier lookup. Throws `NotYet` until a worker has answered. */
  async lookup(lookupId: string): Promise<LookupAnswer> {
    return settled(await this.api.showLookup({ path: { lookup_id: lookupId } }));
  }

  /** The answers to any number of queries, in order, as they arrive. A refused query has an `error`. */
  async *lookUpMany(queries: Iterable<Query> | AsyncIterable<Query>, bank?: string): AsyncGenerator<Line> {
    let before = 0;
    for await (const lines of batches(queries)) {
      let done = 0;
      let attempt = 0;
      while (done < lines.length) {
        attempt += 1;
        for await (const raw of linesOf(await this.#stream(lines.slice(done), bank))) {
          const answer = answerOf(raw, before + done + 1);
          if (answer === null) break;
          if (done >= lines.length) throw new Unreachable("The service sent more answers than there were queries.");
          done += 1;
          attempt = 0;
          yield answer;
        }
        if (done === lines.length) break;
        if (attempt >= this.#retries.attempts) throw new Unreachable("The service repeatedly broke off a batch.");
        await sleep(pause(this.#retries, attempt + 1));
      }
      before += lines.length;
    }
  }

  /** Register an entry with files. `fields`: bank, title, manipulation, claim and others of `POST /v1/entries`. */
  async register(
    fakes: readonly Medium[],
    { originals = [], ...fields }: { originals?: readonly Medium[] } & Partial<Omit<NewEntry, "fakes" | "originals">> = {},
  ): Promise<Registered> {
    const files = [...fakes.map((file) => ["fake", file] as const), ...originals.map((file) => ["original", file] as const)];
    const body = form(files, fields) as unknown as NewEntry;
    return await this.api.registerEntry({ ...FORM, body } as never);
  }

  /** An entry with its media. */
  async entry(entryId: string): Promise<Entry> {
    return await this.api.showEntry({ path: { entry_id: entryId } });
  }

  /** Wait until lookups find the entry, or it has failed (`status`). Throws `NotYet`. */
  async waitMatchable(entryId: string, seconds = 600): Promise<Entry> {
    for (const wait of looks(Date.now() + 1000 * seconds)) {
      const entry = await this.entry(entryId);
      if (SETTLED.has(entry.status)) return entry;
      await sleep(wait);
    }
    throw new NotYet(`Entry ${entryId} is not matchable yet.`, entryId);
  }

  /** The banks that this key may search. */
  async banks(): Promise<ListedBank[]> {
    return (await this.api.listBanks()).banks;
  }

  async #stream(lines: readonly string[], bank?: string): Promise<Response> {
    const path = `/v1/lookups:batch${bank ? `?bank=${encodeURIComponent(bank)}` : ""}`;
    const { baseUrl, headers } = this.#http.getConfig();
    const sent = new Headers(headers as Headers);
    sent.set("Content-Type", "application/x-ndjson");
    const request = new Request(`${baseUrl}${path}`, { method: "POST", headers: sent, body: `${lines.join("\n")}\n` });
    const response = await retrying(this.#retries)(request);
    if (!response.ok) throw refused(response.status, await response.json().catch(() => null));
    return response;
  }
}

function form(files: readonly (readonly [string, Medium])[], fields: Record<string, unknown>): FormData {
  const made = new FormData();
  for (const [name, file] of files) made.append(name, file, "name" in file ? String(file.name) : name);
  for (const [name, value] of Object.entries(fields)) {
    if (value !== undefined && value !== null) made.append(name, typeof value === "string" ? value : JSON.stringify(value));
  }
  return made;
}

function settled(answer: LookupAnswer | QueuedLookup): LookupAnswer {
  if ("verdict" in answer) return answer;
  throw new NotYet(`Lookup ${answer.lookup_id} is not answered yet.`, answer.lookup_id);
}

/** The seconds between two looks, at least one, until a moment (of `Date.now`). */
function* looks(ends: number): Generator<number> {
  let wait = 0.2;
  for (;;) {
    const left = (ends - Date.now()) / 1000;
    yield Math.max(0, Math.min(wait, left));
    if (left <= 0) return;
    wait = Math.min(2, wait * 1.5);
  }
}
