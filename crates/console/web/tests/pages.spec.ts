// The main flow of each other page.
import type { Page } from '@playwright/test';
import { expect, open, test, toast } from './test.js';
import { PASSWORD } from './roster.js';

const card = (page: Page, title: string) => page.locator('section.card', { has: page.getByRole('heading', { level: 2, name: title, exact: true }) });

test('a person: profile, groups, the rights that result, sessions, keys, timeline', async ({ page, api }) => {
  const made = await api.add('Person One', 'person.one@example.com');
  const group = await api.group('Person Group');
  await open(page, `people/${made.id}`, 'Person One');
  await card(page, 'Profile').getByLabel('Name').fill('Person Uno');
  await card(page, 'Profile').getByRole('button', { name: 'Save' }).click();
  await toast(page, 'Saved.');
  await expect(page.getByRole('heading', { level: 1, name: 'Person Uno' })).toBeVisible();
  await card(page, 'Groups').getByLabel('Add to a group').selectOption(group.id);
  await card(page, 'Groups').getByRole('button', { name: 'Add to a group' }).click();
  await expect(card(page, 'Groups').getByRole('link', { name: 'Person Group' })).toBeVisible();
  const right = card(page, 'Rights').getByRole('row', { name: /workspace\.tools / });
  await expect(right).toContainText('Person Group');
  await card(page, 'Sessions').getByRole('button', { name: 'End all sessions' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'End all sessions' }).click();
  await expect(card(page, 'Sessions').getByText('No open sessions')).toBeVisible();
  await expect(card(page, 'Timeline').getByText('user.created')).toBeVisible();
  await page.getByRole('button', { name: 'Delete this account' }).click();
  await page.getByRole('dialog').getByRole('textbox').fill('person.one@example.com');
  await page.getByRole('dialog').getByRole('button', { name: 'Delete this account' }).click();
  await toast(page, 'was deleted');
  await expect(page.getByRole('heading', { level: 1, name: 'People' })).toBeVisible();
});

