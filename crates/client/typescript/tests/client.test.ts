import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, expectTypeOf, test } from 'vitest';
import * as rosterd from '../src/index.js';
import { createRosterd, everyFoundUser, everyUser, isRosterdError, messageOf, RosterdFailure, unwrap, type ErrorCode } from '../src/index.js';
import { idOf, actors, startServer, tokenOf, type Server } from './server.js';

let server: Server;
const called = new Set<string>();

beforeAll(async () => {
  server = await startServer();
});
afterAll(async () => server.stop());

/** A connection for somebody of the roster, or for nobody. */
function connect(name?: string) {
  const token = name ? tokenOf(name) : undefined;
  return createRosterd({ baseUrl: `${server.url}/`, ...(token ? { token } : {}) });
}

/** Calls a function of the package by its name, so that the last test knows which ones were. */
function call<K extends keyof typeof rosterd>(name: K): (typeof rosterd)[K] {
  called.add(name);
  return rosterd[name];
}

test('settings and info merge, and have versions', async () => {
  const client = connect('alice');
  const first = await call('updateUserSettings')({ client, body: { ui: { theme: 'dark' } } });
  expect(first.data?.ui).toEqual({ theme: 'dark' });
  const version = first.response.headers.get('etag') ?? '';
  const second = await rosterd.updateUserSettings({ client, body: { lang: 'de' }, headers: { 'If-Match': version } });
  expect(second.data).toMatchObject({ ui: { theme: 'dark' }, lang: 'de' });
  const late = await rosterd.updateUserSettings({ client, body: { lang: 'en' }, headers: { 'If-Match': version } });
  expect(late.error?.code).toBe('PRECONDITION_FAILED');
  const { data } = await call('getUserSettings')({ client });
  expect(data).toEqual(second.data);
  expect((await call('updateUserInfo')({ client, body: { location: 'here' } })).data).toMatchObject({ location: 'here' });
  expect((await call('getUserInfo')({ client })).data).toMatchObject({ location: 'here' });
});

test('a status is set and cleared', async () => {
  const client = connect('alice');
  const set = await call('updateUserStatus')({ client, body: { status_emoji: '🌴', status_message: 'On leave', status_expires_at: 4_102_444_800 } });
  expect(set.data?.status_message).toBe('On leave');
  await rosterd.updateUserStatus({ client, body: { status_message: null } });
  const { data } = await call('getUserStatus')({ client });
  expect(data).toEqual({ status_emoji: '🌴', status_message: null, status_expires_at: 4_102_444_800 });
});

test('groups and permissions', async () => {
  const client = connect('alice');
  expect((await call('getUserGroups')({ client })).data?.map((group) => group.name)).toContain('Engineering');
  expect((await call('getUserPermissions')({ client })).data?.workspace.tools).toBe(true);
  const admin = connect('ada');
  const template = await unwrap(call('getUserDefaultPermissions')({ client: admin }));
  const body = { ...template, chat: { ...template.chat, delete: false } };
  expect((await call('updateUserDefaultPermissions')({ client: admin, body })).data).toEqual(body);
});

test('lists, by page and as generators', async () => {
  const client = connect('ada');
  const query = { order_by: 'name', direction: 'asc', limit: 5 };
  const first = await unwrap(call('getUsers')({ client, query }));
  expect(first).toMatchObject({ total: 84 });
  const second = await unwrap(rosterd.getUsers({ client, query: { ...query, cursor: first.next_cursor } }));
  expect(second.users.map((user) => user.id)).not.toContain(first.users[0]?.id);
  const ids = new Set<string>();
  for await (const user of everyUser(client, { limit: 10 })) ids.add(user.id);
  expect(ids.size).toBe(84);
  expect((await call('getAllUsers')({ client })).data?.users).toHaveLength(84);
  const found = await unwrap(call('searchUsers')({ client, query: { query: 'ALICE' } }));
  expect(found.users[0]?.email).toBe('alice@example.com');
  const emails: string[] = [];
  for await (const user of everyFoundUser(connect('bob'), { query: 'corp.example.org', limit: 7 })) emails.push(user.email);
  expect(new Set(emails).size).toBe(emails.length);
  expect(emails.length).toBeGreaterThan(7);
});

