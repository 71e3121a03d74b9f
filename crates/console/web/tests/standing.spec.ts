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
  await expect(dialog.getByLabel('Until')).toHaveValue('2099-01-01T10:00');
  await dialog.getByLabel('Until').fill('');
  await dialog.getByRole('button', { name: 'Suspend now' }).click();
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
