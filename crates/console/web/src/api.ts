// The way to the server: the project's own typed client, and what every call needs around it.
import { createRosterd, isRosterdError, messageOf, type Client, type FieldError, type RosterdError } from '@rosterd/client';

/** What stands before every path: nothing, or `/rosterd` where the console was asked for below it. */
export const base = new URL(import.meta.url).pathname.match(/^(.*)\/console\/assets\//)?.[1] ?? '';

/** Reads that have no answer yet. */
const reads = new Set<AbortController>();

/** Where somebody is about to sign out: it settles if they stay after all, and never if the session is over. */
let leaving: Promise<void> | null = null;

/**
 * `fetch`, for everything that needs a session. What is asked while somebody signs out waits, and what is being read then is given up:
 * the session that it had is over, so it could only be refused.
 */
export async function send(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  const request = new Request(input, init);
  for (;;) {
    await leaving;
    const given = new AbortController();
    const isRead = request.method === 'GET';
    if (isRead) reads.add(given);
    try {
      return await fetch(request, isRead ? { signal: AbortSignal.any([request.signal, given.signal]) } : {});
    } catch (error) {
      // Where somebody stays after all, it is read again.
      if (!given.signal.aborted || request.signal.aborted) throw error;
    } finally {
      reads.delete(given);
    }
  }
}

/** The session is the cookie that signing in sets: no script can read it. */
export const client = createRosterd({ baseUrl: base, fetch: send });

/** Ends the session by a call that is made with its own client. Where that fails, everything goes on. */
export async function leave<T>(ask: (own: Client) => Promise<Answer<T>>): Promise<T> {
  let stay = () => {};
  leaving = new Promise((resolve) => (stay = resolve));
  for (const read of reads) read.abort();
  try {
    return await callOnce(() => ask(createRosterd({ baseUrl: base })));
  } catch (error) {
    leaving = null;
    stay();
    throw error;
  }
}

/** A call that failed, in words for people. */
export class Failed extends Error {
  constructor(
    message: string,
    /** The code of the API; `OFFLINE` without an answer, `UNKNOWN` for what is no answer of this server. */
    readonly code: string,
    /** Fields that are wrong, by name. */
    readonly fields: Map<string, string>,
    /** The id under which the server's log tells of it. */
    readonly requestId: string | null,
    /** Seconds after which to try again. */
    readonly retryAfter: number | null,
  ) {
    super(message);
  }
}

type Answer<T> = { data?: T; error?: unknown; response?: Response };

let signInAgain: () => Promise<boolean> = () => Promise.resolve(false);
let words = { offline: '', unknown: '' };

/** What to do where a session has ended; whether to go on. And the sentences that the API has none for. */
export function prepare(again: () => Promise<boolean>, sentences: typeof words): void {
  signInAgain = again;
  words = sentences;
}

/** Codes that say: this session is over. A role that is not enough is none of them. */
const ENDED = ['NOT_AUTHENTICATED', 'INVALID_TOKEN', 'UNAUTHORIZED'];

/** What is stored, and its version: `null` where the server has told none. */
export interface Versioned<T> {
  data: T;
  version: string | null;
}

/** The answer of a call, or {@link Failed}. Where the session has ended, it is asked again after signing in. */
export async function call<T>(ask: () => Promise<Answer<T>>): Promise<T> {
  return (await callVersioned(ask)).data;
}

/** The same, with the version of what was answered. */
export async function callVersioned<T>(ask: () => Promise<Answer<T>>): Promise<Versioned<T>> {
  for (;;) {
    const failed = await attempt(ask);
    if (!(failed instanceof Failed)) return failed;
    if (!ENDED.includes(failed.code)) throw failed;
    // Who signs out needs no other session.
    await leaving;
    if (!(await signInAgain())) throw failed;
  }
}

/** The headers of a change that is to be made only if this version is still stored. */
export function onlyIf(version: string | null): { headers?: { 'If-Match': string } } {
  return version === null ? {} : { headers: { 'If-Match': version } };
}

/** The same for calls before somebody has signed in. */
export async function callOnce<T>(ask: () => Promise<Answer<T>>): Promise<T> {
  const outcome = await attempt(ask);
  if (outcome instanceof Failed) throw outcome;
  return outcome.data;
}

/** The response to a call that the typed client has no shape for, such as one that sends a file. */
export async function onceSignedIn(send: () => Promise<Response>): Promise<Response> {
  const ask = async () => {
    const response = await send();
    return response.ok ? { data: response, response } : { error: (await response.json().catch(() => null)) as unknown, response };
  };
  return call<Response>(ask);
}

async function attempt<T>(ask: () => Promise<Answer<T>>): Promise<Failed | Versioned<T>> {
  let answer: Answer<T>;
  try {
    answer = await ask();
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    return offline();
  }
  if (answer.error === undefined) return { data: answer.data as T, version: answer.response?.headers.get('etag') ?? null };
  if (!answer.response) return offline();
  return failedOf(answer.error, answer.response);
}

/** No answer came. */
export function offline(): Failed {
  return new Failed(words.offline, 'OFFLINE', new Map(), null, null);
}

/** What an answer says that failed. */
export function failedOf(error: unknown, response: Response): Failed {
  const id = response.headers.get('x-request-id');
  const wait = Number(response.headers.get('retry-after'));
  const after = Number.isFinite(wait) && wait > 0 ? wait : null;
  if (!isRosterdError(error)) return new Failed(`${words.unknown} (${response.status})`, 'UNKNOWN', new Map(), id, after);
  return new Failed(sentence(error), error.code, fieldsOf(error), id, after);
}

function sentence(error: RosterdError): string {
  if (typeof error.detail === 'string') return error.detail;
  return error.detail.length === 1 ? (error.detail[0] as FieldError).msg : messageOf(error);
}

function fieldsOf(error: RosterdError): Map<string, string> {
  if (typeof error.detail === 'string') return new Map();
  return new Map(error.detail.map((field) => [field.loc.slice(1).join('.'), field.msg]));
}

/** The picture of somebody, where it comes from this server; `null` where there is none or it lies elsewhere. */
export function pictureOf(id: string, url: string | null | undefined): string | null {
  if (!url || /^https?:/.test(url) || /(user|favicon)\.png$/.test(url)) return null;
  if (url.startsWith('data:')) return url;
  return `${base}/api/v1/users/${encodeURIComponent(id)}/profile/image`;
}