test('looking at users', async () => {
  const [client, admin] = [connect('bob'), connect('ada')];
  const alice = { path: { id: idOf('alice') } };
  expect((await call('getUserById')({ client, ...alice })).data?.id).toBe(idOf('alice'));
  expect((await call('getUserActiveStatusById')({ client, path: { id: 'nobody' } })).data).toEqual({ active: false });
  expect((await call('getUserGroupsById')({ client: admin, ...alice })).data?.length).toBeGreaterThan(0);
  const sessions = await call('getUserOAuthSessionsById')({ client: admin, path: { id: idOf('bob') } });
  expect(sessions.data?.[0]).not.toHaveProperty('token');
  const image = await call('getUserProfileImageById')({ client, ...alice, parseAs: 'blob' });
  expect((image.data as Blob).type).toBe('image/png');
});

test('errors are values with a code', async () => {
  const { data, error, response } = await rosterd.getUserById({ client: connect('bob'), path: { id: 'no/such?user' } });
  expect(data).toBeUndefined();
  expect(response.status).toBe(400);
  if (!error) throw new Error('an error is wanted');
  expectTypeOf(error.code).toEqualTypeOf<ErrorCode>();
  expect(error.code).toBe('USER_NOT_FOUND');
  expect(isRosterdError(error) && messageOf(error)).toBe(error.detail);
  const refused = await rosterd.getUsers({ client: connect('bob') });
  expect(refused.error?.code).toBe('ACCESS_PROHIBITED');
  expect((await rosterd.getUserStatus({ client: connect() })).error?.code).toBe('NOT_AUTHENTICATED');
});

test('exceptions for those who prefer them', async () => {
  const call = unwrap(rosterd.getUsers({ client: connect('ada'), query: { limit: 0 } }));
  const failure = await call.catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(RosterdFailure);
  expect(failure).toMatchObject({ code: 'VALIDATION_ERROR', status: 422, message: expect.stringContaining('query/limit') as string });
  expect((failure as RosterdFailure).requestId).toBeTruthy();
});

test('a token may be a function, asked each time', async () => {
  let asked = 0;
  const client = createRosterd({
    baseUrl: server.url,
    token: async () => {
      asked += 1;
      return tokenOf('alice');
    },
  });
  await unwrap(rosterd.getUserStatus({ client }));
  await unwrap(rosterd.getUserStatus({ client }));
  expect(asked).toBe(2);
});

test('where rights come from', async () => {
  const client = connect('ada');
  const path = { id: idOf('alice') };
  const rights = await unwrap(call('getUserPermissionsById')({ client, path }));
  expect(rights).toMatchObject({ workspace: { tools: true } });
  const explained = await unwrap(rosterd.getUserPermissionsById({ client, path, query: { explain: true } }));
  if (!('rights' in explained)) throw new Error('an explanation is wanted');
  const tools = (explained as rosterd.ExplainedPermissions).rights.find((right) => right.right === 'workspace.tools');
  expect(tools).toMatchObject({ known: true, holds: true, by_role: false });
});

test('changing and deleting users', async () => {
  const client = connect('ada');
  const path = { id: idOf('frank') };
  const body = { role: 'user', name: 'Frank the Second', email: 'frank@example.com', profile_image_url: '/user.png' } as const;
  expect((await call('updateUserById')({ client, path, body })).data?.name).toBe('Frank the Second');
  const taken = await rosterd.updateUserById({ client, path, body: { ...body, email: 'alice@example.com' } });
  expect(taken.error?.code).toBe('EMAIL_TAKEN');
  // This database was not adopted.
  expect((await call('getUserDeletion')({ client, path })).data).toMatchObject({ kept: 'no_tables', removed: { user: 1 } });
  expect((await call('deleteUserById')({ client, path, query: { purge: true } })).data).toBe(true);
  expect((await call('listDeletedUsers')({ client, query: { limit: 10 } })).error?.code).toBe('CONFLICT');
  expect((await call('restoreUserById')({ client, path })).error?.code).toBe('CONFLICT');
  expect((await call('purgeUserById')({ client, path })).error?.code).toBe('CONFLICT');
});

