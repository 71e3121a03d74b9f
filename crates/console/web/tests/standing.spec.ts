// Suspended and deleted people, what gives a right, and the primary administrator.
import type { Page } from '@playwright/test';
import { expect, open, tabTo, test, toast } from './test.js';
import { ADMIN, PASSWORD } from './roster.js';

test.use({ allowed: /status of (400|409)/ });

type Person = { role: string; suspension?: { reason: string | null; until: number | null; role: string } };

const card = (page: Page, title: string) => page.locator('section.card', { has: page.getByRole('heading', { level: 2, name: title, exact: true }) });
const notice = (page: Page) => page.getByRole('region', { name: 'Suspended' });
const unique = (name: string) => `${name}.${Date.now()}@example.com`;

test('somebody is suspended with a reason and an end, found by the filter, and let in again', async ({ page, api }) => {
  const email = unique('suspended');
  const made = await api.add('Susan Suspended', email);
  await open(page, `people/${made.id}`, 'Susan Suspended');
  await page.getByRole('button', { name: 'Suspend', exact: true }).click();
  const dialog = page.getByRole('dialog', { name: 'Suspend Susan Suspended' });
  await dialog.getByLabel('Reason').fill('On leave');
  await dialog.getByLabel('Until').fill('2020-01-01T10:00');
  await dialog.getByRole('button', { name: 'Suspend now' }).click();
  await expect(dialog.getByText('This moment is over.')).toBeVisible();
  await dialog.getByLabel('Until').fill('2099-01-01T10:00');
  await dialog.getByRole('button', { name: 'Suspend now' }).click();
  await toast(page, 'Susan Suspended is suspended.');
  await expect(notice(page)).toContainText('Reason: On leave');
  await expect(notice(page)).toContainText('2099');
  await expect(notice(page)).toContainText('Role afterwards: User.');
  const stored = await api.send<Person>('GET', `/users/${made.id}`);
  expect(stored.suspension).toMatchObject({ reason: 'On leave', role: 'user', until: new Date('2099-01-01T10:00').getTime() / 1000 });
  await expect(api.signIn(email, PASSWORD)).rejects.toThrow(/400/);
  // Reason and end are changed; what was said before is in the fields.
  await notice(page).getByRole('button', { name: 'Change reason or end' }).click();
  const change = page.getByRole('dialog', { name: 'Change reason or end' });
  await expect(change.getByLabel('Until')).toHaveValue('2099-01-01T10:00');
  await change.getByLabel('Until').fill('');
  await change.getByRole('button', { name: 'Save' }).click();
  await expect(notice(page)).toContainText('It lasts until somebody ends it.');
  await page.getByRole('link', { name: 'People' }).click();
  await page.getByLabel('Status').selectOption('suspended');
  await expect(page).toHaveURL(/status=suspended/);
  const row = page.locator('.people tbody tr', { hasText: email });
  await expect(row.getByText('Suspended', { exact: true })).toBeVisible();
  await row.getByRole('link', { name: 'Susan Suspended' }).click();
  await notice(page).getByRole('button', { name: 'End the suspension' }).click();
  await toast(page, 'can sign in again');
  await expect(notice(page)).toHaveCount(0);
  await api.signIn(email, PASSWORD);
});

test('somebody is suspended and let in again by the keyboard alone', async ({ page, api }) => {
  const made = await api.add('Kay Keyed', unique('kay'));
  await open(page, `people/${made.id}`, 'Kay Keyed');
  await page.getByRole('button', { name: 'Suspend', exact: true }).focus();
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Suspend Kay Keyed' });
  await tabTo(page, dialog.getByLabel('Reason'));
  await page.keyboard.type('Lost a phone');
  await tabTo(page, dialog.getByRole('button', { name: 'Suspend now' }));
  await page.keyboard.press('Enter');
  await expect(notice(page)).toContainText('Lost a phone');
  await page.getByRole('heading', { level: 1 }).focus();
  await tabTo(page, notice(page).getByRole('button', { name: 'End the suspension' }));
  await page.keyboard.press('Enter');
  await expect(notice(page)).toHaveCount(0);
});

