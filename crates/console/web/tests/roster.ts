// People for the tests, made by the API.

export const ADMIN = { name: 'Ada Lovelace', email: 'ada@example.com', password: 'Correct-Horse-7' };

/** What everybody else signs in with. */
export const PASSWORD = 'Correct-Horse-9x';

const FIRST = ['Grace', 'Linus', 'Mary', 'Alan', 'Edsger', 'Barbara', 'Donald', 'Frances', 'Ken', 'Radia', 'Tim', 'Sophie', 'Niklaus', 'Hedy', 'Vint', 'Margaret', 'Claude', 'Joan', 'Leslie'];
const LAST = ['Okafor', 'Schmidt', 'Nguyen', 'Rossi', 'Kowalski', 'Haddad', 'Jensen', 'Tanaka', 'Silva', 'Moreau', 'Novak', 'Ivanova', 'Garcia', 'Zhang', 'Larsen'];

/** Its bcrypt hash: to make ten thousand of them takes most of a minute. */
const PASSWORD_HASH = '$2b$04$abcdefghijklmnopqrstuu.IH9azz9uqUYTNK2DPwYHpxu4iUFSD6';

/** So many people at most are in a group. */
const MEMBERS = 400;

export class Api {
  constructor(
    readonly url: string,
    readonly token: string,
  ) {}

  send<T>(method: string, path: string, body?: unknown): Promise<T> {
    return this.call(method, path, 'application/json', body === undefined ? undefined : JSON.stringify(body));
  }

  /** Makes the accounts of a file with an account a line. */
  importFile(lines: string): Promise<{ outcome: string }> {
    return this.call('POST', '/users/import?apply=true&allow_admins=true', 'application/x-ndjson', lines);
  }

  private async call<T>(method: string, path: string, type: string, body?: string): Promise<T> {
    const answer = await fetch(`${this.url}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${this.token}`, 'content-type': type },
      ...(body === undefined ? {} : { body }),
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

/** Groups, and so many people, some of them in groups: by one file, since as many calls take a minute. */
export async function fill(api: Api, count: number): Promise<void> {
  const engineering = await api.group('Engineering');
  await api.group('Platform', engineering.id);
  await api.group('Data', engineering.id);
  await api.group('Sales');
  await api.group('Support');
  const groups = ['Engineering', 'Platform', 'Data', 'Sales', 'Support'];
  const now = Math.floor(Date.now() / 1000);
  const lines = Array.from({ length: count }, (_, number) => {
    const [first, last] = [FIRST[number % FIRST.length] ?? '', LAST[(number * 7) % LAST.length] ?? ''];
    return JSON.stringify({
      name: `${first} ${last}`,
      email: `${first}.${last}.${number}@example.com`.toLowerCase(),
      password_hash: PASSWORD_HASH,
      role: number % 17 === 3 ? 'pending' : number % 101 === 5 ? 'admin' : 'user',
      groups: groups.filter((_, place) => number % (place + 5) === 0 && number < (place + 5) * MEMBERS),
      // One after the other, and all before those whom the tests add.
      created_at: now - count + number,
    });
  });
  const { outcome } = await api.importFile(lines.join('\n'));
  if (outcome !== 'applied') throw new Error(`the import was ${outcome}`);
}
