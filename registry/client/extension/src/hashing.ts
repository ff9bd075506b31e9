// The console's own modules, as the build copies them: fingerprints are the same here and there.
import type { LookUpData } from "@fakeprint/client";
import { browser } from "wxt/browser";

export type Stage = "loading" | "reading" | "hashing";
export type Document = Extract<LookUpData["body"], { type: "document" }>["value"];

interface Options {
  most: { seconds: number; pixels: number };
  told: (stage: Stage, share: number) => void;
  signal: AbortSignal;
  faces: Record<"runtime" | "finder" | "describer", string> | null;
  generator: string;
}

/** What services take, unless they are set up otherwise (`FAKEPRINT_MAX_SECONDS`, `FAKEPRINT_MAX_PIXELS`). */
const MOST = { seconds: 4 * 3600, pixels: 100_000_000 };
const FACES = { runtime: "/faces/runtime.wasm", finder: "/faces/finder.onnx", describer: "/faces/describer.onnx" };

/** The fingerprint document of a file. Throws an error with `said`, as `hashing/sampling.js` has it. */
export async function documentOf(file: File, faces: boolean, told: Options["told"], signal: AbortSignal): Promise<Document> {
  const address = (browser.runtime.getURL as (path: string) => string)("/hashing/document.js");
  const made = (await import(/* @vite-ignore */ address)) as { documentOf(file: File, options: Options): Promise<Document> };
  const generator = `fakeprint extension ${browser.runtime.getManifest().version}`;
  return made.documentOf(file, { most: MOST, told, signal, faces: faces ? FACES : null, generator });
}
