/** Base class of all errors of this client. `code` is stable: branch on it. `nextStep` says what to do. */
export class ClientError extends Error {
  readonly code: string;
  readonly nextStep: string | null;

  constructor(code: string, message: string, nextStep: string | null = null, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = new.target.name;
    this.code = code;
    this.nextStep = nextStep;
  }
}

/** The service refused the request, with the problem document (RFC 9457) that `problem` holds. */
export class ServiceError extends ClientError {
  readonly status: number;
  readonly problem: Record<string, unknown>;

  constructor(status: number, problem: Record<string, unknown>) {
    const step = problem["next_step"];
    const detail = problem["detail"] ?? problem["title"] ?? `The service answered ${status}.`;
    super(String(problem["code"]), String(detail), typeof step === "string" ? step : null);
    this.status = status;
    this.problem = problem;
  }
}

/** Nothing answers at the address, or the answer does not come from a Fakeprint service. */
export class Unreachable extends ClientError {
  constructor(message: string, cause?: unknown) {
    super("unreachable", message, "Check the address of the service and that it runs.", cause);
  }
}

/** The result is not ready in time. The service continues its work; `id` asks for it again. */
export class NotYet extends ClientError {
  readonly id: string;

  constructor(message: string, id: string) {
    super("not_yet", message, "Request it again later.");
    this.id = id;
  }
}

/** The error for a body that an answer of 400 or more has. */
export function refused(status: number, body: unknown): ClientError {
  if (typeof body === "object" && body !== null && typeof (body as { code?: unknown }).code === "string") {
    return new ServiceError(status, body as Record<string, unknown>);
  }
  return new Unreachable(`The address answered ${status}, but is not a Fakeprint service.`);
}
