// Mails: an invitation, a forgotten password, and the list of what was sent.
import { mailsFor } from './mailbox.js';
import { PASSWORD } from './roster.js';
import { expect, open, tabTo, test, toast } from './test.js';

const unique = (name: string) => `${name}.${Date.now()}@example.com`;

/** The link in the newest mail for somebody, once there is one. */
async function linkFor(email: string): Promise<string> {
  const find = async () => (await mailsFor(email)).map(({ text }) => /https?:\S+link#rl_\S+/.exec(text)?.[0]).find((link) => link !== undefined) ?? '';
  await expect.poll(find, { timeout: 30_000 }).not.toBe('');
  return find();
}

test('an invitation goes by mail', async ({ page }) => {
  const email = unique('mailed');
  await open(page, 'people', 'People');
  await page.getByRole('button', { name: 'Invite somebody' }).click();
  const dialog = page.getByRole('dialog', { name: 'Invite somebody' });
  await dialog.getByLabel('Name').fill('Mia Mailed');
  await dialog.getByLabel('E-mail address').fill(email);
  await expect(dialog.getByLabel('Send it by mail')).toBeChecked();
  await dialog.getByRole('button', { name: 'Make the invitation' }).click();
  const shown = page.getByRole('dialog', { name: 'Mia Mailed is invited' });
  await expect(shown).toContainText(`on its way to ${email}`);
  expect(await linkFor(email)).toBe(await shown.getByRole('textbox').inputValue());
  await shown.getByRole('button', { name: 'Close' }).click();
  await page.getByRole('link', { name: 'Mail', exact: true }).click();
  await page.getByLabel('State').selectOption('sent');
  await expect(page).toHaveURL(/state=sent/);
  await expect(page.locator('.event', { hasText: email })).toContainText('Invitation');
});

test('a mail that was refused is sent again by the keyboard alone, and a test goes to who asks for it', async ({ page, api }) => {
  const email = unique('refused');
  await api.send('POST', '/users/invite', { name: 'Rex Refused', email });
  await expect.poll(async () => (await api.send<{ mails: { recipient: string }[] }>('GET', '/mail?state=failed')).mails.some((mail) => mail.recipient === email), { timeout: 30_000 }).toBe(true);
  await open(page, 'mail?state=failed', 'Mail');
  const entry = page.locator('.event', { hasText: email });
  await expect(entry).toContainText('550');
  await tabTo(page, entry.getByRole('button', { name: /^Send again: to refused/ }));
  await page.keyboard.press('Enter');
  await toast(page, 'It is sent again.');
  await expect(entry).toContainText('waiting');
  await page.getByRole('button', { name: 'Send me a test' }).click();
  await expect(page.getByText('The mail server took the test for ada@example.com.')).toBeVisible();
  expect((await mailsFor('ada@example.com')).length).toBeGreaterThan(0);
});

test.describe('a stranger', () => {
  test.use({ signedIn: false });

  test('who has forgotten the password gets a link, and the same answer without an account', async ({ page, api }) => {
    const email = unique('forgot');
    await api.add('Fay Forgot', email);
    await page.goto('/console');
    await page.getByLabel('E-mail address').fill(email);
    await page.getByRole('button', { name: 'Forgot your password?' }).click();
    // What was typed comes along.
    await expect(page.getByLabel('E-mail address')).toHaveValue(email);
    await page.keyboard.press('Enter');
    const sent = page.getByRole('status').filter({ hasText: 'If there is an account' });
    await expect(sent).toContainText(email);
    await page.getByRole('button', { name: 'To the sign-in page' }).click();
    await page.getByRole('button', { name: 'Forgot your password?' }).click();
    await page.getByLabel('E-mail address').fill(`nobody.${email}`);
    await page.keyboard.press('Enter');
    await expect(sent).toContainText(`nobody.${email}`);
    await page.goto(await linkFor(email));
    await page.getByLabel('New password').fill('Another-Battery-8');
    await page.getByLabel('Password, again').fill('Another-Battery-8');
    await page.getByRole('button', { name: 'Change the password' }).click();
    await expect(page.getByRole('heading', { level: 1, name: 'The password is changed' })).toBeVisible();
    await api.signIn(email, 'Another-Battery-8');
    await expect(api.signIn(email, PASSWORD)).rejects.toThrow(/400/);
    expect(await mailsFor(`nobody.${email}`)).toEqual([]);
  });
});
