/** What the functions under Open WebUI's names share: where the server is, and what becomes of an answer. */

import { createRosterd } from './client.js';
import { isRosterdError } from './errors.js';
import type { Client } from './generated/client/index.js';

let baseUrl = '';
let transport: typeof fetch | undefined;

/** Says where the server is, once, before the first call; the page's own origin unless said. */
export function configure(options: { baseUrl: string; fetch?: typeof fetch }): void {
  baseUrl = options.baseUrl;
  transport = options.fetch;
}

export function as(token: string): { client: Client } {
  return { client: createRosterd({ baseUrl, token, ...(transport ? { fetch: transport } : {}) }) };
}

/** The data, or the `detail`: a sentence, or the fields that are wrong. */
export async function data<T>(call: Promise<{ data?: T; error?: unknown }>): Promise<T> {
  const answer = await call;
  if (answer.error !== undefined) throw isRosterdError(answer.error) ? answer.error.detail : answer.error;
  return answer.data as T;
}
