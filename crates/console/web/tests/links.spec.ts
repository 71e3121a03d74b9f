// Invitations, links for a new password, and what is done with them by who gets one.
import type { Browser, Page } from '@playwright/test';
import { ADMIN, PASSWORD } from './roster.js';
import { expect, open, tabTo, test } from './test.js';

test.use({ allowed: /status of 400/ });

const unique = (name: string) => `${name}.${Date.now()}@example.com`;
const NEW = 'Another-Battery-8';

/** The link that the dialog shows. */
async function shown(page: Page): Promise<string> {
  const field = page.getByRole('dialog').getByRole('textbox');
  await expect(field).toHaveValue(/\/console\/link#rl_/);
  const link = await field.inputValue();
  await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click();
  return link;
}

/** Follows a link as somebody else does, in a browser of their own. */
async function follow(browser: Browser, base: string, link: string): Promise<Page> {
  const context = await browser.newContext({ storageState: { cookies: [], origins: [] } });
  const page = await context.newPage();
  const { pathname, hash } = new URL(link);
  await page.goto(`${base}${pathname}${hash}`);
  return page;
}

test('somebody is invited to a group, chooses a password, and is signed in', async ({ page, browser, baseURL, api }) => {
  const email = unique('invited');
  const group = await api.group(`Invited ${Date.now()}`);
  await open(page, 'people', 'People');
  await page.getByRole('button', { name: 'Invite somebody' }).click();
  const dialog = page.getByRole('dialog', { name: 'Invite somebody' });
  await dialog.getByLabel('Name').fill('Ivy Invited');
  await dialog.getByLabel('E-mail address').fill(email);
  await dialog.getByLabel(/^Invited /).check();
  await dialog.getByLabel('Good for').selectOption('86400');
  await dialog.getByRole('button', { name: 'Make the invitation' }).click();
  await expect(page.getByRole('dialog', { name: 'Ivy Invited is invited' })).toContainText('It works once');
  const link = await shown(page);
  const theirs = await follow(browser, baseURL as string, link);
  await expect(theirs.getByRole('heading', { level: 1, name: 'Welcome, Ivy Invited' })).toBeVisible();
  // The token has left the address bar, and no way back leads to it.
  expect(theirs.url()).toMatch(/\/console\/link$/);
  await theirs.getByLabel('Name').fill('Ivy Present');
  await theirs.getByLabel('Password', { exact: true }).fill(NEW);
  await theirs.getByLabel('Password, again').fill('something else');
  await theirs.getByRole('button', { name: 'Begin' }).click();
  await expect(theirs.getByText('The two passwords differ.')).toBeVisible();
  await theirs.getByLabel('Password, again').fill(NEW);
  await theirs.getByRole('button', { name: 'Begin' }).click();
  await expect(theirs.getByRole('heading', { level: 1, name: 'Own account' })).toBeVisible();
  await expect(theirs).toHaveURL(/\/console\/account$/);
  await theirs.context().close();
  const mine = await api.signIn(email, NEW);
  expect(await mine.send('GET', '/auths/')).toMatchObject({ name: 'Ivy Present', role: 'user' });
  const { id } = await mine.send<{ id: string }>('GET', '/auths/');
  expect((await api.send<{ groups: { id: string }[] }>('GET', `/users/${id}`)).groups).toMatchObject([{ id: group.id }]);
  // It works once.
  const again = await follow(browser, baseURL as string, link);
  await expect(again.getByRole('heading', { level: 1, name: 'This link does not work' })).toBeVisible();
  await again.context().close();
});

test('a new password is set by the keyboard alone, and the sessions end', async ({ page, browser, baseURL, api }) => {
  const email = unique('reset');
  const made = await api.add('Rhea Reset', email);
  const before = await api.signIn(email, PASSWORD);
  await open(page, `people/${made.id}`, 'Rhea Reset');
  await tabTo(page, page.getByRole('button', { name: 'Make a link for a new password' }));
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'A link for Rhea Reset' });
  await tabTo(page, dialog.getByRole('button', { name: 'Make the link' }));
  await page.keyboard.press('Enter');
  const theirs = await follow(browser, baseURL as string, await shown(page));
  await expect(theirs.getByRole('heading', { level: 1, name: 'Choose a new password' })).toBeVisible();
  await expect(theirs.getByLabel('New password')).toBeFocused();
  await theirs.keyboard.type('short');
  await tabTo(theirs, theirs.getByLabel('Password, again'));
  await theirs.keyboard.type('short');
  await theirs.keyboard.press('Enter');
  await expect(theirs.getByRole('alert').or(theirs.locator('.trouble:visible'))).toBeVisible();
  for (const label of ['New password', 'Password, again']) {
    await theirs.locator('h1').focus();
    await tabTo(theirs, theirs.getByLabel(label));
    await theirs.keyboard.press('Control+A');
    await theirs.keyboard.type(NEW);
  }
  await theirs.keyboard.press('Enter');
  await expect(theirs.getByRole('heading', { level: 1, name: 'The password is changed' })).toBeVisible();
  await expect(before.send('GET', '/auths/')).rejects.toThrow(/401/);
  await tabTo(theirs, theirs.getByRole('link', { name: 'To the sign-in page' }));
  await theirs.keyboard.press('Enter');
  await theirs.getByLabel('E-mail address').fill(email);
  await theirs.getByLabel('Password', { exact: true }).fill(NEW);
  await theirs.keyboard.press('Enter');
  await expect(theirs.getByRole('heading', { level: 1, name: 'Own account' })).toBeVisible();
  await theirs.context().close();
});

test('a link that was replaced is dead, the language can be changed on its page, and without a token it says what to do', async ({ page, api }) => {
  const made = await api.add('Lea Late', unique('late'));
  const make = () => api.send<{ token: string }>('POST', `/users/${made.id}/password/link`, {});
  const [old, fresh] = [await make(), await make()];
  await page.goto(`/console/link#${old.token}`);
  await expect(page.getByRole('heading', { level: 1, name: 'This link does not work' })).toBeVisible();
  await expect(page.getByRole('alert')).toBeVisible();
  // Another link in the same tab changes only what stands behind the #.
  await page.evaluate((token) => location.assign(`/console/link#${token}`), fresh.token);
  await expect(page.getByRole('heading', { level: 1, name: 'Choose a new password' })).toBeVisible();
  await page.getByLabel('Language').selectOption('de');
  await expect(page.getByRole('heading', { level: 1, name: 'Ein neues Passwort wählen' })).toBeVisible();
  await page.getByLabel('Sprache').selectOption('en');
  await expect(page.getByRole('heading', { level: 1, name: 'Choose a new password' })).toBeVisible();
  expect(page.url()).toMatch(/\/console\/link$/);
  await page.reload();
  await expect(page.getByText('Open the link again')).toBeVisible();
  // Who is signed in still is.
  await page.getByRole('link', { name: 'To the sign-in page' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'People' })).toBeVisible();
});

test('an invitation that is refused says why, and what was typed stays', async ({ page }) => {
  await open(page, 'people', 'People');
  await page.getByRole('button', { name: 'Invite somebody' }).click();
  const dialog = page.getByRole('dialog', { name: 'Invite somebody' });
  await dialog.getByLabel('Name').fill('Second Ada');
  await dialog.getByLabel('E-mail address').fill(ADMIN.email);
  await dialog.getByRole('button', { name: 'Make the invitation' }).click();
  await expect(dialog.getByRole('alert').or(dialog.locator('.trouble:visible'))).toBeVisible();
  await expect(dialog.getByLabel('Name')).toHaveValue('Second Ada');
});