test('a selection is suspended and let in again, with a result for each', async ({ page, api }) => {
  await open(page, 'people?query=moreau&role=user&by=email&direction=asc', 'People');
  const boxes = page.locator('.people tbody input');
  await boxes.nth(0).click();
  await boxes.nth(6).click({ modifiers: ['Shift'] });
  await page.getByRole('button', { name: 'Suspend', exact: true }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Reason').fill('A course is over');
  await dialog.getByRole('button', { name: 'Suspend now' }).click();
  await expect(page.getByText('Done: 7 of 7')).toBeVisible();
  await dialog.getByRole('button', { name: 'Close' }).last().click();
  const suspended = () => api.send<{ total: number }>('GET', '/users/?query=moreau&status=suspended&limit=1');
  expect((await suspended()).total).toBe(7);
  await page.getByLabel('Status').selectOption('suspended');
  await page.getByLabel('Role').selectOption('');
  await expect(page.getByText('7 people')).toBeVisible();
  await page.getByLabel('Select everybody shown').check();
  await page.getByRole('button', { name: 'End suspension' }).click();
  await dialog.getByRole('button', { name: 'End suspension' }).click();
  await expect(page.getByText('Done: 7 of 7')).toBeVisible();
  await dialog.getByRole('button', { name: 'Close' }).last().click();
  expect((await suspended()).total).toBe(0);
});

/** Deletes somebody on the page that is open. */
async function remove(page: Page, email: string): Promise<void> {
  await page.getByRole('button', { name: 'Delete this account' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('textbox').fill(email);
  await dialog.getByRole('button', { name: 'Delete this account' }).click();
  await toast(page, 'was deleted');
}

test('before a deletion the numbers are shown, and right after it everything comes back', async ({ page, api }) => {
  const email = unique('undo');
  const made = await api.add('Una Undone', email);
  const group = await api.group(`Undone ${Date.now()}`);
  await api.send('POST', `/groups/id/${group.id}/users/add`, { user_ids: [made.id] });
  await open(page, `people/${made.id}`, 'Una Undone');
  await page.getByRole('button', { name: 'Delete this account' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByText('1 membership', { exact: true })).toBeVisible();
  await expect(dialog.getByText('1 session', { exact: true })).toBeVisible();
  await expect(dialog.getByText('The account can be restored for 30 days')).toBeVisible();
  await page.keyboard.press('Escape');
  await remove(page, email);
  await page.locator('.toast').getByRole('button', { name: 'Undo' }).click();
  await toast(page, 'Una Undone is back.');
  await expect(page.getByRole('heading', { level: 1, name: 'Una Undone' })).toBeVisible();
  await expect(card(page, 'Groups').getByRole('link', { name: /^Undone/ })).toBeVisible();
  await api.signIn(email, PASSWORD);
});

test('a deleted account is restored from the list, and what is in the way is named', async ({ page, api }) => {
  const email = unique('restored');
  const made = await api.add('Rita Restored', email);
  await open(page, `people/${made.id}`, 'Rita Restored');
  await remove(page, email);
  const other = await api.add('In The Way', email);
  await page.getByRole('link', { name: 'Deleted people' }).click();
  const row = page.getByRole('row', { name: new RegExp(email) });
  await row.getByRole('button', { name: 'Restore Rita Restored' }).click();
  const dialog = page.getByRole('dialog', { name: 'Rita Restored was not restored' });
  await expect(dialog.getByRole('alert')).toContainText(/e-mail address/);
  await page.keyboard.press('Escape');
  await api.send('DELETE', `/users/${other.id}?purge=true`);
  await row.getByRole('button', { name: 'Restore Rita Restored' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Rita Restored' })).toBeVisible();
});

test('a deleted account is removed for good by the keyboard alone', async ({ page, api }) => {
  const email = unique('purged');
  const made = await api.add('Paul Purged', email);
  await api.send('DELETE', `/users/${made.id}`);
  await open(page, 'people/deleted', 'Deleted people');
  await tabTo(page, page.getByRole('button', { name: 'Delete for good: Paul Purged' }));
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Delete Paul Purged for good?' });
  await tabTo(page, dialog.getByRole('textbox'));
  await page.keyboard.type(email);
  await page.keyboard.press('Enter');
  await toast(page, 'Paul Purged is gone for good.');
  await expect(page.getByText(email)).toHaveCount(0);
});

test('a selection is deleted, and brought back', async ({ page, api }) => {
  const mark = `batch${Date.now()}`;
  for (const number of [1, 2, 3]) await api.add(`${mark} ${number}`, `${mark}.${number}@example.com`);
  await open(page, `people?query=${mark}`, 'People');
  await page.getByLabel('Select everybody shown').check();
  await page.locator('.bulk').getByRole('button', { name: 'Delete', exact: true }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('textbox').fill('3');
  await dialog.getByRole('button', { name: 'Delete', exact: true }).click();
  await expect(page.getByText('Done: 3 of 3')).toBeVisible();
  await dialog.getByRole('button', { name: 'Close' }).last().click();
  await expect(page.getByText('Nobody matches')).toBeVisible();
  await page.locator('.toast').getByRole('button', { name: 'Undo' }).click();
  await expect(page.getByText('Done: 3 of 3')).toBeVisible();
  await dialog.getByRole('button', { name: 'Close' }).last().click();
  await expect(page.getByText('3 people', { exact: true })).toBeVisible();
});

test('each right says what gives it, also through the group below', async ({ page, api }) => {
  const made = await api.add('Wanda Why', unique('why'));
  const stamp = Date.now();
  const above = await api.group(`Company ${stamp}`);
  const below = await api.send<{ id: string }>('POST', '/groups/create', { name: `Team ${stamp}`, description: '', parent_group_id: above.id });
  await api.send('POST', `/groups/id/${below.id}/users/add`, { user_ids: [made.id] });
  await open(page, `people/${made.id}`, 'Wanda Why');
  const rights = card(page, 'Rights');
  await rights.getByLabel('Find a right').fill('workspace.tools');
  const row = rights.getByRole('row', { name: /workspace\.tools / });
  await expect(row).toContainText('yes');
  await expect(row).toContainText(`Company ${stamp} (through Team ${stamp})`);
  const { width, height } = page.viewportSize() ?? { width: 0, height: 0 };
  await page.setViewportSize({ width: 390, height });
  // On a phone, too, where the names in the API are not shown.
  await expect(rights.getByRole('link', { name: `Company ${stamp}` })).toBeVisible();
  await page.setViewportSize({ width, height });
  await rights.getByLabel('Find a right').fill('chat.delete');
  await expect(rights.getByRole('row', { name: /chat\.delete / }).first()).toContainText('default rights');
});

test('the primary administrator hands over to another one', async ({ page, api }) => {
  const email = unique('primary');
  const made = await api.add('Petra Primary', email, 'admin');
  await open(page, `people/${made.id}`, 'Petra Primary');
  await page.getByRole('button', { name: 'Make primary administrator' }).click();
  const dialog = page.getByRole('dialog', { name: /Make Petra Primary the primary administrator/ });
  await dialog.getByLabel('Current password').fill('not-the-password-1');
  await page.keyboard.press('Enter');
  await expect(dialog.getByRole('alert')).toContainText(/password is wrong/);
  await dialog.getByLabel('Current password').fill(ADMIN.password);
  await page.keyboard.press('Enter');
  await toast(page, 'Petra Primary is the primary administrator now.');
  await expect(page.getByText('Primary administrator', { exact: true })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Make primary administrator' })).toHaveCount(0);
  // And back, so that every other test finds what it expects.
  const ada = await api.send<{ id: string }>('GET', '/auths/');
  await (await api.signIn(email, PASSWORD)).send('POST', `/users/${ada.id}/make-primary`, { password: PASSWORD });
});
