import { afterAll, beforeAll, expect, test } from 'vitest';
import * as users from '../src/open-webui.js';
import { idOf, startServer, tokenOf, type Server } from './server.js';

let server: Server;
const [ada, alice] = [tokenOf('ada'), tokenOf('alice')];

beforeAll(async () => {
  server = await startServer('webui-0.12.4.sqlite');
  users.configure({ baseUrl: server.url });
});
afterAll(async () => server.stop());

test('the functions that the newest front end imports are there', () => {
  expect(Object.keys(users).filter((name) => name !== 'configure').sort()).toEqual(
    [
      'getUserGroups', 'getUserDefaultPermissions', 'updateUserDefaultPermissions', 'getUserDefaultPermissionsDefaults',
      'getUsers', 'searchUsers', 'getAllUsers', 'getUserSettings', 'updateUserSettings', 'getUserInfoById',
      'updateUserStatus', 'getUserInfo', 'updateUserInfo', 'getUserVariables', 'updateUserVariables',
      'getAndUpdateUserLocation', 'getUserActiveStatusById', 'deleteUserById', 'updateUserById', 'getUserGroupsById',
      'getUserPreview', 'getUserUsage',
      'createNewGroup', 'getGroups', 'getGroupById', 'getGroupInfoById', 'updateGroupById', 'deleteGroupById', 'addUserToGroup',
      'removeUserFromGroup',
    ].sort(),
  );
});

test('settings are patched key by key', async () => {
  await users.updateUserSettings(alice, { ui: { theme: 'dark', a: 1 } });
  expect(await users.updateUserSettings(alice, { ui: { a: null } })).toMatchObject({ ui: { theme: 'dark' } });
  expect(await users.getUserSettings(alice)).not.toMatchObject({ ui: { a: 1 } });
});

test('variables, usage and what others see', async () => {
  expect(await users.updateUserVariables(alice, { city: 'Bern' })).toEqual({ variables: { city: 'Bern' } });
  expect(await users.getUserVariables(alice)).toEqual({ variables: { city: 'Bern' } });
  await expect(users.updateUserVariables(alice, { City: 'Bern' })).rejects.toContain('City');
  expect((await users.getUserUsage(alice, { days: 7 })).heatmap.length).toBeGreaterThanOrEqual(7);
  expect(await users.getUserInfoById(alice, idOf('bob'))).toMatchObject({ id: idOf('bob'), groups: [{ name: 'Support' }] });
  expect(await users.getUserPreview(ada, idOf('alice'))).toMatchObject({ user: { id: idOf('alice') } });
  expect(await users.getUserDefaultPermissionsDefaults(ada)).toMatchObject({ settings: { interface: true } });
});

test('groups', async () => {
  const group = await users.createNewGroup(ada, { name: 'Fresh', description: '' });
  expect((await users.addUserToGroup(ada, group.id, [idOf('alice')])).member_count).toBe(1);
  expect((await users.removeUserFromGroup(ada, group.id, [idOf('alice')])).member_count).toBe(0);
  expect((await users.updateGroupById(ada, group.id, { name: 'Old', description: '' })).name).toBe('Old');
  expect((await users.getGroupById(ada, group.id)).name).toBe('Old');
  expect((await users.getGroups(ada)).some(({ id }) => id === group.id)).toBe(true);
  expect((await users.getGroups(alice, false)).some(({ id }) => id === group.id)).toBe(false);
  const child = await users.createNewGroup(ada, { name: 'Child', description: '', parent_group_id: group.id });
  expect(await users.getGroupInfoById(alice, child.id)).toMatchObject({ name: 'Child', parent_group_id: group.id });
  expect((await users.updateGroupById(ada, child.id, { name: 'Child', description: '', parent_group_id: null })).parent_group_id).toBeNull();
  expect(await users.deleteGroupById(ada, group.id)).toBe(true);
});
