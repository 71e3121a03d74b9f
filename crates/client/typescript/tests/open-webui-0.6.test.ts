import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import * as users from '../src/open-webui-0.6.js';
import { idOf, startServer, tokenOf, type Server } from './server.js';

let server: Server;
const [ada, alice] = [tokenOf('ada'), tokenOf('alice')];

beforeAll(async () => {
  server = await startServer();
  users.configure({ baseUrl: server.url });
});
afterAll(async () => server.stop());

test('every function that the front end imports is there', () => {
  expect(Object.keys(users).filter((name) => name !== 'configure').sort()).toEqual(
    [
      'getUserGroups', 'getUserDefaultPermissions', 'updateUserDefaultPermissions', 'getUsers', 'getAllUsers',
      'searchUsers', 'getUserSettings', 'updateUserSettings', 'updateUserStatus', 'getUserById', 'getUserInfo',
      'updateUserInfo', 'getAndUpdateUserLocation', 'getUserActiveStatusById', 'getUserGroupsById', 'updateUserById',
      'deleteUserById',
    ].sort(),
  );
});

test('one’s own profile', async () => {
  expect(await users.updateUserSettings(alice, { ui: { theme: 'dark' } })).toMatchObject({ ui: { theme: 'dark' } });
  expect(await users.getUserSettings(alice)).toMatchObject({ ui: { theme: 'dark' } });
  expect((await users.updateUserStatus(alice, { status_message: 'Here' })).status_message).toBe('Here');
  expect(await users.updateUserInfo(alice, { a: 1 })).toMatchObject({ a: 1 });
  expect(await users.getUserInfo(alice)).toMatchObject({ a: 1 });
  expect((await users.getUserGroups(alice)).length).toBeGreaterThan(0);
});

test('the place, where the browser tells it', async () => {
  expect(await users.getAndUpdateUserLocation(alice)).toBeNull();
  const coords = { latitude: 52.520_08, longitude: 13.404_95 };
  vi.stubGlobal('navigator', { geolocation: { getCurrentPosition: (found: (at: unknown) => void) => found({ coords }) } });
  try {
    expect(await users.getAndUpdateUserLocation(alice)).toBe('52.520, 13.405 (lat, long)');
  } finally {
    vi.unstubAllGlobals();
  }
  expect(await users.getUserInfo(alice)).toMatchObject({ location: '52.520, 13.405 (lat, long)' });
});

test('lists', async () => {
  expect(await users.getUsers(ada)).toMatchObject({ total: 84 });
  const [first, second] = [await users.getUsers(ada, '', 'name', 'asc'), await users.getUsers(ada, '', 'name', 'asc', 2)];
  expect(first.users).toHaveLength(30);
  expect(second.users[0]?.id).not.toBe(first.users[0]?.id);
  expect((await users.getAllUsers(ada)).users).toHaveLength(84);
  expect((await users.searchUsers(alice, 'ALICE')).users[0]?.id).toBe(idOf('alice'));
});

test('users', async () => {
  expect((await users.getUserById(alice, idOf('bob'))).id).toBe(idOf('bob'));
  expect(await users.getUserActiveStatusById(alice, idOf('alice'))).toEqual({ active: true });
  expect((await users.getUserGroupsById(ada, idOf('alice'))).length).toBeGreaterThan(0);
  const frank = { role: 'user', name: 'Frank II', email: 'frank@example.com', profile_image_url: '', password: '' } as const;
  expect((await users.updateUserById(ada, idOf('frank'), frank)).name).toBe('Frank II');
  expect(await users.deleteUserById(ada, idOf('frank'))).toBe(true);
  const template = await users.getUserDefaultPermissions(ada);
  expect(await users.updateUserDefaultPermissions(ada, template)).toEqual(template);
});

test('what is refused throws the detail', async () => {
  await expect(users.getUserById(alice, 'nobody')).rejects.toBe('There is no such user.');
  await expect(users.getUsers(alice)).rejects.toBeTypeOf('string');
  await expect(users.updateUserSettings(alice, { ui: 'dark' as never })).rejects.toMatchObject([{ loc: ['body', 'ui'] }]);
});
