// What goes wrong, and that nothing is lost by it.
import { expect, open, test, toast } from './test.js';
import { ADMIN } from './roster.js';

test.use({ allowed: /status of (401|412|5\d\d)|ERR_INTERNET_DISCONNECTED|ERR_FAILED/ });

test('without network it says so, and goes on with a retry', async ({ page, context }) => {
  await open(page, 'people', 'People');
  await context.setOffline(true);
  await expect(page.getByText(/You are offline/)).toBeVisible();
  await page.getByRole('link', { name: 'Groups' }).click();
  await expect(page.getByRole('alert')).toContainText('The server does not answer');
  await context.setOffline(false);
  await expect(page.getByText(/You are offline/)).toBeHidden();
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Groups' })).toBeVisible();
});

test('an error is shown in the words of the API, with the id of the request', async ({ page }) => {
  await page.route('**/api/v1/groups', (route) =>
    route.fulfill({ status: 503, headers: { 'x-request-id': 'test-1' }, json: { detail: 'The database cannot be reached.', code: 'UNAVAILABLE' } }),
  );
  await page.goto('/console/groups');
  await expect(page.getByRole('alert')).toContainText('The database cannot be reached.');
  await expect(page.getByRole('alert')).toContainText('test-1');
  await page.unroute('**/api/v1/groups');
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Groups' })).toBeVisible();
});

test('a session that has ended is begun again in a dialog, and the work goes on', async ({ page, context, api }) => {
  const made = await api.add('Ended Session', `ended.${Date.now()}@example.com`);
  await open(page, `people/${made.id}`, 'Ended Session');
  await page.getByLabel('Name', { exact: true }).fill('Ended And Back');
  await context.clearCookies();
  await page.getByRole('button', { name: 'Save' }).click();
  const dialog = page.getByRole('dialog', { name: 'Your session has ended' });
  await expect(dialog.getByLabel('E-mail address')).toHaveValue(ADMIN.email);
  await dialog.getByLabel('Password', { exact: true }).fill(ADMIN.password);
  await page.keyboard.press('Enter');
  await toast(page, 'Saved.');
  await expect(page.getByRole('heading', { level: 1, name: 'Ended And Back' })).toBeVisible();
});

test('what was typed survives a reload, and can be thrown away', async ({ page, api }) => {
  const made = await api.add('Draft Person', `draft.${Date.now()}@example.com`);
  await open(page, `people/${made.id}`, 'Draft Person');
  await page.getByLabel('Name', { exact: true }).fill('Half Typed');
  await page.getByLabel('New password').fill('never kept');
  await page.reload();
  await expect(page.getByLabel('Name', { exact: true })).toHaveValue('Half Typed');
  await expect(page.getByLabel('New password')).toHaveValue('');
  await page.getByRole('button', { name: 'Throw it away' }).click();
  await expect(page.getByLabel('Name', { exact: true })).toHaveValue('Draft Person');
});

test('a conflict shows both versions and stores what is chosen', async ({ page, api }) => {
  const made = await api.add('Conflict Person', `conflict.${Date.now()}@example.com`);
  await open(page, `people/${made.id}`, 'Conflict Person');
  await page.getByLabel('Name', { exact: true }).fill('Mine');
  const { email } = await api.send<{ email: string }>('GET', `/users/${made.id}`);
  await api.send('POST', `/users/${made.id}/update`, { name: 'Theirs', email, role: 'pending', profile_image_url: '/user.png' });
  const requests: string[] = [];
  page.on('request', (request) => new RegExp(`/users/${made.id}(/update)?$`).test(request.url()) && requests.push(request.method()));
  await page.getByRole('button', { name: 'Save' }).click();
  const dialog = page.getByRole('dialog', { name: 'Somebody else was faster' });
  await expect(dialog.getByRole('row', { name: /Mine.*Theirs/ })).toBeVisible();
  await dialog.getByRole('button', { name: 'Save this choice' }).click();
  await toast(page, 'Saved.');
  // The server refused the first, since it named another version; nothing was read before that.
  expect(requests).toEqual(['POST', 'GET', 'POST']);
  const stored = await api.send<{ name: string; role: string }>('GET', `/users/${made.id}`);
  // Only one of them changed the role, so there was nothing to choose.
  expect(stored).toMatchObject({ name: 'Mine', role: 'pending' });
});

