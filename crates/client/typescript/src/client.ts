import { createClient, createConfig, type Client } from './generated/client/index.js';

/** A token, or what gives one each time it is needed; nothing means without credentials. */
export type Token = string | (() => string | undefined | Promise<string | undefined>);

export interface RosterdOptions {
  /** Where the server is, such as `https://chat.example.com`; in a browser, the page's own origin if left out. */
  baseUrl?: string;
  /** A session token or an API key. In a browser the session cookie works without one. */
  token?: Token;
  /**
   * `include` sends the session cookie to a server of another origin, which must list the page's (`CORS_ALLOW_ORIGIN`). Whatever
   * its cookie is named, nothing else is needed.
   */
  credentials?: RequestCredentials;
  /** Another `fetch`, for tests and special runtimes. */
  fetch?: typeof fetch;
}

/**
 * A connection to one server, to be passed to the functions of this package:
 *
 *     const client = createRosterd({ baseUrl: 'https://chat.example.com', token });
 *     const { data, error } = await getUserById({ client, path: { id } });
 *
 * Nothing throws: `error` is a value, and its `code` says what it was.
 */
export function createRosterd(options: RosterdOptions = {}): Client {
  const { baseUrl = '', token, credentials, fetch } = options;
  const more = { ...(credentials ? { credentials } : {}), ...(fetch ? { fetch } : {}) };
  const client = createClient(createConfig({ baseUrl: baseUrl.replace(/\/+$/, ''), ...more }));
  // Not the generator's `auth`: the document names three ways to show who one is, and it would ask once for each.
  client.interceptors.request.use(async (request) => {
    const value = typeof token === 'function' ? await token() : token;
    if (value && !request.headers.has('Authorization')) request.headers.set('Authorization', `Bearer ${value}`);
    return request;
  });
  return client;
}