test('the primary admin hands over, and gets it back', async () => {
  const [ada, ben] = [idOf('ada'), idOf('ben')];
  const body = { password: actors.password };
  const refused = await call('makeUserPrimary')({ client: connect('ada'), path: { id: idOf('alice') }, body });
  expect(refused.error?.code).toBe('CONFLICT');
  for (const [from, id] of [['ada', ben], ['ben', ada]] as const) {
    expect((await rosterd.makeUserPrimary({ client: connect(from), path: { id }, body })).data?.id).toBe(id);
  }
});

test('accounts', async () => {
  const [nobody, admin] = [connect(), connect('ada')];
  const account = { name: 'Nina', email: 'nina@example.com', password: 'correct horse battery' };
  const settings = await unwrap(call('getAdminConfig')({ client: admin }));
  const open = { ...(settings as Required<typeof settings>), ENABLE_SIGNUP: true, ENABLE_API_KEYS: true };
  expect((await unwrap(call('updateAdminConfig')({ client: admin, body: open }))).sessions_revoked).not.toBe(true);
  expect((await call('getAdminConfig')({ client: admin })).data?.ENABLE_SIGNUP).toBe(true);
  expect((await call('userSignUp')({ client: nobody, body: account })).data?.email).toBe('nina@example.com');
  const other = { ...account, email: 'otto@example.com', role: 'user' } as const;
  expect((await call('addUser')({ client: admin, body: other })).data?.role).toBe('user');

  const session = await unwrap(call('userSignIn')({ client: nobody, body: { email: 'bob@example.com', password: actors.password } }));
  const client = createRosterd({ baseUrl: server.url, token: session.token });
  expect((await call('getSessionUser')({ client })).data?.id).toBe(idOf('bob'));
  const profile = { name: 'Bobby', profile_image_url: '/user.png', date_of_birth: '1990-02-28' };
  expect((await call('updateUserProfile')({ client, body: profile })).data?.name).toBe('Bobby');
  const passwords = { password: actors.password, new_password: 'another horse battery' };
  expect((await call('updateUserPassword')({ client, body: passwords })).data).toBe(true);
  expect((await call('getAdminDetails')({ client })).data?.email).toBeTruthy();
  expect((await call('updateUserTimezone')({ client, body: { timezone: 'Europe/Bern' } })).data?.status).toBe(true);
  expect((await call('getMfaStatus')({ client })).data?.enabled).toBe(false);
  const path = { provider: 'nobody' };
  expect((await call('deleteOAuthSessions')({ client, path })).error?.code).toBe('NOT_FOUND');
  expect((await call('userSignOutByGet')({ client })).data).toEqual({ status: true });
  expect((await call('userSignOut')({ client })).data).toEqual({ status: true });

  expect((await call('getLdapConfig')({ client: admin })).data?.ENABLE_LDAP).toBe(false);
  expect((await call('updateLdapConfig')({ client: admin, body: { enable_ldap: true } })).error?.code).toBe('CONFLICT');
  expect((await call('getLdapServer')({ client: admin })).data).toMatchObject({ app_dn_password: '' });
  expect((await call('getOAuthConfig')({ client: admin })).data).toMatchObject({ ENABLE_OAUTH: false });

  const key = await unwrap(call('createAPIKey')({ client: admin }));
  expect((await call('getAPIKey')({ client: admin })).data).toEqual(key);
  const byKey = createRosterd({ baseUrl: server.url, token: key.api_key });
  expect((await rosterd.getUserStatus({ client: byKey })).error).toBeUndefined();
  expect((await call('deleteAPIKey')({ client: admin })).data).toBe(true);
  expect((await rosterd.getAPIKey({ client: admin })).error?.code).toBe('API_KEY_NOT_FOUND');

  // This database was not adopted.
  expect((await call('listAPIKeys')({ client: admin })).error?.code).toBe('CONFLICT');
  const body = { name: 'job', expires_in: '1h', read_only: true, allowed_paths: ['/api/v1/users'] };
  expect((await call('createNamedAPIKey')({ client: admin, body })).error?.code).toBe('CONFLICT');
  const id = 'nothing';
  expect((await call('deleteAPIKeyById')({ client: admin, path: { id } })).error?.code).toBe('CONFLICT');
  expect((await call('listUserAPIKeys')({ client: admin, path: { id } })).error?.code).toBe('CONFLICT');
  const of = { id: idOf('bob'), key_id: id };
  expect((await call('deleteUserAPIKey')({ client: admin, path: of })).error?.code).toBe('CONFLICT');
  expect((await call('deleteUserAPIKeys')({ client: admin, path: { id: of.id } })).data).toBe(true);
  expect((await call('getSessions')({ client: admin })).error?.code).toBe('CONFLICT');
  expect((await call('getLastSignIn')({ client: admin })).error?.code).toBe('CONFLICT');
  expect((await call('getUserLastSignInById')({ client: admin, path: { id: idOf('bob') } })).error?.code).toBe('CONFLICT');
  expect((await call('endSession')({ client: admin, path: { id } })).error?.code).toBe('CONFLICT');
  expect((await call('endOtherSessions')({ client: admin })).error?.code).toBe('CONFLICT');
  const bobs = { id: idOf('bob'), session_id: id };
  expect((await call('getUserSessionsById')({ client: admin, path: { id: bobs.id } })).error?.code).toBe('CONFLICT');
  expect((await call('endUserSessionById')({ client: admin, path: bobs })).error?.code).toBe('CONFLICT');
  const guest = { email: 'guest@example.com', name: 'Guest', groups: [], expires_in: 300 };
  expect((await call('inviteUser')({ client: admin, body: guest })).error?.code).toBe('CONFLICT');
  expect((await call('createUserPasswordLink')({ client: admin, path: { id: bobs.id }, body: {} })).error?.code).toBe('CONFLICT');
  const link = { token: 'rl_none', password: 'another-long-password' };
  expect((await call('showLink')({ client: admin, body: { token: link.token } })).error?.code).toBe('CONFLICT');
  expect((await call('acceptInvite')({ client: admin, body: { ...link, name: 'Guest' } })).error?.code).toBe('CONFLICT');
  expect((await call('resetPassword')({ client: admin, body: link })).error?.code).toBe('CONFLICT');
  const forgotten = { email: 'bob@example.com' };
  expect((await call('forgotPassword')({ client: admin, body: forgotten })).error?.code).toBe('ACCESS_PROHIBITED');
  expect((await call('confirmEmail')({ client: admin, body: { token: link.token } })).error?.code).toBe('CONFLICT');
  expect((await call('resendEmailConfirmation')({ client: admin })).error?.code).toBe('CONFLICT');
  const away = { reason: 'On leave', until: 4_102_444_800 };
  expect((await call('suspendUserById')({ client: admin, path: { id: bobs.id }, body: away })).error?.code).toBe('CONFLICT');
  expect((await call('resumeUserById')({ client: admin, path: { id: bobs.id } })).error?.code).toBe('CONFLICT');
  expect((await call('getAuditEvents')({ client: admin })).error?.code).toBe('NOT_FOUND');
  expect((await call('getUserEvents')({ client: admin })).error?.code).toBe('NOT_FOUND');
  const webhook = { url: 'https://hooks.example/rosterd', events: ['user.*'] };
  expect((await call('listWebhooks')({ client: admin })).error?.code).toBe('CONFLICT');
  expect((await call('createWebhook')({ client: admin, body: webhook })).error?.code).toBe('CONFLICT');
  expect((await call('getWebhook')({ client: admin, path: { id } })).error?.code).toBe('CONFLICT');
  expect((await call('updateWebhook')({ client: admin, path: { id }, body: {} })).error?.code).toBe('CONFLICT');
  expect((await call('rotateWebhook')({ client: admin, path: { id }, body: {} })).error?.code).toBe('CONFLICT');
  expect((await call('testWebhook')({ client: admin, path: { id } })).error?.code).toBe('CONFLICT');
  expect((await call('listWebhookDeliveries')({ client: admin, path: { id } })).error?.code).toBe('CONFLICT');
  const delivery = { id, delivery_id: id };
  expect((await call('retryWebhookDelivery')({ client: admin, path: delivery })).error?.code).toBe('CONFLICT');
  expect((await call('deleteWebhook')({ client: admin, path: { id } })).error?.code).toBe('CONFLICT');
  expect((await call('listMails')({ client: admin })).error?.code).toBe('CONFLICT');
  expect((await call('testMail')({ client: admin })).error?.code).toBe('CONFLICT');
  expect((await call('retryMail')({ client: admin, path: { id } })).error?.code).toBe('CONFLICT');
  const connection = { name: 'Entra ID' };
  expect((await call('listScimConnections')({ client: admin })).error?.code).toBe('CONFLICT');
  expect((await call('createScimConnection')({ client: admin, body: connection })).error?.code).toBe('CONFLICT');
  expect((await call('getScimConnection')({ client: admin, path: { id } })).error?.code).toBe('CONFLICT');
  expect((await call('updateScimConnection')({ client: admin, path: { id }, body: {} })).error?.code).toBe('CONFLICT');
  expect((await call('rotateScimConnection')({ client: admin, path: { id }, body: {} })).error?.code).toBe('CONFLICT');
  expect((await call('listScimLinkableUsers')({ client: admin, path: { id } })).error?.code).toBe('CONFLICT');
  expect((await call('deleteScimConnection')({ client: admin, path: { id } })).error?.code).toBe('CONFLICT');
  const failures: unknown[] = [];
  const onSseError = (error: unknown) => void failures.push(error);
  const { stream } = await call('streamAuditEvents')({ client: admin, sseMaxRetryAttempts: 1, onSseError });
  for await (const event of stream) expect(event).toBeUndefined();
  expect(String(failures[0])).toContain('404');
});

