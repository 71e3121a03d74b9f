import type { Error as ErrorAnswer, ErrorCode, FieldError, ValidationError } from './generated/index.js';

/** What the server says of an error: a sentence, or the fields that are wrong. */
export type RosterdError = ErrorAnswer | ValidationError;

/** Whether a value is an error as the server tells it; else it is what `fetch` threw, or a proxy's own words. */
export function isRosterdError(value: unknown): value is RosterdError {
  return typeof value === 'object' && value !== null && 'code' in value && 'detail' in value;
}

/** The sentence of an error, for people. */
export function messageOf(error: RosterdError): string {
  const { detail } = error;
  if (typeof detail === 'string') return detail;
  return detail.map((field: FieldError) => `${field.loc.join('/')}: ${field.msg}`).join('; ');
}

/** What {@link unwrap} throws for an error of the server. */
export class RosterdFailure extends Error {
  override readonly name = 'RosterdFailure';

  constructor(
    /** What programs look at. */
    readonly code: ErrorCode,
    /** A sentence, or the fields that are wrong. */
    readonly detail: RosterdError['detail'],
    /** The HTTP status. */
    readonly status: number,
    /** The id under which the server's log tells of it. */
    readonly requestId: string | null,
    message: string,
  ) {
    super(message);
  }
}

/** The answer of a call, or a thrown {@link RosterdFailure}: for those who prefer exceptions. */
export async function unwrap<T>(
  call: Promise<{ data: T; error: undefined; response?: Response } | { data: undefined; error: unknown; response?: Response }>,
): Promise<T> {
  const { data, error, response } = await call;
  if (error === undefined) return data as T;
  if (!isRosterdError(error)) throw error;
  const requestId = response?.headers.get('x-request-id') ?? null;
  throw new RosterdFailure(error.code, error.detail, response?.status ?? 0, requestId, messageOf(error));
}
