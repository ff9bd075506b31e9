/** What a page's script tells the panel. */
export type Told =
  | { type: "begins"; kind: string; size: number }
  | { type: "piece"; data: string }
  | { type: "ends" }
  | { type: "records"; seconds: number; most: number }
  | { type: "failed"; why: Why; detail?: string; url?: string };

/** What the panel tells the script. */
export type Heard = { type: "read"; url: string; most: number } | { type: "taken" } | { type: "enough" };

/** Why a medium cannot be had: there is no video, its address does not answer this page, it is a stream that cannot be
 * recorded, it is protected (DRM), it is too large, it is no longer at its address. */
export type Why = "none" | "unreached" | "stream" | "protected" | "large" | "gone";
