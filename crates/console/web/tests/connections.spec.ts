// Connections by SCIM: making one, what it may do, another token, whom it would be linked to, and deleting it.
import type { Page } from '@playwright/test';
import { expect, open, tabTo, test, toast } from './test.js';

test.use({ allowed: /status of (404|422)/ });

const card = (page: Page, title: string) => page.locator('section.card', { has: page.getByRole('heading', { level: 2, name: title, exact: true }) });

/** What the provider gets from SCIM with this token. */
async function asked(url: string, token: string, path: string): Promise<number> {
  const answer = await fetch(`${url}${path}`, { headers: { authorization: `Bearer ${token}` } });
  return answer.status;
}

test('a connection is made, used, changed, gets another token and is deleted', async ({ page, baseURL }) => {
  await open(page, 'connections', 'Identity providers');
  await page.getByRole('button', { name: 'New connection' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Create the connection' }).click();
  await expect(dialog.getByLabel('Name')).toHaveAttribute('aria-invalid', 'true');
  await dialog.getByLabel('Name').fill('Tests by mouse');
  await dialog.getByLabel('Role of new accounts').selectOption('Waiting');
  await dialog.getByLabel('Groups').selectOption('It fills groups that are here already');
  await dialog.getByRole('button', { name: 'Create the connection' }).click();
  const field = dialog.getByLabel(/Copy the token now/);
  await expect(field).toHaveValue(/^rsc_/);
  const first = await field.inputValue();
  await dialog.getByRole('button', { name: 'Close' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Tests by mouse' })).toBeVisible();

  const url = await page.getByRole('textbox', { name: 'URL for the provider' }).inputValue();
  expect(url).toBe(`${baseURL}/scim/v2`);
  expect(await asked(url, first, '/Users?startIndex=1&count=2')).toBe(200);
  await expect(card(page, 'How it stands')).toContainText('never');

  const settings = card(page, 'What it may do');
  await expect(settings.getByLabel('Role of new accounts')).toHaveValue('pending');
  await expect(settings.getByRole('button', { name: 'Save' })).toBeDisabled();
  await settings.getByRole('switch', { name: 'Take passwords from it' }).check();
  await settings.getByLabel('Name').fill('Okta');
  await settings.getByRole('button', { name: 'Save' }).click();
  await toast(page, 'Saved.');
  await expect(page.getByRole('heading', { level: 1, name: 'Okta' })).toBeVisible();

  await page.getByRole('button', { name: 'Replace the token' }).click();
  await dialog.getByLabel('The token before is good too').selectOption('for an hour');
  await dialog.getByRole('button', { name: 'Replace the token' }).click();
  await expect(field).toHaveValue(/^rsc_/);
  const second = await field.inputValue();
  expect(second).not.toBe(first);
  await dialog.getByRole('button', { name: 'Close' }).click();
  await expect(card(page, 'How it stands')).toContainText('Previous token');
  for (const token of [first, second]) expect(await asked(url, token, '/Groups')).toBe(200);

  await card(page, 'Delete this connection').getByRole('button').click();
  await dialog.getByRole('button', { name: 'Delete this connection' }).click();
  await toast(page, 'The connection is deleted.');
  await expect(page.getByRole('heading', { level: 1, name: 'Identity providers' })).toBeVisible();
  await expect(page.getByRole('cell', { name: 'Okta' })).toHaveCount(0);
  expect([401, 404]).toContain(await asked(url, second, '/Groups'));
});

test('whom a connection could take over is shown before it may, and administrators never are', async ({ page, api }) => {
  const { id } = await api.connection('Takes over');
  await open(page, `connections/${id}`, 'Takes over');
  const links = card(page, 'Accounts that it could take over');
  await expect(links).toContainText('It takes over no accounts.');
  await links.getByRole('button', { name: 'Show the accounts' }).click();
  await expect(links.getByRole('status')).toContainText('accounts');
  await expect(links.getByRole('row').nth(1)).toContainText('@example.com');
  await expect(links).not.toContainText('ada@example.com');
  await page.getByRole('switch', { name: 'Take over accounts by their e-mail address' }).check();
  await page.getByRole('button', { name: 'Save' }).click();
  await toast(page, 'Saved.');
  await expect(links).toContainText('It takes over accounts by their e-mail address.');
  await api.send('DELETE', `/scim/connections/${id}`);
});

test('all of it goes by the keyboard alone', async ({ page }) => {
  await open(page, 'connections', 'Identity providers');
  const press = async (button: ReturnType<Page['getByRole']>) => {
    await tabTo(page, button);
    await page.keyboard.press('Enter');
  };
  await press(page.getByRole('button', { name: 'New connection' }));
  const dialog = page.getByRole('dialog');
  await tabTo(page, dialog.getByLabel('Name'));
  await page.keyboard.type('Tests by keys');
  await page.keyboard.press('Enter');
  await expect(dialog.getByLabel(/Copy the token now/)).toHaveValue(/^rsc_/);
  await press(dialog.getByRole('button', { name: 'Close' }));
  await expect(page.getByRole('heading', { level: 1, name: 'Tests by keys' })).toBeVisible();
  await tabTo(page, page.getByRole('switch', { name: 'Let it delete accounts' }));
  await page.keyboard.press('Space');
  await press(page.getByRole('button', { name: 'Save' }));
  await toast(page, 'Saved.');
  await press(page.getByRole('button', { name: 'Replace the token' }));
  await tabTo(page, dialog.getByLabel('The token before is good too'));
  await page.keyboard.press('Home');
  await press(dialog.getByRole('button', { name: 'Replace the token' }));
  await expect(dialog.getByLabel(/Copy the token now/)).toHaveValue(/^rsc_/);
  await press(dialog.getByRole('button', { name: 'Close' }));
  await expect(card(page, 'How it stands')).not.toContainText('Previous token');
  await press(card(page, 'Delete this connection').getByRole('button'));
  await press(dialog.getByRole('button', { name: 'Delete this connection' }));
  await toast(page, 'The connection is deleted.');
});

test.describe('what goes wrong', () => {
  test.use({ allowed: /status of (404|409|412)/ });

  test('a conflict shows both versions, a name that is taken stands at the form, and what is gone is said', async ({ page, api }) => {
    const one = await api.connection('Before');
    await open(page, `connections/${one.id}`, 'Before');
    await page.getByLabel('Name').fill('Mine');
    await api.send('POST', `/scim/connections/${one.id}/update`, { name: 'Theirs', group_rule: 'none' });
    await page.getByRole('button', { name: 'Save' }).click();
    const dialog = page.getByRole('dialog', { name: 'Somebody else was faster' });
    await expect(dialog.getByRole('row', { name: /Mine.*Theirs/ })).toBeVisible();
    await dialog.getByRole('button', { name: 'Save this choice' }).click();
    await toast(page, 'Saved.');
    expect(await api.send('GET', `/scim/connections/${one.id}`)).toMatchObject({ name: 'Mine', group_rule: 'none' });

    await open(page, 'connections', 'Identity providers');
    await page.getByRole('button', { name: 'New connection' }).click();
    await page.getByRole('dialog').getByLabel('Name').fill('Mine');
    await page.getByRole('dialog').getByRole('button', { name: 'Create the connection' }).click();
    await expect(page.getByRole('dialog').getByRole('alert')).toBeVisible();
    await api.send('DELETE', `/scim/connections/${one.id}`);
    await open(page, `connections/${one.id}`, 'There is no such connection');
  });

  test('without connections it says what to do next, in German too', async ({ page }) => {
    await page.route('**/api/v1/scim/connections', (route) => route.fulfill({ json: [] }));
    await open(page, 'connections', 'Identity providers');
    await expect(page.getByText('No connections')).toBeVisible();
    await page.evaluate(() => localStorage.setItem('rosterd.language', 'de'));
    await page.reload();
    await expect(page.getByText('Keine Verbindungen')).toBeVisible();
    await expect(page.getByRole('button', { name: 'Neue Verbindung' })).toBeVisible();
  });
});
