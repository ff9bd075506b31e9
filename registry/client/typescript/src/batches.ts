import { ServiceError, Unreachable } from "./errors.js";
import type { LookupAnswer, Problem } from "./generated/types.gen.js";

/** The answer to a line of a batch. A refused query has only `line` and `error`. */
export type Line = { line: number; error: Problem } | (LookupAnswer & { line: number; error?: undefined });

const MOST_LINES = 1000;
const MOST_CHARACTERS = 1 << 20;
/** Errors that end a batch for a while. The line and those after it are sent again. */
const TEMPORARY = new Set(["unavailable", "database_unavailable", "spool_full", "spool_unavailable", "batch_stalled"]);
/** Errors of a line after which no further line would be answered. */
const FINAL = new Set(["unauthenticated", "forbidden"]);

/** The queries as lines, as many together as fit into one request. */
export async function* batches(
  queries: Iterable<object> | AsyncIterable<object>,
): AsyncGenerator<string[]> {
  let lines: string[] = [];
  let size = 0;
  for await (const query of queries) {
    const line = JSON.stringify(query);
    if (lines.length > 0 && (lines.length >= MOST_LINES || size + line.length > MOST_CHARACTERS)) {
      yield lines;
      lines = [];
      size = 0;
    }
    lines.push(line);
    size += line.length + 1;
  }
  if (lines.length > 0) yield lines;
}

/** The lines of a streamed answer. A line that the connection cut is left out. */
export async function* linesOf(response: Response): AsyncGenerator<string> {
  let incomplete = "";
  const decoder = new TextDecoder();
  try {
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
      const parts = (incomplete + decoder.decode(chunk, { stream: true })).split("\n");
      incomplete = parts.pop() ?? "";
      yield* parts.filter((part) => part !== "");
    }
  } catch (error) {
    if (!(error instanceof TypeError)) throw error; // fetch's error for a connection that breaks
  }
}

/** The answer in a received line; null: this line and those after it have to be sent again. */
export function answerOf(raw: string, line: number): Line | null {
  let answer: { error?: Problem };
  try {
    answer = JSON.parse(raw) as { error?: Problem };
  } catch (error) {
    throw new Unreachable("A line of the answer does not come from a Fakeprint service.", error);
  }
  const code = answer.error?.code ?? "";
  if (TEMPORARY.has(code)) return null;
  if (answer.error && FINAL.has(code)) throw new ServiceError(answer.error.status, { ...answer.error });
  return { ...answer, line } as Line;
}