test('groups: one below another, members, rights with what results, deletion', async ({ page, api }) => {
  const above = await api.group('Above');
  const member = await api.add('Member One', 'member.one@example.com');
  await open(page, 'groups', 'Groups');
  await page.getByRole('button', { name: 'New group' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name').fill('Below');
  await dialog.getByLabel('Group above').selectOption(above.id);
  await dialog.getByRole('button', { name: 'Create the group' }).click();
  await expect(page.getByRole('heading', { level: 2, name: 'Below' })).toBeVisible();
  await card(page, 'Members').getByRole('button', { name: 'Add members' }).click();
  await dialog.getByRole('searchbox').fill('member.one');
  await dialog.getByLabel(/Member One/).check();
  await dialog.getByRole('button', { name: 'Add 1' }).click();
  await expect(card(page, 'Members').getByRole('link', { name: 'Member One' })).toBeVisible();
  const rights = card(page, 'Rights');
  await expect(rights.getByRole('row', { name: /workspace\.tools / }).getByRole('cell').nth(1)).toContainText('yes');
  const chosen = rights.getByRole('row', { name: /sharing\.notes / });
  await chosen.getByRole('checkbox').check();
  await expect(chosen.getByRole('cell').nth(3)).toContainText('yes');
  await rights.getByRole('button', { name: 'Save the rights' }).click();
  await toast(page, 'Saved.');
  const { groups } = await api.send<{ groups: { id: string }[] }>('GET', `/users/${member.id}`);
  const stored = await api.send<{ permissions: { sharing: { notes: boolean } } }>('GET', `/groups/id/${groups[0]?.id}`);
  expect(stored.permissions.sharing.notes).toBe(true);
  await page.getByRole('button', { name: 'Delete this group' }).click();
  await dialog.getByRole('button', { name: 'Delete this group' }).click();
  await toast(page, 'was deleted');
});

test('the trail: filter, live, export and verify', async ({ page, api }) => {
  await open(page, 'trail', 'Trail');
  await expect(page.locator('.plot')).toBeVisible();
  await page.getByText('Filter', { exact: true }).click();
  await page.getByLabel('Action').fill('group.*');
  await page.getByRole('button', { name: 'Show', exact: true }).click();
  await expect(page).toHaveURL(/action=group/);
  await expect(page.locator('.action').first()).toContainText('group.');
  await page.getByRole('button', { name: 'Live' }).click();
  await toast(page, 'New events appear');
  await api.group('Alive');
  await expect(page.locator('.event', { hasText: 'Alive' }).first()).toBeVisible();
  await page.getByRole('button', { name: 'Live' }).click();
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Export' }).click();
  expect((await download).suggestedFilename()).toBe('events.jsonl');
  await page.getByRole('button', { name: 'Verify' }).click();
  await expect(page.getByText(/All seals fit: [\d,]+ events/)).toBeVisible({ timeout: 60_000 });
  await page.keyboard.press('Escape');
});

test('settings: a change is stored, and default rights', async ({ page, api }) => {
  await open(page, 'settings', 'Settings');
  const access = card(page, 'Signing in and up');
  const life = (await access.getByLabel('A session lasts').inputValue()) === '3w' ? '2w' : '3w';
  await access.getByLabel('A session lasts').fill(life);
  await access.getByRole('button', { name: 'Save' }).click();
  await toast(page, 'Saved.');
  expect((await api.send<{ JWT_EXPIRES_IN: string }>('GET', '/auths/admin/config')).JWT_EXPIRES_IN).toBe(life);
  const rights = card(page, 'Default rights');
  const given = rights.getByLabel('Channels: Default', { exact: true });
  const before = await given.isChecked();
  await given.setChecked(!before);
  await rights.getByRole('button', { name: 'Save the rights' }).click();
  const stored = async () => (await api.send<{ features: { channels: boolean } }>('GET', '/users/default/permissions')).features.channels;
  await expect.poll(stored).toBe(!before);
});

test.describe('somebody who is no administrator', () => {
  test.use({ signedIn: false });

  test('has an own account, a picture, a key, and no page of others', async ({ page, api }) => {
    await api.send('POST', '/auths/admin/config', { ...(await api.send<object>('GET', '/auths/admin/config')), ENABLE_API_KEYS: true });
    const email = `plain.${Date.now()}@example.com`;
    const made = await api.add('Plain Person', email);
    const { features } = await api.send<{ features: { api_keys: boolean } }>('GET', '/users/default/permissions');
    if (!features.api_keys) {
      const group = await api.send<{ id: string }>('POST', '/groups/create', { name: 'Keys', description: '', permissions: { features: { api_keys: true } } });
      await api.send('POST', `/groups/id/${group.id}/users/add`, { user_ids: [made.id] });
    }
    await page.goto('/console');
    await page.getByLabel('E-mail address').fill(email);
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await page.keyboard.press('Enter');
    await expect(page.getByRole('heading', { level: 1, name: 'Own account' })).toBeVisible();
    await expect(page.getByRole('link', { name: 'People' })).toHaveCount(0);
    await card(page, 'Profile').getByLabel('About you').fill('Likes tests.');
    await card(page, 'Profile').getByRole('button', { name: 'Save' }).click();
    await toast(page, 'Saved.');
    // A picture of two colours, cut to a square.
    const png = await page.screenshot({ clip: { x: 0, y: 0, width: 500, height: 300 } });
    await page.locator('input[type=file]').setInputFiles({ name: 'me.png', mimeType: 'image/png', buffer: png });
    await page.getByRole('img', { name: /Drag the picture/ }).press('ArrowLeft');
    await page.getByRole('button', { name: 'Use this part' }).click();
    await expect(card(page, 'Profile').locator('.avatar img')).toBeVisible();
    await card(page, 'API keys').getByRole('button', { name: 'New API key' }).click();
    await page.getByLabel('What it is for').fill('tests');
    await page.getByRole('button', { name: 'Make the key' }).click();
    await expect(page.getByLabel(/Copy the key now/)).toHaveValue(/^sk-rst_/);
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click();
    await expect(card(page, 'API keys').getByText('tests', { exact: true })).toBeVisible();
    await page.reload();
    await expect(card(page, 'What happened').getByText('api_key.created')).toBeVisible();
    await page.goto('/console/people');
    await expect(page.getByRole('heading', { level: 1, name: 'This page is for administrators' })).toBeVisible();
  });
});
