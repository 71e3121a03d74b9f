// Importing accounts: a file is dropped or chosen, what would be done is shown, and then it is done.
import { expect, open, tabTo, test } from './test.js';

/** A table with an account that is new, one in a group that is not there, and one with a role that does not exist. */
const table = (name: string) =>
  ['name,email,role,groups', `${name} One,${name}.one@import.example,user,`, `${name} Two,${name}.two@import.example,user,Imported ${name}`, `${name} Three,${name}.three@import.example,owner,`].join('\n');

const csv = (name: string, text: string) => ({ name, mimeType: 'text/csv', buffer: Buffer.from(text) });

test('a chosen file is shown before anything is written, refused rows with their reasons, and then written', async ({ page, api }) => {
  await open(page, 'people', 'People');
  await page.getByRole('link', { name: 'Import' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Import' })).toBeVisible();
  await page.getByLabel('Choose a file').setInputFiles(csv('mouse.csv', table('Mouse')));
  const preview = page.getByRole('region', { name: 'What would be done' });
  await expect(preview.getByRole('row', { name: /Line 4/ })).toContainText(/role/);
  await expect(preview).toContainText('nothing would be written');
  await expect(preview.getByRole('button', { name: /Write/ })).toHaveCount(0);
  await page.getByLabel('Leave out rows that are refused').check();
  await page.getByLabel('Make groups that do not exist').check();
  await expect(preview).toContainText('Imported Mouse');
  await preview.getByRole('button', { name: 'Write 2 accounts' }).click();
  await expect(page.getByText('Done: 2 of 3, 1 failed')).toBeVisible();
  await expect(page.locator('dialog .results tr.failed')).toContainText('Line 4');
  await page.getByRole('dialog').getByRole('button', { name: 'Close' }).last().click();
  await expect(preview).toContainText('Every account is as the file says already.');
  const { users } = await api.send<{ users: { email: string }[] }>('GET', '/users/?query=import.example&limit=10');
  expect(users.map((user) => user.email).toSorted()).toEqual(['mouse.one@import.example', 'mouse.two@import.example']);
});

test('a file is chosen, looked at and written by the keyboard alone', async ({ page }) => {
  await open(page, 'import', 'Import');
  await tabTo(page, page.getByLabel('Choose a file'));
  const chooser = page.waitForEvent('filechooser');
  await page.keyboard.press('Enter');
  await (await chooser).setFiles(csv('keys.csv', 'name,email\nKeys One,keys.one@import.example\n'));
  const write = page.getByRole('button', { name: 'Write 1 account' });
  await expect(write).toBeVisible();
  await tabTo(page, write);
  await page.keyboard.press('Enter');
  await expect(page.getByText('Done: 1 of 1')).toBeVisible();
  await page.keyboard.press('Enter');
  await expect(page.getByText('Nothing to do')).toBeVisible();
});

test('a dropped file is written in the background while another page is shown', async ({ page, api }) => {
  const lines = Array.from({ length: 1500 }, (_, number) => JSON.stringify({ name: `Dropped ${number}`, email: `dropped.${number}@import.example` }));
  await open(page, 'import', 'Import');
  const data = await page.evaluateHandle((text) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([text], 'dropped.ndjson'));
    return transfer;
  }, lines.join('\n'));
  await page.locator('.drop').dispatchEvent('drop', { dataTransfer: data });
  await page.getByRole('button', { name: 'Write 1,500 accounts' }).click();
  const leave = page.getByRole('dialog').getByRole('button', { name: /Go on in the background|Close/ }).last();
  await leave.click();
  await page.getByRole('link', { name: 'Groups' }).click();
  await expect(async () => {
    const { total } = await api.send<{ total: number }>('GET', '/users/?query=dropped&limit=1');
    expect(total).toBe(1500);
  }).toPass({ timeout: 60_000 });
});

test.describe('a file that is none', () => {
  test.use({ allowed: /status of (422|503)/ });

  test('is refused in the words of the API, and can be tried again', async ({ page }) => {
    await open(page, 'import', 'Import');
    await page.getByLabel('Choose a file').setInputFiles({ name: 'wrong.pdf', mimeType: 'application/pdf', buffer: Buffer.from('no table') });
    await expect(page.getByRole('alert')).toContainText('format');
    await page.getByLabel('Choose a file').setInputFiles(csv('right.csv', 'name,email\nAda Lovelace,ada@example.com\n'));
    await expect(page.getByText('Every account is as the file says already.')).toBeVisible();
    await page.evaluate(() => localStorage.setItem('rosterd.language', 'de'));
    await page.reload();
    await expect(page.getByRole('heading', { level: 1, name: 'Importieren' })).toBeVisible();
  });
});
