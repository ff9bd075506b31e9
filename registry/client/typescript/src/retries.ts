import { Unreachable } from "./errors.js";

/** The number of attempts and the delays between them, in seconds. The first doubles with each attempt. */
export interface Retries {
  attempts: number;
  first: number;
  longest: number;
}

export const RETRIES: Retries = { attempts: 4, first: 0.2, longest: 5 };
const BUSY = new Set([429, 503]);
/** POST requests whose repetition changes nothing. */
const REPEATABLE = /^\/v1\/(lookups|lookups:batch|entries|entries\/[^/]+\/assets)$|^\/m\/|^\/h\//;
/** Codes of errors that occur before anything is sent. */
const UNSENT = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "UND_ERR_CONNECT_TIMEOUT"]);

export const sleep = (seconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, 1000 * seconds));

/** The seconds before an attempt after the number `attempt`, at least what `Retry-After` says. */
export function pause(retries: Retries, attempt: number, response?: Response): number {
  const grown = retries.first * 2 ** (attempt - 1) * (0.8 + 0.4 * Math.random());
  const wished = Number(response?.headers.get("retry-after") ?? 0) || 0;
  return Math.min(Math.max(grown, wished), retries.longest);
}

/** A `fetch` that sends again while the service is busy, or the connection breaks and a repetition is harmless. */
export function retrying(retries: Retries): (request: Request) => Promise<Response> {
  return async (request) => {
    for (let attempt = 1; ; attempt += 1) {
      const last = attempt >= retries.attempts;
      let seconds: number;
      try {
        const response = await fetch(last ? request : request.clone());
        if (last || !BUSY.has(response.status)) return response;
        await response.body?.cancel();
        seconds = pause(retries, attempt, response);
      } catch (error) {
        if (last || !harmless(request, error)) {
          throw new Unreachable(`The service at ${new URL(request.url).origin} does not answer.`, error);
        }
        seconds = pause(retries, attempt);
      }
      await sleep(seconds);
    }
  };
}

function harmless(request: Request, error: unknown): boolean {
  if (request.signal.aborted) return false;
  if (request.method !== "POST" || REPEATABLE.test(new URL(request.url).pathname)) return true;
  const cause = (error as { cause?: { code?: string } }).cause;
  return UNSENT.has(cause?.code ?? "");
}
