// People for the tests, made by the API.

export const ADMIN = { name: 'Ada Lovelace', email: 'ada@example.com', password: 'Correct-Horse-7' };

/** What everybody else signs in with. */
export const PASSWORD = 'Correct-Horse-9x';

const FIRST = ['Grace', 'Linus', 'Mary', 'Alan', 'Edsger', 'Barbara', 'Donald', 'Frances', 'Ken', 'Radia', 'Tim', 'Sophie', 'Niklaus', 'Hedy', 'Vint', 'Margaret', 'Claude', 'Joan', 'Leslie'];
const LAST = ['Okafor', 'Schmidt', 'Nguyen', 'Rossi', 'Kowalski', 'Haddad', 'Jensen', 'Tanaka', 'Silva', 'Moreau', 'Novak', 'Ivanova', 'Garcia', 'Zhang', 'Larsen'];

/** Calls on their way at the same time. */
const AT_ONCE = 12;

export class Api {
  constructor(
    readonly url: string,
    readonly token: string,
  ) {}

  async send<T>(method: string, path: string, body?: unknown): Promise<T> {
    const answer = await fetch(`${this.url}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${this.token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as T;
  }

  async signIn(email: string, password: string): Promise<Api> {
    const { token } = await this.send<{ token: string }>('POST', '/auths/signin', { email, password });
    return new Api(this.url, token);
  }

  /** Adds somebody. */
  add(name: string, email: string, role = 'user'): Promise<{ id: string; token: string }> {
    return this.send('POST', '/auths/add', { name, email, password: PASSWORD, role });
  }

  webhook(url: string, events: string[], description: string): Promise<{ id: string; secret: string }> {
    return this.send('POST', '/webhooks', { url, events, description });
  }

  connection(name: string, settings: object = {}): Promise<{ id: string; token: string }> {
    return this.send('POST', '/scim/connections', { name, ...settings });
  }

  group(name: string, parent?: string): Promise<{ id: string }> {
    const above = parent ? { parent_group_id: parent } : {};
    return this.send('POST', '/groups/create', { name, description: `${name} of the tests`, permissions: { workspace: { tools: true } }, ...above });
  }
}

/** The first account of a server. */
export async function firstAdmin(url: string): Promise<Api> {
  const { token } = await new Api(url, '').send<{ token: string }>('POST', '/auths/signup', ADMIN);
  return new Api(url, token);
}

/** Adds so many people, and groups with some of them. */
export async function fill(api: Api, count: number): Promise<void> {
  const ids: string[] = [];
  let next = 0;
  const hand = async () => {
    while (next < count) {
      const number = next;
      next += 1;
      const [first, last] = [FIRST[number % FIRST.length] ?? '', LAST[(number * 7) % LAST.length] ?? ''];
      const role = number % 17 === 3 ? 'pending' : number % 101 === 5 ? 'admin' : 'user';
      ids.push((await api.add(`${first} ${last}`, `${first}.${last}.${number}@example.com`.toLowerCase(), role)).id);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, hand));
  const engineering = await api.group('Engineering');
  const groups = [engineering, await api.group('Platform', engineering.id), await api.group('Data', engineering.id), await api.group('Sales'), await api.group('Support')];
  for (const [place, group] of groups.entries()) {
    const members = ids.filter((_, number) => number % (place + 5) === 0).slice(0, 400);
    await api.send('POST', `/groups/id/${group.id}/users/add`, { user_ids: members });
  }
}
