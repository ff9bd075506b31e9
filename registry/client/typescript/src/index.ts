export type { Line } from "./batches.js";
export { Client, type Medium, type Query } from "./client.js";
export { ClientError, NotYet, ServiceError, Unreachable } from "./errors.js";
export { Api } from "./generated/sdk.gen.js";
export type * from "./generated/types.gen.js";
export type { Retries } from "./retries.js";
