// The options: which service, with which key, in which language. They are kept on this device.
import { Client, ServiceError } from "@fakeprint/client";
import { browser } from "wxt/browser";

import { pattern, settings } from "../../settings";
import { translate, words } from "../../words";

const one = <Kind extends HTMLElement = HTMLInputElement>(id: string) => document.getElementById(id) as Kind;

void begin();

async function begin(): Promise<void> {
  const { url, key, language } = await settings();
  translate(await words());
  Object.assign(one("url"), { value: url });
  Object.assign(one("key"), { value: key });
  one<HTMLSelectElement>("language").value = language;
}

one<HTMLSelectElement>("language").onchange = async () => {
  await browser.storage.local.set({ language: one<HTMLSelectElement>("language").value });
  translate(await words());
};

one<HTMLFormElement>("form").onsubmit = async (event) => {
  event.preventDefault();
  const url = one("url").value.trim().replace(/\/+(console\/?.*)?$/, "");
  const key = one("key").value.trim();
  const old = (await settings()).url;
  if (!/^https?:/.test(url)) return tell("options_url_wrong", "wrong");
  const origins = [pattern(url)];
  if (!(await browser.permissions.request({ origins }))) return tell("options_not_allowed", "wrong");
  try {
    const { roles, name } = await new Client(url, key, { attempts: 2 }).api.whoAmI();
    if (!roles.includes("lookup")) return await tell("options_no_lookup", "wrong");
    await browser.storage.local.set({ url, key });
    if (old && pattern(old) !== origins[0]) await browser.permissions.remove({ origins: [pattern(old)] });
    await tell("options_saved", "done", { name });
  } catch (error) {
    console.warn(error);
    const refused = error instanceof ServiceError && [401, 403].includes(error.status);
    await tell(refused ? "failed_key" : "failed_service", "wrong", { url });
  }
};

async function tell(text: string, kind: string, values: Record<string, string> = {}): Promise<void> {
  const told = one<HTMLElement>("told");
  told.className = `notice ${kind}`;
  told.textContent = (await words()).text(text, values);
  told.hidden = false;
}