test('a group that somebody else changed meanwhile: both names are shown, and the rights of both stay', async ({ page, api }) => {
  const made = await api.group('Conflict Group');
  type Rights = { permissions: { sharing?: { notes?: boolean }; workspace: { tools: boolean; models?: boolean } }; name: string; description: string };
  const path = `/groups/id/${made.id}`;
  await page.goto(`/console/groups/${made.id}`);
  await page.getByLabel('Name', { exact: true }).fill('My Group');
  await api.send('POST', `${path}/update`, { name: 'Their Group', description: 'theirs' });
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  const dialog = page.getByRole('dialog', { name: 'Somebody else was faster' });
  await expect(dialog.getByRole('row', { name: /My Group.*Their Group/ })).toBeVisible();
  await dialog.getByLabel('Name: Now stored').check();
  await dialog.getByRole('button', { name: 'Save this choice' }).click();
  await toast(page, 'Saved.');
  expect(await api.send<Rights>('GET', path)).toMatchObject({ name: 'Their Group', description: 'theirs' });
  await page.getByRole('row', { name: /sharing\.notes / }).getByRole('checkbox').check();
  await api.send('POST', `${path}/update`, { name: 'Their Group', description: '', permissions: { workspace: { tools: true, models: true } } });
  await page.getByRole('button', { name: 'Save the rights' }).click();
  await expect(page.getByRole('row', { name: /sharing\.notes / }).getByRole('checkbox')).toBeChecked();
  await expect.poll(async () => (await api.send<Rights>('GET', path)).permissions).toMatchObject({ sharing: { notes: true }, workspace: { tools: true, models: true } });
});

test('a webhook that somebody else changed meanwhile: both versions are shown', async ({ page, api }) => {
  const made = await api.webhook('https://hooks.example/conflict', ['user.*'], 'Before');
  await page.goto(`/console/webhooks/${made.id}`);
  await page.getByLabel('What it is for').fill('Mine');
  await api.send('POST', `/webhooks/${made.id}/update`, { description: 'Theirs', events: ['group.*'] });
  await page.getByRole('button', { name: 'Save' }).click();
  const dialog = page.getByRole('dialog', { name: 'Somebody else was faster' });
  await expect(dialog.getByRole('row', { name: /Mine.*Theirs/ })).toBeVisible();
  await dialog.getByRole('button', { name: 'Save this choice' }).click();
  await toast(page, 'Saved.');
  expect(await api.send('GET', `/webhooks/${made.id}`)).toMatchObject({ description: 'Mine', events: ['group.*'] });
  await api.send('DELETE', `/webhooks/${made.id}`);
});

test('settings that somebody else changed meanwhile are refused, and both versions shown', async ({ page, api }) => {
  type Config = { ADMIN_EMAIL: string | null; WEBUI_URL: string };
  const read = () => api.send<Config>('GET', '/auths/admin/config');
  const before = await read();
  await open(page, 'settings', 'Settings');
  const waiting = page.locator('section.card', { has: page.getByRole('heading', { level: 2, name: 'For who waits for approval' }) });
  await waiting.getByLabel('E-mail address to ask').fill('mine@example.com');
  await api.send('POST', '/auths/admin/config', { ...before, ADMIN_EMAIL: 'theirs@example.com', WEBUI_URL: 'https://theirs.example' });
  const requests: string[] = [];
  page.on('request', (request) => request.url().endsWith('/auths/admin/config') && requests.push(request.method()));
  await waiting.getByRole('button', { name: 'Save' }).click();
  const dialog = page.getByRole('dialog', { name: 'Somebody else was faster' });
  await expect(dialog.getByRole('row', { name: /mine@example.com.*theirs@example.com/ })).toBeVisible();
  await dialog.getByRole('button', { name: 'Save this choice' }).click();
  await toast(page, 'Saved.');
  expect(await read()).toMatchObject({ ADMIN_EMAIL: 'mine@example.com', WEBUI_URL: 'https://theirs.example' });
  // The server refused the first, since it named another version; nothing was read before that.
  expect(requests).toEqual(['POST', 'GET', 'POST']);
  // The other section shows what somebody else stored.
  await expect(page.getByLabel('URL of the chat application')).toHaveValue('https://theirs.example');
  await api.send('POST', '/auths/admin/config', { ...(await read()), ADMIN_EMAIL: before.ADMIN_EMAIL, WEBUI_URL: before.WEBUI_URL });
});

test('default rights that somebody else changed meanwhile stay, beside yours', async ({ page, api }) => {
  type Rights = { chat: { delete: boolean; edit: boolean } };
  const path = '/users/default/permissions';
  const before = await api.send<Rights>('GET', path);
  await open(page, 'settings', 'Settings');
  await page.getByLabel('Edit: Default', { exact: true }).setChecked(!before.chat.edit);
  await api.send('POST', path, { ...before, chat: { ...before.chat, delete: !before.chat.delete } });
  await page.getByRole('button', { name: 'Save the rights' }).click();
  await toast(page, 'Saved.');
  expect((await api.send<Rights>('GET', path)).chat).toMatchObject({ edit: !before.chat.edit, delete: !before.chat.delete });
  await api.send('POST', path, before);
});