test('the cookie of another origin is sent on request', async () => {
  const seen: RequestCredentials[] = [];
  const watch: typeof fetch = async (input, init) => {
    seen.push(new Request(input, init).credentials);
    return fetch(input, init);
  };
  for (const credentials of [undefined, 'include'] as const) {
    const client = createRosterd({ baseUrl: server.url, fetch: watch, ...(credentials ? { credentials } : {}) });
    await rosterd.getBackendConfig({ client });
  }
  expect(seen).toEqual(['same-origin', 'include']);
});

test('groups', async () => {
  const client = connect('ada');
  const body = { name: 'Operations', description: 'Keeps it running', permissions: { workspace: { tools: true } } };
  const group = await unwrap(call('createNewGroup')({ client, body }));
  const path = { id: group.id };
  const members = { user_ids: [idOf('bob'), idOf('erin')] };
  expect((await call('addUserToGroup')({ client, path, body: members })).data?.member_count).toBe(2);
  expect((await call('removeUserFromGroup')({ client, path, body: { user_ids: [idOf('erin')] } })).data?.member_count).toBe(1);
  expect((await call('getUsersInGroup')({ client, path })).data?.map((user) => user.id)).toEqual([idOf('bob')]);
  expect((await call('exportGroupById')({ client, path })).data?.user_ids).toEqual([idOf('bob')]);
  expect((await call('getGroupById')({ client, path })).data?.name).toBe('Operations');
  expect((await call('getGroups')({ client: connect('bob') })).data?.map((one) => one.id)).toContain(group.id);
  const changed = await call('updateGroupById')({ client, path, body: { name: 'Ops', description: '' } });
  expect(changed.data).toMatchObject({ name: 'Ops', permissions: group.permissions });
  expect((await call('deleteGroupById')({ client, path })).data).toBe(true);
  expect((await rosterd.getGroupById({ client, path })).error?.code).toBe('GROUP_NOT_FOUND');
});

