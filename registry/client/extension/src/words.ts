import { browser } from "wxt/browser";

import { settings } from "./settings";

const LANGUAGES = ["en", "es", "fr", "ar"];

/** The console's sentences about answers, by code. */
export type Verdicts = Record<"known" | "doubts" | "otherwise" | "why" | "relations", Record<string, string>>;

/** The texts in the reader's language, numbers included. */
export class Words {
  readonly language: string;
  readonly verdicts: Verdicts;
  readonly #texts: Record<string, { message: string }>;
  readonly #locale: string;

  constructor(language: string, texts: Record<string, { message: string }>, verdicts: Verdicts) {
    this.language = language;
    this.verdicts = verdicts;
    this.#texts = texts;
    this.#locale = language === "ar" ? "ar-u-nu-arab" : language;
  }

  /** A text of `_locales`, with the values that its braces name. */
  text(name: string, values: Record<string, string> = {}): string {
    const text = this.#texts[name]?.message;
    if (text === undefined) throw new Error(`no text ${name}`);
    return text.replace(/\{(\w+)\}/g, (_, key: string) => values[key] ?? "");
  }

  number(value: number): string {
    return new Intl.NumberFormat(this.#locale).format(value);
  }

  percent(value: number): string {
    return new Intl.NumberFormat(this.#locale, { style: "percent" }).format(value);
  }

  /** From one second to another, `1:05–1:20`, earlier on the left in every language. */
  stretch(from: number, to: number): string {
    const text = `${this.#clock(from)}–${this.#clock(to)}`;
    return this.language === "ar" ? `\u2066${text}\u2069` : text;
  }

  #clock(seconds: number): string {
    const whole = Math.floor(seconds);
    const part = new Intl.NumberFormat(this.#locale, { minimumIntegerDigits: 2, useGrouping: false });
    return `${this.number(Math.floor(whole / 60))}:${part.format(whole % 60)}`;
  }
}

/** The texts in the language that the settings name, else the browser's, else English. */
export async function words(): Promise<Words> {
  const chosen = (await settings()).language || browser.i18n.getUILanguage().slice(0, 2);
  const language = LANGUAGES.includes(chosen) ? chosen : "en";
  const [texts, verdicts] = await Promise.all(
    [`/_locales/${language}/messages.json`, `/verdicts/${language}.json`].map(async (path) => (await fetch(path)).json()),
  );
  return new Words(language, texts, verdicts);
}

/** Write the texts of a page's elements with `data-text`, and its language and direction. */
export function translate(said: Words): void {
  document.documentElement.lang = said.language;
  document.documentElement.dir = said.language === "ar" ? "rtl" : "ltr";
  document.title = said.text("name");
  for (const element of document.querySelectorAll<HTMLElement>("[data-text]")) {
    element.textContent = said.text(element.dataset["text"] ?? "");
  }
}
