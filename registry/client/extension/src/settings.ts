import { browser } from "wxt/browser";

/** What the options page keeps, on this device only. */
export interface Settings {
  /** Of the service, without a slash at its end. */
  url: string;
  key: string;
  /** `en`, `es`, `fr`, `ar`, or empty: the browser's. */
  language: string;
}

/** What was asked of which medium. Kept in the session's memory until the panel takes it. */
export interface Question {
  id: string;
  windowId: number;
  tabId: number;
  frameId: number;
  /** Of the frame that shows the medium. */
  frameUrl: string;
  /** Of the medium. Empty: the largest video of the page. */
  url: string;
  kind: "medium" | "link" | "page";
}

const EMPTY: Settings = { url: "", key: "", language: "" };

export async function settings(): Promise<Settings> {
  return { ...EMPTY, ...(await browser.storage.local.get<Partial<Settings>>(null)) };
}

export async function question(): Promise<Question | null> {
  return ((await browser.storage.session.get("question"))["question"] as Question | undefined) ?? null;
}

/** What the browser asks its user for, so that the extension may read from an address. Throws `TypeError`. */
export function pattern(url: string): string {
  const { protocol, origin } = new URL(url);
  if (protocol !== "https:" && protocol !== "http:") throw new TypeError(protocol);
  return `${origin}/*`;
}