test('what front ends since Open WebUI 0.12 call', async () => {
  const newest = await startServer('webui-0.12.4.sqlite');
  try {
    const as = (name: string) => createRosterd({ baseUrl: newest.url, token: tokenOf(name) });
    const [client, admin] = [as('alice'), as('ada')];
    const path = { id: idOf('alice') };
    const sent = { variables: { city: 'Bern' } };
    expect((await call('updateUserVariables')({ client, body: sent })).data).toEqual(sent);
    expect((await call('getUserVariables')({ client })).data).toEqual(sent);
    expect((await call('getUserUsage')({ client, query: { days: 7 } })).data?.heatmap.length).toBeGreaterThanOrEqual(7);
    expect((await call('getUserInfoById')({ client: as('bob'), path })).data?.email).toBe('alice@example.com');
    expect((await call('getUserPreview')({ client: admin, path })).data?.user.id).toBe(idOf('alice'));
    expect((await call('getUserDefaultPermissionsDefaults')({ client: admin })).data?.settings?.interface).toBe(true);
    const group = await unwrap(rosterd.createNewGroup({ client: admin, body: { name: 'Top', description: '' } }));
    const of = { id: group.id };
    const ring = { name: 'Top', description: '', parent_group_id: group.id };
    expect((await rosterd.updateGroupById({ client: admin, path: of, body: ring })).error?.code).toBe('GROUP_CYCLE');
    expect((await call('getGroupInfoById')({ client, path: of })).data).toMatchObject({ name: 'Top', parent_group_id: null });
    expect((await call('getGroupMembers')({ client: admin, path: of, query: { membership: 'direct' } })).data?.total).toBe(0);
    expect((await call('getGroupPreview')({ client: admin, path: of })).data?.group).toEqual({ id: group.id, name: 'Top' });
    const many = { action: 'set_role' as const, role: 'user' as const, ids: [idOf('alice'), 'nobody'] };
    const answer = (await call('changeManyUsers')({ client: admin, body: many })).data;
    expect(answer).toMatchObject({ matched: 2, more: false, done: 1, refused: 1 });
    expect(answer?.results[1]).toMatchObject({ id: 'nobody', ok: false, status: 400, error: { code: 'USER_NOT_FOUND' } });
    expect((await call('revokeUserSessions')({ client: admin, path })).data).toBe(true);
    expect((await rosterd.getUserVariables({ client })).error?.code).toBe('INVALID_TOKEN');
  } finally {
    await newest.stop();
  }
});

