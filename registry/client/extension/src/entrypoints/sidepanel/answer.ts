// An answer as the panel shows it: the verdict, why, and who says so.
import type { LookupAnswer, Match } from "@fakeprint/client";

import { isPartial, reasons, sentence, spans } from "../../verdict";
import type { Words } from "../../words";

const MOST = 3;

/** The elements of an answer. Texts of others are set as text, each in its own direction. */
export function shown(answer: LookupAnswer, words: Words, url: string): HTMLElement[] {
  const verdict = isPartial(answer) ? "quick" : answer.verdict;
  const page = link(`${url}/console/lookup/${answer.lookup_id}`, words.text("open_console"));
  page.className = "button";
  const card = element("div", `card verdict of-${verdict}`);
  card.dataset["verdict"] = answer.verdict;
  card.append(badged("h1", `verdict-${verdict}`, words.text(`verdict_${verdict}`)), element("p", "sentence", sentence(answer, words)));
  if (answer.confidence !== null) card.append(element("p", "", words.text("confidence", { share: words.percent(answer.confidence) })));
  card.append(listed(reasons(answer, words)));
  if (answer.mixed) card.append(element("p", "notice careful", words.text("mixed")));
  card.append(page, element("p", "hint", words.text("console_hint")));
  return [card, ...answer.matches.slice(0, MOST).map((match) => matched(match, words))];
}

function matched(match: Match, words: Words): HTMLElement {
  const card = element("section", "card match");
  card.append(titled(match.title || words.text("untitled")));
  const relation = match.relation && words.verdicts.relations[match.relation];
  if (relation) card.append(element("p", "", relation));
  card.append(element("h3", "", words.text("who")), who(match, words));
  const parts = spans(match, words);
  if (parts.length) card.append(element("h3", "", words.text("parts")), listed(parts));
  for (const { url } of match.references) {
    if (typeof url === "string" && url.startsWith("https://")) card.append(paragraph(link(url, url)));
  }
  return card;
}

/** The bank that holds the entry, who looked at it, and where it came from. */
function who(match: Match, words: Words): HTMLElement {
  const said = [];
  if (match.bank) said.push(words.text("bank", { bank: match.bank }));
  if (match.tier) said.push(words.text(`tier_${match.tier}`));
  for (const { origin } of match.foreign ?? []) said.push(words.text("foreign", { origin }));
  return listed(said);
}

function element(name: string, className = "", text = ""): HTMLElement {
  return Object.assign(document.createElement(name), { className, textContent: text });
}

function titled(text: string): HTMLElement {
  const heading = element("h2");
  heading.append(element("bdi", "", text));
  return heading;
}

function badged(name: string, kind: string, text: string): HTMLElement {
  const heading = element(name);
  heading.append(element("span", `badge ${kind}`, text));
  return heading;
}

function listed(texts: string[]): HTMLElement {
  const list = element("ul");
  list.hidden = !texts.length;
  list.append(...texts.map((text) => Object.assign(element("li", "", text), { dir: "auto" })));
  return list;
}

function link(href: string, text: string): HTMLAnchorElement {
  return Object.assign(document.createElement("a"), { href, textContent: text, target: "_blank", rel: "noreferrer noopener", dir: "auto" });
}

function paragraph(inner: HTMLElement): HTMLElement {
  const made = element("p");
  made.append(inner);
  return made;
}
