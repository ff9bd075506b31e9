// An answer in words, by the rules of registry/matching/lookups/pages/verdicts.py, whose sentences the build takes along.
import type { LookupAnswer, Match } from "@fakeprint/client";

import type { Words } from "./words";

const WHOLE = 0.9;

/** Whether nothing was found, and not everything was compared. */
export function isPartial(answer: LookupAnswer): boolean {
  return answer.verdict === "no_match" && answer.not_checked.length > 0;
}

/** The verdict in one sentence. */
export function sentence(answer: LookupAnswer, words: Words): string {
  const { known, doubts, otherwise } = words.verdicts;
  const doubt = Object.keys(doubts).find((code) => answer.reasons.includes(code));
  if (answer.mixed) return known["mixed"] ?? "";
  if (answer.verdict === "related" && doubt) return doubts[doubt] ?? "";
  if (answer.verdict !== "known_fake") return otherwise[isPartial(answer) ? "quick" : answer.verdict] ?? "";
  const match = answer.matches.find(({ verdict }) => verdict === "known_fake");
  if (match?.exact) return known["exact"] ?? "";
  const share = match?.coverage.query ?? 1;
  if (share >= WHOLE) return known["whole"] ?? "";
  return (known["part"] ?? "").replace("%(share)s", words.percent(share));
}

/** Why the verdict is what it is, without what the sentence says. */
export function reasons(answer: LookupAnswer, { verdicts }: Words): string[] {
  const told = Object.keys(verdicts.doubts).find((code) => answer.reasons.includes(code));
  return [...answer.reasons, ...answer.notes]
    .filter((code) => code !== told || answer.verdict !== "related")
    .flatMap((code) => verdicts.why[code] ?? []);
}

/** Parts of the medium that are the same as in the registered file. */
export function spans(match: Match, words: Words): string[] {
  return match.spans
    .filter(({ query }) => query[1] > query[0])
    .map(({ query, asset, mirrored }) => {
      const [here, there] = [query, asset].map(([from, to]) => words.stretch(from, to));
      return words.text(mirrored ? "span_mirrored" : "span", { here: here ?? "", there: there ?? "" });
    });
}