test('accounts come out of a file and into one', async () => {
  const client = connect('ada');
  const body = 'name,email\nCleo,cleo@rosterd.test\nnobody,\n';
  const preview = (await call('importUsers')({ client, body })).data;
  expect(preview).toMatchObject({ outcome: 'preview', new: 1, refused: 1, refusals: [{ line: 3 }] });
  const query = { apply: true, skip_bad: true };
  expect((await call('importUsers')({ client, body, query })).data).toMatchObject({ outcome: 'applied', new: 1 });
  const table = (await call('exportUsers')({ client, query: { fields: 'email,name' }, parseAs: 'text' })).data;
  expect(table).toContain('cleo@rosterd.test,Cleo');
});

test('configuration and health', async () => {
  const client = connect();
  expect((await call('getBackendConfig')({ client })).data?.features.auth).toBe(true);
  expect((await call('getVersion')({ client })).data?.version).toMatch(/^\d+\.\d+\.\d+/);
  expect((await call('getHealth')({ client })).data?.status).toBe(true);
  expect((await call('getMetrics')({ client })).error?.code).toBe('NOT_FOUND');
  expect((await call('getDatabaseHealth')({ client })).data?.status).toBe(true);
});

test('no operation of the document was left out', () => {
  const file = new URL('../../../../docs/openapi.json', import.meta.url);
  type Operation = { operationId: string; 'x-access': string };
  const document = JSON.parse(readFileSync(file, 'utf8')) as { paths: Record<string, Record<string, Operation>> };
  // What identity providers ask by SCIM is not for clients of accounts.
  const all = Object.values(document.paths).flatMap((path) => Object.values(path));
  const operations = all.filter((one) => one['x-access'] !== 'connection').map((one) => one.operationId);
  expect([...called].sort()).toEqual(operations.sort());
});
