// The main flow of each page that has no other test by the keyboard alone: nothing here uses the mouse.
import type { Locator, Page } from '@playwright/test';
import { expect, open, tabTo, test, toast } from './test.js';

const card = (page: Page, title: string) => page.locator('section.card', { has: page.getByRole('heading', { level: 2, name: title, exact: true }) });

/** Goes there with Tab and presses a key. */
async function press(page: Page, target: Locator, key = 'Enter'): Promise<void> {
  await tabTo(page, target);
  await page.keyboard.press(key);
}

/** Goes there with Tab and types over what is there. */
async function type(page: Page, target: Locator, text: string): Promise<void> {
  await tabTo(page, target);
  await page.keyboard.press('Control+A');
  await page.keyboard.type(text);
}

test('a person is renamed and added to a group', async ({ page, api }) => {
  const made = await api.add('Keyed Person', `keyed.person.${Date.now()}@example.com`);
  await open(page, `people/${made.id}`, 'Keyed Person');
  await type(page, card(page, 'Profile').getByLabel('Name'), 'Renamed Person');
  await page.keyboard.press('Enter');
  await toast(page, 'Saved.');
  await expect(page.getByRole('heading', { level: 1, name: 'Renamed Person' })).toBeVisible();
  const groups = card(page, 'Groups');
  await tabTo(page, groups.getByRole('combobox'));
  await page.keyboard.type('Sales');
  await press(page, groups.getByRole('button', { name: 'Add to a group' }));
  await expect(groups.getByRole('link', { name: 'Sales' })).toBeVisible();
});

test('a group is made, gets a right, and is deleted', async ({ page }) => {
  await open(page, 'groups', 'Groups');
  await press(page, page.getByRole('button', { name: 'New group' }));
  const dialog = page.getByRole('dialog');
  const name = `Keyed Group ${Date.now()}`;
  await type(page, dialog.getByLabel('Name'), name);
  await press(page, dialog.getByRole('button', { name: 'Create the group' }));
  await expect(page.getByRole('heading', { level: 2, name })).toBeVisible();
  const rights = card(page, 'Rights');
  await type(page, rights.getByLabel('Find a right'), 'sharing.notes');
  const box = rights.getByRole('row', { name: /sharing\.notes / }).getByRole('checkbox');
  await press(page, box, 'Space');
  await expect(box).toBeChecked();
  await press(page, rights.getByRole('button', { name: 'Save the rights' }));
  await toast(page, 'Saved.');
  await expect(page.getByRole('heading', { level: 2, name })).toBeVisible();
  await press(page, card(page, 'Delete this group').getByRole('button'));
  await press(page, dialog.getByRole('button', { name: 'Delete this group' }));
  await toast(page, 'was deleted');
});

test('the trail is filtered, and verified', async ({ page }) => {
  await open(page, 'trail', 'Trail');
  await expect(page.locator('.plot')).toBeVisible();
  await press(page, page.locator('summary', { hasText: 'Filter' }));
  await type(page, page.getByLabel('Action'), 'group.*');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/action=group/);
  await expect(page.locator('.action').first()).toContainText('group.');
  await page.locator('h1').focus();
  await press(page, page.getByRole('button', { name: 'Verify' }));
  await expect(page.getByText(/All seals fit/)).toBeVisible({ timeout: 60_000 });
  await page.keyboard.press('Escape');
  await expect(page.getByRole('button', { name: 'Verify' })).toBeFocused();
});

test('a setting is changed, and changed back', async ({ page, api }) => {
  type Config = { SHOW_ADMIN_DETAILS: boolean };
  const stored = async () => (await api.send<Config>('GET', '/auths/admin/config')).SHOW_ADMIN_DETAILS;
  const before = await stored();
  await open(page, 'settings', 'Settings');
  const waiting = card(page, 'For who waits for approval');
  for (const wanted of [!before, before]) {
    await press(page, waiting.getByLabel('Tell who waits whom to ask'), 'Space');
    await press(page, waiting.getByRole('button', { name: 'Save' }));
    await expect.poll(stored).toBe(wanted);
    await page.locator('h1').focus();
  }
});

test('the own profile is changed', async ({ page }) => {
  await open(page, 'account', 'Own account');
  const text = `Types well ${Date.now()}`;
  await type(page, card(page, 'Profile').getByLabel('About you'), text);
  await press(page, card(page, 'Profile').getByRole('button', { name: 'Save' }));
  await toast(page, 'Saved.');
  await page.reload();
  await expect(card(page, 'Profile').getByLabel('About you')).toHaveValue(text);
});
